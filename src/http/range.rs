//! Byte ranges (RFC 9110, 14): one range; a list is answered in full.

use core::ops;

use crate::encoding::decimal;

/// What a `Range` header asks of a body.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Range {
    /// All of it: no range, several, or one that cannot be read.
    Whole,
    /// These bytes.
    Part(ops::Range<usize>),
    /// It begins past the end.
    Unsatisfiable,
}

impl Range {
    /// Reads a `Range` header for a body of `len` bytes (RFC 9110, 14.1.2 and 14.2).
    pub fn parse(header: &[u8], len: usize) -> Self {
        let Some((unit, set)) = header.split_at_checked(6) else { return Self::Whole };
        if !unit.eq_ignore_ascii_case(b"bytes=") {
            return Self::Whole;
        }
        // Empty list elements are ignored (RFC 9110, 5.6.1.2).
        let mut specs = set.split(|&b| b == b',').map(<[u8]>::trim_ascii).filter(|s| !s.is_empty());
        let (Some(spec), None) = (specs.next(), specs.next()) else { return Self::Whole };
        Self::parse_one(spec, len).unwrap_or(Self::Whole)
    }

    fn parse_one(spec: &[u8], len: usize) -> Option<Self> {
        let dash = spec.iter().position(|&b| b == b'-')?;
        let (first, last) = (&spec[..dash], &spec[dash + 1..]);
        if first.is_empty() {
            let suffix = decimal::parse_saturating(last)?;
            return Some(match (suffix, len) {
                (0, _) => Self::Unsatisfiable,
                // An empty body has no first and last byte to name.
                (_, 0) => Self::Whole,
                _ => Self::Part(len.saturating_sub(suffix)..len),
            });
        }
        let first = decimal::parse_saturating(first)?;
        let last = if last.is_empty() { usize::MAX } else { decimal::parse_saturating(last)? };
        if last < first {
            return None;
        }
        if first >= len {
            return Some(Self::Unsatisfiable);
        }
        Some(Self::Part(first..last.min(len - 1) + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::Range;

    #[test]
    fn reads_one_range() {
        let part = |first: usize, last: usize| Range::Part(first..last + 1);
        for (header, len, want) in [
            ("bytes=0-0", 10, part(0, 0)),
            ("bytes=2-5", 10, part(2, 5)),
            ("bytes=2-", 10, part(2, 9)),
            ("bytes=2-99", 10, part(2, 9)),
            ("bytes=-3", 10, part(7, 9)),
            ("bytes=-99", 10, part(0, 9)),
            ("BYTES=1-1", 10, part(1, 1)),
            ("bytes= 1-1 ,", 10, part(1, 1)),
            ("bytes=0-99999999999999999999999", 10, part(0, 9)),
            ("bytes=10-", 10, Range::Unsatisfiable),
            ("bytes=99999999999999999999999-", 10, Range::Unsatisfiable),
            ("bytes=-0", 10, Range::Unsatisfiable),
            ("bytes=0-", 0, Range::Unsatisfiable),
            ("bytes=-1", 0, Range::Whole),
            ("bytes=5-2", 10, Range::Whole),
            ("bytes=0-1,3-4", 10, Range::Whole),
            ("bytes=", 10, Range::Whole),
            ("bytes=-", 10, Range::Whole),
            ("bytes=a-b", 10, Range::Whole),
            ("bytes=+1-2", 10, Range::Whole),
            ("bytes=1", 10, Range::Whole),
            ("lines=0-1", 10, Range::Whole),
            ("", 10, Range::Whole),
        ] {
            assert_eq!(Range::parse(header.as_bytes(), len), want, "{header}");
        }
    }
}
