//! Writes entries to the cache and keeps their total size below the limit.
//!
//! ```text
//! CACHE/worker-N.part   a thumbnail being written by the process that holds `worker-N`
//! CACHE/sizes.part      a gallery page's sizes being written by the process that holds `lock`
//! CACHE/n/nnn…          a complete entry: see `entry`
//! CACHE/lock            bytes that all entries occupy: 64 bits, little-endian
//! ```
//!
//! Entries are written under a temporary name and renamed, so a killed process leaves them
//! complete or absent. Its temporary file is replaced by the next process that holds the same
//! lock; a thumbnail's is also removed when the cache is full. The total in `lock` changes only with the lock
//! held. If it is missing or wrong, a scan of the folders corrects it, and that happens only
//! when the limit is reached.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Metadata};
use std::io::{self, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use std::vec::Vec;
use std::{format, thread};

use rustix::fs::{Timespec, Timestamps, futimens};

use crate::settings::keys::Settings;
use crate::sys::atomic_file::{AtomicFile, DEFAULT_MODE};
use crate::sys::exe_dir;
use crate::sys::exe_dir::PATH_MAX;
use crate::thumbs::address::transform::Format;
use crate::thumbs::cache::entry::{FOLDERS, Name};
use crate::thumbs::queue::{Place, lock};

/// What is left when room is made: an eighth becomes free at once, so that the folders
/// are looked through for one thumbnail in many.
const KEPT_EIGHTHS: u64 = 7;

/// The cache's folder, created for its owner alone unless it exists; none if the settings
/// disable the cache.
pub(crate) fn folder(settings: &Settings<'_>) -> Option<PathBuf> {
    if settings.cache.is_empty() || settings.cache_max_bytes == 0 {
        return None;
    }
    let mut storage = [0; PATH_MAX];
    let path = exe_dir::path(&[settings.cache], &mut storage).ok()?.to_bytes();
    let folder = PathBuf::from(OsStr::from_bytes(path));
    // If this fails, so does creating a file in it.
    let _ = DirBuilder::new().mode(0o700).create(&folder);
    Some(folder)
}

/// Keeps a thumbnail in the cache.
///
/// # Errors
///
/// Whatever keeps it from being written or renamed: it is not there then.
pub(crate) fn keep(
    place: &Place,
    name: &Name,
    format: Format,
    picture: &[u8],
    limit: u64,
) -> io::Result<()> {
    let cache = &place.folder;
    let file = create(cache, name, &format!("worker-{}.part", place.number))?;
    let mut out = file.as_file();
    out.write_all(picture)?;
    out.write_all(&name.footer(format, picture.len() as u64))?;
    // Without it a power cut could leave the name and not the bytes.
    out.sync_data()?;
    admit(file, cache, &wait_for_sum(cache)?, limit)
}

/// Keeps the sizes of a gallery page's photos in the cache. They end with a checksum, so
/// they need not be flushed to disk.
///
/// # Errors
///
/// Those of writing and renaming a file: the page has none, or its previous ones, then.
pub(crate) fn keep_sizes(cache: &Path, name: &Name, text: &[u8], limit: u64) -> io::Result<()> {
    let sum_file = wait_for_sum(cache)?;
    let file = create(cache, name, "sizes.part")?;
    file.as_file().write_all(text)?;
    admit(file, cache, &sum_file, limit)
}

/// Starts the entry `name` under a name that only the holder of a lock uses.
fn create(cache: &Path, name: &Name, temporary: &str) -> io::Result<AtomicFile> {
    let (folder, file) = name.folder_and_file();
    let target = cache.join(OsStr::from_bytes(folder)).join(OsStr::from_bytes(file));
    AtomicFile::create(cache.join(temporary).into(), target, DEFAULT_MODE)
}

/// Makes room for a file and renames it to its entry. The folder is not flushed to disk: a
/// power cut costs this one entry.
fn admit(file: AtomicFile, cache: &Path, sum_file: &File, limit: u64) -> io::Result<()> {
    let size = size(&file.as_file().metadata()?);
    if size > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    if let Some(folder) = file.target().parent()
        && let Err(error) = fs::create_dir(folder)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    // An entry that this one replaces stays counted until the next scan.
    let mut sum = [0; 8];
    let known = sum_file.read_exact_at(&mut sum, 0).map(|()| u64::from_le_bytes(sum));
    let mut sum = known.unwrap_or(u64::MAX).saturating_add(size);
    if sum > limit {
        sum = make_room(cache, (limit / 8 * KEPT_EIGHTHS).min(limit - size))? + size;
    }
    sum_file.write_all_at(&sum.to_le_bytes(), 0)?;
    file.rename()
}

/// The file with the sum, locked. Whoever has it is about to give it back, unless he is
/// stopped: then this thumbnail is not kept.
fn wait_for_sum(cache: &Path) -> io::Result<File> {
    for _ in 0..100 {
        if let Some(file) = lock(cache, "lock")? {
            return Ok(file);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// Removes what was used longest ago until no more than `most` bytes are left; gives how
/// many these are.
fn make_room(cache: &Path, most: u64) -> io::Result<u64> {
    remove_unfinished(cache)?;
    // Times and sizes alone: 24 bytes for a thumbnail, and no name, stay in memory.
    let mut uses = Vec::new();
    for_each(cache, |_, metadata| uses.push((used(metadata), size(metadata))))?;
    let mut sum: u64 = uses.iter().map(|(_, size)| size).sum();
    uses.sort_unstable();
    let mut left = sum;
    let mut oldest = uses.iter().take_while(|(_, size)| {
        let goes = left > most;
        left = left.saturating_sub(if goes { *size } else { 0 });
        goes
    });
    let Some((last, _)) = oldest.by_ref().last() else { return Ok(sum) };
    for_each(cache, |path, metadata| {
        if used(metadata) <= *last && sum > most {
            if fs::remove_file(path).is_ok() {
                sum -= size(metadata);
            }
        } else if used(metadata) > changed(metadata) {
            await_next_use(path, metadata);
        }
    })?;
    Ok(sum)
}

/// Removes what those who were killed left half written. Nobody takes a place meanwhile:
/// the lock that they need for it is held.
fn remove_unfinished(cache: &Path) -> io::Result<()> {
    for entry in fs::read_dir(cache)? {
        let name = entry?.file_name();
        let place = name.to_str().and_then(|name| name.strip_suffix(".part"));
        let number = place.and_then(|place| place.strip_prefix("worker-"));
        if let (Some(place), Some(Ok(_))) = (place, number.map(str::parse::<u32>))
            && lock(cache, place)?.is_some()
        {
            fs::remove_file(cache.join(&name))?;
        }
    }
    Ok(())
}

/// Goes through all finished thumbnails, and nothing else that lies in the cache.
fn for_each(cache: &Path, mut see: impl FnMut(&Path, &Metadata)) -> io::Result<()> {
    for folder in FOLDERS {
        let folder: PathBuf = cache.join(OsStr::from_bytes(&[folder]));
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            entries => entries?,
        };
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let is_ours = name.len() == 31 && name.as_bytes().iter().all(|b| FOLDERS.contains(b));
            // One that another process has just removed has no metadata.
            if let (true, Ok(metadata)) = (is_ours, entry.metadata()) {
                see(&entry.path(), &metadata);
            }
        }
    }
    Ok(())
}

/// When a thumbnail was used last: see `cached`.
fn used(metadata: &Metadata) -> (i64, i64) {
    (metadata.atime(), metadata.atime_nsec())
}

fn changed(metadata: &Metadata) -> (i64, i64) {
    (metadata.mtime(), metadata.mtime_nsec())
}

/// Has the next use of a thumbnail marked: that is done where the last use is not behind
/// the last change. The time of the last use stays.
fn await_next_use(path: &Path, metadata: &Metadata) {
    let used = Timespec { tv_sec: metadata.atime(), tv_nsec: metadata.atime_nsec() };
    let times = Timestamps { last_access: used, last_modification: used };
    // Where it fails this one is taken for less used than it is.
    let _ = File::open(path).map(|file| futimens(file, &times));
}

/// What a file takes on the disk; some file systems pack small ones together and say 0.
fn size(metadata: &Metadata) -> u64 {
    metadata.len().max(metadata.blocks() * 512)
}

#[cfg(test)]
mod tests;
