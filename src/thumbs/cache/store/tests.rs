use crate::thumbs::address::transform::Format;
use crate::thumbs::cache::entry;
use crate::thumbs::cache::entry::{FOOTER, Name};
use crate::thumbs::cache::store::{for_each, keep, keep_sizes, size, survey};
use crate::thumbs::queue::{Slot, Turn, wait};
use rustix::fs::{Timespec, Timestamps, futimens};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::string::String;
use std::time::Instant;
use std::vec::Vec;
use std::{format, vec};
use tempfile::TempDir;

fn name(byte: u8) -> Name {
    Name::from_bytes([byte; 16])
}

fn slot(cache: &Path) -> Slot {
    match wait(Some(cache), &name(0xff), 1, Instant::now(), || None::<()>) {
        Ok(Turn::Ours(slot)) => slot,
        other => panic!("no slot in an empty queue: {other:?}"),
    }
}

/// 4,096 bytes on disk, unless the file system has larger blocks.
fn picture() -> Vec<u8> {
    vec![7; 4096 - FOOTER]
}

fn is_there(cache: &Path, byte: u8) -> bool {
    entry::find(cache.as_os_str().as_bytes(), &name(byte)).is_some()
}

fn path(cache: &Path, byte: u8) -> PathBuf {
    let hex = format!("{byte:02x}").repeat(16);
    cache.join(&hex[..1]).join(&hex[1..])
}

fn sum(cache: &Path) -> u64 {
    let mut sum = 0;
    for_each(&survey(cache, Path::new("")).unwrap(), |_, metadata| sum += size(metadata)).unwrap();
    sum
}

