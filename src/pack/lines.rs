//! The syntax that `_headers`, `_redirects` and `_picosite` share: lines of UTF-8, comments, and
//! path patterns with escapes and placeholders.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use percent_encoding::percent_decode_str;

use crate::site::pattern::name_len;

/// A line that is neither empty nor a comment.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: usize,
    /// The text without trailing blanks; leading ones are kept.
    pub(super) text: &'a str,
}

/// An error or a warning about a line.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct LineDiagnostic {
    /// Counted from 1.
    pub(super) line: usize,
    pub(super) message: String,
}

/// The lines of `file` that are neither empty nor a comment, whose first character is `#`.
/// CRLF line ends and a byte order mark are allowed, since editors write them.
pub(super) fn lines<'a>(file: &'a [u8], errors: &mut Vec<LineDiagnostic>) -> Vec<Line<'a>> {
    let file = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
    let mut lines = Vec::new();
    for (index, line) in file.split(|&byte| byte == b'\n').enumerate() {
        let number = index + 1;
        match checked(line.strip_suffix(b"\r").unwrap_or(line)) {
            Err(message) => {
                errors.push(LineDiagnostic { line: number, message: message.to_string() });
            }
            Ok(text) if text.starts_with('#') || text.trim_matches(BLANK).is_empty() => {}
            Ok(text) => lines.push(Line { number, text: text.trim_end_matches(BLANK) }),
        }
    }
    lines
}

/// The signature that some editors write at the start of a UTF-8 file.
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The characters that separate words and indent lines.
pub(super) const BLANK: [char; 2] = [' ', '\t'];

fn checked(line: &[u8]) -> Result<&str, &'static str> {
    let text = str::from_utf8(line).map_err(|_| "not UTF-8; save the file as UTF-8")?;
    if text.contains(|c: char| c.is_control() && c != '\t') {
        return Err("contains a control character; remove it");
    }
    Ok(text)
}

/// `text` with its escapes `%XX` decoded.
pub(crate) fn percent_decode(text: &str) -> Result<Vec<u8>, String> {
    let is_escape = |rest: &str| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !text.split('%').skip(1).all(is_escape) {
        return Err(format!(
            "a `%` in `{text}` is not followed by two hex digits; write a literal `%` as `%25`"
        ));
    }
    Ok(percent_decode_str(text).collect())
}

/// Checks and decodes a path pattern: it starts with `/`, has at most one `*`, and its
/// placeholders `:name` are whole segments before that, each name once.
pub(super) fn path_pattern(text: &str) -> Result<Vec<u8>, String> {
    if !text.starts_with('/') {
        return Err(format!(
            "`{text}` does not start with `/`; write the path from the site's root"
        ));
    }
    if text.contains('?') {
        return Err(format!(
            "`{text}` has a query, but only paths are matched; remove it, or write a literal `?` \
             as `%3F`"
        ));
    }
    if text.matches('*').count() > 1 {
        return Err(format!("`{text}` has more than one `*`; keep one"));
    }
    let lower = text.to_ascii_lowercase();
    if ["%2a", "%2f", "%3a"].iter().any(|escape| lower.contains(escape)) {
        return Err(format!(
            "`{text}` escapes a `*`, `/` or `:`, which keeps its meaning in a pattern; write it \
             unescaped"
        ));
    }
    let decoded = percent_decode(text)?;
    check_reachable(text, &decoded)?;
    check_placeholders(text)?;
    Ok(decoded)
}

/// Checks that requests can reach the pattern: some paths are refused or redirected before any
/// pattern is matched.
fn check_reachable(text: &str, decoded: &[u8]) -> Result<(), String> {
    if decoded.windows(2).any(|pair| pair == b"//") {
        return Err(format!("`{text}` has a run of `/`, which no address keeps; write one"));
    }
    if decoded.split(|&byte| byte == b'/').any(|segment| matches!(segment, b"." | b"..")) {
        return Err(format!("`{text}` has a segment `.` or `..`, which is refused; remove it"));
    }
    if decoded.iter().any(|byte| matches!(byte, 0 | b'\\')) {
        return Err(format!("`{text}` contains a NUL or a `\\`, which is refused; remove it"));
    }
    Ok(())
}

fn check_placeholders(pattern: &str) -> Result<(), String> {
    let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
    if placeholders(after).next().is_some() {
        return Err(format!("`{pattern}` has a `:name` after its `*`; move it before"));
    }
    let mut seen: Vec<&str> = Vec::new();
    if before.len() < pattern.len() {
        seen.push("splat");
    }
    for (name, rest) in placeholders(before) {
        // If a `*` follows, the segment does not end where `before` does.
        let whole = rest.starts_with('/') || rest.is_empty() && before.len() == pattern.len();
        if !whole {
            return Err(format!(
                "`:{name}` in `{pattern}` is not a whole segment; put a `/` after it"
            ));
        }
        if seen.contains(&name) {
            return Err(format!("`:{name}` has two meanings in `{pattern}`; rename one"));
        }
        seen.push(name);
    }
    Ok(())
}

