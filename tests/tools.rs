//! `pack` and `unpack`, run as commands.

use crate::util::site;
use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use picosite::facade::site::Site;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::util::folder::Folder;

const PICOSITE: &str = env!("CARGO_BIN_EXE_picosite");

fn picosite(words: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(PICOSITE);
    command.args(words).current_dir(folder).env_clear().output().expect("it can be run")
}

/// Runs a command that must succeed; returns its output.
#[track_caller]
fn works(words: &[&str], folder: &Path) -> String {
    let output = picosite(words, folder);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words:?}: {said}");
    assert_eq!(said, "", "{words:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must fail with this exit status and standard error.
#[track_caller]
fn fails(words: &[&str], folder: &Path, status: i32, want: &str) {
    let output = picosite(words, folder);
    assert_eq!(String::from_utf8(output.stderr).unwrap(), want, "{words:?}");
    assert_eq!(output.status.code(), Some(status), "{words:?}");
}

/// Writes a file, modified at a time in seconds since 1970.
fn write(path: &Path, content: &[u8], seconds: u64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

/// Every file below a folder, with its content and modification time in seconds.
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

/// A folder `site` with difficult names, each file modified at a different time.
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
fn unpack_returns_what_was_packed() {
    let folder = Folder::new();
    hostile_site(&folder);
    works(&["pack", "site", "-o", "site.cdb"], &folder);
    works(&["unpack", "site.cdb", "again"], &folder);
    let mut site = tree(&folder.join("site"));
    // Names that begin with a dot are not packed.
    assert!(site.remove("...").is_some());
    assert_eq!(tree(&folder.join("again")), site);
    assert_eq!(site.len(), 11);
}

#[test]
fn an_unpacked_site_packs_to_the_same_bytes() {
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

/// The body of an executable's page, requested as a web server does.
#[track_caller]
fn page(program: &Path, path: &str) -> String {
    let mut command = Command::new(program);
    command.env_clear().env("REQUEST_METHOD", "GET").env("PATH_INFO", path);
    let output = command.output().expect("it can be run");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let reply = String::from_utf8(output.stdout).unwrap();
    assert!(reply.starts_with("Status: 200 OK\r\n"), "{reply}");
    reply.split_once("\r\n\r\n").expect("a header ends with an empty line").1.to_owned()
}

#[test]
fn packs_into_an_executable_and_unpacks_from_it() {
    let folder = Folder::new();
    hostile_site(&folder);
    let said = works(&["pack", "site", "-o", "site.cgi"], &folder);
    assert!(said.starts_with("site.cgi: 11 files, "), "{said}");
    let program = folder.join("site.cgi");
    assert_eq!(fs::metadata(&program).unwrap().permissions().mode() & 0o111, 0o111);
    assert_eq!(page(&program, "/a/b/c/d.css").len(), 70);
    works(&["unpack", "site.cgi", "again"], &folder);
    let mut site = tree(&folder.join("site"));
    site.remove("...");
    assert_eq!(tree(&folder.join("again")), site);
    // No other file was left behind.
    assert_eq!(fs::read_dir(&*folder).unwrap().count(), 3);
}

#[test]
fn packing_again_replaces_the_site_even_by_the_running_executable() {
    let folder = Folder::new();
    for (name, content) in [("one", "first"), ("two", "second")] {
        write(&folder.join(name).join("index.html"), content.as_bytes(), 1_600_000_000);
    }
    let program = folder.join("site.cgi");
    works(&["pack", "one", "-o", "site.cgi"], &folder);
    assert_eq!(page(&program, "/"), "first");
    let first = fs::read(&program).unwrap();
    works(&["pack", "two", "-o", "site.cgi", "--onto", "site.cgi"], &folder);
    assert_eq!(page(&program, "/"), "second");
    // The executable replaces itself while it runs.
    let mut command = Command::new(&program);
    command.args(["pack", "one", "-o", "site.cgi", "--reuse", "site.cgi"]);
    assert!(command.current_dir(&*folder).env_clear().status().unwrap().success());
    assert_eq!(page(&program, "/"), "first");
    assert_eq!(fs::read(&program).unwrap(), first);
}

#[test]
fn a_packed_copy_gets_execute_permission() {
    let folder = Folder::new();
    write(&folder.join("site/index.html"), b"home", 0);
    works(&["pack", "site", "-o", "downloaded"], &folder);
    fs::set_permissions(folder.join("downloaded"), Permissions::from_mode(0o640)).unwrap();
    works(&["pack", "site", "-o", "site.cgi", "--onto", "downloaded"], &folder);
    let mode = fs::metadata(folder.join("site.cgi")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o750);
}

#[test]
fn list_and_unpack_report_a_damaged_executable() {
    let folder = Folder::new();
    write(&folder.join("site/index.html"), b"home sweet home", 0);
    works(&["pack", "site", "-o", "site.cgi"], &folder);
    let mut damaged = fs::read(folder.join("site.cgi")).unwrap();
    let content = b"home sweet home";
    let at = damaged.windows(content.len()).rposition(|bytes| bytes == content).unwrap();
    damaged[at] = b'H';
    fs::write(folder.join("damaged"), damaged).unwrap();
    let want = "picosite: damaged: the site in it is not the one that was packed: the file was \
                damaged or changed; pack it again\n";
    fails(&["unpack", "damaged", "out"], &folder, 1, want);
    let want = format!("picosite: {}", &want["picosite: damaged: ".len()..]);
    let want = want.replace("the site in it", "the site in this executable");
    let want = want.replace(": the file was damaged or changed", "");
    works(&["pack", "site", "-o", "site.cgi"], &folder);
    // Written by another process: a child that another test forks meanwhile would hold the
    // file open for writing, and Linux does not run such a file (ETXTBSY).
    let shell = "cat damaged > run && chmod +x run && ./run list";
    let output = Command::new("sh").args(["-c", shell]).current_dir(&*folder).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), want);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn an_error_leaves_the_old_executable_alone() {
    let folder = Folder::new();
    write(&folder.join("site/index.html"), b"home", 0);
    works(&["pack", "site", "-o", "site.cgi"], &folder);
    write(&folder.join("site/_headers"), b"nonsense\n", 0);
    assert_eq!(picosite(&["pack", "site", "-o", "site.cgi"], &folder).status.code(), Some(1));
    assert_eq!(page(&folder.join("site.cgi"), "/"), "home");
    fs::remove_file(folder.join("site/_headers")).unwrap();
    fs::write(folder.join("text"), "no executable").unwrap();
    let want = "picosite: text: not a picosite executable, or one of another version\n";
    fails(&["pack", "site", "-o", "site.cgi", "--onto", "text"], &folder, 1, want);
    assert_eq!(page(&folder.join("site.cgi"), "/"), "home");
    assert_eq!(fs::read_dir(&*folder).unwrap().count(), 3, "a file was left behind");
}

#[test]
fn reuse_gives_the_same_bytes_and_takes_old_compressed_forms() {
    let folder = Folder::new();
    let page = b"the same words over and over, ".repeat(20);
    for name in ["a.html", "b.html"] {
        write(&folder.join("site").join(name), &page, 1_600_000_000);
    }
    works(&["pack", "site", "-o", "old.cdb"], &folder);
    let old = fs::read(folder.join("old.cdb")).unwrap();
    let changed = |key: &str, at: usize| {
        let mut changed = old.clone();
        let key = key.as_bytes();
        let form = changed.windows(key.len()).position(|bytes| bytes == key).unwrap() + key.len();
        changed[form + at] ^= 0xff;
        changed
    };
    // A gzip header with an operating system that no packer writes marks the form's origin.
    let marked = changed("//gzip/a.html", 9);
    fs::write(folder.join("marked.cdb"), &marked).unwrap();
    works(&["pack", "site", "-o", "new.cdb", "--reuse", "marked.cdb"], &folder);
    assert_eq!(fs::read(folder.join("new.cdb")).unwrap(), marked);
    // A damaged form is made again.
    for (key, at) in [("//br/a.html", 9), ("//gzip/a.html", 15)] {
        fs::write(folder.join("damaged.cdb"), changed(key, at)).unwrap();
        works(&["pack", "site", "-o", "new.cdb", "--reuse", "damaged.cdb"], &folder);
        assert_eq!(fs::read(folder.join("new.cdb")).unwrap(), old, "{key}");
    }
    // Changed and renamed files are compressed again.
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
fn reuse_gives_the_same_bytes_when_the_effort_changes() {
    let folder = Folder::new();
    let page = b"the same words over and over, ".repeat(200);
    write(&folder.join("site/a.html"), &page, 1_600_000_000);
    works(&["pack", "site", "-o", "small.cdb"], &folder);
    // A site of this size is compressed with less effort.
    let mut noise: u32 = 1;
    let mut byte = || {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.to_be_bytes()[0]
    };
    let large: Vec<u8> = (0..1 << 20).map(|_| byte()).collect();
    write(&folder.join("site/noise"), &large, 1_600_000_000);
    works(&["pack", "site", "-o", "fresh.cdb"], &folder);
    works(&["pack", "site", "-o", "large.cdb", "--reuse", "small.cdb"], &folder);
    works(&["pack", "site", "-o", "again.cdb", "--reuse", "large.cdb"], &folder);
    let [small, fresh, large, again] = ["small", "fresh", "large", "again"]
        .map(|name| fs::read(folder.join(name).with_extension("cdb")).unwrap());
    assert!(fresh == large && fresh == again);
    let gzip = |cdb: &[u8]| {
        let key = b"//gzip/a.html";
        let at = cdb.windows(key.len()).position(|bytes| bytes == key).unwrap();
        let len = u32::from_le_bytes(cdb[at - 4..at].try_into().unwrap()) as usize;
        cdb[at + key.len()..][..len].to_vec()
    };
    assert_ne!(gzip(&small), gzip(&large));
    fs::remove_file(folder.join("site/noise")).unwrap();
    works(&["pack", "site", "-o", "again.cdb", "--reuse", "large.cdb"], &folder);
    assert!(small == fs::read(folder.join("again.cdb")).unwrap());
    let deflate = &gzip(&large)[10..];
    let unpacked = miniz_oxide::inflate::decompress_to_vec(&deflate[..deflate.len() - 8]);
    assert_eq!(unpacked.unwrap(), page);
}

#[test]
fn an_error_in_the_site_names_its_line_and_the_old_file_stays() {
    let folder = Folder::new();
    write(&folder.join("site/_redirects"), b"# one\n/only-one\n", 0);
    fs::write(folder.join("site.cdb"), "old").unwrap();
    let want = "picosite: site/_redirects:2: a rule is `from to [status]`, but this line has 1 of these; \
                write a space in a name as `%20`\n";
    fails(&["pack", "site", "-o", "site.cdb"], &folder, 1, want);
    assert_eq!(fs::read(folder.join("site.cdb")).unwrap(), b"old");
    assert_eq!(fs::read_dir(&*folder).unwrap().count(), 2, "a file was left behind");
}

#[test]
fn replaces_only_files_and_keeps_links() {
    let folder = Folder::new();
    write(&folder.join("site/a.txt"), b"a", 0);
    let mode = Mode::from_raw_mode(0o644);
    mknodat(CWD, folder.join("pipe"), FileType::Fifo, mode, 0).unwrap();
    fs::create_dir(folder.join("folder")).unwrap();
    fs::create_dir(folder.join("released")).unwrap();
    fs::write(folder.join("released/one"), "old").unwrap();
    symlink("released/one", folder.join("current")).unwrap();
    let names = |folder: &Path| fs::read_dir(folder).unwrap().count();
    let before = names(&folder);
    for place in ["pipe", "folder"] {
        let want =
            format!("picosite: {place}: not a regular file, so it would be lost if replaced\n");
        fails(&["pack", "site", "-o", place], &folder, 1, &want);
    }
    works(&["pack", "site", "-o", "current"], &folder);
    assert_eq!(fs::read_link(folder.join("current")).unwrap(), Path::new("released/one"));
    assert_eq!(page(&folder.join("released/one"), "/a.txt"), "a");
    assert!(fs::symlink_metadata(folder.join("pipe")).unwrap().file_type().is_fifo());
    assert_eq!((names(&folder), names(&folder.join("released"))), (before, 1));
}

/// Runs a command that can write at most 1,024 bytes into a file.
fn with_little_room(words: &str, folder: &Path) -> Output {
    let command = format!("trap '' XFSZ; ulimit -f 2; exec {PICOSITE} {words}");
    Command::new("sh").args(["-c", &command]).current_dir(folder).output().unwrap()
}

#[test]
fn a_full_disk_leaves_the_old_file_and_no_part() {
    let folder = Folder::new();
    write(&folder.join("site/large.bin"), &[7; 9000], 0);
    works(&["pack", "site", "-o", "site.cdb"], &folder);
    fs::write(folder.join("old.png"), "old").unwrap();
    let photo = concat!(env!("CARGO_MANIFEST_DIR"), "/demo/galleries/Sea and sky/beacon.jpg");
    fs::copy(photo, folder.join("photo.jpg")).unwrap();
    for words in ["unpack site.cdb out", "thumb 200x200 photo.jpg old.png"] {
        assert_eq!(with_little_room(words, &folder).status.code(), Some(1), "{words}");
    }
    assert_eq!(fs::read(folder.join("old.png")).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.join("out")).unwrap().count(), 0);
    assert_eq!(fs::read_dir(&*folder).unwrap().count(), 5);
}

#[test]
fn a_file_never_takes_a_closed_descriptors_place() {
    let folder = Folder::new();
    write(&folder.join("site/a.txt"), b"a", 0);
    let closed = |words: &str, which: &str| {
        let command = format!("exec {PICOSITE} {words} {which}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &command]).current_dir(&*folder).output().unwrap()
    };
    for words in ["list", "secret", "get /", "--version", "pack site -o closed.cdb"] {
        let output = closed(words, ">&-");
        let want = "picosite: cannot write the output: Bad file descriptor (os error 9)\n";
        assert_eq!(String::from_utf8(output.stderr).unwrap(), want, "{words}");
        assert_eq!(output.status.code(), Some(1), "{words}");
    }
    // Warnings do not end up in the site.
    fs::write(folder.join("site/_headers"), "/none\n  Status: 200\n").unwrap();
    assert!(!picosite(&["pack", "site", "-o", "open.cdb"], &folder).stderr.is_empty());
    assert!(closed("pack site -o quiet.cdb", "<&- 2>&-").status.success());
    let [open, quiet] = ["open", "quiet"].map(|name| folder.join(name).with_extension("cdb"));
    assert_eq!(fs::read(open).unwrap(), fs::read(quiet).unwrap());
}

#[test]
fn an_unknown_option_is_wrong_usage() {
    let folder = Folder::new();
    for (command, option) in [
        ("get", "--bogus"),
        ("verify", "--mount"),
        ("sign", "--reuse"),
        ("warm", "--all"),
        ("list", "--jsonl"),
        ("pack", "--fast"),
    ] {
        let want =
            format!("picosite: {command} has no option {option}: see picosite {command} --help\n");
        fails(&[command, option], &folder, 2, &want);
    }
}

#[test]
fn refuses_names_that_leave_the_folder() {
    for name in ["../out", "/tmp/picosite-out", "a/../../out", "a/./b", "", "a//b"] {
        let folder = Folder::new();
        let mut cdb = cdb::CDBWriter::create(folder.join("evil.cdb").to_str().unwrap()).unwrap();
        let site = [Site::VERSION, 0, 0].map(u32::to_le_bytes);
        cdb.add(b"//site", site.as_flattened()).unwrap();
        cdb.add(name.as_bytes(), b"evil").unwrap();
        cdb.add(b"good", b"good").unwrap();
        cdb.add(b"//files", format!("0 good\n0 {name}\n").as_bytes()).unwrap();
        cdb.finish().unwrap();
        let want =
            format!("picosite: evil.cdb: it holds a file named '{name}'; nothing was unpacked\n");
        fails(&["unpack", "evil.cdb", "out"], &folder, 1, &want);
        assert_eq!(fs::read_dir(&*folder).unwrap().count(), 1, "{name}");
    }
}

#[test]
fn unpack_needs_a_new_or_empty_folder() {
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
fn reports_wrong_files_and_wrong_usage() {
    let folder = Folder::new();
    fs::write(folder.join("text"), "no cdb").unwrap();
    fs::write(folder.join("empty"), "").unwrap();
    for file in ["text", "empty"] {
        let want = format!(
            "picosite: {file}: not a site packed by picosite, or packed by a version that this \
             one cannot read\n"
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
    ] {
        fails(words, &folder, 2, usage);
    }
    let want = "picosite: pack has no option -q: see picosite pack --help\n";
    fails(&["pack", "site", "-o", "x.cdb", "-q"], &folder, 2, want);
    let want = "picosite: --onto names an executable to copy, so FILE must not end in .cdb\n";
    fails(&["pack", "site", "-o", "x.cdb", "--onto", "y"], &folder, 2, want);
    fails(&["unpack", "text"], &folder, 2, "picosite: usage: picosite unpack FILE DIR\n");
}
