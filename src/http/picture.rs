//! The reply with a thumbnail: its header lines, and its bytes out of memory or straight
//! out of a file.

use rustix::fd::BorrowedFd;
use rustix::io::Errno;

use crate::http::date;
use crate::thumbs::address::transform::Format;

use crate::cgi::variables::{Method, Request};
use crate::encoding::decimal::Digits;
use crate::error::Failure;
use crate::http::conditional;
use crate::http::conditional::Range;
use crate::http::output::{Output, Pieces};
use crate::http::reply::Extent;

/// What is said of a thumbnail, however much of it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Tags {
    /// The entity tag with its quotes.
    pub etag: [u8; 34],
    /// `Last-Modified`, in seconds since 1970.
    pub modified: u64,
    /// `Cache-Control: max-age`, in seconds.
    pub max_age: u32,
    /// The address never means another picture.
    pub immutable: bool,
}

/// A thumbnail.
#[derive(Clone, Copy, Debug)]
pub struct Picture<'a> {
    /// JPEG or PNG.
    pub format: Format,
    /// Its length in bytes, not 0.
    pub len: usize,
    /// Where its bytes are.
    pub body: Body<'a>,
}

/// The bytes of a thumbnail.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// At the start of this file.
    File(BorrowedFd<'a>),
    /// Here.
    Bytes(&'a [u8]),
}

/// How much of a thumbnail is sent.
#[derive(Clone, Copy, Debug)]
pub enum Portion<'a> {
    /// 304: the visitor has it.
    Unmodified,
    /// 200.
    Whole(Picture<'a>),
    /// 206: from one byte to another, both included.
    Part(Picture<'a>, usize, usize),
}

impl Tags {
    /// Whether the visitor names this very entity tag: then he has a thumbnail that need
    /// not even be found. A `*` does not tell whether there is one.
    #[must_use]
    pub fn is_known(&self, request: &Request<'_>) -> bool {
        request.if_none_match.trim_ascii() != b"*"
            && conditional::matches_any(request.if_none_match, &self.etag)
    }

    /// What the visitor's conditions leave of a picture (RFC 9110, 13.2.2).
    ///
    /// # Errors
    ///
    /// [`Failure::Range`] for a range behind its end.
    pub fn choose<'a>(
        &self,
        request: &Request<'_>,
        picture: Picture<'a>,
    ) -> Result<Portion<'a>, Failure> {
        let unmodified = if request.if_none_match.is_empty() {
            conditional::unmodified_since(request.if_modified_since, self.modified)
        } else {
            conditional::matches_any(request.if_none_match, &self.etag)
        };
        if unmodified {
            return Ok(Portion::Unmodified);
        }
        if request.method == Method::Get
            && !request.range.is_empty()
            && conditional::range_holds(request.if_range, &self.etag, self.modified)
        {
            match Range::parse(request.range, picture.len) {
                Range::Whole => {}
                Range::Part { first, last } => return Ok(Portion::Part(picture, first, last)),
                Range::Unsatisfiable => {
                    return Err(Failure::Range(u32::try_from(picture.len).unwrap_or(u32::MAX)));
                }
            }
        }
        Ok(Portion::Whole(picture))
    }

    /// Sends a thumbnail, or as much of it as `portion` says.
    ///
    /// # Errors
    ///
    /// As `write(2)`, `sendfile(2)`; `EIO` where the file has become shorter.
    #[inline(never)]
    pub fn send(
        &self,
        portion: &Portion<'_>,
        extent: Extent,
        out: &mut impl Output,
    ) -> Result<(), Errno> {
        let (status, picture, first, last): (&[u8], _, _, _) = match *portion {
            Portion::Unmodified => (b"Status: 304 Not Modified", None, 0, 0),
            Portion::Whole(picture) => (&OK, Some(picture), 0, picture.len - 1),
            Portion::Part(picture, first, last) => {
                (b"Status: 206 Partial Content", Some(picture), first, last)
            }
        };
        let (date, max_age) = (date::format(self.modified), Digits::new(self.max_age as usize));
        let mut pieces = Pieces::default();
        pieces.extend(&[
            status,
            &ETAG,
            &self.etag,
            &MODIFIED,
            &date,
            &MAX_AGE,
            max_age.as_bytes(),
            if self.immutable { &IMMUTABLE } else { &END[..2] },
        ]);
        let Some(Picture { format, len: all, body }) = picture else {
            pieces.extend(&[&END[..2]]);
            return out.write(pieces.as_slice());
        };
        let len = last - first + 1;
        let len_digits = Digits::new(len);
        let range;
        if let Portion::Part(..) = portion {
            range = [first, last, all].map(Digits::new);
            let [first, last, all] = range.each_ref().map(Digits::as_bytes);
            pieces.extend(&[b"Content-Range: bytes ", first, b"-", last, b"/", all, b"\r\n"]);
        }
        let content_type: &[u8] = match format {
            Format::Jpeg => &JPEG,
            Format::Png => b"Content-Type: image/png\r\nContent-Length: ",
        };
        pieces.extend(&[content_type, len_digits.as_bytes(), &END]);
        match body {
            _ if extent == Extent::Header => out.write(pieces.as_slice()),
            Body::Bytes(bytes) => {
                pieces.extend(&[&bytes[first..=last]]);
                out.write(pieces.as_slice())
            }
            Body::File(file) => {
                out.write(pieces.as_slice())?;
                out.send_file(file, first as u64, len)
            }
        }
    }
}

/// Texts by names, which src/sys/image.ld puts beside the code: the kernel, too, takes a
/// page fault for a constant that lies elsewhere.
macro_rules! texts {
    ($($name:ident = $text:literal;)+) => {
        $(#[used] static $name: [u8; $text.len()] = *$text;)+
    };
}

texts! {
    OK = b"Status: 200 OK";
    ETAG = b"\r\nX-Content-Type-Options: nosniff\r\nETag: ";
    MODIFIED = b"\r\nLast-Modified: ";
    MAX_AGE = b"\r\nCache-Control: public, max-age=";
    IMMUTABLE = b", immutable\r\n";
    JPEG = b"Content-Type: image/jpeg\r\nContent-Length: ";
    END = b"\r\n\r\n";
}
