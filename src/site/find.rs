//! Which cdb holds the site: the one inside the executable, or a file in its place.

use rustix::fs::OFlags;

use crate::site::record::Corrupt;
use crate::sys;
use crate::sys::embedded::{Carried, File};
use crate::sys::stat::Stat;
use crate::sys::{embedded, exe_dir};

use crate::error::RequestError;
use crate::site::archive::Archive;
use crate::site::exe_file::ExeFile;

/// The site: the setting `site` of the environment, then the compiled-in one, then the
/// cdb inside the executable. `file` is the executable's own, where the site is read there.
///
/// # Errors
///
/// [`RequestError::Site`] where the file cannot be read, [`RequestError::Lost`] where the
/// executable has none any more, [`RequestError::Probe`] where it has the mark of a probe
/// instead.
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

/// Out of line: a page of the embedded site must not pay for the stack.
#[inline(never)]
#[cold]
fn map(path: &[u8], embedded: &Archive<'_>) -> Result<Archive<'static>, RequestError> {
    if embedded.is_probe() {
        return Err(RequestError::Probe);
    }
    // A FIFO would wait for a writer.
    let bytes = exe_dir::open(&[path], OFlags::RDONLY | OFlags::NONBLOCK).and_then(|file| {
        let len = Stat::of(&file)?.size.try_into().unwrap_or(usize::MAX);
        sys::file::map_site(&file, len)
    });
    bytes.map(Archive::new).map_err(|_| RequestError::Site)
}
