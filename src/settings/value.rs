//! Values as text.

use core::fmt;

use crate::encoding::decimal;

/// The values that a numeric setting accepts, both ends included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Range {
    pub(super) min: u64,
    pub(super) max: u64,
}

impl Range {
    /// Parses a whole number, with an optional suffix `K`, `M` or `G`: powers of 1,024.
    /// `None` if it is malformed or out of range.
    pub(super) fn parse<T: TryFrom<u64>>(self, text: &[u8]) -> Option<T> {
        let (digits, unit) = match text {
            [digits @ .., b'K'] => (digits, 1 << 10),
            [digits @ .., b'M'] => (digits, 1 << 20),
            [digits @ .., b'G'] => (digits, 1 << 30),
            digits => (digits, 1),
        };
        let number = decimal::parse(digits)?.checked_mul(unit)?;
        if (self.min..=self.max).contains(&number) { number.try_into().ok() } else { None }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "must be a whole number from {}", self.min)?;
        match self.max {
            u64::MAX => out.write_str(", such as 8M (K, M and G are powers of 1024)"),
            max => write!(out, " to {max}"),
        }
    }
}

/// `text` without the byte order mark that some editors put at the start.
pub(super) const fn without_byte_order_mark(text: &[u8]) -> &[u8] {
    if let [0xef, 0xbb, 0xbf, text @ ..] = text { text } else { text }
}
