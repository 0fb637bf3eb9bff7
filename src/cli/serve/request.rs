//! A request, read from a connection: its head (RFC 9112, 2 to 5) and its body (6 and 7).
//! One request per connection, as every reply closes it.
//!
//! Never allocates what a request announces: the body goes into a file as it arrives.

use std::borrow::ToOwned;
use std::fs::File;
use std::io::{self, BufRead, Read, Seek, Write};
use std::string::String;
use std::vec::Vec;

use httparse::{EMPTY_HEADER, Error, Status};
use rustix::fs::{MemfdFlags, memfd_create};

use crate::encoding::decimal;

/// The longest head: eight times Apache's limit.
const HEAD_MAX_BYTES: u64 = 64 << 10;

/// The most fields in a head: Apache's limit.
const FIELDS_MAX: usize = 100;

/// The longest body passed on. The program reads 1 MiB of it, and answers every method that
/// has a body with 405.
const BODY_MAX_BYTES: u64 = 16 << 20;

/// The head of a request.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query as sent.
    pub(super) target: String,
    /// `HTTP/1.0` or `HTTP/1.1`.
    pub(super) protocol: &'static str,
    pub(super) fields: Vec<(String, String)>,
}

/// Why a request could not be read.
#[derive(Debug)]
pub(super) enum RequestError {
    /// It is invalid or too long; the status to answer with.
    Refused(&'static str),
    /// It did not arrive, or not to its end.
    Gone(io::Error),
}

const BAD: RequestError = RequestError::Refused("400 Bad Request");
const TOO_LONG: RequestError = RequestError::Refused("413 Content Too Large");
const HEAD_TOO_LONG: RequestError = RequestError::Refused("431 Request Header Fields Too Large");

impl From<io::Error> for RequestError {
    fn from(error: io::Error) -> Self {
        Self::Gone(error)
    }
}

impl Request {
    pub(super) fn read(input: &mut impl BufRead) -> Result<Self, RequestError> {
        let mut input = input.take(HEAD_MAX_BYTES);
        let mut head = Vec::new();
        loop {
            let line = head.len();
            if input.read_until(b'\n', &mut head)? == 0 {
                let is_long = input.limit() == 0;
                let end = || io::ErrorKind::UnexpectedEof.into();
                return Err(if is_long { HEAD_TOO_LONG } else { RequestError::Gone(end()) });
            }
            // Empty lines before the request line are ignored (RFC 9112, 2.2).
            match &head[line..] {
                b"\n" | b"\r\n" if line == 0 => head.clear(),
                b"\n" | b"\r\n" => return Self::parse(&head),
                _ => {}
            }
        }
    }

    fn parse(head: &[u8]) -> Result<Self, RequestError> {
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

    /// Reads the body that belongs to this head into a file, because the program may end without
    /// reading it, and returns that with its length in bytes. Sends `100 Continue` to a client
    /// that waits for it (RFC 9110, 10.1.1).
    pub(super) fn body(
        &self,
        input: &mut impl BufRead,
        mut output: impl Write,
    ) -> Result<Option<(File, u64)>, RequestError> {
        let Some(length) = self.length()? else { return Ok(None) };
        let waits = self.values("Expect").any(|value| value.eq_ignore_ascii_case("100-continue"));
        if waits && self.protocol == "HTTP/1.1" {
            output.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
        }
        let mut file =
            File::from(memfd_create("body", MemfdFlags::CLOEXEC).map_err(io::Error::from)?);
        let len = match length {
            Length::Known(len) => copy(len, input, &mut file)?,
            Length::Chunked => copy_chunks(input, &mut file)?,
        };
        file.rewind()?;
        Ok(Some((file, len)))
    }

    /// How the body ends, if there is one (RFC 9112, 6.3).
    fn length(&self) -> Result<Option<Length>, RequestError> {
        let mut codings = self.values("Transfer-Encoding");
        let mut lengths = self.values("Content-Length");
        match (codings.next(), lengths.next()) {
            // Whatever follows is not a body.
            (None, None) => Ok(None),
            (Some(coding), None) if coding.eq_ignore_ascii_case("chunked") => {
                if codings.next().is_none() { Ok(Some(Length::Chunked)) } else { Err(BAD) }
            }
            (None, Some(length)) => {
                let len = decimal::parse_saturating(length.as_bytes()).ok_or(BAD)? as u64;
                if lengths.any(|other| other != length) {
                    return Err(BAD);
                }
                match len {
                    0 => Ok(None),
                    1..=BODY_MAX_BYTES => Ok(Some(Length::Known(len))),
                    _ => Err(TOO_LONG),
                }
            }
            // Both, which a proxy could read differently: request smuggling.
            _ => Err(BAD),
        }
    }
}

enum Length {
    /// INVARIANT: from 1 to [`BODY_MAX_BYTES`].
    Known(u64),
    Chunked,
}

/// The origin form of the target; the absolute form is for proxies (RFC 9112, 3.2.2).
fn origin(target: &str) -> &str {
    let Some(rest) = target.strip_prefix("http://") else { return target };
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

fn copy(len: u64, input: &mut impl BufRead, output: &mut impl Write) -> Result<u64, RequestError> {
    let copied = io::copy(&mut input.take(len), output)?;
    if copied < len {
        Err(RequestError::Gone(io::ErrorKind::UnexpectedEof.into()))
    } else {
        Ok(len)
    }
}

/// Copies a chunked body (RFC 9112, 7.1); ignores extensions and trailers.
fn copy_chunks(input: &mut impl BufRead, output: &mut impl Write) -> Result<u64, RequestError> {
    let mut sum: u64 = 0;
    loop {
        let Ok(Status::Complete((_, len))) = httparse::parse_chunk_size(&line(input)?) else {
            return Err(BAD);
        };
        sum = sum.saturating_add(len);
        if len == 0 {
            return Ok(sum);
        }
        if sum > BODY_MAX_BYTES {
            return Err(TOO_LONG);
        }
        copy(len, input, output)?;
        if line(input)?.trim_ascii_end() != b"" {
            return Err(BAD);
        }
    }
}

/// The next line, at most 1 KiB of it.
fn line(input: &mut impl BufRead) -> Result<Vec<u8>, RequestError> {
    let mut line = Vec::new();
    input.take(1 << 10).read_until(b'\n', &mut line)?;
    Ok(line)
}

#[cfg(test)]
mod tests;
