//! The files of a site's folder: which there are, never what is in them.
//!
//! Names that begin with `.` are left out unlooked at, but for the folder `.well-known`
//! at the top. A name that no address can have, or a thing that is neither file nor
//! folder, is a mistake; all of them are reported together.

use std::fs::{self, DirEntry, Metadata};
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::time::UNIX_EPOCH;
use std::vec::Vec;
use std::{format, io, vec};

use crate::pack::error::{Error, Mistake, shown};
use crate::pack::special;

/// A file of the site.
#[derive(Debug)]
pub(super) struct File {
    /// The name below the folder, segments separated by `/`.
    pub(super) name: String,
    /// Where it is on disk.
    pub(super) path: PathBuf,
    /// Its length in bytes when the folder was read.
    pub(super) size: u64,
    /// When it was changed last, in seconds since 1970; 0 where that is earlier.
    pub(super) modified: u64,
}

/// All files below `dir`, in the order of their names' bytes.
pub(super) fn walk(dir: &Path, mistakes: &mut Vec<Mistake>) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    let mut folders = vec![(dir.to_path_buf(), String::new())];
    while let Some((path, prefix)) = folders.pop() {
        let failed = |error| Error::Io(path.clone(), error);
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            let failed = |error| Error::Io(path.clone(), error);
            if is_left_out(&entry, &prefix).map_err(failed)? {
                continue;
            }
            let metadata = entry.metadata().map_err(failed)?;
            match checked_name(&entry, &prefix, &metadata) {
                Err(what) => mistakes.push(Mistake { file: shown(&path), line: None, what }),
                Ok(name) if metadata.is_dir() => folders.push((path, format!("{name}/"))),
                Ok(name) => {
                    let (size, modified) = (metadata.len(), modified(&metadata));
                    files.push(File { name, path, size, modified });
                }
            }
        }
    }
    // Not the order in which folders are read: `a.html` comes before `a/b`.
    files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    mistakes.sort_unstable();
    Ok(files)
}

fn is_left_out(entry: &DirEntry, prefix: &str) -> io::Result<bool> {
    let name = entry.file_name();
    if prefix.is_empty() && name == ".well-known" {
        return Ok(entry.file_type()?.is_file());
    }
    Ok(name.as_encoded_bytes().starts_with(b"."))
}

/// The name below the site's folder, or what is wrong with it.
fn checked_name(entry: &DirEntry, prefix: &str, metadata: &Metadata) -> Result<String, String> {
    let name = entry.file_name().into_string().map_err(|_| "the name is not UTF-8; rename it")?;
    if name.contains(char::is_control) {
        return Err("the name holds a control character; rename it".to_string());
    }
    if name.contains('\\') {
        return Err("the name holds a `\\`, which no address can; rename it".to_string());
    }
    if metadata.is_symlink() {
        return Err("a symbolic link is not packed; put what it points to in its place".to_string());
    }
    if !metadata.is_file() && !metadata.is_dir() {
        return Err("neither a file nor a folder; take it away".to_string());
    }
    let name = format!("{prefix}{name}");
    if metadata.is_dir() && special::ALL.contains(&name.as_str()) {
        return Err("a folder, where a file of this name has a meaning; rename it".to_string());
    }
    Ok(name)
}

fn modified(metadata: &Metadata) -> u64 {
    let time = metadata.modified().ok();
    time.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |time| time.as_secs())
}
