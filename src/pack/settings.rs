//! `_picosite`: the compiled-in settings, one `key = value` per line.

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::settings::keys::{Settings, Source};

use crate::pack::lines;
use crate::pack::lines::{BYTE_ORDER_MARK, Line, LineDiagnostic};

/// The setting `site`, the only one that requests for pages need; empty if it is not set.
pub(super) fn site(file: &[u8], errors: &mut Vec<LineDiagnostic>) -> String {
    if file.starts_with(BYTE_ORDER_MARK) {
        // `_headers` may have one, as only the packer reads that; this file is read by requests.
        let message = "starts with a byte order mark; save the file as UTF-8 without one";
        errors.push(LineDiagnostic { line: 1, message: message.into() });
    }
    let mut settings = Settings::default();
    for Line { number, text } in lines::lines(file, errors) {
        let read = settings.read_line(number, text.as_bytes(), Source::CompiledIn);
        if let Err(error) = read {
            errors.push(LineDiagnostic { line: number, message: format!("{error}") });
        }
    }
    // Lossless, since lines are UTF-8.
    String::from_utf8_lossy(settings.site).into_owned()
}
