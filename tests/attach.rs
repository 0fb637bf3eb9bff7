//! An executable takes another site: copies of this very one, and of those.

use std::io::ErrorKind;
#[cfg(target_env = "musl")]
use std::os::unix::{fs::PermissionsExt, process::CommandExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, thread};

use picosite::pack;
use picosite::pack::PackError;
use tempfile::TempDir;

const PICOSITE: &str = env!("CARGO_BIN_EXE_picosite");

/// A folder with a cdb of a site of one page, and of a file that is not compressed.
fn site(page: &str, len: usize) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let assets = folder.path().join("assets");
    fs::create_dir(&assets).unwrap();
    fs::write(assets.join("index.html"), page).unwrap();
    fs::write(assets.join("data.bin"), vec![b'x'; len]).unwrap();
    pack::pack(&assets, &folder.path().join("site.cdb"), Some(0)).unwrap();
    folder
}

fn attach(base: &Path, page: &str, len: usize) -> (TempDir, PathBuf) {
    let folder = site(page, len);
    let out = folder.path().join("site.cgi");
    pack::attach(base, &folder.path().join("site.cdb"), &out).unwrap();
    (folder, out)
}

/// What the executable answers at `/`.
fn home(executable: &Path) -> Output {
    ask(executable, "/")
}

fn ask(executable: &Path, path: &str) -> Output {
    let mut command = Command::new(executable);
    command.env_clear().env("REQUEST_METHOD", "GET").env("PATH_INFO", path);
    loop {
        match command.output() {
            // A child of another test, forked while this file was written, has it open still.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => thread::yield_now(),
            output => return output.unwrap(),
        }
    }
}

#[track_caller]
fn assert_serves(executable: &Path, page: &str) {
    let output = home(executable);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    let reply = String::from_utf8(output.stdout).unwrap();
    assert!(reply.starts_with("Status: 200 OK\r\n"), "{reply}");
    assert!(reply.ends_with(&format!("\r\n\r\n{page}")), "{reply}");
}

#[test]
fn a_copy_serves_its_own_site_and_so_does_a_copy_of_it() {
    // Shorter than the one that the linker put in, then longer, then as short again.
    let (_first, once) = attach(Path::new(PICOSITE), "first", 0);
    assert_serves(&once, "first");
    let (_second, twice) = attach(&once, "second", 1 << 20);
    assert_serves(&twice, "second");
    let (_third, thrice) = attach(&twice, "third", 0);
    assert_serves(&thrice, "third");
    assert_eq!(fs::metadata(&thrice).unwrap().len(), fs::metadata(&once).unwrap().len());
    assert_serves(&once, "first");
}

#[test]
fn what_a_site_has_under_thumb_comes_before_thumbnails() {
    // Nobody has signed these: 403 is what a thumbnail would answer.
    for (files, asset, other) in [
        (&[][..], 403, 403),
        (&[("thumb.html", "page")], 403, 403),
        (&[("thumb/asset.txt", "asset")], 200, 403),
        (&[("_redirects", "/thumb/asset.txt /elsewhere\n")], 301, 403),
        (&[("_redirects", "/* /elsewhere\n")], 301, 301),
        (&[("_redirects", "/old/* /elsewhere\n")], 403, 403),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let [assets, cdb, executable] = ["a", "cdb", "cgi"].map(|name| folder.path().join(name));
        fs::create_dir_all(assets.join("thumb")).unwrap();
        for (name, text) in files {
            fs::write(assets.join(name), text).unwrap();
        }
        pack::pack(&assets, &cdb, Some(0)).unwrap();
        pack::attach(Path::new(PICOSITE), &cdb, &executable).unwrap();
        for (path, status) in [("/thumb/asset.txt", asset), ("/thumb/other", other)] {
            let reply = String::from_utf8(ask(&executable, path).stdout).unwrap();
            assert!(reply.starts_with(&format!("Status: {status} ")), "{files:?}: {reply}");
        }
    }
}

