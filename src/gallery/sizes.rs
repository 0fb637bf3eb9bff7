//! The sizes of a page's photos, cached so that a page does not open a hundred files.
//!
//! ```text
//! CACHE/n/nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn    an entry like a thumbnail's, counted and evicted
//!                                            with them; the page's name in hexadecimal
//!
//! picosite sizes 1
//! WIDTH HEIGHT BYTES MODIFIED NANOSECONDS CHANGED NANOSECONDS NAME
//! …                                          a line per photo, its name
//! sum HEXADECIMAL                            percent-encoded; 0 0 is not a photo
//! ```
//!
//! The sum is the first 16 bytes of the SHA-256 of everything before it: a damaged or
//! incomplete file counts as none.

use std::fmt::Write as _;
use std::format;
use std::string::String;
use std::vec::Vec;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode, percent_encode};
use rustix::fs::OFlags;
use sha2::{Digest, Sha256};

use crate::encoding::hex::Hex;
use crate::settings::keys::Settings;
use crate::sys;
use crate::sys::exe_dir;
use crate::sys::stat::Stat;
use crate::thumbs::cache::{entry, store};
use crate::thumbs::photo::Stamp;

use crate::gallery::top_k::{Name, PAGE};

/// Width and height in pixels of the upright photo. `None` if the file is not a photo.
pub(super) type Size = Option<(u32, u32)>;

/// Known sizes of a page's photos.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct Sizes(Vec<(Name, Stamp, Size)>);

const FIRST_LINE: &str = "picosite sizes 1\n";

/// Bytes of the longest file: encoded names of 255 bytes, and numbers.
const MAX_LEN: usize = PAGE * (3 * 255 + 128) + 128;

impl Sizes {
    /// Loads the sizes on a page of the gallery. Empty if the entry is missing or damaged.
    pub(super) fn load(cache: &[u8], gallery: &[u8], page: usize) -> Self {
        if cache.is_empty() {
            return Self::default();
        }
        let name = entry_name(gallery, page);
        let (folder, file) = name.folder_and_file();
        let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK;
        let file = exe_dir::open(&[cache, b"/", folder, b"/", file], flags);
        let text = file.and_then(|file| {
            entry::mark_used(&file, &Stat::of(&file)?);
            sys::read(&file, MAX_LEN)
        });
        text.ok().and_then(Self::parse).unwrap_or_default()
    }

    /// The size of the photo `name`, unless its stamp has changed.
    pub(super) fn find(&self, name: &[u8], stamp: &Stamp) -> Option<Size> {
        let known = self.0.iter().find(|(known, ..)| **known == *name);
        known.filter(|(_, known, _)| known == stamp).map(|&(.., size)| size)
    }

    /// Adds a photo's size.
    pub(super) fn add(&mut self, name: &[u8], stamp: Stamp, size: Size) {
        self.0.push((name.into(), stamp, size));
    }

    /// Writes them to the cache, if there is one and it is writable.
    pub(super) fn store(&self, settings: &Settings<'_>, gallery: &[u8], page: usize) {
        if let Some(cache) = store::folder(settings) {
            let (name, text) = (entry_name(gallery, page), self.to_text());
            // If this fails, the next view reads the headers again.
            let _ = store::keep_sizes(&cache, &name, text.as_bytes(), settings.cache_max_bytes);
        }
    }

    fn to_text(&self) -> String {
        let mut text = String::from(FIRST_LINE);
        for (name, stamp, size) in &self.0 {
            let (width, height) = size.unwrap_or_default();
            let Stamp { size, modified, changed } = stamp;
            let name = percent_encode(name, NON_ALPHANUMERIC);
            let _ = writeln!(
                text,
                "{width} {height} {size} {} {} {} {} {name}",
                modified.0, modified.1, changed.0, changed.1
            );
        }
        let sum = sum(&text);
        text + &sum
    }

    fn parse(text: &[u8]) -> Option<Self> {
        let text = str::from_utf8(text).ok()?;
        let (lines, last) = text.split_at_checked(text.rfind("sum ")?)?;
        if last != sum(lines) {
            return None;
        }
        lines.strip_prefix(FIRST_LINE)?.lines().map(line).collect::<Option<_>>().map(Self)
    }
}

fn line(line: &str) -> Option<(Name, Stamp, Size)> {
    let mut words = line.split(' ');
    let (width, height) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let size = words.next()?.parse().ok()?;
    let mut time = || Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?));
    let stamp = Stamp { size, modified: time()?, changed: time()? };
    let name: Vec<u8> = percent_decode(words.next()?.as_bytes()).collect();
    Some((name.into(), stamp, ((width, height) != (0, 0)).then_some((width, height))))
}

fn sum(text: &str) -> String {
    format!("sum {}\n", Hex(&Sha256::digest(text)[..16]))
}

/// The cache entry of a page's sizes.
fn entry_name(gallery: &[u8], page: usize) -> entry::Name {
    let hash = Sha256::new_with_prefix(FIRST_LINE).chain_update((page as u64).to_le_bytes());
    let digest: [u8; 32] = hash.chain_update(gallery).finalize().into();
    entry::Name::from_bytes(core::array::from_fn(|at| digest[at]))
}

