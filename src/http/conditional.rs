//! Conditional requests (RFC 9110, 13): one function decides, for pages, thumbnails and
//! gallery pages alike.

use core::ops;

use crate::error::RequestError;
use crate::http::date;
use crate::http::range::Range;

/// The header fields of a conditional or range request; an absent one is empty.
#[derive(Clone, Copy, Debug, Default)]
pub struct Conditions<'a> {
    pub if_match: &'a [u8],
    pub if_unmodified_since: &'a [u8],
    pub if_none_match: &'a [u8],
    pub if_modified_since: &'a [u8],
    /// `Range`; only GET has ranges (RFC 9110, 14.2).
    pub range: &'a [u8],
    pub if_range: &'a [u8],
}

/// What tells one version of a representation from another (RFC 9110, 8.8).
#[derive(Clone, Copy, Debug)]
pub struct Validators<'a> {
    /// The entity tag with its quotes; empty if there is none.
    pub etag: &'a [u8],
    /// `Last-Modified` in seconds since 1970, or [`NEVER`](date::NEVER).
    pub modified: u64,
}

/// What the conditions leave of a reply.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selection {
    /// 200: all of it.
    Whole,
    /// 206: these bytes.
    Part(ops::Range<usize>),
    /// 304: the visitor has it.
    NotModified,
}

impl Conditions<'_> {
    /// Evaluates the conditions in the order of RFC 9110, 13.2.2, for a representation of `len`
    /// bytes.
    pub fn select(
        &self,
        validators: Validators<'_>,
        len: usize,
    ) -> Result<Selection, RequestError> {
        self.check_preconditions(validators)?;
        if self.is_not_modified(validators) {
            return Ok(Selection::NotModified);
        }
        if self.range.is_empty() || !self.range_holds(validators) {
            return Ok(Selection::Whole);
        }
        match Range::parse(self.range, len) {
            Range::Whole => Ok(Selection::Whole),
            Range::Part(bytes) => Ok(Selection::Part(bytes)),
            Range::Unsatisfiable => Err(RequestError::Range(len)),
        }
    }

    /// Whether the visitor names this very entity tag: then a representation need not even exist
    /// any more. A `*` doesn't tell whether it does.
    pub fn is_known(&self, validators: Validators<'_>) -> Result<bool, RequestError> {
        self.check_preconditions(validators)?;
        Ok(self.if_none_match.trim_ascii() != b"*"
            && matches_any(self.if_none_match, validators.etag, Comparison::Weak))
    }

    /// Steps 1 and 2: `If-Match`, else `If-Unmodified-Since`, which is ignored without a date to
    /// compare with (RFC 9110, 13.1.4).
    fn check_preconditions(&self, validators: Validators<'_>) -> Result<(), RequestError> {
        let holds = if self.if_match.is_empty() {
            let is_since = |since| validators.modified <= since;
            validators.modified == date::NEVER
                || date::parse(self.if_unmodified_since).is_none_or(is_since)
        } else {
            matches_any(self.if_match, validators.etag, Comparison::Strong)
        };
        if holds { Ok(()) } else { Err(RequestError::Precondition) }
    }

    /// Steps 3 and 4: `If-None-Match`, else `If-Modified-Since`. A date that cannot be read is
    /// ignored (RFC 9110, 13.1.3).
    fn is_not_modified(&self, validators: Validators<'_>) -> bool {
        if self.if_none_match.is_empty() {
            date::parse(self.if_modified_since).is_some_and(|since| validators.modified <= since)
        } else {
            matches_any(self.if_none_match, validators.etag, Comparison::Weak)
        }
    }

    /// Step 5: `If-Range` is absent, or is this very entity tag or this very date (RFC 9110,
    /// 13.1.5).
    #[cold]
    fn range_holds(&self, validators: Validators<'_>) -> bool {
        match self.if_range.trim_ascii() {
            [] => true,
            tag @ ([b'"', ..] | [b'W', b'/', ..]) => {
                tag == validators.etag && !tag.starts_with(b"W/")
            }
            date => date::parse(date) == Some(validators.modified),
        }
    }
}

