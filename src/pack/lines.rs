//! What `_headers` and `_redirects` have in common: lines of UTF-8, comments, and paths
//! with escapes and placeholders.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use crate::site::pattern::name_len;

/// A line that says something.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Line<'a> {
    /// Counted from 1.
    pub(super) number: usize,
    /// Without its end; blanks at the start are kept.
    pub(super) text: &'a str,
}

/// A mistake in a line.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) what: String,
}

/// The lines of `file` that are neither empty nor a comment, which begins with `#` as
/// the first character. Line ends may be CRLF, and a byte order mark is passed over,
/// as editors write them.
pub(super) fn lines<'a>(file: &'a [u8], wrong: &mut Vec<Wrong>) -> Vec<Line<'a>> {
    let file = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
    let mut lines = Vec::new();
    for (index, line) in file.split(|&byte| byte == b'\n').enumerate() {
        let number = index + 1;
        match checked(line.strip_suffix(b"\r").unwrap_or(line)) {
            Err(what) => wrong.push(Wrong { line: number, what: what.to_string() }),
            Ok(text) if text.starts_with('#') || text.trim_matches(BLANK).is_empty() => {}
            Ok(text) => lines.push(Line { number, text: text.trim_end_matches(BLANK) }),
        }
    }
    lines
}

/// What some editors begin a UTF-8 file with.
pub(super) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// What separates words and indents lines.
pub(super) const BLANK: [char; 2] = [' ', '\t'];

fn checked(line: &[u8]) -> Result<&str, &'static str> {
    let text = str::from_utf8(line).map_err(|_| "not UTF-8; save the file as UTF-8")?;
    if text.contains(|c: char| c.is_control() && c != '\t') {
        return Err("holds a control character; take it out");
    }
    Ok(text)
}

/// `text` with its escapes `%XX` undone.
pub(super) fn percent_decode(text: &str) -> Result<Vec<u8>, String> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        if *byte != b'%' {
            decoded.push(*byte);
            continue;
        }
        let hex = after.first_chunk::<2>().and_then(|&[high, low]| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(high)? * 16 + digit(low)?).ok()
        });
        let Some(byte) = hex else {
            return Err(format!(
                "a `%` in `{text}` has no two hex digits behind it; write a plain `%` as `%25`"
            ));
        };
        decoded.push(byte);
        rest = &after[2..];
    }
    Ok(decoded)
}

/// A checked and decoded path pattern: begins with `/`, has one `*` at most, and its
/// placeholders `:name` are whole segments in front of it, each name once.
pub(super) fn path_pattern(text: &str) -> Result<Vec<u8>, String> {
    if !text.starts_with('/') {
        return Err(format!(
            "`{text}` does not begin with `/`; write the path from the site's top"
        ));
    }
    if text.contains('?') {
        return Err(format!(
            "`{text}` has a query, and only paths are matched; take it off, or write a `?` in a \
             name as `%3F`"
        ));
    }
    if text.matches('*').count() > 1 {
        return Err(format!("`{text}` has more than one `*`; leave one"));
    }
    let lower = text.to_ascii_lowercase();
    if ["%2a", "%2f", "%3a"].iter().any(|escape| lower.contains(escape)) {
        return Err(format!(
            "`{text}` escapes a `*`, `/` or `:`, which have their meaning in a pattern even so; \
             write it plainly"
        ));
    }
    let decoded = percent_decode(text)?;
    check_reached(text, &decoded)?;
    check_placeholders(text)?;
    Ok(decoded)
}

/// An address that is refused, or redirected to another one, is matched with no pattern.
fn check_reached(text: &str, decoded: &[u8]) -> Result<(), String> {
    if decoded.windows(2).any(|pair| pair == b"//") {
        return Err(format!("`{text}` has a run of `/`, which no address keeps; write one"));
    }
    if decoded.split(|&byte| byte == b'/').any(|segment| matches!(segment, b"." | b"..")) {
        return Err(format!("`{text}` has a segment `.` or `..`, which is refused; take it out"));
    }
    if decoded.iter().any(|byte| matches!(byte, 0 | b'\\')) {
        return Err(format!("`{text}` holds a NUL or a `\\`, which is refused; take it out"));
    }
    Ok(())
}

