//! Conditional and range requests (RFC 9110, 13 and 14): pure functions on header values.

use crate::date;

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
        first: u64,
        /// Offset of the last byte.
        last: u64,
    },
    /// It begins behind the end.
    Unsatisfiable,
}

impl Range {
    /// Reads a `Range` header for a body of `len` bytes (RFC 9110, 14.1.2 and 14.2).
    #[must_use]
    pub fn parse(header: &[u8], len: u64) -> Self {
        let Some((unit, set)) = header.split_at_checked(6) else { return Self::Whole };
        if !unit.eq_ignore_ascii_case(b"bytes=") {
            return Self::Whole;
        }
        // An empty element of a list counts for nothing (RFC 9110, 5.6.1.2).
        let mut specs = set.split(|&b| b == b',').map(<[u8]>::trim_ascii).filter(|s| !s.is_empty());
        let (Some(spec), None) = (specs.next(), specs.next()) else { return Self::Whole };
        Self::parse_one(spec, len).unwrap_or(Self::Whole)
    }

    fn parse_one(spec: &[u8], len: u64) -> Option<Self> {
        let dash = spec.iter().position(|&b| b == b'-')?;
        let (first, last) = (&spec[..dash], &spec[dash + 1..]);
        if first.is_empty() {
            let suffix = number(last)?;
            return Some(match (suffix, len) {
                (0, _) => Self::Unsatisfiable,
                // Zero bytes have no first and last one to name.
                (_, 0) => Self::Whole,
                _ => Self::Part { first: len.saturating_sub(suffix), last: len - 1 },
            });
        }
        let first = number(first)?;
        let last = if last.is_empty() { u64::MAX } else { number(last)? };
        if last < first {
            return None;
        }
        if first >= len {
            return Some(Self::Unsatisfiable);
        }
        Some(Self::Part { first, last: last.min(len - 1) })
    }
}

/// A number of one digit or more; one too large for 64 bits is as good as the largest.
fn number(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    Some(digits.iter().fold(0, add))
}
