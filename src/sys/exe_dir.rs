//! Files that settings name: a path that does not begin with `/` is relative to the
//! executable's folder, whatever folder a web server starts programs in.

use core::ffi::CStr;

use rustix::fd::OwnedFd;
use rustix::fs::{CWD, Mode, OFlags, openat, readlinkat_raw};
use rustix::io::Errno;

/// As long as a path may be, its NUL included (`PATH_MAX` of Linux).
pub const PATH_MAX: usize = 4096;

/// Between the parts of a path. A static, as those in `format` are.
#[used]
pub static SLASH: [u8; 1] = *b"/";

/// As long as most paths are. To fill 4,096 bytes of new stack with zeros takes a small
/// board 35 us, as much as opening the file.
const SHORT: usize = 256;

/// Opens the path that `parts` make when put together.
///
/// # Errors
///
/// As `open(2)`; for a relative path also as `readlink(2)`, for one with a NUL `EINVAL`.
pub fn open(parts: &[&[u8]], flags: OFlags) -> Result<OwnedFd, Errno> {
    with_path(parts, |path| openat(CWD, path, flags | OFlags::CLOEXEC, Mode::empty()))
}

/// What `use_it` makes of the path that `parts` make when put together.
///
/// # Errors
///
/// As for [`path`], and as `use_it`.
pub fn with_path<T>(
    parts: &[&[u8]],
    use_it: impl Fn(&CStr) -> Result<T, Errno>,
) -> Result<T, Errno> {
    match path(parts, &mut [0; SHORT]) {
        Err(Errno::NAMETOOLONG) => with_long_path(parts, use_it),
        path => use_it(path?),
    }
}

/// Out of line: the stack is for who needs it.
#[inline(never)]
#[cold]
fn with_long_path<T>(
    parts: &[&[u8]],
    use_it: impl Fn(&CStr) -> Result<T, Errno>,
) -> Result<T, Errno> {
    use_it(path(parts, &mut [0; PATH_MAX])?)
}

/// The path that `parts` make when put together, as the system takes it.
///
/// # Errors
///
/// As for [`open`], short of opening; `ENAMETOOLONG` where `storage` is too short.
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
        let room = storage.get_mut(len..len + part.len()).ok_or(Errno::NAMETOOLONG)?;
        room.copy_from_slice(part);
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

    fn put_together(parts: &[&[u8]]) -> Result<String, Errno> {
        let mut storage = [b'x'; PATH_MAX];
        path(parts, &mut storage).map(|path| path.to_str().unwrap().into())
    }

    #[test]
    fn an_absolute_path_stays_as_it_is() {
        assert_eq!(put_together(&[b"/a", b"/", b"b"]), Ok("/a/b".into()));
        assert_eq!(put_together(&[b"", b"/a"]), Ok("/a".into()));
    }

    #[test]
    fn a_relative_path_counts_from_the_executables_folder() {
        let folder: PathBuf = std::env::current_exe().unwrap().parent().unwrap().into();
        assert_eq!(put_together(&[b"a", b"/b"]), Ok(folder.join("a/b").to_str().unwrap().into()));
    }

    #[test]
    fn what_is_no_path_is_refused() {
        assert_eq!(put_together(&[b"/a\0b"]), Err(Errno::INVAL));
        assert_eq!(put_together(&[b"/", &[b'a'; PATH_MAX - 2]]).map(|path| path.len()), Ok(4095));
        assert_eq!(put_together(&[b"/", &[b'a'; PATH_MAX - 1]]), Err(Errno::NAMETOOLONG));
        assert_eq!(put_together(&[b"/", &[b'a'; PATH_MAX]]), Err(Errno::NAMETOOLONG));
    }
}
