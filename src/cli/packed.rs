//! A packed site as a file.

use std::format;
use std::fs::File;
use std::io;
use std::path::Path;

use crate::format::Corrupt;
use crate::serve::archive::Archive;
use crate::sys;

use super::Problem;

/// The site that the file at `path` holds. It stays mapped: a file that is replaced by
/// renaming, even this one, is read on as it was.
pub(super) fn open(path: &Path) -> Result<Archive<'static>, Problem> {
    let archive = Archive::new(map(path).map_err(|error| file_problem(path, &error))?);
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
    if len == 0 { Ok(&[]) } else { Ok(sys::map(&file, len)?) }
}

/// What is wrong with a file that was named on the command line.
pub(super) fn file_problem(path: &Path, error: &io::Error) -> Problem {
    Problem::Other(format!("{}: {error}", path.display()))
}
