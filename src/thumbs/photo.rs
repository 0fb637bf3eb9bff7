//! Photos below the folder `galleries`.
//!
//! A path is opened in one step that cannot leave the folder, so there is no gap between
//! check and use in which a link could be swapped in. Links that stay inside are followed.

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::sys::beneath::{READING, open_beneath};
use crate::sys::exe_dir;
use crate::sys::stat::{Stat, Time};

/// A photo, open for reading.
#[derive(Debug)]
pub struct Photo {
    /// The file, at its start.
    pub file: OwnedFd,
    /// Its version when it was opened.
    pub stamp: Stamp,
}

/// Tells versions of a photo apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stamp {
    /// Length in bytes.
    pub size: u64,
    /// Last change of the content (mtime).
    pub modified: Time,
    /// Last change of content or status (ctime): differs even if mtime was set back.
    pub changed: Time,
}

impl Stamp {
    /// The stamp of a file with this status.
    pub const fn new(stat: &Stat) -> Self {
        Self { size: stat.size, modified: stat.modified, changed: stat.changed }
    }
}

/// Why there is no photo.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PhotoError {
    /// No file has this path, or none that may be shown.
    Missing,
    /// The file cannot be opened.
    Unreadable(Errno),
}

/// The endings of photos' names, in any case.
const ENDINGS: [&[u8]; 5] = [b"gif", b"jpeg", b"jpg", b"png", b"webp"];

/// Whether a file in a folder is listed as a photo, so that nobody has to open thousands of
/// files to find out. A request may name any file.
pub fn has_ending(name: &[u8]) -> bool {
    let Some(dot @ 1..) = name.iter().rposition(|&byte| byte == b'.') else { return false };
    ENDINGS.iter().any(|ending| name[dot + 1..].eq_ignore_ascii_case(ending))
}

/// Opens the photo at `path` below the folder `galleries`: at least one gallery and a name,
/// separated by `/`.
pub fn open(galleries: &[u8], path: &[u8]) -> Result<Photo, PhotoError> {
    let segments = path.split(|&byte| byte == b'/');
    if segments.clone().any(|name| name.is_empty() || name.starts_with(b".")) {
        return Err(PhotoError::Missing);
    }
    if galleries.is_empty() || segments.count() < 2 {
        return Err(PhotoError::Missing);
    }
    let root = exe_dir::open(&[galleries], OFlags::PATH | OFlags::DIRECTORY)?;
    let file = open_beneath(root.as_fd(), path, READING)?;
    let stat = Stat::of(&file)?;
    if !stat.is_file() {
        return Err(PhotoError::Missing);
    }
    Ok(Photo { file, stamp: Stamp::new(&stat) })
}

impl From<Errno> for PhotoError {
    fn from(error: Errno) -> Self {
        match error {
            Errno::NOENT
            | Errno::NOTDIR
            | Errno::XDEV
            | Errno::LOOP
            | Errno::NAMETOOLONG
            // A name the file system rejects, a socket, a device without a driver.
            | Errno::INVAL
            | Errno::NXIO
            | Errno::NODEV => Self::Missing,
            error => Self::Unreadable(error),
        }
    }
}

#[cfg(test)]
mod tests;
