//! Finished thumbnails on disk: their names, their form, how one is found. The fast path
//! reads them, the maker (`thumb`) writes them.
//!
//! ```text
//! CACHE/n/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn    the name in hexadecimal, its first digit apart
//!
//! the picture, as it is sent
//! "picosite thumb\r\n"    16 bytes
//! name                    16 bytes
//! length of the picture    8 bytes, little-endian
//! format                   8 bytes, little-endian: 0 JPEG, 1 PNG
//! ```
//!
//! The last 48 bytes are written last: a file that is cut short, has a hole at its end or
//! another's name is none. Any picture viewer shows the files as they are.

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{OFlags, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, fstat, futimens};
use rustix::io::pread;
use sha2::{Digest, Sha256};

use crate::beside;
use crate::photo::{Stamp, nanoseconds};
use crate::transform::{Format, Transform};

/// Rises with every change of `src/thumb` after which some photo has other pixels.
pub const PIXELS: u8 = 1;

/// Bytes of a name: as many as no two thumbnails ever share by chance.
const NAME_BYTES: usize = 16;

/// Bytes behind the picture.
pub const FOOTER: usize = 16 + NAME_BYTES + 8 + 8;

/// The subfolders: few enough to be looked through at once, and enough that the folders
/// of small file systems without an index (jffs2, ext2) stay short.
pub const FOLDERS: [u8; 16] = *b"0123456789abcdef";

/// What a thumbnail is kept under; the same is its entity tag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Name {
    bytes: [u8; NAME_BYTES],
    /// `"` and the name in hexadecimal and `"`.
    etag: [u8; 2 + 2 * NAME_BYTES],
}

impl Name {
    /// The name of what `transform` makes of the photo with this stamp that `path` below
    /// the galleries leads to. It changes with whatever may change the pixels: the photo's
    /// path, size and times (the second of which nobody can set back), the transform in its
    /// canonical form, and [`PIXELS`].
    #[must_use]
    pub fn new(path: &[u8], stamp: &Stamp, transform: &Transform) -> Self {
        let mut hash = Sha256::new_with_prefix([PIXELS]);
        for (seconds, nanoseconds) in [stamp.modified, stamp.changed] {
            hash.update(seconds.to_le_bytes());
            hash.update(nanoseconds.to_le_bytes());
        }
        hash.update(stamp.size.to_le_bytes());
        hash.update(transform.canonical());
        // All before has a fixed length, so the path needs no mark where it begins.
        hash.update(path);
        let digest: [u8; 32] = hash.finalize().into();
        Self::from_bytes(core::array::from_fn(|at| digest[at]))
    }

    /// The name that these bytes are.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; NAME_BYTES]) -> Self {
        let mut etag = [b'"'; 2 + 2 * NAME_BYTES];
        let mut at = 0;
        while at < NAME_BYTES {
            etag[1 + 2 * at] = FOLDERS[(bytes[at] >> 4) as usize];
            etag[2 + 2 * at] = FOLDERS[(bytes[at] & 15) as usize];
            at += 1;
        }
        Self { bytes, etag }
    }

    /// The entity tag, with its quotes. A strong one: the same photo and transform make
    /// the same bytes.
    #[must_use]
    pub const fn etag(&self) -> &[u8; 2 + 2 * NAME_BYTES] {
        &self.etag
    }

    /// Subfolder and file in it.
    #[must_use]
    pub fn folder_and_file(&self) -> (&[u8], &[u8]) {
        self.etag[1..=2 * NAME_BYTES].split_at(1)
    }

    /// The name itself.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; NAME_BYTES] {
        &self.bytes
    }

    /// What stands behind a picture of `len` bytes.
    #[must_use]
    pub fn footer(&self, format: Format, len: u64) -> [u8; FOOTER] {
        let mut footer = *b"picosite thumb\r\nNNNNNNNNNNNNNNNNllllllllffffffff";
        footer[16..32].copy_from_slice(&self.bytes);
        footer[32..40].copy_from_slice(&len.to_le_bytes());
        footer[40..].copy_from_slice(&u64::from(format == Format::Png).to_le_bytes());
        footer
    }
}

