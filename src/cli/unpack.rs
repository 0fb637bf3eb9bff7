//! `picosite unpack FILE DIR`: every file that was packed, with its time.
//!
//! A name in a cdb may come from anywhere, so one that could lead out of DIR stops the
//! command before anything is written. DIR is new or empty: nothing in it is replaced,
//! and no link in it is followed.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::string::String;
use std::time::{Duration, UNIX_EPOCH};
use std::vec::Vec;
use std::{format, io};

use crate::site::archive::Archive;
use crate::site::record::FILES;

use crate::cli::packed::{file_problem, open};
use crate::cli::{Call, Problem};

pub(super) fn run(call: &mut Call<'_>) -> Result<(), Problem> {
    let [file, dir] = *call.words else {
        return Err(Problem::Usage("usage: picosite unpack FILE DIR".into()));
    };
    let (file, dir) = (Path::new(file), Path::new(dir));
    let archive = open(file)?;
    let entries = entries(archive).map_err(|what| {
        Problem::Other(format!("{}: {what}; nothing is unpacked", file.display()))
    })?;
    prepare(dir)?;
    for entry in &entries {
        let path = dir.join(entry.name);
        write(&path, entry).map_err(|error| file_problem(&path, &error))?;
    }
    Ok(())
}

/// A file that was packed.
#[derive(Debug)]
struct Entry<'a> {
    /// INVARIANT: a path below the folder it is joined to.
    name: &'a str,
    /// In seconds since 1970.
    modified: u64,
    content: &'a [u8],
}

/// All files of the archive, or what is wrong with it.
fn entries(archive: Archive<'_>) -> Result<Vec<Entry<'_>>, String> {
    let damaged = "the site's cdb is damaged";
    let list = archive.get(FILES).ok().flatten().ok_or(damaged)?;
    let list = str::from_utf8(list).map_err(|_| damaged)?;
    let entry = |line| {
        let (seconds, name): (&str, &str) = str::split_once(line, ' ').ok_or(damaged)?;
        let modified = seconds.parse().map_err(|_| damaged)?;
        if !is_below(name) {
            return Err(format!("it holds a file with the name '{}'", name.escape_debug()));
        }
        let content = archive.get(name.as_bytes()).ok().flatten().ok_or(damaged)?;
        Ok(Entry { name, modified, content })
    };
    list.lines().map(entry).collect()
}

/// Whether a name leads from a folder to a file below it and nowhere else.
fn is_below(name: &str) -> bool {
    !name.contains('\0') && name.split('/').all(|segment| !matches!(segment, "" | "." | ".."))
}

/// Sees to a folder that is there and empty.
fn prepare(dir: &Path) -> Result<(), Problem> {
    let failed = |error| file_problem(dir, &error);
    match fs::create_dir(dir) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            match fs::read_dir(dir).map_err(failed)?.next() {
                None => Ok(()),
                Some(_) => Err(Problem::Other(format!(
                    "{}: the folder is not empty; name a new one",
                    dir.display()
                ))),
            }
        }
        Err(error) => Err(failed(error)),
    }
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
        // A part of it would look like the whole.
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
