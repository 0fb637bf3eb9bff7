//! The short page of a redirect or an error.

use crate::encoding::decimal::Digits;
use crate::http::output::Extent;
use crate::http::status;

/// A page of a few lines that says a status, and perhaps why.
pub struct ShortPage<'a> {
    /// `404 Not Found`.
    pub status: &'static [u8],
    /// HTML.
    explanation: &'a [u8],
    len: Digits,
}

impl<'a> ShortPage<'a> {
    const HEAD: &'static [u8] = b"<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
        <meta name=\"viewport\" content=\"width=device-width\">\n<title>";
    const MIDDLE: &'static [u8] = b"</title>\n<h1>";
    const END: &'static [u8] = b"</h1>\n";
    const FOOT: &'static [u8] = b"</html>\n";

    /// The page of a status; `explanation` is HTML, and may be empty.
    pub fn new(status: u16, explanation: &'a [u8]) -> Self {
        let status = status::line(status);
        let fixed = [Self::HEAD, status, Self::MIDDLE, status, Self::END, Self::FOOT];
        let len = fixed.iter().map(|piece| piece.len()).sum::<usize>() + explanation.len();
        Self { status, explanation, len: Digits::new(len) }
    }

    /// The fields that describe the page, the empty line, and the page.
    pub fn pieces(&self, extent: Extent) -> [&[u8]; 10] {
        let body = |bytes| if extent == Extent::Whole { bytes } else { &[][..] };
        [
            b"Content-Type: text/html; charset=utf-8\r\nContent-Length: ",
            self.len.as_bytes(),
            b"\r\n\r\n",
            body(Self::HEAD),
            body(self.status),
            body(Self::MIDDLE),
            body(self.status),
            body(Self::END),
            body(self.explanation),
            body(Self::FOOT),
        ]
    }
}
