//! Log lines on standard error, which tell the site's owner what went wrong.

use rustix::fs::fstat;
use rustix::stdio::{stderr, stdout};

use crate::cgi::variables::Variables;
use crate::error::RequestError;

/// How many bytes of a URL are logged, enough to recognise it.
const SHOWN: usize = 256;

/// Logs a failed request and the cause; `detail` may be empty.
pub fn complain(failure: RequestError, variables: &Variables<'_>, detail: &str) {
    if let Some(line) = complaint(failure, variables, detail) {
        // If the log can't be written, there is nowhere to report that.
        let _ = rustix::io::write(stderr(), line.as_bytes());
    }
}

/// The line that [`complain`] writes; `None` if standard error goes to the same file as the reply,
/// as under mini_httpd.
#[must_use]
pub fn complaint(failure: RequestError, variables: &Variables<'_>, detail: &str) -> Option<Line> {
    if is_same_as_reply() {
        return None;
    }
    let (code, cause) = failure.cause();
    let mut line = Line { bytes: [0; 1024], len: 0 };
    line.push(code.as_bytes());
    line.push(b" ");
    line.push_visible(variables.method());
    line.push(b" ");
    let address = [variables.request_uri(), variables.path_info(), variables.redirect_url()]
        .into_iter()
        .find(|address| !address.is_empty())
        .unwrap_or(b"/");
    line.push_visible(&address[..address.len().min(SHOWN)]);
    line.push(b": ");
    line.push(cause.as_bytes());
    if !detail.is_empty() {
        line.push(b": ");
        line.push_visible(detail.as_bytes());
    }
    line.push(b"\n");
    Some(line)
}

/// Whether standard output and standard error are the same file.
fn is_same_as_reply() -> bool {
    match (fstat(stdout()), fstat(stderr())) {
        (Ok(out), Ok(err)) => (out.st_dev, out.st_ino) == (err.st_dev, err.st_ino),
        _ => false,
    }
}

/// One line of at most 1024 bytes; the rest is cut off.
pub struct Line {
    bytes: [u8; 1024],
    len: usize,
}

impl Line {
    /// The line, including its line feed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn push(&mut self, bytes: &[u8]) {
        // One byte is reserved for the line feed.
        let free = self.bytes.len() - 1 - self.len;
        let end = if bytes == b"\n" { 1 } else { bytes.len().min(free) };
        self.bytes[self.len..self.len + end].copy_from_slice(&bytes[..end]);
        self.len += end;
    }

    /// Appends untrusted bytes, with `?` for control characters: none may end the line or reach a
    /// terminal.
    fn push_visible(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            if byte < b' ' || byte == 0x7f {
                self.push(b"?");
            } else {
                self.push(&[byte]);
            }
        }
    }
}
