//! A packed site as a file: a cdb, or an executable that carries one.

use std::fs::File;
use std::path::Path;
use std::{format, io};

use crate::site::archive::Archive;
use crate::site::record::Corrupt;
use crate::{pack, sys};

use crate::cli::Problem;

/// The site that the file at `path` holds. It stays mapped: a file that is replaced by
/// renaming, even this one, is read on as it was.
pub(super) fn open(path: &Path) -> Result<Archive<'static>, Problem> {
    let mut bytes = map(path).map_err(|error| file_problem(path, &error))?;
    if bytes.starts_with(b"\x7fELF") {
        let carried = pack::verify(path).map_err(|error| Problem::Other(format!("{error}")))?;
        let end = carried.offset.saturating_add(carried.len);
        let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        // It may have been replaced since it was mapped.
        bytes = bytes.get(within(carried.offset)..within(end)).unwrap_or_default();
    }
    let archive = Archive::new(bytes);
    match archive.site() {
        Ok(_) => Ok(archive),
        Err(Corrupt) => Err(Problem::Other(format!(
            "{}: not a site that picosite has packed, or one that this version cannot read",
            path.display()
        ))),
    }
}

fn map(path: &Path) -> io::Result<&'static [u8]> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a file"));
    }
    // The system maps no empty file.
    let len = metadata.len().try_into().map_err(io::Error::other)?;
    if len == 0 { Ok(&[]) } else { Ok(sys::file::map_site(&file, len)?) }
}

/// What is wrong with a file that was named on the command line.
pub(super) fn file_problem(path: &Path, error: &io::Error) -> Problem {
    Problem::Other(format!("{}: {error}", path.display()))
}
