use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::string::String;
use std::{format, fs, vec};

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat};
use rustix::io::Errno;
use tempfile::TempDir;

use crate::sys::beneath::{READING, open_beneath, walk};
use crate::sys::exe_dir;
use crate::thumbs::photo::{PhotoError, has_ending, open};

/// A folder of galleries next to one that is private, with links of every kind.
fn galleries() -> TempDir {
    let folder = TempDir::new().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["g/holiday/2024", "g/.hidden", "g/away", "outside"] {
        fs::create_dir_all(at(name)).unwrap();
    }
    for name in ["g/holiday/a.jpg", "g/holiday/2024/b.jpg", "g/.hidden/c.jpg", "outside/s.jpg"] {
        fs::write(at(name), name).unwrap();
    }
    fs::write(at("g/holiday/.d.jpg"), "").unwrap();
    let parent = folder.path().to_str().unwrap();
    for (link, target) in [
        ("g/away/same.jpg", "../holiday/a.jpg"),
        ("g/away/deep", "../holiday/./2024//"),
        ("g/away/chain.jpg", "deep/../../away/same.jpg"),
        ("g/away/hidden.jpg", "../.hidden/c.jpg"),
        ("g/away/out.jpg", "../../outside/s.jpg"),
        ("g/away/out-and-in.jpg", "../../g/holiday/a.jpg"),
        ("g/away/out", "../../outside"),
        ("g/away/absolute.jpg", &format!("{parent}/g/holiday/a.jpg")),
        ("g/away/absolute", &format!("{parent}/outside")),
        ("g/away/root.jpg", "/../../../../../../etc/passwd"),
        ("g/away/loop.jpg", "loop.jpg"),
        ("g/away/nothing.jpg", "nowhere.jpg"),
        ("g/away/file-as-folder.jpg", "../holiday/a.jpg/"),
        ("g/away/up", ".."),
        ("g/away/here", "."),
        ("g/away/folder.jpg", "../holiday"),
        ("g/away/proc.jpg", "/proc/self/exe"),
    ] {
        symlink(target, at(link)).unwrap();
    }
    let fifo = at("g/holiday/fifo.jpg");
    mknodat(CWD, &fifo, FileType::Fifo, Mode::RWXU, 0).unwrap();
    drop(UnixListener::bind(at("g/holiday/socket.jpg")).unwrap());
    folder
}

fn content(file: OwnedFd) -> String {
    let mut text = String::new();
    fs::File::from(file).read_to_string(&mut text).unwrap();
    text
}

#[test]
fn opens_photos_below_galleries_alone() {
    let folder = galleries();
    let root = folder.path().join("g");
    let found = |path: &str| match open(root.as_os_str().as_bytes(), path.as_bytes()) {
        Ok(photo) => Ok(content(photo.file)),
        Err(error) => Err(error),
    };
    for (path, want) in [
        ("holiday/a.jpg", "g/holiday/a.jpg"),
        ("holiday/2024/b.jpg", "g/holiday/2024/b.jpg"),
        ("away/same.jpg", "g/holiday/a.jpg"),
        ("away/deep/b.jpg", "g/holiday/2024/b.jpg"),
        ("away/chain.jpg", "g/holiday/a.jpg"),
        ("away/hidden.jpg", "g/.hidden/c.jpg"),
        ("away/up/holiday/a.jpg", "g/holiday/a.jpg"),
        ("away/here/here/same.jpg", "g/holiday/a.jpg"),
    ] {
        assert_eq!(found(path), Ok(want.into()), "{path}");
    }
    for path in [
        "",
        "/",
        "holiday",
        "holiday/",
        "/holiday/a.jpg",
        "holiday//a.jpg",
        "holiday/a.jpg/",
        "holiday/nothing.jpg",
        "nowhere/a.jpg",
        "holiday/2024",
        "holiday/fifo.jpg",
        "holiday/socket.jpg",
        "holiday/.d.jpg",
        ".hidden/c.jpg",
        "./holiday/a.jpg",
        "../g/holiday/a.jpg",
        "holiday/../holiday/a.jpg",
        "../outside/s.jpg",
        "away/out.jpg",
        "away/out-and-in.jpg",
        "away/out/s.jpg",
        "away/absolute.jpg",
        "away/absolute/s.jpg",
        "away/root.jpg",
        "away/loop.jpg",
        "away/nothing.jpg",
        "away/file-as-folder.jpg",
        "away/folder.jpg",
        "away/proc.jpg",
        "holiday/a.jpg/b.jpg",
        "holiday/a.jpg\0",
    ] {
        assert_eq!(found(path), Err(PhotoError::Missing), "{path}");
    }
    assert_eq!(found(&format!("holiday/{}", "a".repeat(300))), Err(PhotoError::Missing));
    assert_eq!(found(&"a/".repeat(3000)), Err(PhotoError::Missing));
    assert_eq!(open(b"", b"holiday/a.jpg").unwrap_err(), PhotoError::Missing);
    assert_eq!(open(b"/nowhere", b"holiday/a.jpg").unwrap_err(), PhotoError::Missing);
}

