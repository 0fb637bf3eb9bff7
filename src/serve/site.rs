//! Which cdb holds the site: the one inside the executable, or a file in its place.

use core::ffi::CStr;

use rustix::fs::{CWD, Mode, OFlags, fstat, open, readlinkat_raw};

use crate::format::Corrupt;
use crate::sys::{self, image};

use super::archive::Archive;
use super::failure::Failure;

/// As long as a path may be, its NUL included (`PATH_MAX` of Linux).
const PATH_MAX: usize = 4096;

/// The site: the setting `site` of the environment, then the compiled-in one, then the
/// cdb inside the executable.
///
/// # Errors
///
/// [`Failure::Site`] where the file cannot be read, [`Failure::Lost`] where the
/// executable has none any more, [`Failure::Probe`] where it has the mark of a probe
/// instead.
pub fn find(setting: &[u8]) -> Result<Archive<'static>, Failure> {
    let embedded = Archive::new(image::site().map_err(|image::Lost| Failure::Lost)?);
    let path = if setting.is_empty() {
        embedded.site().map_err(|Corrupt| no_site(&embedded))?.elsewhere
    } else {
        setting
    };
    if path.is_empty() { Ok(embedded) } else { map(path, &embedded) }
}

#[cold]
fn no_site(embedded: &Archive<'_>) -> Failure {
    if embedded.is_probe() { Failure::Probe } else { Failure::Corrupt }
}

/// Out of line: a page of the embedded site must not pay for the stack.
#[inline(never)]
#[cold]
fn map(path: &[u8], embedded: &Archive<'_>) -> Result<Archive<'static>, Failure> {
    if embedded.is_probe() {
        return Err(Failure::Probe);
    }
    let mut storage = [0; PATH_MAX];
    let path = beside_executable(path, &mut storage).ok_or(Failure::Site)?;
    let file = open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty());
    let bytes = file.and_then(|file| {
        let len = fstat(&file)?.st_size.try_into().unwrap_or(usize::MAX);
        sys::map(&file, len)
    });
    bytes.map(Archive::new).map_err(|_| Failure::Site)
}

/// The path as the system takes it; a relative one counts from the executable's folder.
fn beside_executable<'s>(path: &[u8], storage: &'s mut [u8; PATH_MAX]) -> Option<&'s CStr> {
    let mut folder = 0;
    if !path.starts_with(b"/") {
        let len = readlinkat_raw(CWD, c"/proc/self/exe", &mut storage[..]).ok()?;
        folder = storage[..len].iter().rposition(|&b| b == b'/')? + 1;
    }
    let end = folder + path.len();
    storage.get_mut(folder..end)?.copy_from_slice(path);
    *storage.get_mut(end)? = 0;
    CStr::from_bytes_until_nul(storage).ok()
}
