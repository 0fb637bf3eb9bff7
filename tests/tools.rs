//! `pack` and `unpack`, from outside.

#[path = "util/folder.rs"]
mod folder;
#[path = "util/site.rs"]
mod site;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use folder::Folder;

fn picosite(words: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_picosite"));
    command.args(words).current_dir(folder).env_clear().output().expect("it can be run")
}

/// Runs a command that must succeed; what it says.
#[track_caller]
fn works(words: &[&str], folder: &Path) -> String {
    let output = picosite(words, folder);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words:?}: {said}");
    assert_eq!(said, "", "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must fail with this exit status and this on standard error.
#[track_caller]
fn fails(words: &[&str], folder: &Path, status: i32, want: &str) {
    let output = picosite(words, folder);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), want, "{words:?}");
    assert_eq!(output.status.code(), Some(status), "{words:?}");
}

/// Writes a file with a time in seconds since 1970.
fn write(path: &Path, content: &[u8], seconds: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

/// Every file below a folder, with its content and its time in seconds.
fn tree(folder: &Path) -> BTreeMap<String, (Vec<u8>, u64)> {
    let mut tree = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let time = fs::metadata(&path).unwrap().modified().unwrap();
            let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            tree.insert(name, (fs::read(&path).unwrap(), seconds));
        }
    }
    tree
}

/// A folder `site` with names that are hard to handle, each with a time of its own.
fn hostile_site(folder: &Path) {
    let names = [
        "%20 #?.html",
        "-rf",
        "...",
        ".well-known/security.txt",
        "_gallery.html",
        "_headers",
        "_picosite",
        "_redirects",
        "a/b/c/d.css",
        "empty",
        "index.html",
        "ä/€.txt",
    ];
    for (seconds, name) in (1_600_000_001..).zip(names) {
        let content: &[u8] = match name {
            "_redirects" => b"/old /new 301\n",
            "_headers" => b"/*\n  X-A: b\n",
            "_picosite" => b"# nothing\n",
            "empty" => b"",
            _ => b"text that gets shorter, text that gets shorter, text that gets shorter",
        };
        write(&folder.join("site").join(name), content, seconds);
    }
}

#[test]
fn unpack_gives_back_what_was_packed() {
    let folder = Folder::new();
    hostile_site(&folder);
    works(&["pack", "site", "-o", "site.cdb"], &folder);
    works(&["unpack", "site.cdb", "again"], &folder);
    let mut site = tree(&folder.join("site"));
    // A name that begins with a dot is left out.
    assert!(site.remove("...").is_some());
    assert_eq!(tree(&folder.join("again")), site);
    assert_eq!(site.len(), 11);
}

#[test]
fn what_was_unpacked_packs_to_the_same_bytes() {
    let folder = Folder::new();
    hostile_site(&folder);
    works(&["pack", "site", "-o", "site.cdb"], &folder);
    works(&["unpack", "site.cdb", "again"], &folder);
    works(&["pack", "again", "-o", "again.cdb"], &folder);
    assert_eq!(
        fs::read(folder.join("again.cdb")).unwrap(),
        fs::read(folder.join("site.cdb")).unwrap()
    );
}

#[test]
fn a_packed_site_is_served_from_its_file() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_picosite"));
    command.args(["get", "/about"]).env_clear().env("PICOSITE_SITE", site::packed());
    let page = fs::read(site::sources().join("about.html")).unwrap();
    assert_eq!(command.output().unwrap().stdout, page);
}

#[test]
fn reuse_gives_the_same_bytes_and_takes_forms_from_the_old_pack() {
    let folder = Folder::new();
    let page = b"the same words over and over, ".repeat(20);
    for name in ["a.html", "b.html"] {
        write(&folder.join("site").join(name), &page, 1_600_000_000);
    }
    works(&["pack", "site", "-o", "old.cdb"], &folder);
    // A form that no compressor would make shows where the forms come from.
    let mut marked = fs::read(folder.join("old.cdb")).unwrap();
    let key = b"//br/a.html";
    let at = marked.windows(key.len()).position(|bytes| bytes == key).unwrap() + key.len();
    marked[at] ^= 0xff;
    fs::write(folder.join("marked.cdb"), &marked).unwrap();
    works(&["pack", "site", "-o", "new.cdb", "--reuse", "marked.cdb"], &folder);
    assert_eq!(fs::read(folder.join("new.cdb")).unwrap(), marked);
    // A file with other bytes is compressed, and one with a new name, too.
    write(&folder.join("site/a.html"), &page.repeat(2), 1_600_000_000);
    write(&folder.join("site/c.html"), &page, 1_600_000_000);
    works(&["pack", "site", "-o", "new.cdb", "--reuse", "marked.cdb"], &folder);
    works(&["pack", "site", "-o", "fresh.cdb"], &folder);
    assert_eq!(
        fs::read(folder.join("new.cdb")).unwrap(),
        fs::read(folder.join("fresh.cdb")).unwrap()
    );
}