/// Mode 711. One that is not static reads what it carries behind its end.
#[test]
#[cfg(target_env = "musl")]
#[cfg_attr(target_arch = "arm", ignore = "what emulates a processor reads what it starts")]
fn an_executable_that_cannot_be_read_serves_its_site() {
    let (folder, executable) = attach(Path::new(PICOSITE), "page", 1 << 20);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o111)).unwrap();
    let mut command = Command::new(&executable);
    command.env_clear().env("REQUEST_METHOD", "GET").env("PATH_INFO", "/");
    // Whom nothing is forbidden to read becomes nobody.
    if fs::File::open(&executable).is_ok() {
        command.uid(65534).gid(65534);
    }
    let reply = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(reply.starts_with("Status: 200 OK\r\n") && reply.ends_with("\r\n\r\npage"), "{reply}");
}

#[test]
fn the_same_site_gives_the_same_bytes_whatever_was_in_it() {
    let (_first, once) = attach(Path::new(PICOSITE), "page", 7);
    let (_other, other) = attach(Path::new(PICOSITE), "other", 99_999);
    let (_second, twice) = attach(&other, "page", 7);
    assert!(fs::read(once).unwrap() == fs::read(twice).unwrap());
}

#[test]
fn a_copy_may_replace_its_base() {
    let (folder, executable) = attach(Path::new(PICOSITE), "first", 0);
    let second = site("second", 0);
    pack::attach(&executable, &second.path().join("site.cdb"), &executable).unwrap();
    assert_serves(&executable, "second");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "a file was left behind");
}

#[test]
fn verify_finds_the_site_and_one_changed_byte() {
    let (folder, executable) = attach(Path::new(PICOSITE), "page", 0);
    let carried = pack::verify(&executable).unwrap();
    let mut bytes = fs::read(&executable).unwrap();
    let start = usize::try_from(carried.offset).unwrap();
    let end = start + usize::try_from(carried.len).unwrap();
    assert!(bytes[start..end] == fs::read(folder.path().join("site.cdb")).unwrap());
    pack::verify(Path::new(PICOSITE)).unwrap();

    bytes[end - 1] ^= 1;
    fs::write(&executable, bytes).unwrap();
    assert!(matches!(pack::verify(&executable), Err(PackError::Checksum(_))));
}

#[test]
fn another_file_is_no_executable() {
    let site = site("page", 0);
    let cdb = site.path().join("site.cdb");
    for base in [&cdb, Path::new("/bin/sh")] {
        let out = site.path().join("site.cgi");
        assert!(matches!(pack::attach(base, &cdb, &out), Err(PackError::NotPicosite(_))));
        assert!(!out.exists());
    }
}

/// A static one has its site in a segment: cut through that, the kernel ends it (SIGBUS).
#[test]
#[cfg(not(target_env = "musl"))]
fn an_executable_that_lost_its_site_says_so() {
    let (folder, executable) = attach(Path::new(PICOSITE), "page", 1 << 20);
    let carried = pack::verify(&executable).unwrap();
    let bytes = fs::read(&executable).unwrap();
    let cut = folder.path().join("cut.cgi");
    fs::write(&cut, &bytes[..usize::try_from(carried.offset).unwrap()]).unwrap();
    fs::set_permissions(&cut, fs::metadata(&executable).unwrap().permissions()).unwrap();
    let output = home(&cut);
    assert!(output.stdout.starts_with(b"Status: 500 "), "{output:?}");
    assert!(output.stderr.starts_with(b"P54 "), "{output:?}");
}

/// A static one has its site in a segment. To the others `strip` is no copying tool: they
/// say so. Without a `strip` for this machine's files there is nothing to see.
#[test]
fn strip_leaves_the_site_or_it_is_told() {
    let (_folder, executable) = attach(Path::new(PICOSITE), "page", 0);
    let strip = Command::new("strip").arg(&executable).output();
    if !strip.is_ok_and(|output| output.status.success()) || cfg!(target_env = "musl") {
        return assert_serves(&executable, "page");
    }
    let output = home(&executable);
    assert!(output.stdout.starts_with(b"Status: 500 "), "{output:?}");
    assert!(output.stderr.starts_with(b"P54 "), "{output:?}");
    let list = Command::new(&executable).arg("list").env_clear().output().unwrap();
    let told = String::from_utf8(list.stderr).unwrap();
    assert!(told.contains("do not strip it, pack it"), "{told}");
}
