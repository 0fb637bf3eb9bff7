//! Things named like photos that are not regular files, and files with the wrong extension.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::Gallery;
use crate::paint::{Jpeg, jpeg, picture};

#[test]
fn what_is_not_a_regular_file_is_not_found() {
    let gallery = Gallery::new();
    let folder = gallery.0.folder.join("galleries/g");
    fs::create_dir(folder.join("folder.jpg")).unwrap();
    fs::write(gallery.0.folder.join("outside.jpg"), jpeg(&picture(8, 8), Jpeg::default())).unwrap();
    symlink("../../outside.jpg", folder.join("out.jpg")).unwrap();
    symlink(gallery.0.folder.join("outside.jpg"), folder.join("absolute.jpg")).unwrap();
    symlink("/dev/zero", folder.join("zero.jpg")).unwrap();
    symlink("loop.jpg", folder.join("loop.jpg")).unwrap();
    symlink("nothing", folder.join("nowhere.jpg")).unwrap();
    let _socket = UnixListener::bind(folder.join("socket.jpg")).unwrap();
    let own = Mode::RUSR | Mode::WUSR;
    mknodat(CWD, folder.join("fifo.jpg"), FileType::Fifo, own, 0).unwrap();
    // Endless like /dev/zero; only root can create it.
    let device = rustix::fs::makedev(1, 5);
    let _ = mknodat(CWD, folder.join("device.jpg"), FileType::CharacterDevice, own, device);
    for name in [
        "folder.jpg",
        "out.jpg",
        "absolute.jpg",
        "zero.jpg",
        "loop.jpg",
        "nowhere.jpg",
        "socket.jpg",
        "fifo.jpg",
        "device.jpg",
        "folder.jpg/",
        "../../outside.jpg",
    ] {
        // `..` makes the address malformed.
        let want = if name.starts_with("..") { 400 } else { 404 };
        assert_eq!(gallery.ask(name, "64x64").status, want, "{name}");
    }
}

/// The magic number decides, never the extension.
#[test]
fn the_format_is_told_by_content_not_extension() {
    let gallery = Gallery::new();
    let folder = gallery.0.folder.join("galleries/g");
    for name in ["photo.png", "photo.gif", "photo.webp", "photo.txt", "photo"] {
        fs::write(folder.join(name), jpeg(&picture(8, 8), Jpeg::default())).unwrap();
        assert_eq!(gallery.ask(name, "64x64").status, 200, "{name}");
    }
    for name in ["page.jpg", "page.png", "page.gif", "page.webp"] {
        gallery.refuses(name, b"<!doctype html><title>No picture</title>");
        gallery.refuses(name, b"");
        gallery.refuses(name, &[0; 4096]);
        gallery.refuses(name, b"\xff\xd8\xff");
        gallery.refuses(name, b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0");
    }
}
