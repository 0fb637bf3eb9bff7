//! A file that is written beside its place and takes it when it is whole.

use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::process;

/// The file beside; removed unless it has taken the place.
#[derive(Debug)]
pub struct Unfinished {
    part: PathBuf,
    place: PathBuf,
}

impl Unfinished {
    /// Begins a file that shall be `place`, to be written and read. A link stays one: what it
    /// leads to is replaced.
    ///
    /// # Errors
    ///
    /// As [`check`], and as `open(2)`.
    pub fn create(place: &Path) -> io::Result<(Self, File)> {
        check(place)?;
        let place = match fs::canonicalize(place) {
            Ok(place) => place,
            Err(_) => place.to_path_buf(),
        };
        let part = beside(&place, "part");
        let mut options = File::options();
        let file = options.read(true).write(true).create(true).truncate(true).open(&part)?;
        Ok((Self { part, place }, file))
    }

    /// Puts the file in its place, once the disk has all of it: a name never stands for
    /// a file that a power cut emptied.
    ///
    /// # Errors
    ///
    /// As `fsync(2)` and `rename(2)`.
    pub fn finish(self, file: &File) -> io::Result<()> {
        file.sync_all()?;
        fs::rename(&self.part, &self.place)
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename there is none, and before it there is no one to tell.
        let _ = fs::remove_file(&self.part);
    }
}

/// Whether a file may take this place.
///
/// # Errors
///
/// [`ErrorKind::InvalidInput`] where a device, a pipe or a folder has it: they cannot be
/// replaced and remain what they are.
pub fn check(place: &Path) -> io::Result<()> {
    match fs::metadata(place) {
        Ok(metadata) if !metadata.is_file() => {
            let text = "there is something else than a file, which would be lost";
            Err(io::Error::new(ErrorKind::InvalidInput, text))
        }
        _ => Ok(()),
    }
}

/// A name beside `place` that no other process takes. It is short, however long that one is.
#[must_use]
pub fn beside(place: &Path, ending: &str) -> PathBuf {
    place.with_file_name(std::format!(".picosite-{}.{ending}", process::id()))
}
