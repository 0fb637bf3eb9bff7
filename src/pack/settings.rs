//! `_picosite`: the settings that are compiled in, `key = value` a line.

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::settings::keys::{Settings, Source};

use crate::pack::lines;
use crate::pack::lines::{BYTE_ORDER_MARK, Line, Wrong};

/// The value of the key `site`, the only one that requests for pages need; empty where
/// it is not set.
pub(super) fn site(file: &[u8], wrong: &mut Vec<Wrong>) -> String {
    if file.starts_with(BYTE_ORDER_MARK) {
        // Passed over in `_headers`, which only the packer reads; requests read this one.
        let what = "begins with a byte order mark; save the file as UTF-8 without one";
        wrong.push(Wrong { line: 1, what: what.into() });
    }
    let mut settings = Settings::default();
    for Line { number, text } in lines::lines(file, wrong) {
        let read = settings.read_line(number, text.as_bytes(), Source::CompiledIn);
        wrong.extend(read.err().map(|mistake| Wrong { line: number, what: format!("{mistake}") }));
    }
    // Lines are UTF-8, so nothing is lost.
    String::from_utf8_lossy(settings.site).into_owned()
}
