//! `fstat(2)`, reduced to the fields that requests need, with 64-bit times everywhere.

use rustix::fd::{AsFd, BorrowedFd};
use rustix::fs::{FileType, RawMode, fstat};
use rustix::io::Errno;

/// Seconds since 1970, and nanoseconds.
pub type Time = (i64, u32);

/// The status of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stat {
    /// Type and permission bits (inode(7)).
    pub mode: RawMode,
    /// Length in bytes.
    pub size: u64,
    /// Last access (atime).
    pub accessed: Time,
    /// Last change of the content (mtime), which anyone with write access can set.
    pub modified: Time,
    /// Last change of content or status (ctime), which nobody can set.
    pub changed: Time,
}

impl Stat {
    /// The status of an open file.
    pub fn of(file: impl AsFd) -> Result<Self, Errno> {
        #[cfg(target_pointer_width = "32")]
        return extended(file.as_fd()).or_else(|_| basic(file.as_fd()));
        #[cfg(not(target_pointer_width = "32"))]
        basic(file.as_fd())
    }

    /// Whether it is a regular file, not a directory, a FIFO or a device.
    pub const fn is_file(&self) -> bool {
        self.mode & FORMAT == FileType::RegularFile.as_raw_mode()
    }
}

/// Kept out of line: if `statx` answers, its stack is not needed.
#[cfg_attr(target_pointer_width = "32", inline(never))]
fn basic(file: BorrowedFd<'_>) -> Result<Stat, Errno> {
    fstat(file).map(|stat| Stat::from(&stat))
}

/// The type bits of a mode (`S_IFMT`, inode(7)).
const FORMAT: RawMode = 0o170_000;

impl From<&rustix::fs::Stat> for Stat {
    fn from(stat: &rustix::fs::Stat) -> Self {
        Self {
            mode: stat.st_mode,
            size: stat.st_size.try_into().unwrap_or(0),
            accessed: (stat.st_atime, nanoseconds(stat.st_atime_nsec)),
            modified: (stat.st_mtime, nanoseconds(stat.st_mtime_nsec)),
            changed: (stat.st_ctime, nanoseconds(stat.st_ctime_nsec)),
        }
    }
}

/// Converts nanoseconds; the type of the field depends on the architecture.
fn nanoseconds(field: impl TryInto<u32>) -> u32 {
    field.try_into().unwrap_or(0)
}

/// `statx`, the only call of 32-bit machines with times after 2038. Kernels before 4.11 lack
/// it; `rustix`'s `fstat` falls back to an older call there.
///
/// That function would do for all kernels, but its empty path is anywhere among the program's
/// constants: a page fault of its own, 60 us on the board.
#[cfg(target_pointer_width = "32")]
fn extended(file: BorrowedFd<'_>) -> Result<Stat, Errno> {
    use rustix::fs::{AtFlags, StatxFlags, StatxTimestamp, statx};

    let path = core::ffi::CStr::from_bytes_with_nul(&EMPTY).map_err(|_| Errno::INVAL)?;
    let stat = statx(file, path, AtFlags::EMPTY_PATH, StatxFlags::BASIC_STATS)?;
    let time = |time: StatxTimestamp| (time.tv_sec, time.tv_nsec);
    Ok(Stat {
        mode: stat.stx_mode.into(),
        size: stat.stx_size,
        accessed: time(stat.stx_atime),
        modified: time(stat.stx_mtime),
        changed: time(stat.stx_ctime),
    })
}

/// The empty path, for the file itself.
// A static for the reason given in `site::record`.
#[cfg(target_pointer_width = "32")]
#[used]
static EMPTY: [u8; 1] = *b"\0";

#[cfg(test)]
mod tests {
    use super::Stat;
    use rustix::fs::{Timespec, Timestamps, futimens};
    use std::fs::{self, File};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::time::{Duration, UNIX_EPOCH};

    #[track_caller]
    fn agrees(file: &File) {
        let (stat, want) = (Stat::of(file).unwrap(), file.metadata().unwrap());
        let time = |(seconds, nanoseconds)| (seconds, i64::from(nanoseconds));
        assert_eq!(stat.mode, want.mode());
        assert_eq!(stat.is_file(), want.is_file());
        assert_eq!(stat.size, want.size());
        assert_eq!(time(stat.accessed), (want.atime(), want.atime_nsec()));
        assert_eq!(time(stat.modified), (want.mtime(), want.mtime_nsec()));
        assert_eq!(time(stat.changed), (want.ctime(), want.ctime_nsec()));
        assert_eq!(Stat::from(&rustix::fs::fstat(file).unwrap()), stat);
    }

    #[test]
    fn agrees_with_the_standard_library() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "seven b").unwrap();
        let file = File::open(&path).unwrap();
        agrees(&file);
        file.set_permissions(fs::Permissions::from_mode(0o604)).unwrap();
        for (seconds, nanoseconds) in [(1_700_000_000, 9), (1, 999_999_999)] {
            file.set_modified(UNIX_EPOCH + Duration::new(seconds, nanoseconds)).unwrap();
            agrees(&file);
        }
        agrees(&File::open(folder.path()).unwrap());
        agrees(&File::open("/dev/null").unwrap());
    }

    #[test]
    fn times_after_2038_are_kept() {
        let file = tempfile::tempfile().unwrap();
        let time = |tv_sec| Timespec { tv_sec, tv_nsec: 7 };
        let (accessed, modified) = (4_000_000_000, 5_000_000_000);
        let times = Timestamps { last_access: time(accessed), last_modification: time(modified) };
        futimens(&file, &times).unwrap();
        let stat = Stat::of(file).unwrap();
        assert_eq!((stat.accessed, stat.modified), ((accessed, 7), (modified, 7)));
    }
}
