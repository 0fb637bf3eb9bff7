//! One request and its reply, and the line that tells of them.

use std::borrow::ToOwned;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::string::{String, ToString};
use std::time::{Instant, SystemTime, UNIX_EPOCH};
use std::{format, println};

use rustix::fs::{MemfdFlags, memfd_create};
use tiny_http::Request;

use super::Preview;
use super::gateway::{self, Header, Program};
use super::site::Site;
use crate::date;

/// The longest body that is handed over, in bytes. The program takes in 1 MiB and
/// answers every method that has a body with 405.
const BODY_MAX: u64 = 16 << 20;

/// Answers a request, and prints a line about it.
pub(super) fn answer(mut request: Request, preview: &Preview) {
    let start = Instant::now();
    let asked = format!("{} {}", request.method(), request.url());
    let (status, outcome) = match run(&mut request, preview) {
        Ok(reply) => reply.send(request),
        // Whoever sends no whole request gets no reply.
        Err(error) => ("-".to_owned(), Err(error)),
    };
    let millis = start.elapsed().as_millis();
    let end = match outcome {
        Ok(len) => format!("{len} bytes"),
        Err(error) => format!("the visitor went away ({error})"),
    };
    // A visitor's bytes must not steer the terminal.
    println!("{status} {}: {end}, {millis} ms", asked.escape_debug());
}

/// What is sent.
enum Reply {
    /// What the program says.
    Program(Program, Header),
    /// A page of the preview's own: status and text.
    Own(&'static str, String),
}

fn run(request: &mut Request, preview: &Preview) -> io::Result<Reply> {
    let body = match take_in(request)? {
        Body::None => None,
        Body::File(file, len) => Some((file, len)),
        Body::TooLong => {
            let text = "The preview takes no body of more than 16 MiB.\n".into();
            return Ok(Reply::Own("413 Content Too Large", text));
        }
    };
    let packed = match preview.site.as_ref().map(Site::packed).transpose() {
        Ok(packed) => packed,
        Err(what) => return Ok(Reply::Own("500 Internal Server Error", what + "\n")),
    };
    let path = packed.as_ref().map(|packed| packed.path());
    let reply = gateway::start(request, body, path.as_deref(), preview).and_then(|mut program| {
        let header = Header::read(&mut program.output)?;
        // From here on the program has the site open.
        Ok((program, header))
    });
    let status = "502 Bad Gateway";
    Ok(match reply {
        Ok((program, Some(header))) => Reply::Program(program, header),
        Ok((mut program, None)) => {
            // It may still be writing.
            drop(program.output);
            let end = program.child.wait().map_or_else(|e| e.to_string(), |end| end.to_string());
            Reply::Own(status, format!("The program has sent no header. It ended with {end}.\n"))
        }
        Err(error) => Reply::Own(status, format!("The program cannot be run: {error}.\n")),
    })
}

/// A request's body.
enum Body {
    None,
    /// A file, because the program may end without having read it; and its length.
    File(File, u64),
    TooLong,
}

fn take_in(request: &mut Request) -> io::Result<Body> {
    let is_chunked = request.headers().iter().any(|field| field.field.equiv("Transfer-Encoding"));
    let limit = match request.body_length() {
        Some(0) => return Ok(Body::None),
        Some(len) => len as u64,
        None if is_chunked => u64::MAX,
        // What follows is no body, whatever it is.
        None => return Ok(Body::None),
    };
    let mut file = File::from(memfd_create("body", MemfdFlags::CLOEXEC)?);
    let mut body = request.as_reader().take(limit.min(BODY_MAX + 1));
    let len = io::copy(&mut body, &mut file)?;
    file.rewind()?;
    Ok(if len > BODY_MAX { Body::TooLong } else { Body::File(file, len) })
}

impl Reply {
    /// Sends the reply; its status, and how many bytes the body had.
    fn send(self, request: Request) -> (String, io::Result<u64>) {
        let is_head = request.method().as_str() == "HEAD";
        let mut out = request.into_writer();
        match self {
            Self::Program(mut program, header) => {
                let bodiless = is_head || matches!(header.status.get(..3), Some("204" | "304"));
                let sent = out.write_all(head(&header).as_bytes()).and_then(|()| {
                    let len = if bodiless { 0 } else { io::copy(&mut program.output, &mut out)? };
                    out.flush()?;
                    Ok(len)
                });
                // Closed first: a program whose reply nobody takes ends.
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
                (header.status, sent.and_then(|()| out.flush()).map(|()| body.len() as u64))
            }
        }
    }
}

/// The header as HTTP has it (RFC 9112, 4).
fn head(header: &Header) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let date = date::format(now);
    let date = str::from_utf8(&date).expect("a date is ASCII");
    let mut head = format!("HTTP/1.1 {}\r\nDate: {date}\r\n", header.status);
    for field in &header.fields {
        head += field;
        head += "\r\n";
    }
    head + "\r\n"
}
