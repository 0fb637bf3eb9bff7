//! The executable: who can read, run, change and replace it.

use std::os::unix::fs::MetadataExt;
use std::vec::Vec;
use std::{env, format, fs};

use crate::doctor::finding::Finding;
use crate::doctor::paths::{OTHERS_WRITE, word};

const ABOUT: &str = "program";

const GROUP_WRITES: u32 = 0o020;
const OTHERS_READ: u32 = 0o004;
const OTHERS_RUN: u32 = 0o001;
/// In such a folder, only a file's owner can replace it.
const STICKY: u32 = 0o1000;

pub(super) fn examine(has_secret: bool, findings: &mut Vec<Finding>) {
    let before = findings.len();
    let Ok(path) = env::current_exe() else { return };
    let Ok(mode) = fs::metadata(&path).map(|metadata| metadata.mode()) else { return };
    let (shown, file) = (path.display(), word(&path));
    if mode & OTHERS_WRITE != 0 {
        let text = format!("anyone on this machine can change {shown}");
        findings.push(Finding::wrong(ABOUT, text).with(format!("chmod o-w {file}")));
    }
    if mode & GROUP_WRITES != 0 {
        let text = "its group can change it: Apache's suEXEC refuses such a program";
        findings.push(Finding::note(ABOUT, text).with(format!("chmod g-w {file}")));
    }
    if mode & OTHERS_RUN == 0 {
        let text = "a web server that runs as another user cannot run it";
        findings.push(Finding::note(ABOUT, text).with(format!("chmod 755 {file}")));
    }
    if has_secret && mode & OTHERS_READ != 0 {
        let text = "anyone on this machine can read the executable, and the secret in it";
        let remedy = "move the secret into a file: see secret-file";
        findings.push(Finding::note(ABOUT, text).with(remedy));
    }
    if let Some(folder) = path.parent() {
        let mode = fs::metadata(folder).map_or(0, |metadata| metadata.mode());
        if mode & OTHERS_WRITE != 0 && mode & STICKY == 0 {
            let text = format!("anyone on this machine can replace {shown}");
            let remedy = format!("chmod o-w {}", word(folder));
            findings.push(Finding::wrong(ABOUT, text).with(remedy));
        }
    }
    if findings.len() == before {
        findings.push(Finding::fine(ABOUT, format!("{shown}, mode {:o}", mode & 0o7777)));
    }
}
