//! Paths in settings: unless they start with `/`, they are relative to the executable's
//! directory, because web servers differ in the working directory of CGI programs.

use core::ffi::CStr;

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, openat, readlinkat_raw};
use rustix::io::Errno;

/// The longest path, its NUL included (`PATH_MAX` of Linux).
pub const PATH_MAX: usize = 4096;

/// Separates the segments of a path.
// A static for the reason given in `site::record`.
#[used]
pub static SLASH: [u8; 1] = *b"/";

/// Enough for most paths. To zero 4,096 bytes of fresh stack takes a small board 35 us, as
/// long as it takes to open the file.
const SHORT: usize = 256;

/// Opens the path that is the concatenation of `parts`.
pub fn open(parts: &[&[u8]], flags: OFlags) -> Result<OwnedFd, Errno> {
    with_path(parts, |path| openat(CWD, path, flags | OFlags::CLOEXEC, Mode::empty()))
}

/// Calls `use_it` with the path that is the concatenation of `parts`.
pub fn with_path<T>(
    parts: &[&[u8]],
    use_it: impl Fn(&CStr) -> Result<T, Errno>,
) -> Result<T, Errno> {
    match path(parts, &mut [0; SHORT]) {
        Err(Errno::NAMETOOLONG) => with_long_path(parts, use_it),
        path => use_it(path?),
    }
}

/// Kept out of line so that short paths don't pay for the stack.
#[inline(never)]
#[cold]
fn with_long_path<T>(
    parts: &[&[u8]],
    use_it: impl Fn(&CStr) -> Result<T, Errno>,
) -> Result<T, Errno> {
    use_it(path(parts, &mut [0; PATH_MAX])?)
}

/// Concatenates `parts` to an absolute path. `ENAMETOOLONG` if `storage` is too short, `EINVAL` if
/// the path contains a NUL.
pub fn path<'s>(parts: &[&[u8]], storage: &'s mut [u8]) -> Result<&'s CStr, Errno> {
    let mut len = 0;
    if !parts.iter().find(|part| !part.is_empty()).is_some_and(|part| part.starts_with(b"/")) {
        let target = readlinkat_raw(CWD, c"/proc/self/exe", &mut *storage)?;
        if target == storage.len() {
            return Err(Errno::NAMETOOLONG);
        }
        len = storage[..target].iter().rposition(|&b| b == b'/').ok_or(Errno::NOENT)? + 1;
    }
    for part in parts {
        let slot = storage.get_mut(len..len + part.len()).ok_or(Errno::NAMETOOLONG)?;
        slot.copy_from_slice(part);
        len += part.len();
    }
    *storage.get_mut(len).ok_or(Errno::NAMETOOLONG)? = 0;
    CStr::from_bytes_with_nul(&storage[..=len]).map_err(|_| Errno::INVAL)
}

#[cfg(test)]
mod tests {
    use super::{PATH_MAX, path};
    use rustix::io::Errno;
    use std::path::PathBuf;
    use std::string::String;

    fn concatenate(parts: &[&[u8]]) -> Result<String, Errno> {
        let mut storage = [b'x'; PATH_MAX];
        path(parts, &mut storage).map(|path| path.to_str().unwrap().into())
    }

    #[test]
    fn an_absolute_path_stays_absolute() {
        assert_eq!(concatenate(&[b"/a", b"/", b"b"]), Ok("/a/b".into()));
        assert_eq!(concatenate(&[b"", b"/a"]), Ok("/a".into()));
    }

    #[test]
    fn a_relative_path_starts_at_the_executables_directory() {
        let folder: PathBuf = std::env::current_exe().unwrap().parent().unwrap().into();
        assert_eq!(concatenate(&[b"a", b"/b"]), Ok(folder.join("a/b").to_str().unwrap().into()));
    }

    #[test]
    fn nul_and_overlong_paths_are_errors() {
        assert_eq!(concatenate(&[b"/a\0b"]), Err(Errno::INVAL));
        assert_eq!(concatenate(&[b"/", &[b'a'; PATH_MAX - 2]]).map(|path| path.len()), Ok(4095));
        assert_eq!(concatenate(&[b"/", &[b'a'; PATH_MAX - 1]]), Err(Errno::NAMETOOLONG));
        assert_eq!(concatenate(&[b"/", &[b'a'; PATH_MAX]]), Err(Errno::NAMETOOLONG));
    }
}