#[test]
fn the_walk_agrees_with_openat2() {
    let folder = galleries();
    let root = exe_dir::open(
        &[folder.path().join("g").as_os_str().as_bytes()],
        OFlags::PATH | OFlags::DIRECTORY,
    );
    let root = root.unwrap();
    let mut paths = vec![];
    for gallery in
        ["holiday", "holiday/2024", "away", "away/out", "away/deep", "away/up/away", "away/here"]
    {
        for entry in fs::read_dir(folder.path().join("g").join(gallery)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            paths.push(format!("{gallery}/{name}"));
            paths.push(format!("{gallery}/{name}/a.jpg"));
        }
        paths.push(format!("{gallery}/nothing.jpg"));
    }
    paths.extend(
        ["away/..", "holiday/../../outside/s.jpg", "away/../holiday/a.jpg"].map(Into::into),
    );
    let mut outcomes = vec![];
    for path in paths {
        let kernel = open_beneath(root.as_fd(), path.as_bytes(), READING).map(identity);
        let walked = walk::open_beneath(root.as_fd(), path.as_bytes(), READING).map(identity);
        assert_eq!(walked, kernel, "{path}");
        outcomes.push(kernel.map(|_| ()));
    }
    for outcome in
        [Ok(()), Err(Errno::XDEV), Err(Errno::LOOP), Err(Errno::NOENT), Err(Errno::NOTDIR)]
    {
        assert!(outcomes.contains(&outcome), "{outcome:?} never occurred");
    }
}

fn identity(file: OwnedFd) -> (u64, u64) {
    let stat = rustix::fs::fstat(file).unwrap();
    (stat.st_dev, stat.st_ino)
}

#[test]
fn galleries_may_be_a_link() {
    let folder = galleries();
    symlink("g", folder.path().join("link")).unwrap();
    let link = folder.path().join("link");
    assert!(open(link.as_os_str().as_bytes(), b"holiday/a.jpg").is_ok());
}

#[test]
fn the_stamp_has_size_and_times() {
    let folder = galleries();
    let root = folder.path().join("g");
    let photo = open(root.as_os_str().as_bytes(), b"holiday/a.jpg").unwrap();
    assert_eq!(photo.stamp.size, 15);
    let modified =
        fs::metadata(Path::new(&root).join("holiday/a.jpg")).unwrap().modified().unwrap();
    let since = modified.duration_since(std::time::UNIX_EPOCH).unwrap();
    assert_eq!(photo.stamp.modified, (since.as_secs().try_into().unwrap(), since.subsec_nanos()));
}

#[test]
fn photos_are_listed_by_their_endings() {
    for (name, want) in [
        ("a.jpg", true),
        ("a.JPG", true),
        ("a.Jpeg", true),
        ("a.png", true),
        ("a.gif", true),
        ("a.webp", true),
        ("a.b.jpg", true),
        ("jpg", false),
        (".jpg", false),
        ("a.jpg~", false),
        ("a.jpg.txt", false),
        ("a.tif", false),
        ("a", false),
        ("", false),
    ] {
        assert_eq!(has_ending(name.as_bytes()), want, "{name}");
    }
}