/// The names of a pattern's placeholders, each with the text that follows it.
pub(super) fn placeholders(pattern: &str) -> impl Iterator<Item = (&str, &str)> {
    pattern.match_indices("/:").filter_map(|(at, _)| {
        let text = &pattern[at + 2..];
        let len = name_len(text.as_bytes());
        (len > 0).then(|| text.split_at(len))
    })
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;

    use super::{lines, path_pattern, percent_decode};

    #[track_caller]
    fn reads(file: &[u8], want: &[(usize, &str)], want_errors: &[(usize, &str)]) {
        let mut errors = Vec::new();
        let got: Vec<_> = lines(file, &mut errors).iter().map(|l| (l.number, l.text)).collect();
        assert_eq!(got, want);
        let errors: Vec<_> = errors.iter().map(|w| (w.line, w.message.as_str())).collect();
        assert_eq!(errors, want_errors);
    }

    #[test]
    fn lines_are_counted_with_comments_and_empty_ones() {
        reads(b"# one\n\n/a\n \t\n  x # no comment\n", &[(3, "/a"), (5, "  x # no comment")], &[]);
        reads(b" # no comment", &[(1, " # no comment")], &[]);
        reads(b"", &[], &[]);
    }

    #[test]
    fn what_editors_add_is_ignored() {
        reads(b"\xef\xbb\xbf/a\r\n\r\n/b \t\r\n", &[(1, "/a"), (3, "/b")], &[]);
    }

    #[test]
    fn bytes_that_are_not_text_are_errors() {
        reads(
            b"/a\xff\n/b\n/c\x00\n/d\re\n",
            &[(2, "/b")],
            &[
                (1, "not UTF-8; save the file as UTF-8"),
                (3, "contains a control character; remove it"),
                (4, "contains a control character; remove it"),
            ],
        );
    }

    #[test]
    fn escapes_are_decoded_once() {
        assert_eq!(percent_decode("/a%20b%2525").as_deref(), Ok(&b"/a b%25"[..]));
        assert_eq!(percent_decode("/%C3%a9").as_deref(), Ok("/é".as_bytes()));
        for text in ["%", "/a%2", "/%zz", "/%+1", "/100%/b"] {
            assert!(percent_decode(text).is_err(), "{text}");
        }
    }

    #[track_caller]
    fn pattern(text: &str, want: Result<&str, &str>) {
        let got = path_pattern(text).map(|bytes| String::from_utf8(bytes).unwrap());
        assert_eq!(got.as_deref(), want.map_err(String::from).as_ref().copied());
    }

    #[test]
    fn patterns_that_can_match() {
        for text in ["/", "/a", "/*", "/a*", "/*.css", "/:a/:b", "/:a/b/*", "/a:b", "/:1"] {
            pattern(text, Ok(text));
        }
        pattern("/a%20b%3F", Ok("/a b?"));
    }

    #[test]
    fn patterns_that_cannot_match() {
        pattern("a", Err("`a` does not start with `/`; write the path from the site's root"));
        pattern("/**", Err("`/**` has more than one `*`; keep one"));
        pattern(
            "/a?b=1",
            Err("`/a?b=1` has a query, but only paths are matched; remove it, or write a literal \
                 `?` as `%3F`"),
        );
        pattern(
            "/100%",
            Err("a `%` in `/100%` is not followed by two hex digits; write a literal `%` as `%25`"),
        );
        let stays = "escapes a `*`, `/` or `:`, which keeps its meaning in a pattern; write it \
                     unescaped";
        pattern("/a%2a", Err(&std::format!("`/a%2a` {stays}")));
        pattern("/%3Aa", Err(&std::format!("`/%3Aa` {stays}")));
        pattern("/*/:a", Err("`/*/:a` has a `:name` after its `*`; move it before"));
        let whole = "is not a whole segment; put a `/` after it";
        pattern("/:a.html", Err(&std::format!("`:a` in `/:a.html` {whole}")));
        pattern("/:a*", Err(&std::format!("`:a` in `/:a*` {whole}")));
        pattern("/:a/:a", Err("`:a` has two meanings in `/:a/:a`; rename one"));
        pattern("/:splat/*", Err("`:splat` has two meanings in `/:splat/*`; rename one"));
    }
}