/// How entity tags are compared (RFC 9110, 8.8.3.2).
#[derive(Clone, Copy, Eq, PartialEq)]
enum Comparison {
    Strong,
    Weak,
}

/// Whether a list of entity tags names `etag`, or is `*`.
fn matches_any(list: &[u8], etag: &[u8], comparison: Comparison) -> bool {
    let mut rest = list.trim_ascii();
    if rest == b"*" {
        return true;
    }
    let (etag, is_weak) = match etag {
        [b'W', b'/', opaque @ ..] => (opaque, true),
        etag => (etag, false),
    };
    // A tag may hold a comma, so the list isn't split at commas.
    while let Some(start) = rest.iter().position(|&b| b == b'"') {
        let Some(len) = rest[start + 1..].iter().position(|&b| b == b'"') else { return false };
        let end = start + len + 2;
        let either_is_weak = is_weak || rest[..start].ends_with(b"W/");
        if is_same(&rest[start..end], etag) && (comparison == Comparison::Weak || !either_is_weak) {
            return true;
        }
        rest = &rest[end..];
    }
    false
}

/// Compares two opaque tags with their quotes. Apache's mod_deflate appends `-gzip` to the tag of
/// what it compresses, and hands it over like that when it comes back.
fn is_same(tag: &[u8], etag: &[u8]) -> bool {
    tag == etag
        || matches!(
            (tag, etag),
            ([tag @ .., b'-', b'g', b'z', b'i', b'p', b'"'], [etag @ .., b'"']) if tag == etag
        )
}

#[cfg(test)]
mod tests {
    use super::{Conditions, Selection, Validators};
    use crate::error::RequestError;

    const SINCE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const BEFORE: &str = "Sun, 06 Nov 1994 08:49:36 GMT";
    const MODIFIED: u64 = 784_111_777;

    /// The status of a reply of ten bytes with the tag `"a"`.
    #[track_caller]
    fn status(fields: &[(&str, &str)]) -> u16 {
        status_of(b"\"a\"", fields)
    }

    #[track_caller]
    fn status_of(etag: &[u8], fields: &[(&str, &str)]) -> u16 {
        let field = |name: &str| {
            let found = fields.iter().find(|field| field.0 == name);
            found.map_or(&b""[..], |field| field.1.as_bytes())
        };
        let conditions = Conditions {
            if_match: field("If-Match"),
            if_unmodified_since: field("If-Unmodified-Since"),
            if_none_match: field("If-None-Match"),
            if_modified_since: field("If-Modified-Since"),
            range: field("Range"),
            if_range: field("If-Range"),
        };
        match conditions.select(Validators { etag, modified: MODIFIED }, 10) {
            Ok(Selection::Whole) => 200,
            Ok(Selection::Part(_)) => 206,
            Ok(Selection::NotModified) => 304,
            Err(failure) => failure.status(),
        }
    }

    #[test]
    fn if_none_match_compares_weakly() {
        for (header, want) in [
            ("\"a\"", 304),
            ("W/\"a\"", 304),
            ("\"b\", \"a\"", 304),
            ("\"b,\" , W/\"a\"", 304),
            ("*", 304),
            (" * ", 304),
            ("\"a-gzip\"", 304),
            ("W/\"a-gzip\"", 304),
            ("\"a-gzip-gzip\"", 200),
            ("\"-gzip\"", 200),
            ("\"b\"", 200),
            ("a", 200),
            ("\"a", 200),
            ("\"b\"a\"", 200),
            ("", 200),
        ] {
            assert_eq!(status(&[("If-None-Match", header)]), want, "{header}");
        }
        assert_eq!(status_of(b"W/\"a\"", &[("If-None-Match", "\"a\"")]), 304);
    }

