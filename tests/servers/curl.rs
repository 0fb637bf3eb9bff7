//! Requests with curl: what a client sends, byte for byte, and the reply.

use std::process::Command;

/// A reply as curl shows it; only transfer codings are undone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    /// The value of the first header with that name, ignoring case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers.find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Parses the output of `curl --include`.
    fn parse(mut output: &[u8]) -> Option<Self> {
        loop {
            let end = output.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
            let head = String::from_utf8_lossy(&output[..end]).into_owned();
            output = &output[end + 4..];
            let mut lines = head.split("\r\n");
            let status: u16 = lines.next()?.split(' ').nth(1)?.parse().ok()?;
            // After 100 Continue the final reply follows.
            if status >= 200 {
                let headers = lines.filter_map(|line| line.split_once(':'));
                let headers = headers.map(|(n, v)| (n.to_owned(), v.trim().to_owned())).collect();
                return Some(Self { status, headers, body: output.to_vec() });
            }
        }
    }
}

/// Sends one request for `url`, unchanged, with further options for curl.
///
/// # Errors
///
/// What curl says if there is no complete reply.
pub(crate) fn request(url: &str, options: &[&str]) -> Result<Reply, String> {
    let output = curl(url).arg("--include").args(options).output().expect("curl is installed");
    let reply = if output.status.success() { Reply::parse(&output.stdout) } else { None };
    reply.ok_or_else(|| format!("curl {options:?} {url}: {output:?}"))
}

/// A curl that sends the URL unchanged: no `..` resolved, no `[1-9]` expanded.
pub(crate) fn curl(url: &str) -> Command {
    let mut command = Command::new("curl");
    // --disable: ignores the user's curlrc.
    command.args(["--disable", "--silent", "--show-error", "--globoff", "--path-as-is"]);
    command.args(["--noproxy", "*", "--max-time", "60", "--user-agent", "visitor", url]);
    command
}
