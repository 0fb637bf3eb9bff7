//! The reply with a gallery page. The page is written twice: once to measure it and take
//! its digest, for the header, and once to send it. It may be longer than memory.

use core::fmt::{self, Write};
use std::vec::Vec;

use rustix::io::Errno;
use sha2::{Digest, Sha256};

use crate::encoding::decimal::Digits;
use crate::encoding::hex::Hex;
use crate::http::conditional;
use crate::http::output::Output;
use crate::http::reply::Extent;
use crate::template::{PageName, Template};

use crate::gallery::page::Page;

/// A page, ready to be sent.
pub struct Reply<'a> {
    template: Template<'a, PageName>,
    page: Page<'a>,
}

/// What is sent at once: half of what a pipe holds, so that the server need not wait for
/// us nor we for it.
const BUFFER: usize = 32 << 10;

impl<'a> Reply<'a> {
    pub(super) const fn new(template: Template<'a, PageName>, page: Page<'a>) -> Self {
        Self { template, page }
    }

    /// Sends the page, or 304 where `if_none_match` names it.
    ///
    /// # Errors
    ///
    /// As `write(2)`.
    pub fn send(
        &self,
        if_none_match: &[u8],
        extent: Extent,
        out: &mut impl Output,
    ) -> Result<(), Errno> {
        let mut measure = Measure { len: 0, digest: Sha256::new() };
        let written = self.template.render(&self.page, &mut measure);
        debug_assert!(written.is_ok(), "measuring has no errors");
        let digest = measure.digest.finalize();
        let tag = std::format!("\"{}\"", Hex(&digest[..16]));
        let fields: &[&[u8]] = &[
            b"X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\nETag: ",
            tag.as_bytes(),
            b"\r\n",
        ];
        if conditional::matches_any(if_none_match, tag.as_bytes()) {
            let status: &[u8] = b"Status: 304 Not Modified\r\n";
            return out.write(&[&[status], fields, &[b"\r\n"]].concat());
        }
        let mut sender = Sender { out, bytes: Vec::with_capacity(BUFFER), error: None };
        sender.push(b"Status: 200 OK\r\n");
        for field in fields {
            sender.push(field);
        }
        sender.push(b"Content-Type: text/html; charset=utf-8\r\nContent-Length: ");
        sender.push(Digits::new(measure.len).as_bytes());
        sender.push(b"\r\n\r\n");
        if extent == Extent::Whole && self.template.render(&self.page, &mut sender).is_err() {
            return Err(sender.error.unwrap_or(Errno::IO));
        }
        sender.flush();
        sender.error.map_or(Ok(()), Err)
    }
}

/// Counts a page's bytes, and takes their digest.
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

/// Sends a page in large pieces.
struct Sender<'o, O: Output> {
    out: &'o mut O,
    bytes: Vec<u8>,
    /// The first one; nothing is sent after it.
    error: Option<Errno>,
}

impl<O: Output> Sender<'_, O> {
    fn push(&mut self, bytes: &[u8]) {
        if self.bytes.len() + bytes.len() > BUFFER {
            self.flush();
        }
        self.bytes.extend_from_slice(bytes);
    }

    fn flush(&mut self) {
        if self.error.is_none() {
            self.error = self.out.write(&[&self.bytes]).err();
        }
        self.bytes.clear();
    }
}

impl<O: Output> Write for Sender<'_, O> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes());
        if self.error.is_none() { Ok(()) } else { Err(fmt::Error) }
    }
}
