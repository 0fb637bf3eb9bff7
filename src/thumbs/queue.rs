//! The queue: all processes together make at most `workers` thumbnails at a time, and none of
//! them twice.
//!
//! ```text
//! FOLDER/lock         held briefly, while a process looks for a free slot
//! FOLDER/worker-0     a slot: held while a thumbnail is made, and contains its name
//! FOLDER/worker-1     … as many as there are workers
//! ```
//!
//! FOLDER is the cache, or a private one under `/tmp` if there is no cache or it cannot be
//! written. The locks are those of `flock(2)`: the kernel releases them when a process dies,
//! they work on NFS (Linux 2.6.12), and the files never have to be removed.
//!
//! Waiting means polling: the kernel can wait for one lock, but not for any of several, the
//! thumbnail or a deadline, whichever comes first.

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{format, io, thread};

use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use rustix::io::Errno;

use crate::thumbs::cache::entry::Name;

/// The polling interval starts at the minimum and doubles. At the maximum, 40 waiting
/// processes take a few percent of a small board's CPU, and lose 25 ms each on average.
const MIN_PAUSE: Duration = Duration::from_millis(2);
const MAX_PAUSE: Duration = Duration::from_millis(50);

/// A worker's slot, held until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Slot {
    /// Holds the lock.
    _file: File,
    /// The folder of the locks.
    pub(super) folder: PathBuf,
    /// The slot's number, from 0.
    pub(super) number: u32,
}

/// How a wait ends.
#[derive(Debug)]
pub(super) enum Turn<T> {
    /// Another process has made the thumbnail.
    Made(T),
    /// This process has to make it.
    Ours(Slot),
}

/// Why a wait fails.
#[derive(Debug)]
pub enum QueueError {
    /// All workers were busy until the deadline.
    Busy,
    /// Nothing can be locked in this folder.
    Lock(PathBuf, io::Error),
}

/// Waits until `look` finds the thumbnail or it is this process's turn to make it, at most until
/// `deadline`.
pub(super) fn wait<T>(
    cache: Option<&Path>,
    name: &Name,
    workers: u32,
    deadline: Instant,
    look: impl Fn() -> Option<T>,
) -> Result<Turn<T>, QueueError> {
    let mut folder = cache.map(PathBuf::from);
    let mut pause = MIN_PAUSE;
    loop {
        let slot = match &folder {
            Some(folder) => take(folder, name, workers),
            None => Err(io::ErrorKind::NotFound.into()),
        };
        match slot {
            Ok(slot) => {
                // With the slot held: it may have been made just before that was taken.
                if let Some(made) = look() {
                    return Ok(Turn::Made(made));
                }
                if let Some(slot) = slot {
                    return Ok(Turn::Ours(slot));
                }
                if Instant::now() >= deadline {
                    return Err(QueueError::Busy);
                }
                thread::sleep(pause);
                pause = MAX_PAUSE.min(pause * 2);
            }
            // No cache, or one that is full, or on a file system without locks.
            Err(_) if folder.as_deref() == cache => {
                folder = Some(
                    private_folder().map_err(|error| QueueError::Lock(private_path(), error))?,
                );
            }
            Err(error) => return Err(QueueError::Lock(private_path(), error)),
        }
    }
}

/// Takes a free slot, unless there is none or a process is making this thumbnail already.
fn take(folder: &Path, name: &Name, workers: u32) -> io::Result<Option<Slot>> {
    // Two processes that look at the same time would not see each other's names.
    let Some(_gate) = lock(folder, "lock")? else { return Ok(None) };
    let mut free = None;
    for number in 0..workers {
        let worker = format!("worker-{number}");
        match lock(folder, &worker)? {
            Some(file) if free.is_none() => free = Some((file, number)),
            Some(_) => {}
            None => {
                let mut busy_with = [0; 16];
                let read = File::open(folder.join(worker))?.read_at(&mut busy_with, 0);
                if read.is_ok() && busy_with == *name.as_bytes() {
                    return Ok(None);
                }
            }
        }
    }
    let Some((file, number)) = free else { return Ok(None) };
    // If the disk is full, others may make it too.
    let _ = file.write_all_at(name.as_bytes(), 0);
    Ok(Some(Slot { _file: file, folder: folder.into(), number }))
}

