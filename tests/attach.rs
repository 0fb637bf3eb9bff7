//! Attaching another site to an executable: copies of this one, and copies of copies.

use std::io::ErrorKind;
#[cfg(target_env = "musl")]
use std::os::unix::{fs::PermissionsExt, process::CommandExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{fs, thread};

use picosite::facade::pack;
use picosite::facade::pack::PackError;
use tempfile::TempDir;

const PICOSITE: &str = env!("CARGO_BIN_EXE_picosite");

/// A folder with a cdb of a site: one page, and `len` bytes in a file.
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

/// The executable's reply at `/`.
fn home(executable: &Path) -> Output {
    ask(executable, "/")
}

fn ask(executable: &Path, path: &str) -> Output {
    let mut command = Command::new(executable);
    command.env_clear().env("REQUEST_METHOD", "GET").env("PATH_INFO", path);
    loop {
        match command.output() {
            // A child that another test forked meanwhile still has it open for writing.
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
fn copies_and_their_copies_serve_their_own_sites() {
    // Shorter than the site from the build, then longer, then short again.
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
fn assets_and_rules_below_thumb_come_before_thumbnails() {
    // None of these is signed, so a thumbnail answers 403.
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

/// Mode 111. A dynamically linked executable must read its own file, so only static ones can.
#[test]
#[cfg(target_env = "musl")]
#[cfg_attr(target_arch = "arm", ignore = "an emulator must read the executable")]
fn an_unreadable_executable_serves_its_site() {
    let (folder, executable) = attach(Path::new(PICOSITE), "page", 1 << 20);
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o111)).unwrap();
    let mut command = Command::new(&executable);
    command.env_clear().env("REQUEST_METHOD", "GET").env("PATH_INFO", "/");
    // Root can read everything, so it runs the executable as nobody.
    if fs::File::open(&executable).is_ok() {
        command.uid(65534).gid(65534);
    }
    let reply = String::from_utf8(command.output().unwrap().stdout).unwrap();
    assert!(reply.starts_with("Status: 200 OK\r\n") && reply.ends_with("\r\n\r\npage"), "{reply}");
}

#[test]
fn the_same_site_gives_the_same_bytes_whatever_it_replaces() {
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
fn verify_finds_the_site_and_detects_one_changed_byte() {
    let (folder, executable) = attach(Path::new(PICOSITE), "page", 0);
    let carried = pack::verify(&executable).unwrap();
    let mut bytes = fs::read(&executable).unwrap();
    let [start, end] = [carried.start, carried.end].map(|at| usize::try_from(at).unwrap());
    assert!(bytes[start..end] == fs::read(folder.path().join("site.cdb")).unwrap());
    pack::verify(Path::new(PICOSITE)).unwrap();

    bytes[end - 1] ^= 1;
    fs::write(&executable, bytes).unwrap();
    assert!(matches!(pack::verify(&executable), Err(PackError::Checksum(_))));
}

#[test]
fn refuses_files_that_are_not_executables_of_picosite() {
    let site = site("page", 0);
    let cdb = site.path().join("site.cdb");
    for base in [&cdb, Path::new("/bin/sh")] {
        let out = site.path().join("site.cgi");
        assert!(matches!(pack::attach(base, &cdb, &out), Err(PackError::NotPicosite(_))));
        assert!(!out.exists());
    }
}

/// In a static executable the site is a segment: if the file is cut, the kernel kills the
/// process (SIGBUS).
#[test]
#[cfg(not(target_env = "musl"))]
fn an_executable_without_its_site_says_so() {
    let (folder, executable) = attach(Path::new(PICOSITE), "page", 1 << 20);
    let carried = pack::verify(&executable).unwrap();
    let bytes = fs::read(&executable).unwrap();
    let cut = folder.path().join("cut.cgi");
    fs::write(&cut, &bytes[..usize::try_from(carried.start).unwrap()]).unwrap();
    fs::set_permissions(&cut, fs::metadata(&executable).unwrap().permissions()).unwrap();
    let output = home(&cut);
    assert!(output.stdout.starts_with(b"Status: 500 "), "{output:?}");
    assert!(output.stderr.starts_with(b"P54 "), "{output:?}");
}

/// `strip` keeps the site of a static executable, which is a segment, and removes that of a
/// dynamic one, which says so. Passes if there is no `strip` for this machine's files.
#[test]
fn strip_keeps_the_site_or_the_executable_says_so() {
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
