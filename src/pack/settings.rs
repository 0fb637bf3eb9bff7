//! `_picosite`: the settings that are compiled in, `key = value` a line.

use std::format;
use std::string::String;
use std::vec::Vec;

use super::lines::{self, BLANK, Line, Wrong};

/// The keys that there are.
const KEYS: [&str; 12] = [
    "secret",
    "secret-file",
    "config",
    "signature-bytes",
    "galleries",
    "cache",
    "cache-max",
    "memory",
    "workers",
    "gallery-pages",
    "max-size",
    "max-age",
];

/// The value of the key `site`, the only one that requests for pages need; empty where
/// it is not set.
pub(super) fn site(file: &[u8], wrong: &mut Vec<Wrong>) -> String {
    let mut site = String::new();
    for Line { number, text } in lines::lines(file, wrong) {
        match text.split_once('=') {
            None => wrong.push(Wrong {
                line: number,
                what: format!("`{text}` has no `=`; write `key = value`"),
            }),
            Some((key, value)) => match key.trim_matches(BLANK) {
                "site" => site = value.trim_matches(BLANK).into(),
                key if KEYS.contains(&key) => {}
                key => wrong.push(Wrong {
                    line: number,
                    what: format!("there is no setting `{key}`; see the table of settings"),
                }),
            },
        }
    }
    site
}
