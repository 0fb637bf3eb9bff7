//! A gallery page as a representation. It is rendered twice: once for its length and digest,
//! which the header needs, and once to send it. So it may be larger than memory.

use core::fmt::{self, Write};
use core::ops::Range;
use std::string::String;
use std::vec::Vec;

use rustix::io::Errno;
use sha2::{Digest, Sha256};

use crate::encoding::decimal::Digits;
use crate::encoding::hex::Hex;
use crate::gallery::page::Page;
use crate::http::block::Composer;
use crate::http::conditional::Validators;
use crate::http::date;
use crate::http::output::Output;
use crate::http::representation::{Body, Representation, Stream};
use crate::template::{PageName, Template};

/// A measured page.
pub struct Rendered<'a> {
    template: Template<'a, PageName>,
    page: Page<'a>,
    header: Composer,
    etag: String,
    /// In bytes.
    len: usize,
}

/// Bytes per write: half a pipe's capacity, so that neither side waits for the other.
const BUFFER: usize = 32 << 10;

impl<'a> Rendered<'a> {
    pub(super) fn new(template: Template<'a, PageName>, page: Page<'a>) -> Self {
        let mut measure = Measure { len: 0, digest: Sha256::new() };
        let written = template.render(&page, &mut measure);
        debug_assert!(written.is_ok(), "measuring has no errors");
        let Measure { len, digest } = measure;
        let etag = std::format!("\"{}\"", Hex(&digest.finalize()[..16]));
        let mut header = Composer::empty();
        header.compose(
            b"Status: 200 OK\r\n",
            &[
                b"X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\nETag: ",
                etag.as_bytes(),
                b"\r\n",
            ],
            &[b"Content-Type: text/html; charset=utf-8\r\n"],
            &[b"Content-Length: ", Digits::new(len).as_bytes(), b"\r\n\r\n"],
        );
        Self { template, page, header, etag, len }
    }

    /// The page, as a reply sends it.
    pub fn representation(&self) -> Representation<'_> {
        Representation {
            block: self.header.block(),
            validators: Validators { etag: self.etag.as_bytes(), modified: date::NEVER },
            body: Body::Stream(self),
            len: self.len,
        }
    }
}

impl Stream for Rendered<'_> {
    fn send(&self, range: Range<usize>, out: &mut dyn Output) -> Result<(), Errno> {
        let bytes = Vec::with_capacity(BUFFER);
        let mut sender = Sender { out, bytes, skip: range.start, left: range.len(), error: None };
        // Fails with the first error of `out`, or at the range's end.
        let _ = self.template.render(&self.page, &mut sender);
        sender.flush();
        sender.error.map_or(Ok(()), Err)
    }
}

/// Counts and hashes a page's bytes.
struct Measure {
    len: usize,
    digest: Sha256,
}

impl Write for Measure {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.len += text.len();
        self.digest.update(text);
        Ok(())
    }
}

/// Sends a range of a page in large pieces.
struct Sender<'o> {
    out: &'o mut dyn Output,
    bytes: Vec<u8>,
    /// Bytes before the range.
    skip: usize,
    /// Bytes of the range that remain.
    left: usize,
    /// The first error; nothing is sent after it.
    error: Option<Errno>,
}

impl Sender<'_> {
    fn flush(&mut self) {
        if self.error.is_none() {
            self.error = self.out.write(&[&self.bytes]).err();
        }
        self.bytes.clear();
    }
}

impl Write for Sender<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let skipped = self.skip.min(text.len());
        self.skip -= skipped;
        let bytes = &text.as_bytes()[skipped..];
        let bytes = &bytes[..bytes.len().min(self.left)];
        self.left -= bytes.len();
        if self.bytes.len() + bytes.len() > BUFFER {
            self.flush();
        }
        self.bytes.extend_from_slice(bytes);
        if self.error.is_none() && self.left > 0 { Ok(()) } else { Err(fmt::Error) }
    }
}
