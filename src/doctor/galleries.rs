//! The photos: whether they exist and can be read.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::vec::Vec;
use std::{format, vec};

use percent_encoding::percent_decode;

use crate::doctor::finding::Finding;
use crate::doctor::paths::{absolute, word};
use crate::settings::keys::{Pages, Settings};

const ABOUT: &str = "galleries";

/// How many files to open: all of a large archive takes minutes.
const MAX_FILES: usize = 10_000;

/// How many unreadable files to name.
const MAX_NAMED: usize = 5;

pub(super) fn examine(settings: &Settings<'_>, findings: &mut Vec<Finding>) {
    if settings.galleries.is_empty() {
        return findings.push(Finding::fine(ABOUT, "none"));
    }
    let root = absolute(settings.galleries);
    match fs::metadata(&root) {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            let text = format!("{} is not a folder", root.display());
            let remedy = "name the folder that holds the folders of photos";
            return findings.push(Finding::wrong(ABOUT, text).with(remedy));
        }
        Err(error) => {
            let text = format!("{}: {error}", root.display());
            let remedy = format!("mkdir -p {}", word(&root));
            return findings.push(Finding::wrong(ABOUT, text).with(remedy));
        }
    }
    let (photos, unreadable) = scan(&root);
    let text = match photos {
        MAX_FILES => format!("{}: at least {MAX_FILES} files", root.display()),
        count => format!("{}: {count} files in folders", root.display()),
    };
    findings.push(Finding::fine(ABOUT, text));
    for path in unreadable.iter().take(MAX_NAMED) {
        let text = format!("{} cannot be read", path.display());
        let remedy = format!("chmod -R u+rX {}", word(path));
        findings.push(Finding::wrong(ABOUT, text).with(remedy));
    }
    if unreadable.len() > MAX_NAMED {
        let text = format!("{} more cannot be read", unreadable.len() - MAX_NAMED);
        let remedy = format!("chmod -R u+rX {}", word(&root));
        findings.push(Finding::wrong(ABOUT, text).with(remedy));
    }
    pages(&settings.gallery_pages, &root, findings);
}

/// Counts the files in folders below the root, and finds what cannot be read.
fn scan(root: &Path) -> (usize, Vec<PathBuf>) {
    let (mut photos, mut unreadable) = (0, Vec::new());
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            unreadable.push(folder);
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && folder != root {
                photos += 1;
                let refused = |error: &std::io::Error| error.kind() == ErrorKind::PermissionDenied;
                if File::open(&path).is_err_and(|error| refused(&error)) {
                    unreadable.push(path);
                }
            }
            if photos == MAX_FILES {
                return (photos, unreadable);
            }
        }
    }
    (photos, unreadable)
}

/// Checks that the galleries with pages exist.
fn pages(pages: &Pages<'_>, root: &Path, findings: &mut Vec<Finding>) {
    let names = match pages {
        Pages::Off => return,
        Pages::On => {
            let text = "gallery-pages is on: anyone can see every photo";
            return findings.push(Finding::note(ABOUT, text));
        }
        Pages::Of(names) => names,
    };
    for name in names.split(u8::is_ascii_whitespace).filter(|name| !name.is_empty()) {
        // A leading slash has no meaning in the setting, but `join` would start over at it.
        let decoded = percent_decode(name).skip_while(|&byte| byte == b'/').collect();
        let folder = root.join(OsString::from_vec(decoded));
        if !folder.is_dir() {
            let text = format!("gallery-pages names {}, which does not exist", name.escape_ascii());
            let remedy = format!("mkdir {}, or correct the name", word(&folder));
            findings.push(Finding::wrong(ABOUT, text).with(remedy));
        }
    }
}
