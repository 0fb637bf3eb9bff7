//! Decimal numbers, to and from text.

/// A number in decimal.
#[derive(Clone, Copy)]
pub struct Digits {
    /// INVARIANT: from `start` on all are digits.
    bytes: [u8; 20],
    start: usize,
}

impl Digits {
    /// The digits of `number`, at least one.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "what is left over is one digit")]
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

    /// The digits as text.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

/// A number of one digit or more; one too large is as good as the largest there is.
#[must_use]
pub fn parse(digits: &[u8]) -> Option<usize> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |sum: usize, digit: &u8| sum.saturating_mul(10).saturating_add((digit - b'0').into());
    Some(digits.iter().fold(0, add))
}
