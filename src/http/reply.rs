//! A reply, and how it becomes bytes: `Status` first, CRLF lines, an exact
//! `Content-Length` (RFC 3875, 6).
//!
//! Everything but a redirect is a handful of slices that lie somewhere already, so it
//! goes out as it is with one `writev`.

use rustix::io::Errno;

use crate::site::record::Form;

use crate::encoding::decimal::Digits;
use crate::error::Failure;
use crate::http::output::{Buffer, Output, Pieces};
use crate::http::picture::{Portion, Tags};
use crate::http::status;
use crate::site::location::Location;

/// What is sent back.
#[derive(Clone, Copy)]
pub enum Reply<'a> {
    /// 200: an asset.
    Whole(Form<'a>, &'a [u8]),
    /// 304: the visitor has it.
    Unmodified(Form<'a>),
    /// 206: some of an asset's bytes, and the offset of the first one.
    Part(Form<'a>, &'a [u8], usize),
    /// 204: the methods.
    Options,
    /// 30x, and where to.
    Redirect(u16, Location<'a>),
    /// An error, with the site's own page.
    ErrorPage(Failure, Form<'a>, &'a [u8]),
    /// An error, with a short page of ours.
    Error(Failure),
    /// An error, with a short page of ours that says more; this much of it is HTML.
    Explained(Failure, &'a [u8]),
    /// A thumbnail.
    Picture(&'a Tags, Portion<'a>),
}

/// How much of a reply goes out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// Header and body.
    Whole,
    /// The header alone, for HEAD.
    Header,
}

/// With the empty line behind it, so that it is like no other constant and the compiler
/// does not make one of both: a static of its own, to lie beside the code that sends it
/// (`src/sys/image.ld`).
static NOT_MODIFIED: [u8; 28] = *b"Status: 304 Not Modified\r\n\r\n";
/// On every reply that the packer has not prepared.
const NOSNIFF: &[u8] = b"X-Content-Type-Options: nosniff\r\n";
/// RFC 9110, 10.2.1.
const ALLOW: &[u8] = b"Allow: GET, HEAD, OPTIONS\r\n";
const NO_STORE: &[u8] = b"Cache-Control: no-store\r\n";

impl Reply<'_> {
    /// The failure that the log should tell of, if it is one.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        match *self {
            Self::Error(failure) | Self::ErrorPage(failure, ..) | Self::Explained(failure, _) => {
                Some(failure)
            }
            _ => None,
        }
    }

    /// Sends the reply.
    ///
    /// # Errors
    ///
    /// As `write(2)`: `EPIPE` where nobody takes it any more.
    pub fn send(&self, extent: Extent, out: &mut impl Output) -> Result<(), Errno> {
        match *self {
            Self::Whole(form, bytes) if extent == Extent::Whole => out.write(&[form.block, bytes]),
            Self::Whole(form, _) => out.write(&[form.block]),
            Self::Unmodified(form) => {
                let fields = &form.block[form.fields..form.content];
                let (line, end) = NOT_MODIFIED.split_at(NOT_MODIFIED.len() - 2);
                out.write(&[line, fields, end])
            }
            Self::Picture(tags, portion) => tags.send(&portion, extent, out),
            _ => self.send_composed(extent, out),
        }
    }

    /// Out of line: what is asked for every day does not pay for the rest.
    #[inline(never)]
    fn send_composed(&self, extent: Extent, out: &mut impl Output) -> Result<(), Errno> {
        let body = |bytes| if extent == Extent::Whole { bytes } else { &[][..] };
        match *self {
            Self::Whole(..) | Self::Unmodified(_) | Self::Picture(..) => self.send(extent, out),
            Self::Part(form, bytes, first) => {
                let last = first + bytes.len() - 1;
                out.write(&[
                    b"Status: 206 Partial Content\r\n",
                    &form.block[form.fields..form.length],
                    b"Content-Range: bytes ",
                    Digits::new(first).as_bytes(),
                    b"-",
                    Digits::new(last).as_bytes(),
                    b"/",
                    Digits::new(form.len as usize).as_bytes(),
                    b"\r\nContent-Length: ",
                    Digits::new(bytes.len()).as_bytes(),
                    b"\r\n\r\n",
                    bytes,
                ])
            }
            Self::Options => out.write(&[b"Status: 204 No Content\r\n", ALLOW, NOSNIFF, b"\r\n"]),
            Self::Redirect(status, location) => {
                let page = ShortPage::new(status, b"");
                let mut buffer = Buffer::new(out);
                buffer.push(b"Status: ")?;
                buffer.push(page.status)?;
                buffer.push(b"\r\nLocation: ")?;
                location.write(|piece| buffer.push(piece))?;
                buffer.push(b"\r\n")?;
                buffer.push(NOSNIFF)?;
                for piece in page.pieces(extent) {
                    buffer.push(piece)?;
                }
                buffer.flush()
            }
            Self::ErrorPage(failure, form, bytes) => out.write(&[
                b"Status: ",
                status::line(failure.status()),
                b"\r\n",
                NO_STORE,
                NOSNIFF,
                &form.block[form.vary..],
                body(bytes),
            ]),
            Self::Error(failure) => Self::Explained(failure, b"").send(extent, out),
            Self::Explained(failure, explanation) => {
                let page = ShortPage::new(failure.status(), explanation);
                let len;
                let fields: &[&[u8]] = match failure {
                    Failure::Method | Failure::Server(405) => &[ALLOW],
                    Failure::Range(all) => {
                        len = Digits::new(all as usize);
                        &[b"Content-Range: bytes */", len.as_bytes(), b"\r\n"]
                    }
                    // As long as most thumbnails take a small machine.
                    Failure::Busy => &[b"Retry-After: 5\r\n"],
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

/// A page of a few lines that says a status, and perhaps why.
struct ShortPage<'a> {
    /// `404 Not Found`.
    status: &'static [u8],
    /// HTML.
    explanation: &'a [u8],
    len: Digits,
}

impl<'a> ShortPage<'a> {
    const HEAD: &'static [u8] = b"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width\">\n<title>";
    const MIDDLE: &'static [u8] = b"</title>\n<h1>";
    const BEHIND: &'static [u8] = b"</h1>\n";
    const FOOT: &'static [u8] = b"</html>\n";

    fn new(status: u16, explanation: &'a [u8]) -> Self {
        let status = status::line(status);
        let fixed = [Self::HEAD, status, Self::MIDDLE, status, Self::BEHIND, Self::FOOT];
        let len = fixed.iter().map(|piece| piece.len()).sum::<usize>() + explanation.len();
        Self { status, explanation, len: Digits::new(len) }
    }

    /// The fields that describe the page, the empty line, and the page.
    fn pieces(&self, extent: Extent) -> [&[u8]; 10] {
        let body = |bytes| if extent == Extent::Whole { bytes } else { &[][..] };
        [
            b"Content-Type: text/html; charset=utf-8\r\nContent-Length: ",
            self.len.as_bytes(),
            b"\r\n\r\n",
            body(Self::HEAD),
            body(self.status),
            body(Self::MIDDLE),
            body(self.status),
            body(Self::BEHIND),
            body(self.explanation),
            body(Self::FOOT),
        ]
    }
}
