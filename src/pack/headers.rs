//! `_headers`: a path pattern, then indented lines `Name: value` or `! Name`.
//!
//! What it gives for an address is [`Fields`]; the block that a reply sends is put
//! together in `record`.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use crate::http::date;
use crate::pack::lines;
use crate::pack::lines::{BLANK, Line, Wrong};
use crate::site::pattern;

/// The file, checked.
#[derive(Debug, Default)]
pub(super) struct Headers(Vec<Block>);

#[derive(Debug)]
struct Block {
    pattern: Vec<u8>,
    fields: Vec<Field>,
}

/// A header field as it shall be, whatever picosite would say by itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    /// Nothing: the field is left out.
    pub(super) value: Option<String>,
    /// The last line that had a say.
    line: usize,
}

/// What all matching lines together say for one address.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Fields(pub(super) Vec<Field>);

impl Fields {
    /// The field `name` as the site wants it; `None` where it does not say.
    pub(super) fn get(&self, name: &str) -> Option<&Field> {
        self.0.iter().find(|field| field.name.eq_ignore_ascii_case(name))
    }

    fn add(&mut self, new: &Field) {
        let Some(old) = self.0.iter_mut().find(|old| old.name.eq_ignore_ascii_case(&new.name))
        else {
            self.0.push(new.clone());
            return;
        };
        old.value = match (old.value.take(), &new.value) {
            (Some(old), Some(new)) => Some(old + ", " + new),
            (_, new) => new.clone(),
        };
        old.line = new.line;
    }
}

impl Headers {
    /// Reads the file; `ignored` is told which lines have no effect, and why.
    pub(super) fn parse(file: &[u8], wrong: &mut Vec<Wrong>, ignored: &mut Vec<Wrong>) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        // A path that is wrong still has its lines looked at, but for nothing.
        let mut orphans = Block { pattern: Vec::new(), fields: Vec::new() };
        let mut path_seen = false;
        let mut path_is_good = false;
        for Line { number, text } in lines::lines(file, wrong) {
            let mut say = |what| wrong.push(Wrong { line: number, what });
            if !text.starts_with(BLANK) {
                path_seen = true;
                let pattern = path(text);
                path_is_good = pattern.is_ok();
                match pattern {
                    Ok(pattern) => blocks.push(Block { pattern, fields: Vec::new() }),
                    Err(what) => say(what),
                }
                continue;
            }
            if !path_seen {
                say("a header without a path; write one in a line above, not indented".to_string());
                path_seen = true;
                continue;
            }
            match field(text.trim_matches(BLANK), number) {
                Err(what) => say(what),
                Ok(field) if is_one_of(&PICOSITES, &field.name) => {
                    let what =
                        format!("`{}` is what picosite sends; the line is ignored", field.name);
                    ignored.push(Wrong { line: number, what });
                }
                Ok(field) => {
                    let block = blocks.last_mut().filter(|_| path_is_good).unwrap_or(&mut orphans);
                    block.fields.push(field);
                }
            }
        }
        Self(blocks)
    }

    /// What all lines whose pattern matches `address` say, one after the other.
    pub(super) fn fields(&self, address: &[u8]) -> Fields {
        let mut fields = Fields::default();
        for block in &self.0 {
            if pattern::matches(&block.pattern, address).is_some() {
                block.fields.iter().for_each(|field| fields.add(field));
            }
        }
        fields
    }
}

/// Fields that tell the server where the reply ends and how the body is encoded.
const PICOSITES: [&str; 3] = ["Status", "Content-Length", "Content-Encoding"];

/// Fields that would make another reply of it: those of one connection (RFC 9110,
/// 7.6.1), and `Location`, with which a server redirects (RFC 3875, 6.3.2).
const BREAKING: [&str; 11] = [
    "Connection",
    "Content-Range",
    "Keep-Alive",
    "Location",
    "Proxy-Authenticate",
    "Proxy-Connection",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "WWW-Authenticate",
];

fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

