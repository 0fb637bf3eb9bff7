//! Makes a thumbnail when it is this process's turn, and adds it to the cache. The caller
//! supplies the pixels.

use std::fmt;
use std::time::{Duration, Instant};
use std::vec::Vec;

use crate::settings::keys::Settings;
use crate::thumbs::address::transform::Format;
use crate::thumbs::cache::entry;
use crate::thumbs::cache::entry::{Found, Name};

use crate::thumbs::cache::store;
use crate::thumbs::queue;
use crate::thumbs::queue::{QueueError, Turn};

/// How long a request waits for a worker.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub enum Product {
    /// Another process has made it meanwhile, and it is in the cache.
    Kept(Found),
    /// Made by this process.
    Made(Vec<u8>, Format),
}

/// Why there is no thumbnail.
#[derive(Debug)]
pub enum MakeError<E> {
    Queue(QueueError),
    Render(E),
}

/// Makes the thumbnail `name` with `render`, which appends it to a buffer, and adds it to the
/// cache if there is one. That this fails is not an error.
pub fn make<E>(
    settings: &Settings<'_>,
    name: &Name,
    render: impl FnOnce(&mut Vec<u8>) -> Result<Format, E>,
) -> Result<Product, MakeError<E>> {
    let cache = store::folder(settings);
    let look = || entry::find(settings.cache, name);
    let deadline = Instant::now() + PATIENCE;
    let turn = queue::wait(cache.as_deref(), name, settings.workers, deadline, look);
    let slot = match turn.map_err(MakeError::Queue)? {
        Turn::Made(found) => return Ok(Product::Kept(found)),
        Turn::Ours(slot) => slot,
    };
    let mut picture = Vec::new();
    let format = render(&mut picture).map_err(MakeError::Render)?;
    // Unless the slot's lock is in the cache, others could be writing the same file there.
    if Some(&slot.folder) == cache.as_ref() {
        // If the disk is full or cannot be written, thumbnails are made each time.
        let _ = store::keep(&slot, name, format, &picture, settings.cache_max_bytes);
    }
    Ok(Product::Made(picture, format))
}

impl<E: fmt::Display> fmt::Display for MakeError<E> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Queue(QueueError::Busy) => {
                write!(out, "all workers were busy for {} seconds", PATIENCE.as_secs())
            }
            Self::Queue(QueueError::Lock(folder, error)) => {
                write!(out, "cannot lock anything in {}: {error}", folder.display())
            }
            Self::Render(error) => error.fmt(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MakeError, Product, make};
    use crate::settings::keys::Settings;
    use crate::thumbs::address::transform::Format;
    use crate::thumbs::cache::entry::Name;
    use std::fs;
    use std::os::unix::ffi::OsStrExt;
    use std::path::Path;
    use std::vec::Vec;
    use tempfile::TempDir;

    const NAME: Name = Name::from_bytes([1; 16]);

    fn settings(cache: &Path) -> Settings<'_> {
        Settings { cache: cache.as_os_str().as_bytes(), ..Settings::default() }
    }

    #[track_caller]
    fn made(settings: &Settings<'_>) -> bool {
        let render = |out: &mut Vec<u8>| {
            out.extend(b"picture");
            Ok::<_, &str>(Format::Jpeg)
        };
        match make(settings, &NAME, render).unwrap() {
            Product::Made(picture, Format::Jpeg) => {
                assert_eq!(picture, b"picture");
                true
            }
            Product::Kept(found) => {
                assert_eq!(found.len, 7);
                false
            }
            Product::Made(_, Format::Png) => panic!("a JPEG was made"),
        }
    }

    #[test]
    fn a_thumbnail_is_made_once_and_kept() {
        let folder = TempDir::new().unwrap();
        let cache = folder.path().join("cache");
        let settings = settings(&cache);
        assert!(made(&settings));
        assert!(!made(&settings));
        let entry = cache.join("0");
        fs::remove_dir_all(&entry).unwrap();
        assert!(made(&settings));
    }

    #[test]
    fn without_a_writable_cache_it_is_made_each_time() {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "no folder").unwrap();
        for cache in [Path::new(""), Path::new("/nowhere/at/all"), &file, Path::new("/proc")] {
            assert!(made(&settings(cache)), "{}", cache.display());
            assert!(made(&settings(cache)), "{}", cache.display());
        }
        let none = Settings { cache_max_bytes: 0, ..settings(folder.path()) };
        assert!(made(&none) && made(&none));
    }

    #[test]
    fn a_failed_thumbnail_is_not_kept() {
        let folder = TempDir::new().unwrap();
        let settings = settings(folder.path());
        let render = |out: &mut Vec<u8>| {
            out.extend(b"half");
            Err("broken")
        };
        assert!(matches!(make(&settings, &NAME, render), Err(MakeError::Render("broken"))));
        assert!(made(&settings));
    }
}
