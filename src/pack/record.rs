//! Encodes the value of an address: header blocks, ready to send, as [`Record`] decodes them.
//!
//! [`Form`](crate::site::record::Form) describes a block's layout and the parts that each
//! reply uses.

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::http::coding::Coding;
use crate::http::date;
use crate::pack::headers::Fields;
use crate::site::record::Kind;

/// A body in the cdb.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    pub(super) coding: Coding,
    /// The offset in the cdb.
    pub(super) offset: u32,
    /// The length in bytes.
    pub(super) len: u32,
}

/// What an asset's addresses have in common.
#[derive(Debug)]
pub(super) struct Asset {
    /// The forms, in order of preference; the identity form is last.
    pub(super) bodies: Vec<Body>,
    /// The identity form's entity tag without quotes.
    pub(super) tag: String,
    /// The modification time in seconds since 1970.
    pub(super) modified: u64,
    pub(super) content_type: String,
}

/// The record of a folder's address without the trailing slash.
pub(super) fn folder(forced: bool) -> Vec<u8> {
    head(Kind::Folder, forced, 0, 0)
}

/// The record of `asset` at an address with these `fields` of `_headers`.
pub(super) fn asset(asset: &Asset, fields: &Fields, forced: bool) -> Vec<u8> {
    let modified = match fields.get("Last-Modified") {
        None => asset.modified,
        Some(field) => field.value.as_ref().map_or(date::NEVER, |value| {
            date::parse(value.as_bytes()).expect("Fields::check has verified it")
        }),
    };
    let mut value = head(Kind::Asset, forced, modified, asset.bodies.len());
    let mut text = String::new();
    for body in &asset.bodies {
        let start = text.len();
        let block = Block::new(asset, *body, fields);
        text.push_str(&block.text);
        push_words(&mut value, &[body.coding.number(), body.offset, body.len]);
        push_words(&mut value, &[start, text.len()].map(word));
        push_words(&mut value, &[block.fields, block.vary, block.content, block.length].map(word));
        push_words(&mut value, &[start + block.tag.0, start + block.tag.1].map(word));
    }
    value.extend_from_slice(text.as_bytes());
    value
}

fn head(kind: Kind, forced: bool, modified: u64, forms: usize) -> Vec<u8> {
    let mut value = Vec::new();
    push_words(&mut value, &[kind.to_word(), forced.into()]);
    value.extend_from_slice(&modified.to_le_bytes());
    push_words(&mut value, &[word(forms)]);
    value
}

pub(super) fn push_words(value: &mut Vec<u8>, words: &[u32]) {
    for word in words {
        value.extend_from_slice(&word.to_le_bytes());
    }
}

/// A length or offset within the site's own files.
pub(super) fn word(number: usize) -> u32 {
    u32::try_from(number).expect("a site of 4 GiB was refused before")
}

/// A form's header block, and the offsets of its parts.
struct Block {
    text: String,
    fields: usize,
    vary: usize,
    content: usize,
    length: usize,
    /// The start and end of the entity tag; both 0 if there is none.
    tag: (usize, usize),
}

impl Block {
    fn new(asset: &Asset, body: Body, wanted: &Fields) -> Self {
        let mut text = String::from("Status: 200 OK\r\n");
        let fields = text.len();
        let tag = add_own(&mut text, wanted, "ETag", Some(&entity_tag(asset, body)));
        let modified = date::format(asset.modified);
        let modified = str::from_utf8(&modified).expect("a date is ASCII");
        add_own(&mut text, wanted, "Last-Modified", Some(modified));
        add_own(&mut text, wanted, "Accept-Ranges", Some("bytes"));
        add_own(&mut text, wanted, "X-Content-Type-Options", Some("nosniff"));
        for field in &wanted.0 {
            let placed = FIXED_PLACE.iter().any(|own| own.eq_ignore_ascii_case(&field.name));
            if let Some(value) = field.value.as_ref().filter(|_| !placed) {
                add(&mut text, &field.name, value);
            }
        }
        let vary = text.len();
        let coded = asset.bodies.len() > 1;
        add_own(&mut text, wanted, "Vary", coded.then_some("Accept-Encoding"));
        let content = text.len();
        add_own(&mut text, wanted, "Content-Type", Some(&asset.content_type));
        if body.coding != Coding::Identity {
            add(&mut text, "Content-Encoding", body.coding.name());
        }
        let length = text.len();
        add(&mut text, "Content-Length", &format!("{}", body.len));
        text.push_str("\r\n");
        Self { text, fields, vary, content, length, tag }
    }
}

/// The fields that have a fixed place in a block.
const FIXED_PLACE: [&str; 6] =
    ["ETag", "Last-Modified", "Accept-Ranges", "X-Content-Type-Options", "Vary", "Content-Type"];

/// Adds the field `name` with the value from `_headers`, or else with picosite's `own`.
/// Returns the start and end of the value.
fn add_own(text: &mut String, wanted: &Fields, name: &str, own: Option<&str>) -> (usize, usize) {
    match wanted.get(name) {
        Some(field) => field.value.as_ref().map(|value| add(text, name, value)),
        None => own.map(|value| add(text, name, value)),
    }
    .unwrap_or_default()
}

fn add(text: &mut String, name: &str, value: &str) -> (usize, usize) {
    text.push_str(name);
    text.push_str(": ");
    let start = text.len();
    text.push_str(value);
    let end = text.len();
    text.push_str("\r\n");
    (start, end)
}

