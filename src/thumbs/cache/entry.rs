//! Cache entries: how they are named, laid out and looked up. `store` writes them.
//!
//! ```text
//! CACHE/n/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn    the name in hexadecimal, split after one digit
//!
//! the thumbnail, as it is sent
//! "picosite thumb\r\n"      16 bytes
//! name                      16 bytes
//! length of the thumbnail    8 bytes, little-endian
//! format                     8 bytes, little-endian: 0 JPEG, 1 PNG
//! ```
//!
//! The footer comes last, so a file that is truncated, has a hole at its end or belongs to
//! another name is recognised. Image viewers ignore it.

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

/// Version of the pixels: incremented by every change of the code after which some photo's
/// thumbnails look different.
pub const PIXELS: u8 = 6;

/// Bytes of a name: 128 bits of a hash, which no two thumbnails share by chance.
const NAME_BYTES: usize = 16;

/// The start of a footer.
// A static for the reason given in `site::record`.
#[used]
static MARK: [u8; 16] = *b"picosite thumb\r\n";

/// Bytes after the thumbnail.
pub const FOOTER: usize = 16 + NAME_BYTES + 8 + 8;

/// Subfolders: few enough to scan them all, and enough to keep each short on small file
/// systems without a directory index (jffs2, ext2).
pub const FOLDERS: [u8; 16] = hex::DIGITS;

/// The name of a cache entry, which is also the thumbnail's entity tag.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Name {
    bytes: [u8; NAME_BYTES],
    /// The name in hexadecimal, in quotes.
    etag: [u8; 2 + 2 * NAME_BYTES],
}

impl Name {
    /// Names the thumbnail that `transform` makes of the photo at `path` below the galleries.
    /// The name depends on everything that the pixels depend on: the photo's path, size and
    /// times (nobody can set ctime), the canonical form of the transform, and [`PIXELS`].
    pub fn new(path: &[u8], stamp: &Stamp, transform: &Transform) -> Self {
        // The fields before the path have a fixed length, so nothing has to delimit it. With a
        // path of up to 24 bytes all of it fits in one block of SHA-256: 20 us on the board.
        let mut hash = Sha256::new_with_prefix([PIXELS]);
        hash.update(stamp.size.to_le_bytes());
        hash.update(in_eight_bytes(stamp.modified));
        hash.update(in_eight_bytes(stamp.changed));
        hash.update(transform.canonical());
        hash.update(path);
        let digest: [u8; 32] = hash.finalize().into();
        Self::from_bytes(core::array::from_fn(|at| digest[at]))
    }

    pub const fn from_bytes(bytes: [u8; NAME_BYTES]) -> Self {
        let mut etag = [b'"'; 2 + 2 * NAME_BYTES];
        let mut at = 0;
        while at < NAME_BYTES {
            [etag[1 + 2 * at], etag[2 + 2 * at]] = hex::digits(bytes[at]);
            at += 1;
        }
        Self { bytes, etag }
    }

    /// The entity tag in its quotes. It is strong: the same photo and transform make the same
    /// bytes.
    pub const fn etag(&self) -> &[u8; 2 + 2 * NAME_BYTES] {
        &self.etag
    }

    /// The subfolder and the file in it.
    pub fn folder_and_file(&self) -> (&[u8], &[u8]) {
        self.etag[1..=2 * NAME_BYTES].split_at(1)
    }

    pub const fn as_bytes(&self) -> &[u8; NAME_BYTES] {
        &self.bytes
    }

    /// The footer of a thumbnail of `len` bytes.
    pub fn footer(&self, format: Format, len: u64) -> [u8; FOOTER] {
        let mut footer = [0; FOOTER];
        footer[..16].copy_from_slice(&MARK);
        footer[16..32].copy_from_slice(&self.bytes);
        footer[32..40].copy_from_slice(&len.to_le_bytes());
        footer[40..].copy_from_slice(&u64::from(format == Format::Png).to_le_bytes());
        footer
    }
}

/// Packs a time: 30 bits of nanoseconds and 34 of seconds, which wrap after 544 years as
/// those of ext4 do.
const fn in_eight_bytes((seconds, nanoseconds): Time) -> [u8; 8] {
    (seconds << 30 | nanoseconds as i64).to_le_bytes()
}

/// A cached thumbnail.
#[derive(Debug)]
pub struct Found {
    /// The file, which starts with the thumbnail.
    pub file: OwnedFd,
    /// The thumbnail's length in bytes, not 0.
    pub len: usize,
    pub format: Format,
}

/// Looks up a thumbnail in the folder `cache` and marks it as used. `None` also if the file
/// or the folder is damaged or cannot be read.
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

/// Whether the folder `cache` has an entry of this name. It is neither read nor marked as
/// used.
pub fn is_there(cache: &[u8], name: &Name) -> bool {
    if cache.is_empty() {
        return false;
    }
    let look = |path: &CStr| accessat(CWD, path, Access::EXISTS, AtFlags::empty());
    exe_dir::with_path(&path(cache, name), look).is_ok()
}

/// The parts of an entry's path.
fn path<'a>(cache: &'a [u8], name: &'a Name) -> [&'a [u8]; 5] {
    let (folder, file) = name.folder_and_file();
    [cache, &SLASH, folder, &SLASH, file]
}

/// Sets atime, the order in which entries are evicted, unless it is later than mtime.
///
/// That is so at the first use, and at the first after a scan of the cache has re-armed the
/// mark by setting mtime. So only one use in many costs a write, and none reads the clock,
/// which needs the C library. `relatime` does the same, but small machines often mount their
/// disks `noatime`. On a read-only disk this fails, and nothing needs evicting.
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
