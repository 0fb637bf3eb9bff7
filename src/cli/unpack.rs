//! `picosite unpack`: every file of a packed site, with its modification time.
//!
//! The cdb may be hostile: a name that could lead out of DIR stops the command before
//! anything is written. DIR must be new or empty, so that nothing in it is replaced and no
//! link in it is followed.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::string::String;
use std::time::{Duration, UNIX_EPOCH};
use std::vec::Vec;
use std::{format, io};

use crate::site::archive::Archive;
use crate::site::record::FILES;

use crate::cli::call::{Call, CommandError};
use crate::cli::packed::open;

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let [file, dir] = call.arguments.exactly().map(Path::new);
    let archive = open(file)?;
    let entries = entries(archive)
        .map_err(|what| CommandError::file(file, format!("{what}; nothing was unpacked")))?;
    prepare(dir)?;
    for entry in &entries {
        let path = dir.join(entry.name);
        write(&path, entry).map_err(|error| CommandError::file(&path, error))?;
    }
    Ok(())
}

#[derive(Debug)]
struct Entry<'a> {
    /// INVARIANT: a path below the folder it is joined to.
    name: &'a str,
    /// In seconds since 1970.
    modified: u64,
    content: &'a [u8],
}

/// All files of the archive, or what is wrong with it in words.
fn entries(archive: Archive<'_>) -> Result<Vec<Entry<'_>>, String> {
    let damaged = "the site's cdb is damaged";
    let list = archive.get(FILES).ok().flatten().ok_or(damaged)?;
    let list = str::from_utf8(list).map_err(|_| damaged)?;
    let entry = |line| {
        let (seconds, name): (&str, &str) = str::split_once(line, ' ').ok_or(damaged)?;
        let modified = seconds.parse().map_err(|_| damaged)?;
        if !is_below(name) {
            return Err(format!("it holds a file named '{}'", name.escape_debug()));
        }
        let content = archive.get(name.as_bytes()).ok().flatten().ok_or(damaged)?;
        Ok(Entry { name, modified, content })
    };
    list.lines().map(entry).collect()
}

/// Whether a relative name stays below the folder it is joined to.
fn is_below(name: &str) -> bool {
    !name.contains('\0') && name.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

/// Creates the folder, or checks that it is empty.
fn prepare(dir: &Path) -> Result<(), CommandError> {
    let failed = |error| CommandError::file(dir, error);
    match fs::create_dir(dir) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
        _ => {}
    }
    if fs::read_dir(dir).map_err(failed)?.next().is_some() {
        return Err(CommandError::file(dir, "the folder is not empty; name a new one"));
    }
    Ok(())
}

fn write(path: &Path, entry: &Entry<'_>) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = File::create_new(path)?;
    let time = UNIX_EPOCH.checked_add(Duration::from_secs(entry.modified));
    let time = time.ok_or_else(|| io::Error::other("its time is out of range"));
    let written = file.write_all(entry.content).and_then(|()| file.set_modified(time?));
    if written.is_err() {
        // A partial file would look whole.
        let _ = fs::remove_file(path);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn a_name_stays_below_its_folder() {
        for name in ["a", "a/b.css", "...", "a/..b", ".well-known/x", "a b", "-rf", "*"] {
            assert!(is_below(name), "{name}");
        }
        for name in ["", "/", "/etc/passwd", "..", "../a", "a/..", "a/../../b", ".", "a/./b"] {
            assert!(!is_below(name), "{name}");
        }
        for name in ["a//b", "a/", "a\0b"] {
            assert!(!is_below(name), "{name}");
        }
    }
}
