//! Hexadecimal, in lowercase.

use core::fmt;

/// The digits, in order of their value.
// A static for the reason given in `site::record`.
#[used]
pub static DIGITS: [u8; 16] = *b"0123456789abcdef";

/// The two digits of a byte, the high nibble first.
pub const fn digits(byte: u8) -> [u8; 2] {
    [DIGITS[(byte >> 4) as usize], DIGITS[(byte & 15) as usize]]
}

/// Displays bytes as hexadecimal digits, two a byte.
#[derive(Clone, Copy, Debug)]
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Hex, digits};
    use std::string::ToString;

    #[test]
    fn every_byte_has_two_digits() {
        for byte in 0..=255 {
            let text = std::format!("{byte:02x}");
            assert_eq!(digits(byte), text.as_bytes());
            assert_eq!(Hex(&[byte]).to_string(), text);
        }
    }
}
