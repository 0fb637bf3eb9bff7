use crate::thumbs::address::transform::{Format, Transform};
use crate::thumbs::cache::entry::{FOLDERS, FOOTER, Found, Name, find, in_eight_bytes, is_there};
use crate::thumbs::photo;
use crate::thumbs::photo::Photo;
use rustix::fs::{Timespec, Timestamps, futimens};
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use std::vec::Vec;
use tempfile::TempDir;

fn photo(folder: &Path) -> Photo {
    fs::create_dir_all(folder.join("g")).unwrap();
    fs::write(folder.join("g/a.jpg"), "photo").unwrap();
    photo::open(folder.as_os_str().as_bytes(), b"g/a.jpg").unwrap()
}

fn transform(text: &str) -> Transform {
    Transform::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_name_depends_on_what_changes_pixels_alone() {
    let folder = TempDir::new().unwrap();
    let mut photo = photo(folder.path());
    let name = |path: &str, photo: &Photo, text| {
        Name::new(path.as_bytes(), &photo.stamp, &transform(text))
    };
    let first = name("g/a.jpg", &photo, "9x9");
    assert_eq!(name("g/a.jpg", &photo, "9x9,fit,q80,v7,exp1"), first);
    let mut others = std::vec![first, name("g/b.jpg", &photo, "9x9")];
    others.push(name("g/a.jpg", &photo, "9x9,up"));
    photo.stamp.size += 1;
    others.push(name("g/a.jpg", &photo, "9x9"));
    photo.stamp.modified.1 += 1;
    others.push(name("g/a.jpg", &photo, "9x9"));
    photo.stamp.changed.0 += 1;
    others.push(name("g/a.jpg", &photo, "9x9"));
    for (index, name) in others.iter().enumerate() {
        assert!(!others[..index].contains(name), "{index}");
    }
}

#[test]
fn different_times_have_different_bytes() {
    let times = [
        (0, 0),
        (0, 1),
        (0, 999_999_999),
        (1, 0),
        (-1, 999_999_999),
        (-1, 0),
        // The earliest and the latest time of ext4.
        (i64::from(i32::MIN), 0),
        ((1 << 34) - (1 << 31) - 1, 999_999_999),
    ];
    let numbers = times.map(in_eight_bytes);
    for (index, number) in numbers.iter().enumerate() {
        assert!(!numbers[..index].contains(number), "{:?}", times[index]);
    }
}

#[test]
fn the_entity_tag_is_the_name_in_hexadecimal() {
    let name = Name::from_bytes(*b"\x01\x23\x45\x67\x89\xab\xcd\xef\0\0\0\0\0\0\0\xff");
    assert_eq!(name.etag(), b"\"0123456789abcdef00000000000000ff\"");
    assert_eq!(name.folder_and_file(), (&b"0"[..], &b"123456789abcdef00000000000000ff"[..]));
    assert!(FOLDERS.is_sorted());
}

fn name() -> Name {
    Name::from_bytes([0xa5; 16])
}

/// A cache with one entry.
fn cache(content: &[u8]) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("a")).unwrap();
    let path = folder.path().join("a/5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5");
    fs::write(&path, content).unwrap();
    (folder, path)
}

fn look(folder: &TempDir) -> Option<Found> {
    find(folder.path().as_os_str().as_bytes(), &name())
}

#[test]
fn only_a_complete_entry_is_found() {
    let whole = |body: &[u8], format| [body, &name().footer(format, body.len() as u64)].concat();
    let jpeg = whole(b"picture", Format::Jpeg);
    assert!(look(&cache(&whole(b"", Format::Png)).0).is_none(), "an empty thumbnail");
    let is_found = |content: &[u8]| look(&cache(content).0).is_some();
    for (format, body) in [(Format::Jpeg, &b"picture"[..]), (Format::Png, b"other")] {
        let (folder, _) = cache(&whole(body, format));
        let found = look(&folder).unwrap();
        assert_eq!((found.len, found.format), (body.len(), format));
        let cache = folder.path().as_os_str().as_bytes();
        assert!(is_there(cache, &name()) && !is_there(cache, &Name::from_bytes([0xa4; 16])));
    }
    for len in 0..jpeg.len() {
        assert!(!is_found(&jpeg[..len]), "cut to {len}");
    }
    for at in jpeg.len() - FOOTER..jpeg.len() {
        let mut other: Vec<u8> = jpeg.clone();
        other[at] ^= 1;
        // The one bit that tells PNG from JPEG.
        assert_eq!(is_found(&other), at == jpeg.len() - 8, "changed at {at}");
    }
    assert!(!is_found(&[&jpeg[..], b"\0"].concat()));
    assert!(!is_found(&jpeg[1..]));
    let of_another = Name::from_bytes([0xa4; 16]).footer(Format::Jpeg, 7);
    assert!(!is_found(&[&b"picture"[..], &of_another].concat()));
}

#[test]
fn an_entry_that_is_not_a_regular_file_is_not_found() {
    let (folder, path) = cache(b"");
    fs::remove_file(&path).unwrap();
    assert!(look(&folder).is_none());
    let elsewhere = cache(&[b"p", &name().footer(Format::Jpeg, 1)[..]].concat());
    symlink(&elsewhere.1, &path).unwrap();
    assert!(look(&folder).is_none(), "a link");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(look(&folder).is_none(), "a folder");
    assert!(find(b"", &name()).is_none(), "no cache");
    assert!(!is_there(b"", &name()));
    assert!(look(&elsewhere.0).is_some());
}

#[test]
fn a_use_sets_atime() {
    let (folder, path) = cache(&[b"p", &name().footer(Format::Jpeg, 1)[..]].concat());
    let second = Timespec { tv_sec: 1000, tv_nsec: 0 };
    let times = Timestamps { last_access: second, last_modification: second };
    futimens(File::open(&path).unwrap(), &times).unwrap();
    look(&folder).unwrap();
    let metadata = fs::metadata(&path).unwrap();
    assert!(metadata.atime() > 1000);
    assert_eq!(metadata.mtime(), 1000);
}