/// Creates a file if necessary and locks it. `None` if another process holds the lock.
pub(super) fn lock(folder: &Path, name: &str) -> io::Result<Option<File>> {
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let file = File::from(open(folder.join(name), flags, Mode::from_raw_mode(0o666))?);
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn private_path() -> PathBuf {
    format!("/tmp/picosite-{}", rustix::process::geteuid().as_raw()).into()
}

/// The user's private folder under `/tmp`. Anyone may have created something of this name
/// before, so it must be a folder, not a link, owned by the user and closed to all others.
fn private_folder() -> io::Result<PathBuf> {
    let path = private_path();
    match DirBuilder::new().mode(0o700).create(&path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => check_private(&path)?,
    }
    Ok(path)
}

fn check_private(path: &Path) -> io::Result<()> {
    let metadata = path.symlink_metadata()?;
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    let closed = metadata.mode().trailing_zeros() >= 6;
    if metadata.is_dir() && ours && closed {
        return Ok(());
    }
    let shown = path.display();
    Err(io::Error::other(format!("{shown} is not a private folder of this user; remove it")))
}

#[cfg(test)]
mod tests {
    use super::{QueueError, Slot, Turn, check_private, private_folder, take, wait};
    use crate::thumbs::cache::entry::Name;
    use std::cell::Cell;
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::Path;
    use std::time::Instant;
    use tempfile::TempDir;

    fn name(byte: u8) -> Name {
        Name::from_bytes([byte; 16])
    }

    fn number(folder: &Path, byte: u8, workers: u32) -> Option<Slot> {
        take(folder, &name(byte), workers).unwrap()
    }

    #[test]
    fn there_is_a_slot_for_each_worker_and_one_for_each_thumbnail() {
        let folder = TempDir::new().unwrap();
        let first = number(folder.path(), 1, 2).unwrap();
        assert!(number(folder.path(), 1, 2).is_none(), "is being made");
        let second = number(folder.path(), 2, 2).unwrap();
        assert_eq!((first.number, second.number), (0, 1));
        assert!(number(folder.path(), 3, 2).is_none(), "all are busy");
        drop(first);
        assert!(number(folder.path(), 2, 2).is_none(), "is being made elsewhere");
        let third = number(folder.path(), 3, 2).unwrap();
        assert_eq!(third.number, 0);
        drop(second);
        assert_eq!(number(folder.path(), 2, 2).map(|slot| slot.number), Some(1));
    }

    #[test]
    fn waits_for_the_thumbnail_or_the_deadline() {
        let folder = TempDir::new().unwrap();
        let _busy = number(folder.path(), 1, 1).unwrap();
        let never = wait(Some(folder.path()), &name(2), 1, Instant::now(), || None::<()>);
        assert!(matches!(never, Err(QueueError::Busy)));
        let looks = Cell::new(0);
        let later = Instant::now() + std::time::Duration::from_secs(60);
        let made = wait(Some(folder.path()), &name(1), 1, later, || {
            looks.set(looks.get() + 1);
            (looks.get() == 3).then_some("thumbnail")
        });
        assert!(matches!(made, Ok(Turn::Made("thumbnail"))));
        assert_eq!(looks.get(), 3);
    }

    #[test]
    fn a_thumbnail_made_meanwhile_is_not_made_again() {
        let folder = TempDir::new().unwrap();
        let made = wait(Some(folder.path()), &name(1), 1, Instant::now(), || Some(()));
        assert!(matches!(made, Ok(Turn::Made(()))));
        assert!(number(folder.path(), 1, 1).is_some(), "the slot is free again");
    }

    #[test]
    fn without_a_cache_the_locks_are_in_the_private_folder() {
        let own = private_folder().unwrap();
        let nowhere = Path::new("/nowhere");
        let deadline = Instant::now() + std::time::Duration::from_secs(60);
        for cache in [None, Some(nowhere)] {
            match wait(cache, &name(1), 1024, deadline, || None::<()>).unwrap() {
                Turn::Ours(slot) => assert_eq!(slot.folder, own),
                Turn::Made(()) => unreachable!(),
            }
        }
    }

    #[test]
    fn a_folder_that_others_could_have_made_is_refused() {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("mine")).unwrap();
        fs::set_permissions(at("mine"), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(check_private(&at("mine")).is_ok());
        symlink(at("mine"), at("link")).unwrap();
        fs::write(at("file"), "").unwrap();
        fs::set_permissions(at("file"), fs::Permissions::from_mode(0o700)).unwrap();
        for name in ["link", "file", "nothing"] {
            assert!(check_private(&at(name)).is_err(), "{name}");
        }
        for mode in [0o701, 0o750, 0o777] {
            fs::set_permissions(at("mine"), fs::Permissions::from_mode(mode)).unwrap();
            assert!(check_private(&at("mine")).is_err(), "{mode:o}");
        }
    }
}