#[test]
fn a_site_with_a_mistake_is_told_as_by_the_build_and_the_old_file_stays() {
    let folder = Folder::new();
    write(&folder.join("site/_redirects"), b"# one\n/only-one\n", 0);
    fs::write(folder.join("site.cdb"), "old").unwrap();
    let want = "site/_redirects:2: a rule is `from to [status]`, and this line has 1 of these; \
                write a blank in a name as `%20`\n";
    fails(&["pack", "site", "-o", "site.cdb"], &folder, 1, want);
    assert_eq!(fs::read(folder.join("site.cdb")).unwrap(), b"old");
    assert_eq!(fs::read_dir(&*folder).unwrap().count(), 2, "nothing is left behind");
}

#[test]
fn a_hostile_name_leads_nowhere() {
    for name in ["../out", "/tmp/picosite-out", "a/../../out", "a/./b", "", "a//b"] {
        let folder = Folder::new();
        let mut cdb = cdb::CDBWriter::create(folder.join("evil.cdb").to_str().unwrap()).unwrap();
        cdb.add(b"//site", &[1, 0, 0, 0, 0, 0, 0, 0]).unwrap();
        cdb.add(name.as_bytes(), b"evil").unwrap();
        cdb.add(b"good", b"good").unwrap();
        cdb.add(b"//files", format!("0 good\n0 {name}\n").as_bytes()).unwrap();
        cdb.finish().unwrap();
        let want = format!(
            "picosite: evil.cdb: it holds a file with the name '{name}'; nothing is unpacked\n"
        );
        fails(&["unpack", "evil.cdb", "out"], &folder, 1, &want);
        assert_eq!(fs::read_dir(&*folder).unwrap().count(), 1, "{name}");
    }
}

#[test]
fn unpack_writes_into_a_new_or_an_empty_folder() {
    let folder = Folder::new();
    hostile_site(&folder);
    works(&["pack", "site", "-o", "site.cdb"], &folder);
    fs::create_dir(folder.join("empty")).unwrap();
    works(&["unpack", "site.cdb", "empty"], &folder);
    let want = "picosite: empty: the folder is not empty; name a new one\n";
    fails(&["unpack", "site.cdb", "empty"], &folder, 1, want);
    let want = "picosite: no/such: No such file or directory (os error 2)\n";
    fails(&["unpack", "site.cdb", "no/such"], &folder, 1, want);
}

#[test]
fn wrong_files_and_wrong_words_are_told() {
    let folder = Folder::new();
    fs::write(folder.join("text"), "no cdb").unwrap();
    fs::write(folder.join("empty"), "").unwrap();
    for file in ["text", "empty"] {
        let want = format!(
            "picosite: {file}: not a site that picosite has packed, or one that this version \
             cannot read\n"
        );
        fails(&["unpack", file, "out"], &folder, 1, &want);
    }
    let want = "picosite: none: No such file or directory (os error 2)\n";
    fails(&["unpack", "none", "out"], &folder, 1, want);
    fails(&["pack", "none", "-o", "out.cdb"], &folder, 1, want);
    let usage = "picosite: usage: picosite pack DIR -o FILE [--onto OTHER] [--reuse OLD]\n";
    for words in [
        &["pack"][..],
        &["pack", "site"],
        &["pack", "-o", "x.cdb"],
        &["pack", "site", "-o"],
        &["pack", "site", "other", "-o", "x.cdb"],
        &["pack", "site", "-o", "x.cdb", "-o", "y.cdb"],
        &["pack", "site", "-o", "x.cdb", "--fast"],
    ] {
        fails(words, &folder, 2, usage);
    }
    let want = "picosite: --onto names an executable to copy: -o must not end in .cdb with it\n";
    fails(&["pack", "site", "-o", "x.cdb", "--onto", "y"], &folder, 2, want);
    fails(&["unpack", "text"], &folder, 2, "picosite: usage: picosite unpack FILE DIR\n");
}