/// A strong tag, so each coding has its own (RFC 9110, 8.8.3.3).
fn entity_tag(asset: &Asset, body: Body) -> String {
    let suffix = match body.coding {
        Coding::Br => "-br",
        Coding::Gzip => "-gz",
        Coding::Identity => "",
    };
    format!("\"{}{suffix}\"", asset.tag)
}

#[cfg(test)]
mod tests {
    use std::vec;
    use std::vec::Vec;

    use super::{Asset, Body, Fields, asset, folder};
    use crate::http::coding::Coding;
    use crate::http::date;
    use crate::pack::headers::Headers;
    use crate::site::record::{Form, Kind, Record};

    fn page() -> Asset {
        let body = |coding, offset, len| Body { coding, offset, len };
        Asset {
            bodies: vec![body(Coding::Br, 2100, 10), body(Coding::Identity, 2200, 20)],
            tag: "tag".into(),
            modified: 784_111_777,
            content_type: "text/html; charset=utf-8".into(),
        }
    }

    fn fields(file: &str) -> Fields {
        Headers::parse(file.as_bytes(), &mut vec![], &mut vec![]).fields(b"/")
    }

    /// The parts of a block that `Form` names.
    fn parts<'a>(form: &Form<'a>) -> [&'a str; 5] {
        let text = str::from_utf8(form.block.ok()).unwrap();
        let [fields, vary, content, length] = form.block.offsets();
        [
            &text[..fields],
            &text[fields..vary],
            &text[vary..content],
            &text[content..length],
            &text[length..],
        ]
    }

    fn forms(value: &[u8]) -> (Record<'_>, Vec<Form<'_>>) {
        let record = Record::parse(value).unwrap();
        (record, record.forms().map(Result::unwrap).collect())
    }

    #[test]
    fn a_page_in_two_forms() {
        let value = asset(&page(), &Fields::default(), false);
        let (record, forms) = forms(&value);
        assert_eq!((record.kind, record.forced), (Kind::Asset, false));
        assert_eq!(record.modified, 784_111_777);
        assert_eq!(forms.len(), 2);
        assert_eq!(
            (forms[0].coding, forms[0].body, forms[0].len, forms[0].etag),
            (Coding::Br, 2100, 10, &b"\"tag-br\""[..])
        );
        assert_eq!(
            parts(&forms[0]),
            [
                "Status: 200 OK\r\n",
                "ETag: \"tag-br\"\r\n\
                 Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                 Accept-Ranges: bytes\r\n\
                 X-Content-Type-Options: nosniff\r\n",
                "Vary: Accept-Encoding\r\n",
                "Content-Type: text/html; charset=utf-8\r\nContent-Encoding: br\r\n",
                "Content-Length: 10\r\n\r\n",
            ]
        );
        assert_eq!(
            (forms[1].coding, forms[1].body, forms[1].len, forms[1].etag),
            (Coding::Identity, 2200, 20, &b"\"tag\""[..])
        );
        assert_eq!(
            parts(&forms[1])[2..],
            [
                "Vary: Accept-Encoding\r\n",
                "Content-Type: text/html; charset=utf-8\r\n",
                "Content-Length: 20\r\n\r\n",
            ]
        );
    }

    #[test]
    fn one_form_does_not_vary() {
        let mut page = page();
        page.bodies.remove(0);
        let value = asset(&page, &Fields::default(), true);
        let (record, forms) = forms(&value);
        assert!(record.forced);
        assert_eq!(forms[0].coding, Coding::Identity);
        assert_eq!(parts(&forms[0])[2], "");
    }

    #[test]
    fn fields_of_the_site_replace_ours_in_place_and_others_follow() {
        let wanted = fields(
            "/\n X: 1\n content-type: text/plain\n vary: Origin\n etag: W/\"mine\"\n\
             \x20last-modified: Thu, 01 Jan 1970 00:00:01 GMT\n Content-Language: de\n\
             \x20! accept-ranges\n",
        );
        let value = asset(&page(), &wanted, false);
        let (record, forms) = forms(&value);
        assert_eq!(record.modified, 1);
        for form in &forms {
            assert_eq!(form.etag, b"W/\"mine\"");
            assert_eq!(
                parts(form)[1],
                "ETag: W/\"mine\"\r\n\
                 Last-Modified: Thu, 01 Jan 1970 00:00:01 GMT\r\n\
                 X-Content-Type-Options: nosniff\r\n\
                 X: 1\r\n\
                 Content-Language: de\r\n"
            );
            assert_eq!(parts(form)[2], "Vary: Origin\r\n");
        }
        assert_eq!(parts(&forms[1])[3], "Content-Type: text/plain\r\n");
    }

    #[test]
    fn removed_validators_are_gone_from_the_record_too() {
        let wanted = fields(
            "/\n ! ETag\n ! Last-Modified\n ! Accept-Ranges\n ! X-Content-Type-Options\n ! Vary\n\
             \x20! Content-Type\n",
        );
        let value = asset(&page(), &wanted, false);
        let (record, forms) = forms(&value);
        assert_eq!(record.modified, date::NEVER);
        assert_eq!(forms[0].etag, b"");
        assert_eq!(
            parts(&forms[0]),
            [
                "Status: 200 OK\r\n",
                "",
                "",
                "Content-Encoding: br\r\n",
                "Content-Length: 10\r\n\r\n"
            ]
        );
    }

    #[test]
    fn a_folder_has_no_form() {
        let value = folder(true);
        let (record, forms) = forms(&value);
        assert_eq!((record.kind, record.forced, forms.len()), (Kind::Folder, true, 0));
    }
}
