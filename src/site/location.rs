//! Redirects: the `Location` is mount point, path and query, each percent-encoded as far as it
//! isn't yet (RFC 3986, 2.1).

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use rustix::io::Errno;

use crate::http::output::{Buffer, Extent, Output};
use crate::http::page::ShortPage;
use crate::http::reply::NOSNIFF;
use crate::site::pattern::Captures;
use crate::site::record::Rule;

use crate::cgi::target::Mount;
use crate::site::rules::{Piece, pieces};

/// Bytes that are never literal in a URL. `%` stays since the text is already encoded; `\` is
/// included because browsers read it as `/`.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Bytes to encode in a decoded name.
const DECODED: &AsciiSet = &ENCODED.add(b'%').add(b'?').add(b'#').add(b'[').add(b']');

/// Bytes to encode in a decoded name that becomes part of a query, so that it stays one value.
const PARAMETER: &AsciiSet = &DECODED.add(b'&').add(b'+');

/// The target of a redirect.
#[derive(Clone, Copy)]
pub struct Location<'a> {
    /// The mount point, which precedes every path of the site.
    pub mount: Mount<'a>,
    /// Below the mount point or elsewhere.
    pub destination: Destination<'a>,
    /// The visitor's query, kept unless the destination has its own.
    pub query: &'a [u8],
}

/// The part of a redirect's target after the mount point, or a whole URL.
#[derive(Clone, Copy)]
pub enum Destination<'a> {
    /// This path with a slash appended and runs of slashes merged.
    Folder(&'a [u8]),
    /// This path with runs of slashes merged.
    Merged(&'a [u8]),
    /// The target of a rule.
    Rule(Rule<'a>, Captures<'a>),
}

impl Location<'_> {
    /// Sends the redirect.
    ///
    /// # Errors
    ///
    /// As `write(2)`.
    #[inline(never)]
    pub fn send(&self, status: u16, extent: Extent, out: &mut impl Output) -> Result<(), Errno> {
        let page = ShortPage::new(status, b"");
        let mut buffer = Buffer::new(out);
        buffer.push(b"Status: ")?;
        buffer.push(page.status)?;
        buffer.push(b"\r\nLocation: ")?;
        self.write(|piece| buffer.push(piece))?;
        buffer.push(b"\r\n")?;
        buffer.push(NOSNIFF)?;
        for piece in page.pieces(extent) {
            buffer.push(piece)?;
        }
        buffer.flush()
    }

    /// Passes the URL to `out` piece by piece.
    fn write<E>(&self, mut out: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match self.destination {
            Destination::Merged(path) => {
                write_mount(self.mount, &mut out)?;
                write_merged(path, &mut out)?;
                self.write_query(&mut out)
            }
            Destination::Folder(path) => {
                write_mount(self.mount, &mut out)?;
                write_merged(path, &mut out)?;
                out(b"/")?;
                self.write_query(&mut out)
            }
            Destination::Rule(rule, captures) => {
                let (address, fragment) = split_at(rule.to, b'#');
                // A capture may be empty or start with a slash, and a URL that starts with two
                // slashes names another host.
                let mut front = address.starts_with(b"/");
                let mut value_set = DECODED;
                if front {
                    write_mount(self.mount, &mut out)?;
                    out(b"/")?;
                }
                for piece in pieces(address, captures) {
                    let (mut text, set) = match piece {
                        Piece::Literal(text) => {
                            if text.contains(&b'?') {
                                value_set = PARAMETER;
                            }
                            (text, ENCODED)
                        }
                        Piece::Captured(text) => (text, value_set),
                    };
                    while let ([b'/', rest @ ..], true) = (text, front) {
                        text = rest;
                    }
                    front &= text.is_empty();
                    encode(text, set, &mut out)?;
                }
                if !address.contains(&b'?') {
                    self.write_query(&mut out)?;
                }
                encode(fragment, ENCODED, &mut out)
            }
        }
    }

    fn write_query<E>(&self, out: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        if self.query.is_empty() {
            return Ok(());
        }
        out(b"?")?;
        // A `#` that the client didn't encode must not end the query.
        encode(self.query, const { &ENCODED.add(b'#') }, out)
    }
}

/// Writes a mount point, percent-encoded, as the start of a URL.
///
/// Leading slashes are merged whatever the visitor sent, because a URL that starts with two names
/// another host; trailing ones are dropped.
///
/// # Errors
///
/// The first error of `out`.
pub fn write_mount<E>(
    mount: Mount<'_>,
    out: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    let set = match mount {
        Mount::Raw(_) => ENCODED,
        Mount::Decoded(_) => DECODED,
    };
    let name = trim_slashes(mount.as_bytes());
    if name.is_empty() {
        return Ok(());
    }
    out(b"/")?;
    encode(name, set, out)
}

/// Writes a decoded path with runs of slashes merged.
fn write_merged<E>(path: &[u8], out: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let mut rest = path;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"//") {
        encode(&rest[..at], DECODED, out)?;
        rest = &rest[at + 1..];
    }
    encode(rest, DECODED, out)
}

fn encode<E>(
    bytes: &[u8],
    set: &'static AsciiSet,
    out: &mut impl FnMut(&[u8]) -> Result<(), E>,
) -> Result<(), E> {
    percent_encode(bytes, set).try_for_each(|piece| out(piece.as_bytes()))
}

fn trim_slashes(mut bytes: &[u8]) -> &[u8] {
    while let [b'/', rest @ ..] | [rest @ .., b'/'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Splits before the first `byte`.
fn split_at(bytes: &[u8], byte: u8) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|&b| b == byte).unwrap_or(bytes.len()))
}
