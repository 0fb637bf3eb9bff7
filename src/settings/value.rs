//! Numbers as settings have them.

use core::fmt;

use crate::encoding::decimal;
use crate::settings::keys::ValueError;

/// The smallest and the largest value that a setting takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Range(pub u64, pub u64);

impl Range {
    /// Reads a whole number; `K`, `M` and `G` behind it are powers of 1,024.
    ///
    /// # Errors
    ///
    /// [`ValueError::Number`] where it is none, or out of range.
    pub(super) fn parse<T: TryFrom<u64>>(self, text: &[u8]) -> Result<T, ValueError> {
        let number = number(text).filter(|number| (self.0..=self.1).contains(number));
        number.and_then(|number| number.try_into().ok()).ok_or(ValueError::Number(self))
    }
}

fn number(text: &[u8]) -> Option<u64> {
    let (digits, unit) = match text {
        [digits @ .., b'K'] => (digits, 1 << 10),
        [digits @ .., b'M'] => (digits, 1 << 20),
        [digits @ .., b'G'] => (digits, 1 << 30),
        digits => (digits, 1),
    };
    decimal::parse(digits)?.checked_mul(unit)
}

impl fmt::Display for Range {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "a whole number from {}", self.0)?;
        match self.1 {
            u64::MAX => out.write_str(", such as 8M (K, M and G are powers of 1024)"),
            most => write!(out, " to {most}"),
        }
    }
}
