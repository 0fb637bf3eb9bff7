//! Opens a path below a directory in one step that cannot leave it: with `openat2` (Linux
//! 5.6), or segment by segment on older kernels.

pub(crate) mod walk;

use core::ffi::CStr;

use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;

use super::exe_dir;
use super::exe_dir::SLASH;

/// How photos are opened: a FIFO does not block, and a terminal is not acquired.
pub const READING: OFlags =
    OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Opens `path` below `root`. Symbolic links are followed while they stay below it; one that
/// leaves it is `EXDEV`.
pub fn open_beneath(root: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let open = |whole: &CStr| {
        let relative = &whole.to_bytes_with_nul()[1..];
        let relative = CStr::from_bytes_with_nul(relative).map_err(|_| Errno::INVAL)?;
        openat2(root, relative, flags | OFlags::CLOEXEC, Mode::empty(), resolve)
    };
    for _ in 0..ATTEMPTS {
        match exe_dir::with_path(&[&SLASH, path], open) {
            // A concurrent rename: the kernel could not rule out that `..` leaves the root.
            Err(Errno::AGAIN) => {}
            // A kernel before 5.6, or a sandbox that does not allow the call.
            Err(Errno::NOSYS | Errno::PERM) => return walk::open_beneath(root, path, flags),
            outcome => return outcome,
        }
    }
    Err(Errno::AGAIN)
}

/// Attempts at a path whose directories are being renamed. One was always enough, except in a
/// test that did nothing but rename.
const ATTEMPTS: usize = 8;