fn entries(cache: &Path) -> Vec<String> {
    let names = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_entry_is_found_and_no_temporary_file_is_left() {
    let cache = TempDir::new().unwrap();
    let slot = slot(cache.path());
    keep(&slot, &name(0xab), Format::Png, b"picture", 1 << 20).unwrap();
    let folder = cache.path().as_os_str().as_bytes();
    let found = entry::find(folder, &name(0xab)).unwrap();
    assert_eq!((found.len, found.format), (7, Format::Png));
    let whole = fs::read(path(cache.path(), 0xab)).unwrap();
    assert_eq!(whole[..7], *b"picture");
    assert_eq!(entries(cache.path()), ["a", "lock", "worker-0"]);
}

#[test]
fn the_least_recently_used_go_first_and_the_limit_is_kept() {
    let cache = TempDir::new().unwrap();
    let slot = slot(cache.path());
    keep(&slot, &name(0), Format::Jpeg, &picture(), 1 << 20).unwrap();
    let limit = sum(cache.path()) * 8;
    for byte in 1..8 {
        keep(&slot, &name(byte), Format::Jpeg, &picture(), limit).unwrap();
    }
    assert_eq!(sum(cache.path()), limit);
    // The even ones were used recently, the others before: 7, 5, 3, 1.
    for byte in 0..8 {
        let tv_sec = if byte % 2 == 0 { 1_000_000 } else { 1000 - i64::from(byte) };
        let time = Timespec { tv_sec, tv_nsec: 0 };
        let times = Timestamps { last_access: time, last_modification: time };
        futimens(File::open(path(cache.path(), byte)).unwrap(), &times).unwrap();
    }
    keep(&slot, &name(8), Format::Jpeg, &picture(), limit).unwrap();
    let left: Vec<u8> = (0..9).filter(|&byte| path(cache.path(), byte).exists()).collect();
    assert_eq!(left, [0, 1, 2, 3, 4, 5, 6, 8]);
    keep(&slot, &name(9), Format::Jpeg, &picture(), limit / 2).unwrap();
    let left: Vec<u8> = (0..10).filter(|&byte| path(cache.path(), byte).exists()).collect();
    assert_eq!(left.len(), 4, "{left:?}");
    assert!(sum(cache.path()) <= limit / 2);
    assert!(is_there(cache.path(), 9) && !left.iter().any(|byte| byte % 2 == 1 && *byte < 8));
}

#[test]
fn sizes_are_counted_and_evicted_like_thumbnails() {
    let cache = TempDir::new().unwrap();
    let stored = || fs::read(cache.path().join("lock")).unwrap();
    keep_sizes(cache.path(), &name(0xa1), b"sizes", 1 << 20).unwrap();
    assert_eq!(stored(), sum(cache.path()).to_le_bytes());
    assert_eq!(fs::read(path(cache.path(), 0xa1)).unwrap(), b"sizes");
    let limit = sum(cache.path());
    keep_sizes(cache.path(), &name(0xa2), b"sizes", limit).unwrap();
    assert!(!path(cache.path(), 0xa1).exists() && path(cache.path(), 0xa2).exists());
    assert_eq!(stored(), limit.to_le_bytes());
    assert!(keep_sizes(cache.path(), &name(0xa3), b"sizes", limit - 1).is_err());
    assert_eq!(entries(cache.path()), ["a", "lock"]);
}

#[test]
fn orphans_go_with_an_eviction() {
    let cache = TempDir::new().unwrap();
    let turn = |byte| match wait(Some(cache.path()), &name(byte), 2, Instant::now(), || None::<()>)
    {
        Ok(Turn::Ours(slot)) => slot,
        other => panic!("no slot: {other:?}"),
    };
    let (first, _second) = (turn(1), turn(2));
    keep(&first, &name(0xa9), Format::Jpeg, &picture(), 1 << 20).unwrap();
    for part in ["worker-1.part", "worker-2.part", "worker-x.part", "other.part"] {
        fs::write(cache.path().join(part), "half").unwrap();
    }
    keep(&first, &name(0xaa), Format::Jpeg, &picture(), 1 << 20).unwrap();
    assert!(cache.path().join("worker-2.part").exists(), "below the limit");
    keep(&first, &name(0xab), Format::Jpeg, &picture(), 4096).unwrap();
    let left = entries(cache.path());
    assert_eq!(
        left,
        [
            "a",
            "lock",
            "other.part",
            "worker-0",
            "worker-1",
            "worker-1.part",
            "worker-2",
            "worker-x.part"
        ]
    );
}

#[test]
fn a_lost_or_wrong_total_is_corrected() {
    let cache = TempDir::new().unwrap();
    let slot = slot(cache.path());
    for byte in 0..4 {
        keep(&slot, &name(byte), Format::Jpeg, &picture(), 1 << 20).unwrap();
        let stored = fs::read(cache.path().join("lock")).unwrap();
        assert_eq!(stored, sum(cache.path()).to_le_bytes());
        let spoilt: &[u8] = [&b"x"[..], &[0xff; 8], b""][usize::from(byte) % 3];
        fs::write(cache.path().join("lock"), spoilt).unwrap();
    }
}

#[test]
fn a_thumbnail_above_the_limit_is_not_kept() {
    let cache = TempDir::new().unwrap();
    let slot = slot(cache.path());
    assert!(keep(&slot, &name(1), Format::Jpeg, &picture(), 4095).is_err());
    assert!(keep(&slot, &name(1), Format::Jpeg, &picture(), 0).is_err());
    assert_eq!(entries(cache.path()), ["lock", "worker-0"]);
}

#[test]
fn foreign_files_are_left_alone() {
    let cache = TempDir::new().unwrap();
    let precious = cache.path().join("precious");
    fs::write(&precious, "x").unwrap();
    symlink(&precious, cache.path().join("worker-0.part")).unwrap();
    fs::create_dir(cache.path().join("b")).unwrap();
    fs::write(cache.path().join("b/other"), vec![0; 9000]).unwrap();
    let slot = slot(cache.path());
    let limit = 8192;
    for byte in [0xb1, 0xb2, 0xb3] {
        keep(&slot, &name(byte), Format::Jpeg, &picture(), limit).unwrap();
    }
    assert_eq!(fs::read(&precious).unwrap(), b"x");
    assert!(cache.path().join("b/other").exists());
    assert!(is_there(cache.path(), 0xb3) && !is_there(cache.path(), 0xb1));
}

#[test]
fn a_cache_that_cannot_be_written_keeps_nothing() {
    let cache = TempDir::new().unwrap();
    let slot = slot(cache.path());
    fs::write(cache.path().join("a"), "a file where a folder should be").unwrap();
    assert!(keep(&slot, &name(0xaa), Format::Jpeg, &picture(), 1 << 20).is_err());
    assert_eq!(entries(cache.path()), ["a", "lock", "worker-0"]);
}
