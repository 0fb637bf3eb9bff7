//! Conditional and range requests (RFC 9110, 13 and 14): pure functions on header values.

use crate::http::date;

use crate::encoding::decimal;

/// Whether `If-None-Match` names the entity tag: weak comparison (RFC 9110, 13.1.2).
#[must_use]
pub fn matches_any(if_none_match: &[u8], etag: &[u8]) -> bool {
    let mut rest = if_none_match.trim_ascii();
    if rest == b"*" {
        return true;
    }
    // A tag may hold a comma, so the list is not split at commas.
    while let Some(start) = rest.iter().position(|&b| b == b'"') {
        let Some(len) = rest[start + 1..].iter().position(|&b| b == b'"') else { return false };
        let end = start + len + 2;
        if &rest[start..end] == etag {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

/// Whether the representation has not changed since the date of `If-Modified-Since`; a
/// date that cannot be read counts for nothing (RFC 9110, 13.1.3).
#[must_use]
pub fn unmodified_since(if_modified_since: &[u8], modified: u64) -> bool {
    date::parse(if_modified_since).is_some_and(|since| modified <= since)
}

/// Whether a range may be sent: `If-Range` is absent, or it is this very entity tag
/// (strong comparison) or this very date (RFC 9110, 13.1.5).
#[must_use]
pub fn range_holds(if_range: &[u8], etag: &[u8], modified: u64) -> bool {
    match if_range.trim_ascii() {
        [] => true,
        tag @ ([b'"', ..] | [b'W', b'/', ..]) => tag == etag,
        date => date::parse(date) == Some(modified),
    }
}

/// What a `Range` header asks of a body.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Range {
    /// All of it: no range, several, or none that can be read.
    Whole,
    /// The bytes from `first` to `last`, both included.
    Part {
        /// Offset of the first byte.
        first: usize,
        /// Offset of the last byte.
        last: usize,
    },
    /// It begins behind the end.
    Unsatisfiable,
}

impl Range {
    /// Reads a `Range` header for a body of `len` bytes (RFC 9110, 14.1.2 and 14.2).
    #[must_use]
    pub fn parse(header: &[u8], len: usize) -> Self {
        let Some((unit, set)) = header.split_at_checked(6) else { return Self::Whole };
        if !unit.eq_ignore_ascii_case(b"bytes=") {
            return Self::Whole;
        }
        // An empty element of a list counts for nothing (RFC 9110, 5.6.1.2).
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
                // Zero bytes have no first and last one to name.
                (_, 0) => Self::Whole,
                _ => Self::Part { first: len.saturating_sub(suffix), last: len - 1 },
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
        Some(Self::Part { first, last: last.min(len - 1) })
    }
}

#[cfg(test)]
mod tests {
    use super::{Range, matches_any, range_holds, unmodified_since};

    #[test]
    fn if_none_match_compares_weakly() {
        for (header, want) in [
            ("\"a\"", true),
            ("W/\"a\"", true),
            ("\"b\", \"a\"", true),
            ("\"b,\" , W/\"a\"", true),
            ("*", true),
            (" * ", true),
            ("\"b\"", false),
            ("a", false),
            ("\"a", false),
            ("\"b\"a\"", false),
            ("", false),
        ] {
            assert_eq!(matches_any(header.as_bytes(), b"\"a\""), want, "{header}");
        }
    }

    #[test]
    fn if_modified_since_compares_seconds() {
        let date = b"Sun, 06 Nov 1994 08:49:37 GMT";
        assert!(unmodified_since(date, 784_111_777));
        assert!(unmodified_since(date, 784_111_776));
        assert!(!unmodified_since(date, 784_111_778));
        assert!(!unmodified_since(b"yesterday", 0));
        assert!(!unmodified_since(b"", 0));
    }

    #[test]
    fn if_range_compares_strongly() {
        for (header, want) in [
            ("", true),
            ("\"a\"", true),
            ("W/\"a\"", false),
            ("\"b\"", false),
            ("Sun, 06 Nov 1994 08:49:37 GMT", true),
            ("Sun, 06 Nov 1994 08:49:38 GMT", false),
            ("nonsense", false),
        ] {
            assert_eq!(range_holds(header.as_bytes(), b"\"a\"", 784_111_777), want, "{header}");
        }
    }

    #[test]
    fn reads_one_range() {
        let part = |first, last| Range::Part { first, last };
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
