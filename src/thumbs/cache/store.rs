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
//! lock; a thumbnail's is also removed when the cache is full. The total in `lock` changes only
//! with the lock held. If it is missing or wrong, a scan of the folders corrects it; entries
//! are only scanned when the limit is reached.

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
use crate::sys::atomic_file::AtomicFile;
use crate::sys::exe_dir;
use crate::sys::exe_dir::PATH_MAX;
use crate::thumbs::address::transform::Format;
use crate::thumbs::cache::entry::{FOLDERS, Name};
use crate::thumbs::queue::{Slot, lock};

/// The eighths of the limit that an eviction keeps. It frees one eighth at once, so that one
/// thumbnail in many pays for a scan.
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

/// Adds a thumbnail to the cache.
pub(crate) fn keep(
    slot: &Slot,
    name: &Name,
    format: Format,
    picture: &[u8],
    limit: u64,
) -> io::Result<()> {
    let cache = &slot.folder;
    let file = create(cache, name, &format!("worker-{}.part", slot.number))?;
    let mut out = &file.file;
    out.write_all(picture)?;
    out.write_all(&name.footer(format, picture.len() as u64))?;
    // Otherwise a power cut could leave the name without the bytes.
    out.sync_data()?;
    admit(file, cache, &lock_total(cache)?, limit)
}

/// Adds the sizes of a gallery page's photos to the cache. They end with a checksum, so
/// they need not be flushed to disk.
pub(crate) fn keep_sizes(cache: &Path, name: &Name, text: &[u8], limit: u64) -> io::Result<()> {
    let total_file = lock_total(cache)?;
    let mut file = create(cache, name, "sizes.part")?;
    file.file.write_all(text)?;
    admit(file, cache, &total_file, limit)
}

/// Starts the entry `name` under a name that only the holder of a lock uses.
fn create(cache: &Path, name: &Name, temporary: &str) -> io::Result<AtomicFile> {
    let (folder, file) = name.folder_and_file();
    let target = cache.join(OsStr::from_bytes(folder)).join(OsStr::from_bytes(file));
    AtomicFile::create(cache.join(temporary).into(), target)
}

/// Makes room for a file and renames it to its entry. The folder is not flushed to disk: a
/// power cut costs this one entry.
fn admit(file: AtomicFile, cache: &Path, total_file: &File, limit: u64) -> io::Result<()> {
    let size = size(&file.file.metadata()?);
    if size > limit {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    // An entry that this one replaces stays counted until the next scan.
    let mut total = [0; 8];
    let known = total_file.read_exact_at(&mut total, 0).map(|()| u64::from_le_bytes(total));
    let mut total = known.unwrap_or(u64::MAX).saturating_add(size);
    if total > limit {
        let max = (limit / 8 * KEPT_EIGHTHS).min(limit - size);
        total = evict(&survey(cache, file.temporary.as_ref())?, max)? + size;
    }
    if let Some(folder) = file.target.parent()
        && let Err(error) = fs::create_dir(folder)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    total_file.write_all_at(&total.to_le_bytes(), 0)?;
    file.rename()
}

/// Locks the file with the total. Its holder releases it soon, unless it was stopped; then
/// the entry is given up after a second.
fn lock_total(cache: &Path) -> io::Result<File> {
    for _ in 0..100 {
        if let Some(file) = lock(cache, "lock")? {
            return Ok(file);
        }
        thread::sleep(Duration::from_millis(10));
    }
    Err(io::ErrorKind::WouldBlock.into())
}

/// Evicts the least recently used entries until at most `max` bytes are left, and returns how
/// many are.
fn evict(folders: &[PathBuf], max: u64) -> io::Result<u64> {
    // Two passes over the folders, so that memory holds 24 bytes an entry and no names.
    let mut uses = Vec::new();
    for_each(folders, |_, metadata| uses.push((atime(metadata), size(metadata))))?;
    let mut total: u64 = uses.iter().map(|(_, size)| size).sum();
    uses.sort_unstable();
    let mut left = total;
    let mut evicted = uses.iter().take_while(|(_, size)| {
        let goes = left > max;
        left = left.saturating_sub(if goes { *size } else { 0 });
        goes
    });
    let Some((last, _)) = evicted.by_ref().last() else { return Ok(total) };
    for_each(folders, |path, metadata| {
        if atime(metadata) <= *last && total > max {
            if fs::remove_file(path).is_ok() {
                total -= size(metadata);
            }
        } else if atime(metadata) > (metadata.mtime(), metadata.mtime_nsec()) {
            rearm_mark(path, metadata);
        }
    })?;
    Ok(total)
}

/// Lists the subfolders, and removes the temporary files of workers that were killed; `ours` stays.
/// No slot can be taken meanwhile: that takes the lock that the caller holds.
fn survey(cache: &Path, ours: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    for entry in fs::read_dir(cache)? {
        let name = entry?.file_name();
        if Some(&*name) == ours.file_name() {
            continue;
        }
        if let [digit] = name.as_bytes()
            && FOLDERS.contains(digit)
        {
            folders.push(cache.join(name));
            continue;
        }
        let worker = name.to_str().and_then(|name| name.strip_suffix(".part"));
        let number = worker.and_then(|worker| worker.strip_prefix("worker-"));
        if let (Some(worker), Some(Ok(_))) = (worker, number.map(str::parse::<u32>))
            && lock(cache, worker)?.is_some()
        {
            fs::remove_file(cache.join(&name))?;
        }
    }
    Ok(folders)
}

/// Visits every entry, and nothing else that is in the subfolders.
fn for_each(folders: &[PathBuf], mut see: impl FnMut(&Path, &Metadata)) -> io::Result<()> {
    for folder in folders {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            let is_ours = name.len() == 31 && name.as_bytes().iter().all(|b| FOLDERS.contains(b));
            // An entry that another process has just removed has no metadata.
            if let (true, Ok(metadata)) = (is_ours, entry.metadata()) {
                see(&entry.path(), &metadata);
            }
        }
    }
    Ok(())
}

/// The time of the last marked use: see [`mark_used`](super::entry::mark_used).
fn atime(metadata: &Metadata) -> (i64, i64) {
    (metadata.atime(), metadata.atime_nsec())
}

/// Re-arms the relatime-style mark by setting mtime = atime.
fn rearm_mark(path: &Path, metadata: &Metadata) {
    let used = Timespec { tv_sec: metadata.atime(), tv_nsec: metadata.atime_nsec() };
    let times = Timestamps { last_access: used, last_modification: used };
    // If it fails, later uses of this entry go unnoticed.
    let _ = File::open(path).map(|file| futimens(file, &times));
}

/// Bytes that a file takes on disk. Some file systems pack small files together and report 0.
fn size(metadata: &Metadata) -> u64 {
    metadata.len().max(metadata.blocks() * 512)
}

#[cfg(test)]
mod tests;