#[cfg(test)]
mod tests {
    use super::{MAX_LEN, PAGE, Settings, Sizes, Stamp};
    use std::fs::{self, Permissions};
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::PermissionsExt;
    use std::path::{Path, PathBuf};
    use std::vec::Vec;
    use tempfile::TempDir;

    const STAMP: Stamp = Stamp { size: 7, modified: (-5, 6), changed: (1_700_000_000, 9) };

    fn sizes() -> Sizes {
        let mut sizes = Sizes::default();
        sizes.add(b"a b\n\xff.jpg", STAMP, Some((480, 320)));
        sizes.add(b"broken.jpg", STAMP, None);
        sizes
    }

    fn load(cache: &TempDir, gallery: &[u8], page: usize) -> Sizes {
        Sizes::load(cache.path().as_os_str().as_bytes(), gallery, page)
    }

    fn store_in(cache: &Path, sizes: &Sizes, page: usize) {
        let cache = cache.as_os_str().as_bytes();
        sizes.store(&Settings { cache, ..Settings::default() }, b"g", page);
    }

    fn store(cache: &TempDir) -> PathBuf {
        store_in(cache.path(), &sizes(), 2);
        files(cache).remove(0)
    }

    /// The cache's files except its lock.
    fn files(cache: &TempDir) -> Vec<PathBuf> {
        let entries = |path| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path());
        let folders = entries(cache.path().to_path_buf()).filter(|path| !path.ends_with("lock"));
        folders.flat_map(entries).collect()
    }

    #[test]
    fn what_is_stored_is_found_and_nothing_else_is() {
        let cache = TempDir::new().unwrap();
        store(&cache);
        assert_eq!(files(&cache).len(), 1, "no temporary file is left");
        assert_eq!(load(&cache, b"g", 2), sizes());
        assert_eq!(load(&cache, b"g", 3), Sizes::default());
        assert_eq!(load(&cache, b"h", 2), Sizes::default());
        assert_eq!(Sizes::load(b"", b"g", 2), Sizes::default());
        let sizes = sizes();
        assert_eq!(sizes.find(b"a b\n\xff.jpg", &STAMP), Some(Some((480, 320))));
        assert_eq!(sizes.find(b"broken.jpg", &STAMP), Some(None));
        assert_eq!(sizes.find(b"other.jpg", &STAMP), None);
        for other in [
            Stamp { size: 8, ..STAMP },
            Stamp { modified: (-5, 7), ..STAMP },
            Stamp { changed: (1_700_000_001, 9), ..STAMP },
        ] {
            assert_eq!(sizes.find(b"broken.jpg", &other), None);
        }
    }

    #[test]
    fn a_damaged_file_is_none() {
        let cache = TempDir::new().unwrap();
        let path = store(&cache);
        let whole = fs::read(&path).unwrap();
        for len in 0..whole.len() {
            fs::write(&path, &whole[..len]).unwrap();
            assert_eq!(load(&cache, b"g", 2), Sizes::default(), "cut to {len}");
        }
        for at in 0..whole.len() {
            let mut other = whole.clone();
            other[at] ^= 1;
            fs::write(&path, other).unwrap();
            assert_eq!(load(&cache, b"g", 2), Sizes::default(), "changed at {at}");
        }
        fs::write(&path, [&whole[..], b"\n"].concat()).unwrap();
        assert_eq!(load(&cache, b"g", 2), Sizes::default());
        store(&cache);
        assert_eq!(load(&cache, b"g", 2), sizes(), "made good");
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_no_error() {
        let cache = TempDir::new().unwrap();
        for page in 0..40 {
            store_in(Path::new("/nowhere/at/all"), &sizes(), page);
            store_in(Path::new("/proc"), &sizes(), page);
        }
        fs::set_permissions(cache.path(), Permissions::from_mode(0o500)).unwrap();
        store_in(cache.path(), &sizes(), 1);
        fs::set_permissions(cache.path(), Permissions::from_mode(0o700)).unwrap();
        let folder = store(&cache);
        fs::remove_file(&folder).unwrap();
        fs::create_dir(&folder).unwrap();
        store_in(cache.path(), &sizes(), 2);
        assert_eq!(load(&cache, b"g", 2), Sizes::default());
        assert!(files(&cache).contains(&folder));
    }

    #[test]
    fn the_longest_page_is_read_back() {
        let cache = TempDir::new().unwrap();
        let time = (i64::MIN, u32::MAX);
        let stamp = Stamp { size: u64::MAX, modified: time, changed: time };
        let mut sizes = Sizes::default();
        for number in (1..).take(PAGE) {
            let mut name = [0xff; 255];
            name[0] = number;
            sizes.add(&name, stamp, Some((u32::MAX, u32::MAX)));
        }
        assert!(sizes.to_text().len() <= MAX_LEN);
        store_in(cache.path(), &sizes, 1);
        assert_eq!(load(&cache, b"g", 1), sizes);
    }
}
