//! This executable as a CGI program: the environment that a web server sets (RFC 3875, 4.1),
//! and the reply's header (6.2).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::string::{String, ToString};
use std::vec::Vec;
use std::{env, format};

use percent_encoding::percent_decode_str;

use crate::cli::serve::Preview;
use crate::cli::serve::request::Request;

/// The most that a header block may be, in bytes; busybox refuses more than 32 KiB.
const HEADER_MAX: u64 = 32 << 10;

/// A program that is answering a request.
pub(super) struct Program {
    pub(super) child: Child,
    pub(super) output: BufReader<ChildStdout>,
}

/// Starts this executable for a request, with its body and that body's length.
pub(super) fn start(
    request: &Request,
    visitor: SocketAddr,
    body: Option<(File, u64)>,
    site: Option<&str>,
    preview: &Preview,
) -> io::Result<Program> {
    let mut command = Command::new(&preview.program);
    command.env_clear().envs(settings()).envs(variables(request, visitor, preview.address));
    command.envs(site.map(|site| ("PICOSITE_SITE", site)));
    // A web server starts a program in its folder.
    command.current_dir(preview.program.parent().unwrap_or_else(|| Path::new("/")));
    if let Some((file, len)) = body {
        command.env("CONTENT_LENGTH", len.to_string()).stdin(file);
    } else {
        command.stdin(Stdio::null());
    }
    let mut child = command.stdout(Stdio::piped()).spawn()?;
    let output = BufReader::new(child.stdout.take().expect("it was asked for"));
    Ok(Program { child, output })
}

/// The settings of whoever started the preview.
fn settings() -> impl Iterator<Item = (OsString, OsString)> {
    env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"PICOSITE_"))
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
        // The same name twice is a list.
        let join = |all: &mut String| *all = format!("{all}, {value}");
        variables.entry(name.to_string()).and_modify(join).or_insert_with(|| value.clone());
    };
    // Without one the program finds the path itself, and what is wrong with it.
    if let Some(path) = decoded(path) {
        set("PATH_INFO", &path);
    }
    for (name, value) in &request.fields {
        let name = name.to_ascii_uppercase();
        match name.as_str() {
            "CONTENT-TYPE" => set("CONTENT_TYPE", value),
            // The body's length is set with the body; a proxy is nobody's choice
            // (CVE-2016-5385); and an underscore would pass for a hyphen.
            "CONTENT-LENGTH" | "TRANSFER-ENCODING" | "PROXY" => {}
            name if name.contains('_') => {}
            name => set(&format!("HTTP_{}", name.replace('-', "_")), value),
        }
    }
    variables
}

/// The decoded path, where a variable of the environment can hold it.
fn decoded(path: &str) -> Option<String> {
    let decoded = String::from_utf8(percent_decode_str(path).collect()).ok()?;
    let whole = path.split('%').skip(1).all(|escape| {
        let digits = escape.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    (whole && path.starts_with('/') && !decoded.contains('\0')).then_some(decoded)
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
    /// Reads a header and the empty line behind it; nothing where it is none.
    pub(super) fn read(output: &mut impl BufRead) -> io::Result<Option<Self>> {
        let mut output = io::Read::take(output, HEADER_MAX);
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
    fn a_path_is_decoded_where_a_variable_can_hold_it() {
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
    fn a_header_ends_with_an_empty_line() {
        let header = read("Status: 404 Not Found\r\nVary: a\r\n\r\nbody").unwrap();
        assert_eq!(header.status, "404 Not Found");
        assert_eq!(header.fields, ["Vary: a"]);
        for text in ["", "Status: 200 OK", "Status: 200 OK\r\n", "Status: 200 OK\n\n", "\n"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
