//! Packed sites in files: a cdb, or an executable that carries one.

use std::fs::File;
use std::io;
use std::path::Path;

use crate::site::archive::Archive;
use crate::site::record::Corrupt;
use crate::{pack, sys};

use crate::cli::call::CommandError;

/// The site in the file at `path`. The mapping stays, so the site outlives a file that is
/// replaced by renaming.
pub(super) fn open(path: &Path) -> Result<Archive<'static>, CommandError> {
    let mut bytes = map(path).map_err(|error| CommandError::file(path, error))?;
    if bytes.starts_with(b"\x7fELF") {
        let carried = pack::verify(path).map_err(CommandError::failed)?;
        let within = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
        // The file may have been replaced since it was mapped.
        bytes = bytes.get(within(carried.start)..within(carried.end)).unwrap_or_default();
    }
    let archive = Archive::new(bytes);
    let unknown = "not a site packed by picosite, or packed by a version that this one cannot read";
    archive.site().map_err(|Corrupt| CommandError::file(path, unknown))?;
    Ok(archive)
}

fn map(path: &Path) -> io::Result<&'static [u8]> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::other("not a file"));
    }
    // mmap(2) refuses an empty file.
    let len = metadata.len().try_into().map_err(io::Error::other)?;
    if len == 0 { Ok(&[]) } else { Ok(sys::file::map_site(&file, len)?) }
}
