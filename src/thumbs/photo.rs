//! Photos below the folder `galleries`, and nothing outside of it.
//!
//! A path is opened in one step that cannot leave the folder, by the kernel where it can
//! (`openat2`, Linux 5.6), else segment by segment. Nothing is checked first and used
//! later, so nothing can be swapped in between. Links that stay inside lead on.

use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::OFlags;
use rustix::io::Errno;

use crate::sys::beneath::{READING, open_beneath};
use crate::sys::exe_dir;
use crate::sys::stat::{Stat, Time};

/// A photo, open for reading, as it was when it was opened.
#[derive(Debug)]
pub struct Photo {
    /// The file; not yet read from.
    pub file: OwnedFd,
    /// Which version of the photo it is.
    pub stamp: Stamp,
}

/// What tells one version of a photo from another.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stamp {
    /// Its length in bytes.
    pub size: u64,
    /// When its content changed last.
    pub modified: Time,
    /// When anything about it changed last, also where its time was set back.
    pub changed: Time,
}

impl Stamp {
    /// The stamp of a file that the system says this of.
    #[must_use]
    pub const fn new(stat: &Stat) -> Self {
        Self { size: stat.size, modified: stat.modified, changed: stat.changed }
    }
}

/// Why there is no photo.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PhotoError {
    /// Nothing has this name, or nothing that may be shown.
    Missing,
    /// Something has it that cannot be opened.
    Unreadable(Errno),
}

/// Whether a file's name ends as those of photos do; what is looked for in a folder, not
/// what may be asked for.
#[must_use]
pub fn has_ending(name: &[u8]) -> bool {
    let Some(dot) = name.iter().rposition(|&byte| byte == b'.') else { return false };
    let endings: [&[u8]; 5] = [b"gif", b"jpeg", b"jpg", b"png", b"webp"];
    endings.iter().any(|ending| name[dot + 1..].eq_ignore_ascii_case(ending))
}

/// Opens the photo at `path`, one gallery or several and a name, separated by `/`, below
/// the folder `galleries`.
///
/// # Errors
///
/// [`PhotoError`]; [`PhotoError::Missing`] also for what is no file: opening it does not wait
/// for a FIFO, nor wake a device.
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
            // What no disk can have, a socket, a device without a driver.
            | Errno::INVAL
            | Errno::NXIO
            | Errno::NODEV => Self::Missing,
            error => Self::Unreadable(error),
        }
    }
}

#[cfg(test)]
mod tests;
