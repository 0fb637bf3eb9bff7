//! `_headers`: a path pattern, then indented lines `Name: value` or `! Name`.
//!
//! [`Fields`] are what it says about an address; `record` makes header blocks of them.

use std::format;
use std::string::{String, ToString};
use std::vec::Vec;

use crate::http::date;
use crate::pack::lines;
use crate::pack::lines::{BLANK, Line, LineDiagnostic};
use crate::site::pattern;

#[derive(Debug, Default)]
pub(super) struct Headers(Vec<Block>);

#[derive(Debug, Default)]
struct Block {
    pattern: Vec<u8>,
    fields: Vec<Field>,
}

/// A header field that overrides picosite's own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    /// `None` removes the field.
    pub(super) value: Option<String>,
    /// The last line that set it.
    line: usize,
}

/// The fields of all lines that match an address.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Fields(pub(super) Vec<Field>);

impl Fields {
    /// The field `name`; `None` if the file does not mention it.
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
    /// Reads the file. Lines without effect are added to `ignored`.
    pub(super) fn parse(
        file: &[u8],
        errors: &mut Vec<LineDiagnostic>,
        ignored: &mut Vec<LineDiagnostic>,
    ) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        for Line { number, text } in lines::lines(file, errors) {
            let mut fail = |message| errors.push(LineDiagnostic { line: number, message });
            if !text.starts_with(BLANK) {
                // A wrong path is left empty: it matches no address, and the lines after it are
                // checked.
                let pattern = path(text).map_err(fail).unwrap_or_default();
                blocks.push(Block { pattern, fields: Vec::new() });
                continue;
            }
            let Some(block) = blocks.last_mut() else {
                let advice = "write the path on a line above, not indented";
                fail(format!("a header without a path; {advice}"));
                blocks.push(Block::default());
                continue;
            };
            match field(text.trim_matches(BLANK), number) {
                Err(message) => fail(message),
                Ok(field) if is_one_of(&OWN_FIELDS, &field.name) => {
                    let message =
                        format!("picosite sets `{}` itself; the line is ignored", field.name);
                    ignored.push(LineDiagnostic { line: number, message });
                }
                Ok(field) => block.fields.push(field),
            }
        }
        Self(blocks)
    }

    /// The fields of all blocks whose pattern matches `address`, in order.
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
const OWN_FIELDS: [&str; 3] = ["Status", "Content-Length", "Content-Encoding"];

/// Fields that would change the meaning of the reply: those of a connection (RFC 9110, 7.6.1)
/// and `Location`, which makes the server redirect (RFC 3875, 6.3.2).
const FORBIDDEN: [&str; 11] = [
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
        return Err(format!("`{line}` is not indented; put a space before a header"));
    }
    lines::path_pattern(line)
}

fn field(text: &str, line: usize) -> Result<Field, String> {
    let (name, value) = if let Some(name) = text.strip_prefix('!') {
        (name.trim_matches(BLANK), None)
    } else if text.starts_with('#') {
        return Err("a comment cannot be indented; start its line with `#`".to_string());
    } else {
        let (name, value) = text
            .split_once(':')
            .ok_or_else(|| format!("`{text}` has no `:`; write `Name: value`, or `! Name`"))?;
        (name, Some(value.trim_matches(BLANK)))
    };
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(format!("`{name}` is not a header name; use letters, digits and `-`"));
    }
    if is_one_of(&FORBIDDEN, name) {
        return Err(format!("`{name}` would break the reply; remove the line"));
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
    /// Checks the values that picosite itself reads.
    pub(super) fn check(&self, errors: &mut Vec<LineDiagnostic>) {
        for field in &self.0 {
            let Some(value) = &field.value else { continue };
            let is = |name| field.name.eq_ignore_ascii_case(name);
            let wanted = if is("ETag") && !is_entity_tag(value) {
                "an entity tag; write exactly one, as `\"text\"`"
            } else if is("Last-Modified") && date::parse(value.as_bytes()).is_none() {
                "a date; write exactly one, as `Sun, 06 Nov 1994 08:49:37 GMT`"
            } else {
                continue;
            };
            let message = format!("`{value}` is not {wanted}");
            let new = LineDiagnostic { line: field.line, message };
            if !errors.contains(&new) {
                errors.push(new);
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
mod tests;
