//! Who may import whom: the map in `src/lib.rs`, checked against the source.

use std::fs;
use std::path::{Path, PathBuf};

/// A module, the modules it may name after `crate::`, and whether it does without std.
const MAP: &[(&str, &[&str], Heap)] = &[
    ("cgi", &["encoding", "error", "http"], Heap::None),
    ("cli", &CLI, Heap::Std),
    ("doctor", &["cgi", "error", "http", "settings", "site", "sys", "thumbs"], Heap::Std),
    ("encoding", &[], Heap::None),
    ("error", &["site", "thumbs"], Heap::None),
    ("fast", &["cgi", "error", "http", "settings", "site", "sys", "thumbs"], Heap::None),
    ("full", &FULL, Heap::Std),
    ("gallery", &GALLERY, Heap::Std),
    ("http", &["cgi", "encoding", "error", "site", "thumbs"], Heap::None),
    ("imaging", &["jpeg", "thumbs"], Heap::Std),
    ("jpeg", &[], Heap::Std),
    ("pack", &["encoding", "http", "settings", "site", "sys", "template"], Heap::Std),
    ("settings", &["encoding", "sys", "thumbs"], Heap::None),
    ("site", &["cgi", "error", "http", "sys"], Heap::None),
    ("sys", &["site"], Heap::Std),
    ("template", &[], Heap::None),
    ("thumbs", &["encoding", "error", "http", "settings", "site", "sys"], Heap::Std),
];

const CLI: [&str; 14] = [
    "cgi", "doctor", "encoding", "error", "fast", "full", "http", "imaging", "pack", "settings",
    "site", "sys", "template", "thumbs",
];
const FULL: [&str; 10] =
    ["cgi", "error", "fast", "gallery", "http", "imaging", "settings", "site", "sys", "thumbs"];
const GALLERY: [&str; 9] =
    ["cgi", "encoding", "error", "http", "settings", "site", "sys", "template", "thumbs"];

#[derive(Clone, Copy, PartialEq)]
enum Heap {
    None,
    Std,
}

#[test]
fn modules_import_what_the_map_allows() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut seen = 0;
    for path in files(&src) {
        let name = path.strip_prefix(&src).unwrap().components().next().unwrap();
        let name = Path::new(name.as_os_str()).file_stem().unwrap().to_str().unwrap();
        if matches!(name, "lib" | "main") {
            continue;
        }
        let (_, allowed, heap) = MAP
            .iter()
            .find(|(module, ..)| *module == name)
            .unwrap_or_else(|| panic!("{name} is not on the map"));
        seen += 1;
        for (number, line) in code(&path) {
            let place = format!("{}:{number}", path.display());
            // A macro names what it needs as seen from where it is used.
            for import in line.replace("$crate::", "").split("crate::").skip(1) {
                let end = import.find(|c: char| !c.is_alphanumeric() && c != '_');
                let import = &import[..end.unwrap_or(import.len())];
                let known = import == name || allowed.contains(&import) || import.is_empty();
                assert!(known, "{place}: {name} may not import {import}");
            }
            let std = line.contains("std::") || line.contains("alloc::");
            assert!(!std || *heap == Heap::Std, "{place}: {name} does without std");
        }
    }
    assert!(seen >= MAP.len() - 1, "the source has moved");
}

/// The lines of a file up to its tests, comments left out.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim().to_owned()));
    let code = lines.take_while(|(_, line)| line != "#[cfg(test)]");
    code.filter(|(_, line)| !line.starts_with("//")).collect()
}

/// All source files below a folder, but for those that hold tests alone.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
            found.push(path);
        }
    }
    found
}