fn path(line: &str) -> Result<Vec<u8>, String> {
    if !line.starts_with('/') && line.contains(':') && !line.contains("://") {
        return Err(format!("`{line}` is not indented; put a blank in front of a header"));
    }
    lines::path_pattern(line)
}

fn field(text: &str, line: usize) -> Result<Field, String> {
    let (name, value) = if let Some(name) = text.strip_prefix('!') {
        (name.trim_matches(BLANK), None)
    } else if text.starts_with('#') {
        return Err("a comment is not indented; put the `#` first in its line".to_string());
    } else {
        let (name, value) = text
            .split_once(':')
            .ok_or_else(|| format!("`{text}` has no `:`; write `Name: value`, or `! Name`"))?;
        (name, Some(value.trim_matches(BLANK)))
    };
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("`{name}` is not the name of a header; letters, digits and `-` are"));
    }
    if is_one_of(&BREAKING, name) {
        return Err(format!("`{name}` would break the reply; take the line out"));
    }
    if value == Some("") {
        return Err(format!("`{name}` has no value; write `! {name}` to remove it"));
    }
    Ok(Field { name: name.to_string(), value: value.map(ToString::to_string), line })
}

/// `tchar` of RFC 9110, 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

impl Fields {
    /// What is wrong with the values that picosite itself reads.
    pub(super) fn check(&self, wrong: &mut Vec<Wrong>) {
        for field in &self.0 {
            let Some(value) = &field.value else { continue };
            let what = if field.name.eq_ignore_ascii_case("ETag") && !is_entity_tag(value) {
                format!("`{value}` is no entity tag; write one as `\"text\"`, and once only")
            } else if field.name.eq_ignore_ascii_case("Last-Modified")
                && date::parse(value.as_bytes()).is_none()
            {
                format!(
                    "`{value}` is no date; write one as `Sun, 06 Nov 1994 08:49:37 GMT`, and once \
                     only"
                )
            } else {
                continue;
            };
            let new = Wrong { line: field.line, what };
            if !wrong.contains(&new) {
                wrong.push(new);
            }
        }
    }
}

/// `entity-tag` of RFC 9110, 8.8.3.
fn is_entity_tag(value: &str) -> bool {
    let value = value.strip_prefix("W/").unwrap_or(value);
    let opaque = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    opaque.is_some_and(|opaque| opaque.bytes().all(|byte| byte > b' ' && byte != b'"'))
}

#[cfg(test)]
mod tests {
    use std::string::String;
    use std::vec::Vec;
    use std::{format, vec};

    use super::Headers;

    /// The fields for `address` as `Name: value` or `! Name`, the mistakes and what is
    /// ignored as `line: text`.
    #[track_caller]
    fn check(file: &str, address: &str, want: &[&str], wrongs: &[&str], ignored: &[&str]) {
        let (mut wrong, mut ignore) = (vec![], vec![]);
        let headers = Headers::parse(file.as_bytes(), &mut wrong, &mut ignore);
        let fields = headers.fields(address.as_bytes());
        fields.check(&mut wrong);
        let shown = |wrong: &[super::Wrong]| -> Vec<String> {
            wrong.iter().map(|wrong| format!("{}: {}", wrong.line, wrong.what)).collect()
        };
        assert_eq!(shown(&wrong), wrongs);
        assert_eq!(shown(&ignore), ignored);
        let fields: Vec<_> = fields
            .0
            .iter()
            .map(|field| match &field.value {
                Some(value) => format!("{}: {value}", field.name),
                None => format!("! {}", field.name),
            })
            .collect();
        assert_eq!(fields, want);
    }

    #[test]
    fn lines_apply_where_their_pattern_matches() {
        let file = "/*\n  X-A: 1\n/b/:c\n\tX-B: 2: 3 \n/*.css\n X-C:4\n";
        check(file, "/", &["X-A: 1"], &[], &[]);
        check(file, "/b/c", &["X-A: 1", "X-B: 2: 3"], &[], &[]);
        check(file, "/b/c.css", &["X-A: 1", "X-B: 2: 3", "X-C: 4"], &[], &[]);
        check("/a%20b\n X: 1\n/c d\n Y: 2", "/a b", &["X: 1"], &[], &[]);
        check("/a%20b\n X: 1\n/c d\n Y: 2", "/c d", &["Y: 2"], &[], &[]);
    }

