//! Lists the files of a site's folder, without reading them.
//!
//! Names that start with `.` are ignored, except the folder `.well-known` at the top. A name
//! that no address can have is an error, as is anything but a file or a directory; all errors
//! are reported together.

use std::fs::{self, DirEntry, Metadata};
use std::path::{Path, PathBuf};
use std::string::{String, ToString};
use std::time::UNIX_EPOCH;
use std::vec::Vec;
use std::{format, io, vec};

use crate::pack::error::{Diagnostic, PackError, shown};
use crate::pack::special;

/// A file of the site.
#[derive(Debug)]
pub(super) struct File {
    /// The path below the site's folder, with `/` between segments.
    pub(super) name: String,
    pub(super) path: PathBuf,
    /// The length in bytes when the folder was read.
    pub(super) size: u64,
    /// The modification time in seconds since 1970; 0 if it is earlier.
    pub(super) modified: u64,
}

/// All files below `dir`, ordered by the bytes of their names.
pub(super) fn walk(dir: &Path, errors: &mut Vec<Diagnostic>) -> Result<Vec<File>, PackError> {
    let mut files = Vec::new();
    let mut folders = vec![(dir.to_path_buf(), String::new())];
    while let Some((path, prefix)) = folders.pop() {
        let failed = |error| PackError::Io(path.clone(), error);
        for entry in fs::read_dir(&path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let path = entry.path();
            let failed = |error| PackError::Io(path.clone(), error);
            if is_ignored(&entry, &prefix).map_err(failed)? {
                continue;
            }
            let metadata = entry.metadata().map_err(failed)?;
            match checked_name(&entry, &prefix, &metadata) {
                Err(message) => {
                    let (file, message) = (shown(&path), message.to_string());
                    errors.push(Diagnostic { file, line: None, message });
                }
                Ok(name) if metadata.is_dir() => folders.push((path, format!("{name}/"))),
                Ok(name) => {
                    let (size, modified) = (metadata.len(), modified(&metadata));
                    files.push(File { name, path, size, modified });
                }
            }
        }
    }
    // Directory by directory, `a/b` would precede `a.html`.
    files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    errors.sort_unstable();
    Ok(files)
}

fn is_ignored(entry: &DirEntry, prefix: &str) -> io::Result<bool> {
    let name = entry.file_name();
    if prefix.is_empty() && name == ".well-known" {
        return Ok(entry.file_type()?.is_file());
    }
    Ok(name.as_encoded_bytes().starts_with(b"."))
}

/// The path below the site's folder, or what is wrong with it.
fn checked_name(
    entry: &DirEntry,
    prefix: &str,
    metadata: &Metadata,
) -> Result<String, &'static str> {
    let name = entry.file_name().into_string().map_err(|_| "the name is not UTF-8; rename it")?;
    if name.contains(char::is_control) {
        return Err("the name contains a control character; rename it");
    }
    if name.contains('\\') {
        return Err("the name contains a `\\`, which no address can; rename it");
    }
    if metadata.is_symlink() {
        return Err("a symbolic link, which is not packed; replace it by what it points to");
    }
    if !metadata.is_file() && !metadata.is_dir() {
        return Err("neither a file nor a directory; remove it");
    }
    let name = format!("{prefix}{name}");
    if metadata.is_dir() && special::ALL.contains(&name.as_str()) {
        return Err("a directory with the name of a special file; rename it");
    }
    Ok(name)
}

fn modified(metadata: &Metadata) -> u64 {
    let time = metadata.modified().ok();
    time.and_then(|time| time.duration_since(UNIX_EPOCH).ok()).map_or(0, |time| time.as_secs())
}
