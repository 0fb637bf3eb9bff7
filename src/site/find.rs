//! Finds the cdb that holds the site: the one inside the executable, or a file that replaces it.

use rustix::fs::OFlags;

use crate::site::record::Corrupt;
use crate::sys;
use crate::sys::embedded::{Carried, File};
use crate::sys::stat::Stat;
use crate::sys::{embedded, exe_dir};

use crate::error::RequestError;
use crate::site::archive::Archive;
use crate::site::exe_file::ExeFile;

/// The site. The environment's setting `site` takes precedence over the compiled-in one, and both
/// over the cdb inside the executable. `file` is the open executable if the site is to be read
/// from it rather than from memory.
///
/// # Errors
///
/// [`RequestError::Site`] if the file named by the setting can't be read, [`RequestError::Lost`]
/// if the executable no longer has a site, [`RequestError::Probe`] if it is a probe,
/// [`RequestError::Corrupt`] if the embedded cdb is damaged.
pub fn find(setting: &[u8], file: Option<File>) -> Result<Archive<'static>, RequestError> {
    let Carried { bytes, traits } =
        embedded::site().map_err(|embedded::EmbeddedError| RequestError::Lost)?;
    let file = file.map(|file| ExeFile::new(bytes, file));
    let embedded = Archive::known(bytes, traits, file);
    if setting.is_empty() && !traits.special {
        return Ok(embedded);
    }
    let path = if setting.is_empty() {
        embedded.site().map_err(|Corrupt| no_site(&embedded))?.elsewhere
    } else {
        setting
    };
    if path.is_empty() { Ok(embedded) } else { map(path, &embedded) }
}

#[cold]
fn no_site(embedded: &Archive<'_>) -> RequestError {
    if embedded.is_probe() { RequestError::Probe } else { RequestError::Corrupt }
}

/// Kept out of line so that a page of the embedded site doesn't pay for the stack.
#[inline(never)]
#[cold]
fn map(path: &[u8], embedded: &Archive<'_>) -> Result<Archive<'static>, RequestError> {
    if embedded.is_probe() {
        return Err(RequestError::Probe);
    }
    // NONBLOCK: opening a FIFO would wait for a writer.
    let bytes = exe_dir::open(&[path], OFlags::RDONLY | OFlags::NONBLOCK).and_then(|file| {
        let len = Stat::of(&file)?.size.try_into().unwrap_or(usize::MAX);
        sys::file::map_site(&file, len)
    });
    bytes.map(Archive::new).map_err(|_| RequestError::Site)
}