    #[test]
    fn the_same_name_twice_is_joined() {
        let file =
            "/*\n  Cache-Control: public\n  cache-control: no-cache\n/a\n CACHE-CONTROL: x\n";
        check(file, "/a", &["Cache-Control: public, no-cache, x"], &[], &[]);
        check(file, "/b", &["Cache-Control: public, no-cache"], &[], &[]);
    }

    #[test]
    fn a_name_is_removed_and_may_come_back() {
        let file = "/*\n X: 1\n ! x\n ! ETag\n/a\n X: 2\n X: 3\n";
        check(file, "/", &["! X", "! ETag"], &[], &[]);
        check(file, "/a", &["X: 2, 3", "! ETag"], &[], &[]);
    }

    #[test]
    fn what_picosite_alone_knows_is_ignored() {
        check(
            "/\n status: 404\n ! Content-Length\n Content-Encoding: br\n",
            "/",
            &[],
            &[],
            &[
                "2: `status` is what picosite sends; the line is ignored",
                "3: `Content-Length` is what picosite sends; the line is ignored",
                "4: `Content-Encoding` is what picosite sends; the line is ignored",
            ],
        );
    }

    #[test]
    fn a_mistake_says_what_to_do() {
        let cases = [
            (" X: 1", "1: a header without a path; write one in a line above, not indented"),
            ("/\nX: 1", "2: `X: 1` is not indented; put a blank in front of a header"),
            (
                "https://a/b\n X: 1",
                "1: `https://a/b` does not begin with `/`; write the path from the site's top",
            ),
            ("/\n X 1", "2: `X 1` has no `:`; write `Name: value`, or `! Name`"),
            ("/\n # no", "2: a comment is not indented; put the `#` first in its line"),
            ("/\n X : 1", "2: `X ` is not the name of a header; letters, digits and `-` are"),
            ("/\n : 1", "2: `` is not the name of a header; letters, digits and `-` are"),
            ("/\n !", "2: `` is not the name of a header; letters, digits and `-` are"),
            ("/\n ! X: 1", "2: `X: 1` is not the name of a header; letters, digits and `-` are"),
            ("/\n Ü: 1", "2: `Ü` is not the name of a header; letters, digits and `-` are"),
            ("/\n X:", "2: `X` has no value; write `! X` to remove it"),
            ("/\n location: /a", "2: `location` would break the reply; take the line out"),
            ("/\n ! TE", "2: `TE` would break the reply; take the line out"),
        ];
        for (file, want) in cases {
            check(file, "/", &[], &[want], &[]);
        }
        let tag = "is no entity tag; write one as `\"text\"`, and once only";
        for value in ["a", "\"a", "w/\"a\"", "\"a b\"", "\"a\", \"b\"", "\""] {
            let (file, field) = (format!("/\n ETag: {value}"), format!("ETag: {value}"));
            check(&file, "/", &[&field], &[&format!("2: `{value}` {tag}")], &[]);
        }
        let date = "is no date; write one as `Sun, 06 Nov 1994 08:49:37 GMT`, and once only";
        let file = "/\n Last-Modified: today";
        check(file, "/", &["Last-Modified: today"], &[&format!("2: `today` {date}")], &[]);
    }

    #[test]
    fn lines_below_a_wrong_path_go_nowhere() {
        let wrong = ["3: `b` does not begin with `/`; write the path from the site's top"];
        check("/*\n X: 1\nb\n Y: 2\n", "/", &["X: 1"], &wrong, &[]);
    }

    #[test]
    fn validators_of_the_site_are_taken() {
        let file = "/\n ETag: W/\"1\"\n Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT";
        let want = ["ETag: W/\"1\"", "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT"];
        check(file, "/", &want, &[], &[]);
    }
}
