//! A generated site (Debian's developers-reference, by Sphinx) and a large one, packed into an
//! executable: every address and every link.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::util::folder::Folder;
use percent_encoding::percent_decode_str;

const GENERATED: &str = "/usr/share/developers-reference";

/// Packs the folder `site` into `site.cgi`.
#[track_caller]
fn pack(folder: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_picosite"));
    command.args(["pack", "site", "-o", "site.cgi"]).current_dir(folder).env_clear();
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// Requests an address from the executable; returns status, type or location, and body.
#[track_caller]
fn ask(folder: &Path, address: &str) -> (u16, String, Vec<u8>) {
    let mut command = Command::new(folder.join("site.cgi"));
    let variables = [("REQUEST_METHOD", "GET"), ("REQUEST_URI", address), ("SCRIPT_NAME", "")];
    let output = command.env_clear().envs(variables).output().unwrap();
    let reply = output.stdout;
    let end = reply.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an empty line");
    let header = str::from_utf8(&reply[..end]).unwrap();
    let status = header["Status: ".len()..][..3].parse().unwrap();
    let field = |name| header.split("\r\n").find_map(|line| line.strip_prefix(name));
    let value = field("Location: ").or_else(|| field("Content-Type: ")).unwrap_or_default();
    (status, value.to_owned(), reply[end + 4..].to_vec())
}

/// The addresses on this site that a page links to, resolved against its own.
fn links(page: &str, base: &str) -> BTreeSet<String> {
    let attributes = ["href=\"", "src=\""];
    let values = attributes.iter().flat_map(|name| page.split(name).skip(1));
    let targets = values.filter_map(|rest| rest.split('"').next());
    targets.filter_map(|target| resolve(base, &target.replace("&amp;", "&"))).collect()
}

/// As much of RFC 3986, 5.2 as these pages need.
fn resolve(base: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().unwrap();
    let scheme = target.split(['/', '?']).next().unwrap().contains(':');
    if target.is_empty() || scheme || target.starts_with("//") {
        return None;
    }
    let folder = &base[..=base.rfind('/').unwrap()];
    let whole = if target.starts_with('/') { target.into() } else { format!("{folder}{target}") };
    let mut segments: Vec<&str> = Vec::new();
    for segment in whole[1..].split('/') {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    Some(format!("/{}", segments.join("/")))
}

#[test]
fn links_are_resolved() {
    for (base, target, want) in [
        ("/a/b", "c", Some("/a/c")),
        ("/a/b", "../c?q#f", Some("/c?q")),
        ("/a/", "./c/", Some("/a/c/")),
        ("/a/b", "/c", Some("/c")),
        ("/a/b", "#f", None),
        ("/a/b", "https://c/d", None),
        ("/a/b", "//c/d", None),
        ("/a/b", "mailto:c@d", None),
    ] {
        assert_eq!(resolve(base, target).as_deref(), want, "{base} {target}");
    }
}

#[test]
#[ignore = "needs developers-reference: .ci/packages installs it"]
fn every_link_of_a_generated_site_answers_if_its_file_exists() {
    let folder = Folder::new();
    // Symbolic links are not packed: copy what they point to.
    let copied = Command::new("cp").args(["-rL", GENERATED]).arg(folder.join("site")).status();
    assert!(copied.expect("cp is there").success());
    pack(&folder);
    let mut waiting = BTreeSet::from(["/".to_owned()]);
    let mut seen = BTreeSet::new();
    while let Some(address) = waiting.pop_first() {
        if !seen.insert(address.clone()) {
            continue;
        }
        let (status, kind, body) = ask(&folder, &address);
        let path = address.split('?').next().unwrap();
        let file = String::from_utf8(percent_decode_str(&path[1..]).collect()).unwrap();
        let exists = folder.join("site").join(file).exists();
        assert_eq!(status, if exists { 200 } else { 404 }, "{address}");
        if status == 200 && kind.starts_with("text/html") {
            waiting.extend(links(str::from_utf8(&body).unwrap(), &address));
        }
    }
    assert!(seen.len() > 20, "{seen:?}");
}

#[test]
#[ignore = "takes minutes and half a gigabyte of disk"]
fn a_large_site_is_served_completely() {
    const FILES: usize = 5_000;
    let folder = Folder::new();
    let mut state = 2_463_534_242_u32;
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[3]
    };
    // One in five is an incompressible photo of 200 KB: 200 MB in total.
    let content = |n: usize, noise: &mut dyn FnMut() -> u8| {
        if n.is_multiple_of(5) {
            std::iter::repeat_with(noise).take(200_000).collect()
        } else {
            format!("<!doctype html><title>{n}</title><p>{}", "page ".repeat(n % 200)).into_bytes()
        }
    };
    let mut names = Vec::new();
    for n in 0..FILES {
        let ending = if n.is_multiple_of(5) { "jpg" } else { "html" };
        let name = format!("{}/{n}.{ending}", n % 100);
        fs::create_dir_all(folder.join("site").join(format!("{}", n % 100))).unwrap();
        fs::write(folder.join("site").join(&name), content(n, &mut noise)).unwrap();
        names.push(name);
    }
    pack(&folder);
    for name in &names {
        let (status, _, body) = ask(&folder, &format!("/{name}"));
        assert_eq!(status, 200, "{name}");
        assert!(body == fs::read(folder.join("site").join(name)).unwrap(), "{name}");
    }
}
