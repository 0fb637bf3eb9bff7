//! A reply, and how it becomes bytes: `Status` first, CRLF lines, an exact
//! `Content-Length` (RFC 3875, 6).
//!
//! Every reply is a handful of slices that exist already, so it goes out with one `writev`.

use core::ops;

use rustix::io::Errno;

use crate::encoding::decimal::Digits;
use crate::error::RequestError;
use crate::http::block::Block;
use crate::http::conditional::{Conditions, Selection};
use crate::http::output::{Extent, Output, Pieces};
use crate::http::page::ShortPage;
use crate::http::representation::{Body, Representation};
use crate::http::status;

/// What is sent back. Redirects are [`Location`](crate::site::location::Location)'s.
#[derive(Clone)]
pub enum Reply<'a> {
    /// 200.
    Whole(Representation<'a>),
    /// 206: some of the bytes.
    Part(Representation<'a>, ops::Range<usize>),
    /// 304: the visitor has it.
    NotModified(Block<'a>),
    /// 204: the methods.
    Options,
    /// An error, with the site's own page.
    ErrorPage(RequestError, Representation<'a>),
    /// An error, with a short page of ours.
    Error(RequestError),
    /// An error, with a short page of ours that says more, in HTML.
    Explained(RequestError, &'a [u8]),
}

/// Ends in an empty line so that it equals no other constant, with which the compiler would merge
/// it: a static of its own can be placed next to the code that sends it (`src/sys/image.ld`).
static NOT_MODIFIED: [u8; 28] = *b"Status: 304 Not Modified\r\n\r\n";
/// On every reply that the packer has not prepared.
pub const NOSNIFF: &[u8] = b"X-Content-Type-Options: nosniff\r\n";
/// RFC 9110, 10.2.1.
const ALLOW: &[u8] = b"Allow: GET, HEAD, OPTIONS\r\n";
const NO_STORE: &[u8] = b"Cache-Control: no-store\r\n";

impl<'a> Reply<'a> {
    /// A representation, or what the visitor's conditions leave of it.
    pub(crate) fn new(
        representation: Representation<'a>,
        conditions: &Conditions<'_>,
    ) -> Result<Self, RequestError> {
        let Representation { block, validators, len, .. } = representation;
        Ok(match conditions.select(validators, len)? {
            Selection::Whole => Self::Whole(representation),
            Selection::Part(range) => Self::Part(representation, range),
            Selection::NotModified => Self::NotModified(block),
        })
    }

    /// The failure to log, if this is an error.
    pub(crate) const fn failure(&self) -> Option<RequestError> {
        match *self {
            Self::Error(failure) | Self::ErrorPage(failure, _) | Self::Explained(failure, _) => {
                Some(failure)
            }
            _ => None,
        }
    }

    /// Sends the reply.
    ///
    /// # Errors
    ///
    /// As `write(2)`: `EPIPE` if nobody reads it any more.
    pub fn send(&self, extent: Extent, out: &mut impl Output) -> Result<(), Errno> {
        match self {
            Self::Whole(Representation { block, body, len, .. }) => match *body {
                _ if extent == Extent::Header => out.write(&[block.ok()]),
                Body::Bytes(bytes) => out.write(&[block.ok(), bytes]),
                Body::File(file, start) => {
                    out.write(&[block.ok()])?;
                    out.send_file(file, start, *len)
                }
                Body::Stream(stream) => {
                    out.write(&[block.ok()])?;
                    stream.send(0..*len, out)
                }
            },
            Self::NotModified(block) => {
                let (line, end) = NOT_MODIFIED.split_at(NOT_MODIFIED.len() - 2);
                out.write(&[line, block.not_modified(), end])
            }
            _ => self.send_composed(extent, out),
        }
    }

    /// Kept out of line so that everyday replies don't pay for the stack.
    #[inline(never)]
    #[cold]
    fn send_composed(&self, extent: Extent, out: &mut impl Output) -> Result<(), Errno> {
        match *self {
            Self::Whole(_) | Self::NotModified(_) => self.send(extent, out),
            Self::Part(Representation { block, body, len, .. }, ref range) => {
                let numbers = [range.start, range.end - 1, len, range.len()].map(Digits::new);
                let [first, last, all, len] = numbers.each_ref().map(Digits::as_bytes);
                let status = b"Status: 206 Partial Content\r\n";
                let (unit, length) = (b"Content-Range: bytes ", b"\r\nContent-Length: ");
                #[rustfmt::skip]
                let header: [&[u8]; 11] = [
                    status, block.partial(), unit, first, b"-", last, b"/", all, length, len,
                    b"\r\n\r\n",
                ];
                send_body(&header, body, range.clone(), extent, out)
            }
            Self::Options => out.write(&[b"Status: 204 No Content\r\n", ALLOW, NOSNIFF, b"\r\n"]),
            Self::ErrorPage(failure, Representation { block, body, len, .. }) => {
                let status = status::line(failure.status());
                let header = [b"Status: ", status, b"\r\n", NO_STORE, NOSNIFF, block.error()];
                send_body(&header, body, 0..len, extent, out)
            }
            Self::Error(failure) => Self::Explained(failure, b"").send(extent, out),
            Self::Explained(failure, explanation) => {
                let page = ShortPage::new(failure.status(), explanation);
                let len;
                let fields: &[&[u8]] = match failure {
                    RequestError::Method | RequestError::Server(405) => &[ALLOW],
                    RequestError::Range(all) => {
                        len = Digits::new(all);
                        &[b"Content-Range: bytes */", len.as_bytes(), b"\r\n"]
                    }
                    // As long as most thumbnails take a small machine.
                    RequestError::Busy => &[b"Retry-After: 5\r\n"],
                    _ => &[],
                };
                let mut pieces = Pieces::default();
                pieces.extend(&[b"Status: ", page.status, b"\r\n"]);
                pieces.extend(fields);
                pieces.extend(&[NO_STORE, NOSNIFF]);
                pieces.extend(&page.pieces(extent));
                out.write(pieces.as_slice())
            }
        }
    }
}

/// Sends a header and, unless the request is HEAD, the bytes in `range` of a body.
#[cold]
fn send_body(
    header: &[&[u8]],
    body: Body<'_>,
    range: ops::Range<usize>,
    extent: Extent,
    out: &mut impl Output,
) -> Result<(), Errno> {
    match body {
        _ if extent == Extent::Header => out.write(header),
        Body::Bytes(bytes) => {
            let mut pieces = Pieces::default();
            pieces.extend(header);
            pieces.extend(&[&bytes[range]]);
            out.write(pieces.as_slice())
        }
        Body::File(file, start) => {
            out.write(header)?;
            out.send_file(file, start + range.start as u64, range.len())
        }
        Body::Stream(stream) => {
            out.write(header)?;
            stream.send(range, out)
        }
    }
}
