//! The `Location` of a redirect: mount point, path, query, each encoded as far as it is
//! not yet (RFC 3986, 2.1).

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};

use crate::site::pattern::Captures;
use crate::site::record::Rule;

use crate::cgi::target::Mount;
use crate::site::rules::{Piece, pieces};

/// What never stands in an address as it is; `%` stays: these bytes are encoded already.
/// A browser takes `\` for `/`.
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

/// What has to be encoded of a name that is as on disk.
const DECODED: &AsciiSet = &ENCODED.add(b'%').add(b'?').add(b'#').add(b'[').add(b']');

/// And of one that becomes part of a query: it must not become another parameter, nor a blank.
const PARAMETER: &AsciiSet = &DECODED.add(b'&').add(b'+');

/// Where a redirect leads.
#[derive(Clone, Copy)]
pub struct Location<'a> {
    /// In front of every path of the site.
    pub mount: Mount<'a>,
    /// Below the mount point, or somewhere else.
    pub target: Target<'a>,
    /// The visitor's query, kept unless the target has its own.
    pub query: &'a [u8],
}

/// What a redirect leads to.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// This path with a slash at its end, runs of slashes merged.
    Folder(&'a [u8]),
    /// This path, runs of slashes merged.
    Merged(&'a [u8]),
    /// The target of a rule.
    Rule(Rule<'a>, Captures<'a>),
}

impl Location<'_> {
    /// Hands the address to `out`, piece by piece.
    ///
    /// # Errors
    ///
    /// The first error of `out`.
    pub fn write<E>(&self, mut out: impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        match self.target {
            Target::Merged(path) => {
                write_mount(self.mount, &mut out)?;
                write_merged(path, &mut out)?;
                self.write_query(&mut out)
            }
            Target::Folder(path) => {
                write_mount(self.mount, &mut out)?;
                write_merged(path, &mut out)?;
                out(b"/")?;
                self.write_query(&mut out)
            }
            Target::Rule(rule, captures) => {
                let (address, fragment) = split_at(rule.to, b'#');
                // What is taken up may be empty or begin with a slash, and an address
                // that begins with two would name another host.
                let mut front = address.starts_with(b"/");
                let mut taken_up = DECODED;
                if front {
                    write_mount(self.mount, &mut out)?;
                    out(b"/")?;
                }
                for piece in pieces(address, captures) {
                    let (mut text, set) = match piece {
                        Piece::Literal(text) => {
                            if text.contains(&b'?') {
                                taken_up = PARAMETER;
                            }
                            (text, ENCODED)
                        }
                        Piece::Captured(text) => (text, taken_up),
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
        // What a visitor's client left as it is must not end the query.
        encode(self.query, const { &ENCODED.add(b'#') }, out)
    }
}

/// Writes a mount point as it stands in front of an address, percent-encoded.
///
/// An address that begins with two slashes would name another host, so it begins with
/// one, whatever the visitor sent; it ends in none.
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

/// Writes a decoded path, a run of slashes as one.
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

/// What stands in front of the first `byte`, and the rest from it on.
fn split_at(bytes: &[u8], byte: u8) -> (&[u8], &[u8]) {
    bytes.split_at(bytes.iter().position(|&b| b == byte).unwrap_or(bytes.len()))
}