/// A finished thumbnail.
#[derive(Debug)]
pub struct Found {
    /// The file; its picture begins at its start.
    pub file: OwnedFd,
    /// The picture's length in bytes, not 0.
    pub len: usize,
    /// What the picture is.
    pub format: Format,
}

/// Finds a finished thumbnail in the folder `cache` and marks it as used.
///
/// Whatever is wrong with the file or the folder: it is not there.
#[must_use]
pub fn find(cache: &[u8], name: &Name) -> Option<Found> {
    if cache.is_empty() {
        return None;
    }
    let (folder, file) = name.folder_and_file();
    let path = [cache, b"/", folder, b"/", file];
    let file = beside::open(&path, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK).ok()?;
    let stat = fstat(&file).ok()?;
    let len = u64::try_from(stat.st_size).ok()?.checked_sub(FOOTER as u64)?;
    let mut footer = [0; FOOTER];
    let read = pread(&file, &mut footer, len).ok()?;
    let formats = [Format::Jpeg, Format::Png];
    let format = formats.into_iter().find(|&format| footer == name.footer(format, len))?;
    if read < FOOTER {
        return None;
    }
    mark_used(&file, &stat);
    let len = usize::try_from(len).ok().filter(|&len| len > 0)?;
    Some(Found { file, len, format })
}

/// Sets the time of the last access, by which the cache is kept small, where that is not
/// behind the time of the last change yet: at the first use, and at the first after `maker`
/// has looked through the cache and set the latter anew. So a use costs a write once, not
/// each time, and no clock has to be asked, which needs the C library. The kernel does the
/// same (`relatime`), but small machines mount their disks without.
///
/// A read-only disk does without marks: nothing has to be made room for there.
fn mark_used(file: impl AsFd, stat: &Stat) {
    let used = (stat.st_atime, nanoseconds(stat.st_atime_nsec));
    let changed = (stat.st_mtime, nanoseconds(stat.st_mtime_nsec));
    if used <= changed {
        let times = Timestamps {
            last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
            last_modification: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        };
        let _ = futimens(file, &times);
    }
}

#[cfg(test)]
mod tests {
    use super::{FOLDERS, FOOTER, Found, Name, find};
    use crate::photo::{self, Photo};
    use crate::transform::{Format, Transform};
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
    fn a_name_changes_with_all_that_changes_pixels_and_nothing_else() {
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
    fn the_entity_tag_is_the_name_in_hexadecimal() {
        let name = Name::from_bytes(*b"\x01\x23\x45\x67\x89\xab\xcd\xef\0\0\0\0\0\0\0\xff");
        assert_eq!(name.etag(), b"\"0123456789abcdef00000000000000ff\"");
        assert_eq!(name.folder_and_file(), (&b"0"[..], &b"123456789abcdef00000000000000ff"[..]));
        assert!(FOLDERS.is_sorted());
    }

    fn name() -> Name {
        Name::from_bytes([0xa5; 16])
    }

    /// A cache with one file in it.
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
    fn finds_a_whole_file_and_no_other() {
        let whole =
            |body: &[u8], format| [body, &name().footer(format, body.len() as u64)].concat();
        let jpeg = whole(b"picture", Format::Jpeg);
        assert!(look(&cache(&whole(b"", Format::Png)).0).is_none(), "no picture is empty");
        let is_found = |content: &[u8]| look(&cache(content).0).is_some();
        for (format, body) in [(Format::Jpeg, &b"picture"[..]), (Format::Png, b"other")] {
            let (folder, _) = cache(&whole(body, format));
            let found = look(&folder).unwrap();
            assert_eq!((found.len, found.format), (body.len(), format));
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
    fn what_is_no_file_is_not_there() {
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
        assert!(look(&elsewhere.0).is_some());
    }

    #[test]
    fn a_use_is_marked() {
        let (folder, path) = cache(&[b"p", &name().footer(Format::Jpeg, 1)[..]].concat());
        let second = Timespec { tv_sec: 1000, tv_nsec: 0 };
        let times = Timestamps { last_access: second, last_modification: second };
        futimens(File::open(&path).unwrap(), &times).unwrap();
        look(&folder).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert!(metadata.atime() > 1000);
        assert_eq!(metadata.mtime(), 1000);
    }
}
