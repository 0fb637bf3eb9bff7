//! Whole replies of the executable: `tests/transcript/*.txt`, and the same page for the same
//! URL under every server whose environment is in `tests/environments/`.
//!
//! `PICOSITE_RECORD=1` records the replies again; read the diff before committing it.
#![allow(missing_docs, reason = "a test")]

#[path = "util/folder.rs"]
mod folder;
#[path = "util/site.rs"]
mod site;
#[path = "util/transcript.rs"]
mod transcript;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use transcript::{REPLY, parse};

/// The tests' site, packed once for all tests.
fn packed() -> &'static Path {
    static SITE: OnceLock<PathBuf> = OnceLock::new();
    SITE.get_or_init(site::packed)
}

/// A copy of the executable with that site embedded, which it may read from its own file.
fn attached() -> &'static Path {
    static EXECUTABLE: OnceLock<PathBuf> = OnceLock::new();
    EXECUTABLE.get_or_init(|| {
        let out = packed().with_file_name("site.cgi");
        picosite::facade::pack::attach(Path::new(env!("CARGO_BIN_EXE_picosite")), packed(), &out)
            .unwrap();
        out
    })
}

/// The files of a folder of `tests/`, sorted by name.
fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let entries = fs::read_dir(folder).expect("it is there");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("it is readable").path()).collect();
    files.sort_unstable();
    files
}

/// Compares a file with what it should contain, or records it.
#[track_caller]
fn compare(file: &Path, want: &str, got: &str) {
    if std::env::var_os("PICOSITE_RECORD").is_some() {
        fs::write(file, got).expect("the source tree is writable");
    } else if want != got {
        let mut lines = want.lines().zip(got.lines()).enumerate();
        let (line, (want, got)) =
            lines.find(|(_, (want, got))| want != got).expect("one is longer than the other");
        panic!("{}:{}:\nexpected {want}\n     got {got}", file.display(), line + 1);
    }
}

#[test]
fn replies_equal_their_transcripts() {
    let files = files("transcript");
    assert!(!files.is_empty());
    for file in files {
        let text = fs::read_to_string(&file).expect("it is readable");
        let mut got = text.clone();
        for block in parse(&text) {
            let head = format!("--- {}\n", block.title);
            assert_eq!(text.matches(&head).count(), 1, "{}: two of {head}", file.display());
            let start = got.find(&head).expect("it is in the text") + head.len();
            let end = got[start..].find("\n--- ").map_or(got.len(), |end| start + end);
            let request = got[start..end].find(REPLY).map_or(end, |at| start + at);
            let reply = format!("{}\n", block.replay(packed()));
            let inside = format!("{}\n", block.replay_inside(attached()));
            assert_eq!(inside, reply, "{}: {}", file.display(), block.title);
            let gap = if got[..request].ends_with('\n') { "" } else { "\n" };
            got.replace_range(request..end, &format!("{gap}{reply}"));
        }
        compare(&file, &text, &got);
    }
}

/// The mount point in a file of `tests/environments/`.
fn mount(name: &str) -> &'static str {
    match name {
        "busybox-cgi-bin" => "/cgi-bin/index.cgi",
        "apache2-prefork" => "/cgi-bin/site.cgi",
        name if name.ends_with("-cgi-bin") => "/cgi-bin/site.cgi",
        _ => "",
    }
}

#[test]
fn every_server_gets_the_same_page_for_the_same_url() {
    // For each title, the different replies and the servers that get them.
    let mut replies: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    let mut order = Vec::new();
    for file in files("environments") {
        let Some(name) = file.to_str().and_then(|file| file.strip_suffix(".env")) else { continue };
        let name = name.rsplit_once('/').expect("the path is absolute").1.to_owned();
        for block in parse(&fs::read_to_string(&file).expect("it is readable")) {
            let reply = block.replay_inside(attached());
            let reply = without_mount(&reply, mount(&name));
            if !order.contains(&block.title) {
                order.push(block.title.clone());
            }
            let servers = replies.entry(block.title).or_default();
            servers.entry(reply).or_default().push(name.clone());
        }
    }
    let mut got = String::new();
    for title in order {
        let mut all: Vec<_> = replies[&title].iter().collect();
        all.sort_by_key(|(_, servers)| std::cmp::Reverse(servers.len()));
        for (index, (reply, servers)) in all.iter().enumerate() {
            let whom = if index == 0 { String::new() } else { format!(": {}", servers.join(", ")) };
            write!(got, "--- {title}{whom}\n{reply}\n\n").expect("memory takes it");
        }
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/environments/replies.txt");
    compare(&file, &fs::read_to_string(&file).unwrap_or_default(), &got);
}

/// The reply with `MOUNT` for the mount point. Method and path are cut from the log line, since
/// servers spell paths differently.
fn without_mount(reply: &str, mount: &str) -> String {
    let reply = reply.replace(&format!("\nLocation: {mount}/"), "\nLocation: MOUNT/");
    let mut lines: Vec<String> = reply.lines().map(str::to_owned).collect();
    if let Some((place, cause)) =
        lines[1].split_once(": ").filter(|(place, _)| place.starts_with("> "))
    {
        let code = &place[..place[2..].find(' ').expect("the method follows") + 2];
        lines[1] = format!("{code} …: {cause}");
    }
    lines.join("\n")
}
