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

use core::ffi::CStr;

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{
    Access, AtFlags, CWD, OFlags, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT, accessat, futimens,
};
use rustix::io::pread;
use sha2::{Digest, Sha256};

use crate::encoding::hex;
use crate::sys::exe_dir;
use crate::sys::exe_dir::SLASH;
use crate::sys::stat::{Stat, Time};
use crate::thumbs::address::transform::{Format, Transform};
use crate::thumbs::photo::Stamp;

/// Rises with every change of `src/thumb` after which some photo has other pixels.
pub const PIXELS: u8 = 6;

/// Bytes of a name: as many as no two thumbnails ever share by chance.
const NAME_BYTES: usize = 16;

/// What a footer begins with.
// A static, as those in `format` are.
static MARK: [u8; 16] = *b"picosite thumb\r\n";

/// Bytes behind the picture.
pub const FOOTER: usize = 16 + NAME_BYTES + 8 + 8;

/// The subfolders: few enough to be looked through at once, and enough that the folders
/// of small file systems without an index (jffs2, ext2) stay short.
pub const FOLDERS: [u8; 16] = hex::DIGITS;

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
        // All before the path has a fixed length, so it needs no mark where it begins. With a
        // path of up to 24 bytes it is one block of SHA-256 (55 bytes), which the board
        // takes 20 us for.
        let mut hash = Sha256::new_with_prefix([PIXELS]);
        hash.update(stamp.size.to_le_bytes());
        hash.update(in_eight_bytes(stamp.modified));
        hash.update(in_eight_bytes(stamp.changed));
        hash.update(transform.canonical());
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
            [etag[1 + 2 * at], etag[2 + 2 * at]] = hex::digits(bytes[at]);
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
        let mut footer = [0; FOOTER];
        footer[..16].copy_from_slice(&MARK);
        footer[16..32].copy_from_slice(&self.bytes);
        footer[32..40].copy_from_slice(&len.to_le_bytes());
        footer[40..].copy_from_slice(&u64::from(format == Format::Png).to_le_bytes());
        footer
    }
}

/// A time in one number: nanoseconds take 30 bits of it, and the seconds begin again after
/// 544 years, as those of ext4 do.
const fn in_eight_bytes((seconds, nanoseconds): Time) -> [u8; 8] {
    (seconds << 30 | nanoseconds as i64).to_le_bytes()
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
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let file = exe_dir::open(&path(cache, name), flags).ok()?;
    let stat = Stat::of(&file).ok()?;
    let len = stat.size.checked_sub(FOOTER as u64)?;
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

/// Whether a file of this name is in the folder `cache`; it is not read, and not marked as
/// used.
#[must_use]
pub fn is_there(cache: &[u8], name: &Name) -> bool {
    if cache.is_empty() {
        return false;
    }
    let look = |path: &CStr| accessat(CWD, path, Access::EXISTS, AtFlags::empty());
    exe_dir::with_path(&path(cache, name), look).is_ok()
}

/// The path of the file with this name, in its parts.
fn path<'a>(cache: &'a [u8], name: &'a Name) -> [&'a [u8]; 5] {
    let (folder, file) = name.folder_and_file();
    [cache, &SLASH, folder, &SLASH, file]
}

/// Sets the time of the last access, by which the cache is kept small, where that is not
/// behind the time of the last change yet: at the first use, and at the first after `maker`
/// has looked through the cache and set the latter anew. So a use costs a write once, not
/// each time, and no clock has to be asked, which needs the C library. The kernel does the
/// same (`relatime`), but small machines mount their disks without.
///
/// A read-only disk does without marks: nothing has to be made room for there.
pub fn mark_used(file: impl AsFd, stat: &Stat) {
    if stat.accessed <= stat.modified {
        let times = Timestamps {
            last_access: Timespec { tv_sec: 0, tv_nsec: UTIME_NOW },
            last_modification: Timespec { tv_sec: 0, tv_nsec: UTIME_OMIT },
        };
        let _ = futimens(file, &times);
    }
}

#[cfg(test)]
mod tests;
