//! Decimal numbers. Every parser here takes ASCII digits alone: no sign, no white space.

/// A number's digits, on the stack.
#[derive(Clone, Copy)]
pub struct Digits {
    /// INVARIANT: digits from `start` to the end, and at least one.
    bytes: [u8; 20],
    start: usize,
}

impl Digits {
    /// Formats `number` without leading zeros.
    #[expect(clippy::cast_possible_truncation, reason = "a remainder of 10 fits in a byte")]
    pub fn new(mut number: usize) -> Self {
        let mut digits = Self { bytes: [b'0'; 20], start: 20 };
        loop {
            digits.start -= 1;
            digits.bytes[digits.start] = b'0' + (number % 10) as u8;
            number /= 10;
            if number == 0 {
                return digits;
            }
        }
    }

    /// The digits as ASCII.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

/// Parses a number; `None` if it is above `u64::MAX`.
pub fn parse(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, &digit| {
        let digit = digit.is_ascii_digit().then(|| digit - b'0')?;
        sum.checked_mul(10)?.checked_add(digit.into())
    })
}

/// Parses a number in its canonical spelling: no leading zero.
pub fn parse_canonical(digits: &[u8]) -> Option<u64> {
    if matches!(digits, [b'0', _, ..]) { None } else { parse(digits) }
}

/// Parses a length or an offset; one above `usize::MAX` is `usize::MAX`.
pub fn parse_saturating(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let append =
        |sum: usize, digit: &u8| sum.saturating_mul(10).saturating_add((digit - b'0').into());
    Some(digits.iter().fold(0, append))
}

#[cfg(test)]
mod tests {
    use super::{Digits, parse, parse_canonical, parse_saturating};
    use proptest::prelude::{prop_assert_eq, proptest};
    use std::string::{String, ToString};

    #[test]
    fn parsers_differ_in_leading_zeros_and_overflow_alone() {
        let top = u64::MAX.to_string();
        for (text, checked, canonical, saturating) in [
            ("0", Some(0), Some(0), Some(0)),
            ("7", Some(7), Some(7), Some(7)),
            ("10", Some(10), Some(10), Some(10)),
            ("00", Some(0), None, Some(0)),
            ("007", Some(7), None, Some(7)),
            (&top, Some(u64::MAX), Some(u64::MAX), Some(usize::MAX)),
            ("18446744073709551616", None, None, Some(usize::MAX)),
            ("99999999999999999999999", None, None, Some(usize::MAX)),
            ("", None, None, None),
            ("+1", None, None, None),
            ("-1", None, None, None),
            (" 1", None, None, None),
            ("1 ", None, None, None),
            ("1_0", None, None, None),
            ("0x1", None, None, None),
            ("１", None, None, None),
        ] {
            assert_eq!(parse(text.as_bytes()), checked, "{text}");
            assert_eq!(parse_canonical(text.as_bytes()), canonical, "{text}");
            assert_eq!(parse_saturating(text.as_bytes()), saturating, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_formatted_is_parsed_back(number: usize) {
            let digits = Digits::new(number);
            prop_assert_eq!(String::from_utf8_lossy(digits.as_bytes()), number.to_string());
            prop_assert_eq!(parse_saturating(digits.as_bytes()), Some(number));
            prop_assert_eq!(parse_canonical(digits.as_bytes()), Some(number as u64));
        }
    }
}