    #[test]
    fn if_match_compares_strongly() {
        for (header, want) in [
            ("\"a\"", 200),
            ("\"b\", \"a\"", 200),
            ("*", 200),
            ("\"a-gzip\"", 200),
            ("W/\"a\"", 412),
            ("\"b\"", 412),
            ("nonsense", 412),
        ] {
            assert_eq!(status(&[("If-Match", header)]), want, "{header}");
        }
        assert_eq!(status_of(b"W/\"a\"", &[("If-Match", "W/\"a\"")]), 412);
        assert_eq!(status_of(b"", &[("If-Match", "\"a\"")]), 412);
    }

    #[test]
    fn dates_compare_by_seconds_and_nonsense_is_ignored() {
        for (date, since, unmodified) in [
            (SINCE, 304, 200),
            ("Sun, 06 Nov 1994 08:49:38 GMT", 304, 200),
            (BEFORE, 200, 412),
            ("yesterday", 200, 200),
            ("", 200, 200),
        ] {
            assert_eq!(status(&[("If-Modified-Since", date)]), since, "{date}");
            assert_eq!(status(&[("If-Unmodified-Since", date)]), unmodified, "{date}");
        }
    }

    #[test]
    fn conditions_are_evaluated_in_the_order_of_the_rfc() {
        for (fields, want) in [
            // A tag that is there wins over a date.
            (&[("If-Match", "\"a\""), ("If-Unmodified-Since", BEFORE)][..], 200),
            (&[("If-None-Match", "\"b\""), ("If-Modified-Since", SINCE)], 200),
            // A precondition wins over 304, and 304 over a range.
            (&[("If-Match", "\"b\""), ("If-None-Match", "\"a\"")], 412),
            (&[("If-Unmodified-Since", BEFORE), ("If-None-Match", "\"a\"")], 412),
            (&[("If-Match", "\"a\""), ("If-None-Match", "\"a\"")], 304),
            (&[("If-None-Match", "\"a\""), ("Range", "bytes=0-1")], 304),
            (&[("If-Match", "\"b\""), ("Range", "bytes=99-")], 412),
            (&[("If-Match", "\"a\""), ("Range", "bytes=0-1")], 206),
            (&[("Range", "bytes=10-")], 416),
        ] {
            assert_eq!(status(fields), want, "{fields:?}");
        }
    }

    #[test]
    fn if_range_compares_strongly() {
        for (header, want) in [
            ("", 206),
            ("\"a\"", 206),
            ("W/\"a\"", 200),
            ("\"b\"", 200),
            // Bytes of what mod_deflate has compressed are others.
            ("\"a-gzip\"", 200),
            (SINCE, 206),
            (BEFORE, 200),
            ("nonsense", 200),
        ] {
            let fields = [("Range", "bytes=2-3"), ("If-Range", header)];
            assert_eq!(status(&fields), want, "{header}");
        }
        let fields = [("Range", "bytes=2-3"), ("If-Range", "W/\"a\"")];
        assert_eq!(status_of(b"W/\"a\"", &fields), 200);
    }

    #[test]
    fn known_is_what_the_visitor_names() {
        let is_known = |if_none_match: &str, if_match: &str| {
            let (if_none_match, if_match) = (if_none_match.as_bytes(), if_match.as_bytes());
            let conditions = Conditions { if_match, if_none_match, ..Conditions::default() };
            conditions.is_known(Validators { etag: b"\"a\"", modified: MODIFIED })
        };
        assert_eq!(is_known("\"a\"", ""), Ok(true));
        assert_eq!(is_known("\"b\", \"a\"", "*"), Ok(true));
        assert_eq!(is_known("*", ""), Ok(false));
        assert_eq!(is_known("\"b\"", ""), Ok(false));
        assert_eq!(is_known("\"a\"", "\"b\""), Err(RequestError::Precondition));
    }
}
