//! The secrets: whether they can be used, and whether anyone can guess them.

use std::string::String;
use std::vec::Vec;
use std::{env, format};

use rustix::io::Errno;

use crate::doctor::finding::Finding;
use crate::doctor::paths::{absolute, word};
use crate::settings::keys::Settings;
use crate::settings::load;
use crate::settings::load::LoadError;
use crate::sys::arena::Arena;

const ABOUT: &str = "secrets";

/// With one signed address, guesses can be tried offline. At 10^12 a second, on rented
/// machines, 80 bits last for forty thousand years.
const MIN_BITS: usize = 80;

pub(super) fn examine(settings: &Settings<'_>, findings: &mut Vec<Finding>) {
    let secrets = match load::secrets(&mut Arena::default(), settings) {
        Ok(secrets) => secrets,
        Err(missing @ LoadError::Unreadable(path, Errno::NOENT))
            if path == settings.secret_file =>
        {
            let finding = Finding::wrong(ABOUT, format!("{missing}"));
            return findings.push(finding.with(new_secret(path)));
        }
        Err(error) => return findings.push(load_error(&error)),
    };
    let file = settings.secret_file;
    let before = findings.len();
    for key in secrets.keys().filter(|key| key.bits() < MIN_BITS) {
        let id = char::from(key.id);
        let text = format!(
            "the one with ID {id} can be guessed: at most {} bits, fewer than {MIN_BITS}",
            key.bits()
        );
        findings.push(
            Finding::wrong(ABOUT, text)
                .with(new_secret(file))
                .with("then sign all addresses again: anyone can have signed with the old one"),
        );
    }
    let count = secrets.keys().count();
    if count == 0 && !settings.galleries.is_empty() {
        let finding = Finding::wrong(ABOUT, "there is none: every signed address answers 403");
        findings.push(finding.with(new_secret(file)));
    } else if count == 0 {
        findings.push(Finding::fine(ABOUT, "none, and without galleries none is needed"));
    } else if findings.len() == before {
        findings.push(Finding::fine(ABOUT, format!("{count}, none easy to guess")));
    }
}

/// The finding for settings or secrets that cannot be used.
pub(super) fn load_error(error: &LoadError<'_>) -> Finding {
    let text = format!("{error}");
    match *error {
        LoadError::CompiledIn(_) => {
            Finding::wrong("settings", text).with("correct it in the site's folder and pack again")
        }
        LoadError::File(path, _) => {
            let path = absolute(path);
            Finding::wrong("settings", text).with(format!("correct it in {}", path.display()))
        }
        LoadError::Variable(name, _) => {
            Finding::wrong("settings", text).with(format!("unset {}", name.escape_ascii()))
        }
        LoadError::Unreadable(path, Errno::NOENT) => {
            let path = word(&absolute(path));
            Finding::wrong("settings", text)
                .with(format!("(umask 077; touch {path}), or remove the setting"))
        }
        LoadError::Unreadable(path, Errno::ACCESS) => Finding::wrong("settings", text)
            .with(format!("chown \"$(id -un)\" {0} && chmod u+r {0}", word(&absolute(path)))),
        LoadError::Unreadable(path, _) => Finding::wrong("settings", text).with(format!(
            "put a file of at most 64 KiB at {}, or remove the setting",
            absolute(path).display()
        )),
        LoadError::Exposed(path) => Finding::wrong(ABOUT, text)
            .with(format!("chmod o-r {}", word(&absolute(path))))
            .with(new_secret(path))
            .with("then sign all addresses again: others may have read the old one"),
        LoadError::Secrets(path, _) => Finding::wrong(ABOUT, text)
            .with(format!("correct it in {}, or:", absolute(path).display()))
            .with(new_secret(path)),
    }
}

/// The command that makes a new secret; `file` is the setting `secret-file`.
fn new_secret(file: &[u8]) -> String {
    let program = env::current_exe().map_or_else(|_| "picosite".into(), |path| word(&path));
    if file.is_empty() {
        return format!("set secret-file, or set secret to the output of {program} secret");
    }
    format!("(umask 077; {program} secret > {})", word(&absolute(file)))
}
