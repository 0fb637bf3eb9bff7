//! A visitor's request, read from a connection: its head (RFC 9112, 2 to 5) and its body
//! (6 and 7). One request a connection, as every reply closes it.
//!
//! What a request announces is never set aside: a body is read as it comes, into a file.

use std::borrow::ToOwned;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, Write};
use std::string::String;
use std::vec::Vec;

use httparse::{EMPTY_HEADER, Error, Status};
use rustix::fs::{MemfdFlags, memfd_create};

use crate::encoding::decimal;

/// The longest head, in bytes: eight times what Apache takes.
const HEAD_MAX: u64 = 64 << 10;

/// The most fields in a head, as Apache has it.
const FIELDS_MAX: usize = 100;

/// The longest body that is handed over, in bytes. The program takes in 1 MiB and
/// answers every method that has a body with 405.
const BODY_MAX: u64 = 16 << 20;

/// The head of a request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query, as they were sent.
    pub(super) target: String,
    /// `HTTP/1.0` or `HTTP/1.1`.
    pub(super) protocol: &'static str,
    pub(super) fields: Vec<(String, String)>,
}

/// A body.
pub(super) enum Body {
    None,
    /// A file, because the program may end without having read it; and its length.
    File(File, u64),
}

/// Why there is no request.
#[derive(Debug)]
pub(super) enum NoRequest {
    /// The status that says what is wrong with it.
    Refused(&'static str),
    /// It did not come, or not to its end.
    Gone(io::Error),
}

const BAD: NoRequest = NoRequest::Refused("400 Bad Request");
const TOO_LONG: NoRequest = NoRequest::Refused("413 Content Too Large");
const HEAD_TOO_LONG: NoRequest = NoRequest::Refused("431 Request Header Fields Too Large");

impl From<io::Error> for NoRequest {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

impl Request {
    /// Reads a head.
    pub(super) fn read(input: &mut impl BufRead) -> Result<Self, NoRequest> {
        let mut input = input.take(HEAD_MAX);
        let mut head = Vec::new();
        loop {
            let line = head.len();
            if input.read_until(b'\n', &mut head)? == 0 {
                let is_long = input.limit() == 0;
                let end = || io::ErrorKind::UnexpectedEof.into();
                return Err(if is_long { HEAD_TOO_LONG } else { NoRequest::Gone(end()) });
            }
            // Empty lines in front of it are none of it (RFC 9112, 2.2).
            match &head[line..] {
                b"\n" | b"\r\n" if line == 0 => head.clear(),
                b"\n" | b"\r\n" => return Self::parse(&head),
                _ => {}
            }
        }
    }

    fn parse(head: &[u8]) -> Result<Self, NoRequest> {
        let mut fields = [EMPTY_HEADER; FIELDS_MAX];
        let mut request = httparse::Request::new(&mut fields);
        match request.parse(head) {
            Ok(Status::Complete(_)) => {}
            Err(Error::TooManyHeaders) => return Err(HEAD_TOO_LONG),
            Ok(Status::Partial) | Err(_) => return Err(BAD),
        }
        let (Some(method), Some(target)) = (request.method, request.path) else { return Err(BAD) };
        let field = |field: &httparse::Header<'_>| {
            (field.name.to_owned(), String::from_utf8_lossy(field.value).into_owned())
        };
        Ok(Self {
            method: method.into(),
            target: origin(target).into(),
            protocol: if request.version == Some(0) { "HTTP/1.0" } else { "HTTP/1.1" },
            fields: request.headers.iter().map(field).collect(),
        })
    }

    /// The values of the fields of this name.
    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let fields = self.fields.iter().filter(move |(field, _)| field.eq_ignore_ascii_case(name));
        fields.map(|(_, value)| value.trim())
    }

    /// Reads the body that belongs to this head, and tells whoever waits for that to send
    /// it.
    pub(super) fn body(
        &self,
        input: &mut impl BufRead,
        mut output: impl Write,
    ) -> Result<Body, NoRequest> {
        let length = self.length()?;
        if length == Length::None {
            return Ok(Body::None);
        }
        let waits = self.values("Expect").any(|value| value.eq_ignore_ascii_case("100-continue"));
        if waits && self.protocol == "HTTP/1.1" {
            output.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut file =
            File::from(memfd_create("body", MemfdFlags::CLOEXEC).map_err(io::Error::from)?);
        let len = match length {
            Length::None => 0,
            Length::Known(len) => copy(len, input, &mut file)?,
            Length::Chunked => copy_chunks(input, &mut file)?,
        };
        file.rewind()?;
        Ok(Body::File(file, len))
    }

    /// RFC 9112, 6.3.
    fn length(&self) -> Result<Length, NoRequest> {
        let mut codings = self.values("Transfer-Encoding");
        let mut lengths = self.values("Content-Length");
        match (codings.next(), lengths.next()) {
            // What follows is no body, whatever it is.
            (None, None) => Ok(Length::None),
            (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => {
                if codings.next().is_none() { Ok(Length::Chunked) } else { Err(BAD) }
            }
            (None, Some(length)) => {
                let len = decimal::parse_saturating(length.as_bytes()).ok_or(BAD)? as u64;
                if lengths.any(|other| other != length) {
                    return Err(BAD);
                }
                match len {
                    0 => Ok(Length::None),
                    1..=BODY_MAX => Ok(Length::Known(len)),
                    _ => Err(TOO_LONG),
                }
            }
            // Two lengths: a proxy and this could take different ones.
            _ => Err(BAD),
        }
    }
}

#[derive(Debug, Eq, PartialEq)]
enum Length {
    None,
    /// INVARIANT: from 1 to [`BODY_MAX`].
    Known(u64),
    Chunked,
}

/// The target without scheme and host, which only proxies are sent (RFC 9112, 3.2.2).
fn origin(target: &str) -> &str {
    let Some(rest) = target.strip_prefix("http://") else { return target };
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

fn copy(len: u64, input: &mut impl BufRead, output: &mut impl Write) -> Result<u64, NoRequest> {
    let copied = io::copy(&mut input.take(len), output)?;
    if copied < len { Err(NoRequest::Gone(io::ErrorKind::UnexpectedEof.into())) } else { Ok(len) }
}

/// RFC 9112, 7.1; extensions and trailers are not looked at.
fn copy_chunks(input: &mut impl BufRead, output: &mut impl Write) -> Result<u64, NoRequest> {
    let mut sum: u64 = 0;
    loop {
        let Ok(Status::Complete((_, len))) = httparse::parse_chunk_size(&line(input)?) else {
            return Err(BAD);
        };
        sum = sum.saturating_add(len);
        if len == 0 {
            return Ok(sum);
        }
        if sum > BODY_MAX {
            return Err(TOO_LONG);
        }
        copy(len, input, output)?;
        if line(input)?.trim_ascii_end() != b"" {
            return Err(BAD);
        }
    }
}

/// The next line, of at most a kilobyte.
fn line(input: &mut impl BufRead) -> Result<Vec<u8>, NoRequest> {
    let mut line = Vec::new();
    input.take(1 << 10).read_until(b'\n', &mut line)?;
    Ok(line)
}

#[cfg(test)]
mod tests;
