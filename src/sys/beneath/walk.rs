//! `openat2` with `RESOLVE_BENEATH`, for kernels without it.
//!
//! Opens the path segment by segment and never through a link: the target of a link is
//! prepended to the rest of the path. All directories on the way stay open, so that `..` in a
//! target is the previous one. A target that starts with `/` and `..` at the root are errors.

use core::iter;

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags, openat, readlinkat_raw};
use rustix::io::Errno;

use crate::sys::exe_dir::PATH_MAX;

/// Links in one path that the kernel follows (`MAXSYMLINKS`).
const MAX_LINKS: usize = 40;

/// Directories between the root and the file: more than anyone nests galleries.
const MAX_DEPTH: usize = 32;

/// The longest name of a file on Linux (`NAME_MAX`).
const NAME_MAX: usize = 255;

/// See [`super::open_beneath`]. Kept out of line so that only old kernels pay for the stack.
#[inline(never)]
#[cold]
pub(crate) fn open_beneath(
    root: BorrowedFd<'_>,
    path: &[u8],
    flags: OFlags,
) -> Result<OwnedFd, Errno> {
    let mut rest = Rest { bytes: [0; PATH_MAX], start: PATH_MAX };
    rest.prepend(path)?;
    let mut directories = [const { None }; MAX_DEPTH];
    let mut depth = 0;
    let mut links = 0;
    loop {
        let (name, is_last) = rest.take();
        let name = match name {
            b"" => b".",
            b".." => {
                depth = usize::checked_sub(depth, 1).ok_or(Errno::XDEV)?;
                b"."
            }
            name => name,
        };
        if name == b"." && !is_last {
            continue;
        }
        if name.len() > NAME_MAX {
            return Err(Errno::NAMETOOLONG);
        }
        let directory = directories[..depth].last().and_then(Option::as_ref);
        let directory = directory.map_or(root, OwnedFd::as_fd);
        let how = if is_last { flags } else { OFlags::PATH | OFlags::DIRECTORY };
        match openat(directory, name, how | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) {
            Ok(file) if is_last => return Ok(file),
            Ok(next) => {
                *directories.get_mut(depth).ok_or(Errno::NAMETOOLONG)? = Some(next);
                depth += 1;
            }
            // A link, or a file used as a directory.
            Err(error @ (Errno::LOOP | Errno::NOTDIR)) => {
                links += 1;
                let mut target = [0; PATH_MAX];
                let len = readlinkat_raw(directory, name, &mut target[..]).map_err(|_| error)?;
                match &target[..len] {
                    _ if links > MAX_LINKS => return Err(Errno::LOOP),
                    [b'/', ..] => return Err(Errno::XDEV),
                    target => rest.prepend(target)?,
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// The rest of a path.
struct Rest {
    bytes: [u8; PATH_MAX],
    /// The rest is at the end of `bytes`, so that there is space to prepend a target.
    /// INVARIANT: at most [`PATH_MAX`].
    start: usize,
}

impl Rest {
    fn prepend(&mut self, path: &[u8]) -> Result<(), Errno> {
        let slash = (self.start < PATH_MAX).then_some(b'/');
        let len = path.len() + usize::from(slash.is_some());
        let start = self.start.checked_sub(len).ok_or(Errno::NAMETOOLONG)?;
        let path = path.iter().copied().chain(slash);
        iter::zip(&mut self.bytes[start..], path).for_each(|(to, from)| *to = from);
        self.start = start;
        Ok(())
    }

    /// Takes the first segment; the flag says whether it is the last.
    fn take(&mut self) -> (&[u8], bool) {
        let rest = &self.bytes[self.start..];
        let slash = rest.iter().position(|&byte| byte == b'/');
        self.start += slash.map_or(rest.len(), |slash| slash + 1);
        (&rest[..slash.unwrap_or(rest.len())], slash.is_none())
    }
}
