//! Environment variables that look like settings.

use std::format;
use std::string::String;
use std::vec::Vec;

use crate::doctor::finding::Finding;
use crate::settings::keys::{Settings, SettingsError, Source, VARIABLE, ValueError};

const ABOUT: &str = "variables";

pub(super) fn examine<'a>(
    environment: impl Iterator<Item = &'a [u8]>,
    findings: &mut Vec<Finding>,
) {
    let mut settings = Vec::new();
    for entry in environment {
        let name = entry.split(|&byte| byte == b'=').next().unwrap_or_default();
        let Some(key) = name.strip_prefix(&VARIABLE) else { continue };
        let shown = format!("{}", name.escape_ascii());
        if is_setting(key) {
            settings.push(shown);
        } else {
            let finding =
                Finding::wrong(ABOUT, format!("{shown} is not a setting and has no effect"));
            findings.push(finding.with(format!("unset {shown}")));
        }
    }
    if !settings.is_empty() {
        let text = format!("set in this environment: {}", settings.join(", "));
        findings.push(
            Finding::note(ABOUT, text)
                .with(
                    "a web server passes on only what it is configured to; suEXEC, uhttpd, thttpd",
                )
                .with(
                    "and mini_httpd pass on nothing: put these settings into _picosite or a file",
                ),
        );
    }
}

/// Whether what follows `PICOSITE_` is a setting's key, in upper case and with `_` for `-`.
fn is_setting(name: &[u8]) -> bool {
    if !name.iter().all(|&byte| byte.is_ascii_uppercase() || byte == b'_') {
        return false;
    }
    let key = String::from_utf8_lossy(name).to_ascii_lowercase().replace('_', "-");
    let line = format!("{key} =");
    let read = Settings::default().read(line.as_bytes(), Source::CompiledIn);
    !matches!(read, Err(SettingsError { error: ValueError::Unknown | ValueError::NoValue, .. }))
}

#[cfg(test)]
mod tests {
    use super::is_setting;

    #[test]
    fn tells_settings_from_typing_errors() {
        for name in ["CACHE", "SECRET", "SIGNATURE_BYTES", "SITE", "CONFIG", "GALLERY_PAGES"] {
            assert!(is_setting(name.as_bytes()), "{name}");
        }
        for name in ["", "CAHCE", "cache", "SIGNATURE-BYTES", "CACHE\n", "#", "A=B", "\u{1b}[2J"] {
            assert!(!is_setting(name.as_bytes()), "{name}");
        }
    }
}
