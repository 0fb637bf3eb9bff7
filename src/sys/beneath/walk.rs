//! What `openat2` does with `RESOLVE_BENEATH`, for kernels that have no such call.
//!
//! The path is walked segment by segment from the root, and no segment is opened through
//! a link: where one is a link, its target is put in front of what is left of the path.
//! All folders on the way stay open, so that `..` in a target is the one before. A target
//! that begins with `/`, or `..` at the root, leads out.

use core::iter;

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags, openat, readlinkat_raw};
use rustix::io::Errno;

use crate::sys::exe_dir::PATH_MAX;

/// As many links as the kernel follows in one path (`MAXSYMLINKS`).
const LINKS: usize = 40;

/// Galleries in galleries: more than anybody sorts photos into.
const DEPTH: usize = 32;

/// Longest name of a file on Linux (`NAME_MAX`).
const NAME_MAX: usize = 255;

/// See [`crate::thumbs::photo::open_beneath`]. Out of line: the stack is for old kernels alone.
#[inline(never)]
#[cold]
pub(crate) fn open_beneath(
    root: BorrowedFd<'_>,
    path: &[u8],
    flags: OFlags,
) -> Result<OwnedFd, Errno> {
    let mut rest = Rest { bytes: [0; PATH_MAX], start: PATH_MAX };
    rest.put_in_front(path)?;
    let mut folders = [const { None }; DEPTH];
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
        let folder = folders[..depth].last().and_then(Option::as_ref);
        let folder = folder.map_or(root, OwnedFd::as_fd);
        let how = if is_last { flags } else { OFlags::PATH | OFlags::DIRECTORY };
        match openat(folder, name, how | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty()) {
            Ok(file) if is_last => return Ok(file),
            Ok(next) => {
                *folders.get_mut(depth).ok_or(Errno::NAMETOOLONG)? = Some(next);
                depth += 1;
            }
            // A link, or a file that is taken for a folder.
            Err(error @ (Errno::LOOP | Errno::NOTDIR)) => {
                links += 1;
                let mut target = [0; PATH_MAX];
                let len = readlinkat_raw(folder, name, &mut target[..]).map_err(|_| error)?;
                match &target[..len] {
                    _ if links > LINKS => return Err(Errno::LOOP),
                    [b'/', ..] => return Err(Errno::XDEV),
                    target => rest.put_in_front(target)?,
                }
            }
            Err(error) => return Err(error),
        }
    }
}

/// What is left of a path.
struct Rest {
    bytes: [u8; PATH_MAX],
    /// INVARIANT: at most [`PATH_MAX`]; what is left stands from here to the end, so that
    /// there is room in front of it.
    start: usize,
}

impl Rest {
    fn put_in_front(&mut self, path: &[u8]) -> Result<(), Errno> {
        let slash = (self.start < PATH_MAX).then_some(b'/');
        let len = path.len() + usize::from(slash.is_some());
        let start = self.start.checked_sub(len).ok_or(Errno::NAMETOOLONG)?;
        let path = path.iter().copied().chain(slash);
        iter::zip(&mut self.bytes[start..], path).for_each(|(to, from)| *to = from);
        self.start = start;
        Ok(())
    }

    /// The first segment, and whether it is the last.
    fn take(&mut self) -> (&[u8], bool) {
        let rest = &self.bytes[self.start..];
        let slash = rest.iter().position(|&byte| byte == b'/');
        self.start += slash.map_or(rest.len(), |slash| slash + 1);
        (&rest[..slash.unwrap_or(rest.len())], slash.is_none())
    }
}
