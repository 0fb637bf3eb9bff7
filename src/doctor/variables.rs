//! Variables of the environment that look like settings.

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
            let finding = Finding::wrong(ABOUT, format!("{shown} is no setting: it does nothing"));
            findings.push(finding.with(format!("unset {shown}")));
        }
    }
    if !settings.is_empty() {
        let text = format!("set in this environment: {}", settings.join(", "));
        findings.push(
            Finding::note(ABOUT, text)
                .with("a web server hands on what it is told to, and suEXEC, uhttpd, thttpd")
                .with("and mini_httpd nothing: these settings belong into _picosite or a file"),
        );
    }
}

/// Whether what stands behind `PICOSITE_` is a key, in upper case and with `_` for `-`.
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
    fn a_setting_is_told_from_a_slip_of_the_pen() {
        for name in ["CACHE", "SECRET", "SIGNATURE_BYTES", "SITE", "CONFIG", "GALLERY_PAGES"] {
            assert!(is_setting(name.as_bytes()), "{name}");
        }
        for name in ["", "CAHCE", "cache", "SIGNATURE-BYTES", "CACHE\n", "#", "A=B", "\u{1b}[2J"] {
            assert!(!is_setting(name.as_bytes()), "{name}");
        }
    }
}
