//! Runs this executable as a CGI program: the environment that a web server sets (RFC 3875,
//! 4.1), and the header of the reply (6.2).

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{env, format};

use crate::cli::serve::request::Request;
use crate::cli::serve::site::Preview;
use crate::pack::percent_decode;

/// The longest header block; busybox refuses more than 32 KiB.
const HEADER_MAX_BYTES: u64 = 32 << 10;

/// A program that is answering a request.
pub(super) struct Program {
    pub(super) child: Child,
    pub(super) output: BufReader<ChildStdout>,
}

/// Runs this executable for a request; `body` comes with its length in bytes.
pub(super) fn start(
    request: &Request,
    visitor: SocketAddr,
    body: Option<(File, u64)>,
    site: Option<&str>,
    preview: &Preview,
) -> io::Result<Program> {
    let mut command = Command::new(&preview.program);
    let own = env::vars_os();
    let settings = own.filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PICOSITE_"));
    command.env_clear().envs(settings).envs(variables(request, visitor, preview.address));
    command.envs(site.map(|site| ("PICOSITE_SITE", site)));
    // A CGI program runs in its own folder (RFC 3875, 7.2).
    command.current_dir(preview.program.parent().unwrap_or_else(|| Path::new("/")));
    if let Some((file, len)) = body {
        command.env("CONTENT_LENGTH", len.to_string()).stdin(file);
    } else {
        command.stdin(Stdio::null());
    }
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let output = BufReader::new(child.stdout.take().expect("stdout is piped"));
    Ok(Program { child, output })
}

/// The variables of a request.
fn variables(request: &Request, visitor: SocketAddr, here: SocketAddr) -> BTreeMap<String, String> {
    let url = &*request.target;
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut variables = BTreeMap::from(
        [
            ("GATEWAY_INTERFACE", "CGI/1.1".into()),
            ("PATH", "/usr/local/bin:/usr/bin:/bin".into()),
            ("QUERY_STRING", query.into()),
            ("REMOTE_ADDR", visitor.ip().to_string()),
            ("REMOTE_PORT", visitor.port().to_string()),
            ("REQUEST_METHOD", request.method.clone()),
            ("REQUEST_URI", url.into()),
            ("SCRIPT_NAME", String::new()),
            ("SERVER_ADDR", here.ip().to_string()),
            ("SERVER_NAME", here.ip().to_string()),
            ("SERVER_PORT", here.port().to_string()),
            ("SERVER_PROTOCOL", request.protocol.into()),
            ("SERVER_SOFTWARE", concat!("picosite/", env!("CARGO_PKG_VERSION")).into()),
        ]
        .map(|(name, value): (&str, String)| (name.to_string(), value)),
    );
    let mut set = |name: &str, value: &str| {
        let value = value.to_string();
        // A repeated field is a list (RFC 3875, 4.1.18).
        let join = |all: &mut String| *all = format!("{all}, {value}");
        variables.entry(name.to_string()).and_modify(join).or_insert_with(|| value.clone());
    };
    // Without it the program takes REQUEST_URI, and reports what is wrong with that.
    if let Some(path) = decoded(path) {
        set("PATH_INFO", &path);
    }
    for (name, value) in &request.fields {
        let name = name.to_ascii_uppercase();
        match name.as_str() {
            "CONTENT-TYPE" => set("CONTENT_TYPE", value),
            // CONTENT_LENGTH is set with the body. HTTP_PROXY would configure HTTP clients
            // (CVE-2016-5385). An underscore would pass for a hyphen.
            "CONTENT-LENGTH" | "TRANSFER-ENCODING" | "PROXY" => {}
            name if name.contains('_') => {}
            name => set(&format!("HTTP_{}", name.replace('-', "_")), value),
        }
    }
    variables
}

/// The decoded path, if an environment variable can hold it.
fn decoded(path: &str) -> Option<String> {
    let decoded = String::from_utf8(percent_decode(path).ok()?).ok()?;
    (path.starts_with('/') && !decoded.contains('\0')).then_some(decoded)
}

/// The header of a reply.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Header {
    /// `200 OK`.
    pub(super) status: String,
    /// The other lines.
    pub(super) fields: Vec<String>,
}

impl Header {
    /// Reads a header and the empty line after it; nothing if the output is not a header.
    pub(super) fn read(output: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut output = io::Read::take(output, HEADER_MAX_BYTES);
        let mut header = Self { status: "200 OK".into(), fields: Vec::new() };
        loop {
            let mut line = String::new();
            output.read_line(&mut line)?;
            let Some(line) = line.strip_suffix("\r\n") else { return Ok(None) };
            if line.is_empty() {
                return Ok(Some(header));
            }
            match line.strip_prefix("Status: ") {
                Some(status) => header.status = status.into(),
                None => header.fields.push(line.into()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, decoded};

    #[test]
    fn decodes_a_path_that_a_variable_can_hold() {
        for (path, want) in [
            ("/", Some("/")),
            ("/a%20b/%E2%82%AC", Some("/a b/€")),
            ("/100%25", Some("/100%")),
            ("/%2e%2e/", Some("/../")),
            ("/%", None),
            ("/%2", None),
            ("/%zz", None),
            ("/a%00b", None),
            ("/%ff", None),
            ("*", None),
        ] {
            assert_eq!(decoded(path).as_deref(), want, "{path}");
        }
    }

    #[track_caller]
    fn read(text: &str) -> Option<Header> {
        Header::read(&mut text.as_bytes()).unwrap()
    }

    #[test]
    fn an_empty_line_ends_the_header() {
        let header = read("Status: 404 Not Found\r\nVary: a\r\n\r\nbody").unwrap();
        assert_eq!(header.status, "404 Not Found");
        assert_eq!(header.fields, ["Vary: a"]);
        for text in ["", "Status: 200 OK", "Status: 200 OK\r\n", "Status: 200 OK\n\n", "\n"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
