//! One request and its reply, and the line printed about them.

use std::borrow::ToOwned;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::string::{String, ToString};
use std::time::{Duration, Instant};
use std::{format, println};

use crate::cli::serve::gateway;
use crate::cli::serve::gateway::{Header, Program};
use crate::cli::serve::request::{Request, RequestError};
use crate::cli::serve::site::{Preview, Site};
use crate::http::date;
use crate::sys::clock::Now;

/// How long a connection may stay silent. Browsers open some in advance.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// After the reply, the rest of the request is drained up to this many bytes: closing at
/// once would reset the connection and lose the reply (RFC 9112, 9.6).
const DRAIN_MAX_BYTES: u64 = 1 << 20;
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// Answers the request on a connection, and prints a line about it.
pub(super) fn answer(stream: &TcpStream, preview: &Preview) {
    let _ = stream.set_read_timeout(Some(READ_TIMEOUT));
    let mut input = BufReader::new(stream);
    let request = match Request::read(&mut input) {
        Ok(request) => Ok(request),
        Err(RequestError::Refused(status)) => Err(status),
        // A connection opened in advance and not needed.
        Err(RequestError::Gone(_)) => return,
    };
    let start = Instant::now();
    let (asked, is_head, reply) = match &request {
        Ok(request) => {
            let asked = format!("{} {}", request.method, request.target);
            (asked, request.method == "HEAD", run(request, &mut input, stream, preview))
        }
        Err(status) => ("-".into(), false, Ok(Reply::refusal(status))),
    };
    let (status, outcome) = match reply {
        Ok(reply) => reply.send(is_head, stream),
        // An incomplete request gets no reply.
        Err(error) => ("-".to_owned(), Err(error)),
    };
    let millis = start.elapsed().as_millis();
    let end = match outcome {
        Ok(len) => format!("{len} bytes"),
        Err(error) => format!("the client went away ({error})"),
    };
    // Escaped, so that a request cannot control the terminal.
    println!("{status} {}: {end}, {millis} ms", asked.escape_debug());
    if stream.shutdown(Shutdown::Write).is_ok() {
        let _ = stream.set_read_timeout(Some(DRAIN_TIMEOUT));
        let _ = io::copy(&mut input.take(DRAIN_MAX_BYTES), &mut io::sink());
    }
}

enum Reply {
    /// The program's.
    Program(Program, Header),
    /// The preview's own: status and text.
    Own(&'static str, String),
}

fn run(
    request: &Request,
    input: &mut impl BufRead,
    stream: &TcpStream,
    preview: &Preview,
) -> io::Result<Reply> {
    let body = match request.body(input, stream) {
        Ok(body) => body,
        Err(RequestError::Refused(status)) => return Ok(Reply::refusal(status)),
        Err(RequestError::Gone(error)) => return Err(error),
    };
    let packed = match preview.site.as_ref().map(Site::packed).transpose() {
        Ok(packed) => packed,
        Err(what) => return Ok(Reply::Own("500 Internal Server Error", what + "\n")),
    };
    let path = packed.as_ref().map(|packed| packed.path());
    let visitor = stream.peer_addr()?;
    let program = gateway::start(request, visitor, body, path.as_deref(), preview);
    let reply = program.and_then(|mut program| {
        let header = Header::read(&mut program.output)?;
        // The program has sent its header, so it has opened the site.
        Ok((program, header))
    });
    let status = "502 Bad Gateway";
    Ok(match reply {
        Ok((program, Some(header))) => Reply::Program(program, header),
        Ok((mut program, None)) => {
            // Closed first, as the program may still be writing.
            drop(program.output);
            let end = program.child.wait().map_or_else(|e| e.to_string(), |end| end.to_string());
            Reply::Own(status, format!("The program sent no header. It ended with {end}.\n"))
        }
        Err(error) => Reply::Own(status, format!("Cannot run the program: {error}.\n")),
    })
}

impl Reply {
    /// The preview's own reply to a request that it does not pass on.
    fn refusal(status: &'static str) -> Self {
        Self::Own(status, format!("The preview refuses this request: {status}.\n"))
    }

    /// Sends the reply; returns its status and the length of its body in bytes.
    fn send(self, is_head: bool, mut out: &TcpStream) -> (String, io::Result<u64>) {
        match self {
            Self::Program(mut program, header) => {
                let bodiless = is_head || matches!(header.status.get(..3), Some("204" | "304"));
                let sent = out.write_all(head(&header).as_bytes()).and_then(|()| {
                    if bodiless { Ok(0) } else { io::copy(&mut program.output, &mut out) }
                });
                // Closed first: a program that still writes gets SIGPIPE and ends.
                drop(program.output);
                let _ = program.child.wait();
                (header.status, sent)
            }
            Self::Own(status, text) => {
                let length = format!("Content-Length: {}", text.len());
                let fields = ["Content-Type: text/plain; charset=utf-8".into(), length];
                let header = Header { status: status.into(), fields: fields.into() };
                let body = if is_head { "" } else { &text };
                let sent = out.write_all((head(&header) + body).as_bytes());
                (header.status, sent.map(|()| body.len() as u64))
            }
        }
    }
}

/// The status line and header of the reply (RFC 9112, 4 and 5).
fn head(header: &Header) -> String {
    let date = date::format(Now::from_clock().0);
    let date = str::from_utf8(&date).expect("a date is ASCII");
    let mut head = format!("HTTP/1.1 {}\r\nDate: {date}\r\n", header.status);
    for field in &header.fields {
        head += field;
        head += "\r\n";
    }
    head + "Connection: close\r\n\r\n"
}
