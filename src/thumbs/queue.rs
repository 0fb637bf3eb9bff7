//! Whose turn it is: at most `workers` thumbnails are made at the same time, over all
//! processes, and none of them twice.
//!
//! ```text
//! FOLDER/lock         held for a moment, while somebody looks for a place
//! FOLDER/worker-0     held while a thumbnail is made; holds the thumbnail's name
//! FOLDER/worker-1     … as many as there are workers
//! ```
//!
//! FOLDER is the cache, or one of the user's own under `/tmp` where there is no cache or
//! it cannot be written. The locks are `flock`'s: the kernel takes them back from whoever
//! dies, they work on NFS (Linux 2.6.12), and the files stay where they are.
//!
//! Waiting is a sleep and another try. The kernel can wait for one lock, without a limit;
//! here it is any of several, or the thumbnail, or the end of 20 seconds.

use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::string::String;
use std::time::{Duration, Instant};
use std::{format, io, thread};

use rustix::fs::{FlockOperation, OFlags, flock};
use rustix::io::Errno;

use crate::thumbs::cache::entry::Name;

/// After the first tries a process asks this often: 40 that wait take a few hundredths of
/// a small board's time, and lose half a pause each.
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
const SHORTEST_PAUSE: Duration = Duration::from_millis(2);

/// A worker's place, held until it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct Place {
    /// Keeps the lock.
    _file: File,
    /// The folder of the locks.
    pub(super) folder: PathBuf,
    /// Which of the places it is.
    pub(super) number: u32,
}

/// What came of waiting.
#[derive(Debug)]
pub(super) enum Turn<T> {
    /// Somebody has made it.
    Made(T),
    /// It is to be made here.
    Here(Place),
}

/// Why there is no turn.
#[derive(Debug)]
pub enum QueueError {
    /// All workers were busy until the deadline.
    Busy,
    /// Nothing can be locked in this folder.
    Lock(PathBuf, io::Error),
}

/// Waits until `look` finds the thumbnail, or until it is this process's turn to make it.
///
/// # Errors
///
/// [`QueueError::Busy`] when `deadline` has passed; [`QueueError::Lock`] where nothing can be locked.
pub(super) fn wait<T>(
    cache: Option<&Path>,
    name: &Name,
    workers: u32,
    deadline: Instant,
    look: impl Fn() -> Option<T>,
) -> Result<Turn<T>, QueueError> {
    let mut folder = cache.map(PathBuf::from);
    let mut pause = SHORTEST_PAUSE;
    loop {
        let place = match &folder {
            Some(folder) => take(folder, name, workers),
            None => Err(io::ErrorKind::NotFound.into()),
        };
        match place {
            Ok(place) => {
                // Looked for with the place taken: it may have been made just before.
                if let Some(made) = look() {
                    return Ok(Turn::Made(made));
                }
                if let Some(place) = place {
                    return Ok(Turn::Here(place));
                }
                if Instant::now() >= deadline {
                    return Err(QueueError::Busy);
                }
                thread::sleep(pause);
                pause = LONGEST_PAUSE.min(pause * 2);
            }
            // No cache, or one without room for locks, or none that knows them.
            Err(_) if folder.as_deref() == cache => {
                folder = Some(own_folder().map_err(|error| QueueError::Lock(own_path(), error))?);
            }
            Err(error) => return Err(QueueError::Lock(own_path(), error)),
        }
    }
}

/// A free place, unless there is none or somebody is making this thumbnail already.
fn take(folder: &Path, name: &Name, workers: u32) -> io::Result<Option<Place>> {
    // Two that look at the same time would not see each other's names.
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
    // On a full disk others may make it too.
    let _ = file.write_all_at(name.as_bytes(), 0);
    Ok(Some(Place { _file: file, folder: folder.into(), number }))
}

/// Locks a file, which is made where it is not there; nothing where another holds it.
pub(super) fn lock(folder: &Path, name: &str) -> io::Result<Option<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o666);
    options.custom_flags(i32::try_from(OFlags::NOFOLLOW.bits()).expect("a flag of open(2)"));
    let file = options.open(folder.join(name))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(Errno::WOULDBLOCK | Errno::INTR) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn own_path() -> PathBuf {
    format!("/tmp/picosite-{}", rustix::process::geteuid().as_raw()).into()
}

/// The user's own folder under `/tmp`, where anybody may have made something of this name
/// before: it has to be a folder, no link, ours, and closed to all others.
fn own_folder() -> io::Result<PathBuf> {
    let path = own_path();
    match DirBuilder::new().mode(0o700).create(&path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => check_own(&path)?,
    }
    Ok(path)
}

fn check_own(path: &Path) -> io::Result<()> {
    let metadata = path.symlink_metadata()?;
    let ours = metadata.uid() == rustix::process::geteuid().as_raw();
    let closed = metadata.mode().trailing_zeros() >= 6;
    if metadata.is_dir() && ours && closed {
        return Ok(());
    }
    let shown = String::from_utf8_lossy(path.as_os_str().as_bytes());
    Err(io::Error::other(format!("{shown} is not a folder of ours alone; take it away")))
}

#[cfg(test)]
mod tests {
    use super::{Place, QueueError, Turn, check_own, own_folder, take, wait};
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

    fn number(folder: &Path, byte: u8, workers: u32) -> Option<Place> {
        take(folder, &name(byte), workers).unwrap()
    }

    #[test]
    fn as_many_places_as_workers_and_one_for_each_thumbnail() {
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
        assert_eq!(number(folder.path(), 2, 2).map(|place| place.number), Some(1));
    }

    #[test]
    fn waits_until_it_is_made_or_time_is_up() {
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
    fn what_was_made_meanwhile_is_not_made_again() {
        let folder = TempDir::new().unwrap();
        let made = wait(Some(folder.path()), &name(1), 1, Instant::now(), || Some(()));
        assert!(matches!(made, Ok(Turn::Made(()))));
        assert!(number(folder.path(), 1, 1).is_some(), "the place is free again");
    }

    #[test]
    fn without_a_cache_the_locks_lie_in_a_folder_of_ones_own() {
        let own = own_folder().unwrap();
        let nowhere = Path::new("/nowhere");
        let deadline = Instant::now() + std::time::Duration::from_secs(60);
        for cache in [None, Some(nowhere)] {
            match wait(cache, &name(1), 1024, deadline, || None::<()>).unwrap() {
                Turn::Here(place) => assert_eq!(place.folder, own),
                Turn::Made(()) => unreachable!(),
            }
        }
    }

    #[test]
    fn a_folder_that_others_could_have_made_is_not_ones_own() {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("mine")).unwrap();
        fs::set_permissions(at("mine"), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(check_own(&at("mine")).is_ok());
        symlink(at("mine"), at("link")).unwrap();
        fs::write(at("file"), "").unwrap();
        fs::set_permissions(at("file"), fs::Permissions::from_mode(0o700)).unwrap();
        for name in ["link", "file", "nothing"] {
            assert!(check_own(&at(name)).is_err(), "{name}");
        }
        for mode in [0o701, 0o750, 0o777] {
            fs::set_permissions(at("mine"), fs::Permissions::from_mode(mode)).unwrap();
            assert!(check_own(&at("mine")).is_err(), "{mode:o}");
        }
    }
}