fn check_placeholders(pattern: &str) -> Result<(), String> {
    let (before, after) = pattern.split_once('*').unwrap_or((pattern, ""));
    if placeholders(after).next().is_some() {
        return Err(format!("`{pattern}` has a `:name` behind its `*`; put it in front"));
    }
    let mut seen: Vec<&str> = Vec::new();
    if before.len() < pattern.len() {
        seen.push("splat");
    }
    for (name, rest) in placeholders(before) {
        // At the end of `before` the segment goes on where a `*` follows.
        let whole = rest.starts_with('/') || rest.is_empty() && before.len() == pattern.len();
        if !whole {
            return Err(format!(
                "`:{name}` in `{pattern}` is not a whole segment; put a `/` behind it"
            ));
        }
        if seen.contains(&name) {
            return Err(format!("`:{name}` stands for two things in `{pattern}`; rename one"));
        }
        seen.push(name);
    }
    Ok(())
}

/// The names of a pattern's placeholders, and what follows each.
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
    fn reads(file: &[u8], want: &[(usize, &str)], wrongs: &[(usize, &str)]) {
        let mut wrong = Vec::new();
        let got: Vec<_> = lines(file, &mut wrong).iter().map(|l| (l.number, l.text)).collect();
        assert_eq!(got, want);
        let wrong: Vec<_> = wrong.iter().map(|w| (w.line, w.what.as_str())).collect();
        assert_eq!(wrong, wrongs);
    }

    #[test]
    fn lines_are_counted_with_comments_and_empty_ones() {
        reads(b"# one\n\n/a\n \t\n  x # no comment\n", &[(3, "/a"), (5, "  x # no comment")], &[]);
        reads(b" # no comment", &[(1, " # no comment")], &[]);
        reads(b"", &[], &[]);
    }

    #[test]
    fn what_editors_add_is_passed_over() {
        reads(b"\xef\xbb\xbf/a\r\n\r\n/b \t\r\n", &[(1, "/a"), (3, "/b")], &[]);
    }

    #[test]
    fn bytes_that_are_no_text_are_mistakes() {
        reads(
            b"/a\xff\n/b\n/c\x00\n/d\re\n",
            &[(2, "/b")],
            &[
                (1, "not UTF-8; save the file as UTF-8"),
                (3, "holds a control character; take it out"),
                (4, "holds a control character; take it out"),
            ],
        );
    }

    #[test]
    fn escapes_are_undone_once() {
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
    fn patterns_that_cannot() {
        pattern("a", Err("`a` does not begin with `/`; write the path from the site's top"));
        pattern("/**", Err("`/**` has more than one `*`; leave one"));
        pattern(
            "/a?b=1",
            Err(
                "`/a?b=1` has a query, and only paths are matched; take it off, or write a `?` in \
                 a name as `%3F`",
            ),
        );
        pattern(
            "/100%",
            Err("a `%` in `/100%` has no two hex digits behind it; write a plain `%` as `%25`"),
        );
        let stays = "escapes a `*`, `/` or `:`, which have their meaning in a pattern even so; \
                     write it plainly";
        pattern("/a%2a", Err(&std::format!("`/a%2a` {stays}")));
        pattern("/%3Aa", Err(&std::format!("`/%3Aa` {stays}")));
        pattern("/*/:a", Err("`/*/:a` has a `:name` behind its `*`; put it in front"));
        let whole = "is not a whole segment; put a `/` behind it";
        pattern("/:a.html", Err(&std::format!("`:a` in `/:a.html` {whole}")));
        pattern("/:a*", Err(&std::format!("`:a` in `/:a*` {whole}")));
        pattern("/:a/:a", Err("`:a` stands for two things in `/:a/:a`; rename one"));
        pattern("/:splat/*", Err("`:splat` stands for two things in `/:splat/*`; rename one"));
    }
}
