//! What the system says of an open file: as much as requests need. It asks, and changes
//! nothing.

use rustix::fd::AsFd;
use rustix::fs::{FileType, RawMode, fstat};
use rustix::io::Errno;

/// A time in seconds since 1970 and nanoseconds.
pub type Time = (i64, u32);

/// What the system says of a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Stat {
    /// What it is, and who may do what with it (inode(7)).
    pub mode: RawMode,
    /// Its length in bytes.
    pub size: u64,
    /// When it was read last.
    pub accessed: Time,
    /// When its content changed last.
    pub modified: Time,
    /// When anything about it changed last, also where its time was set back.
    pub changed: Time,
}

impl Stat {
    /// What is said of `file`.
    ///
    /// # Errors
    ///
    /// As `fstat(2)`.
    pub fn of(file: impl AsFd) -> Result<Self, Errno> {
        #[cfg(target_pointer_width = "32")]
        if let Ok(stat) = extended(&file) {
            return Ok(stat);
        }
        fstat(file).map(|stat| Self::from(&stat))
    }

    /// Whether it is a file, not a folder, a FIFO or a device.
    #[must_use]
    pub const fn is_file(&self) -> bool {
        self.mode & FORMAT == FileType::RegularFile.as_raw_mode()
    }
}

/// The bits of the mode that say what a file is (`S_IFMT`, inode(7)).
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

/// The nanoseconds of a time; the type of that field differs between machines.
fn nanoseconds(field: impl TryInto<u32>) -> u32 {
    field.try_into().unwrap_or(0)
}

/// By `statx`, as 32-bit machines have no other call that knows times after 2038; `fstat`
/// falls back to an older one where the kernel (before 4.11) has it not.
///
/// `fstat` makes the same call, but with an empty path that lies anywhere among the
/// program's constants: on the board a page fault of its own, 60 us.
#[cfg(target_pointer_width = "32")]
fn extended(file: impl AsFd) -> Result<Stat, Errno> {
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

/// The path of the file itself. A static, as those in `format` are.
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
    fn says_what_the_standard_library_says() {
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
    fn knows_times_that_32_bits_do_not_hold() {
        let file = tempfile::tempfile().unwrap();
        let time = |tv_sec| Timespec { tv_sec, tv_nsec: 7 };
        let (accessed, modified) = (4_000_000_000, 5_000_000_000);
        let times = Timestamps { last_access: time(accessed), last_modification: time(modified) };
        futimens(&file, &times).unwrap();
        let stat = Stat::of(file).unwrap();
        assert_eq!((stat.accessed, stat.modified), ((accessed, 7), (modified, 7)));
    }
}
