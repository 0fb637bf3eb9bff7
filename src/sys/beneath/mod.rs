//! Opens a path below a folder, in one step that cannot leave it: by the kernel where it can
//! (`openat2`, Linux 5.6), else segment by segment.

pub(crate) mod walk;

use core::ffi::CStr;

use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags, ResolveFlags, openat2};
use rustix::io::Errno;

use super::exe_dir;
use super::exe_dir::SLASH;

/// How a photo is opened: without waiting for a FIFO, nor waking a device.
pub const READING: OFlags =
    OFlags::RDONLY.union(OFlags::NONBLOCK).union(OFlags::NOCTTY).union(OFlags::CLOEXEC);

/// Opens a path below `root` that no link leads out of.
///
/// # Errors
///
/// As `openat2(2)` with `RESOLVE_BENEATH`: `EXDEV` where a link leads out.
pub fn open_beneath(root: BorrowedFd<'_>, path: &[u8], flags: OFlags) -> Result<OwnedFd, Errno> {
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let open = |whole: &CStr| {
        let relative = &whole.to_bytes_with_nul()[1..];
        let relative = CStr::from_bytes_with_nul(relative).map_err(|_| Errno::INVAL)?;
        openat2(root, relative, flags | OFlags::CLOEXEC, Mode::empty(), resolve)
    };
    for _ in 0..AGAIN {
        match exe_dir::with_path(&[&SLASH, path], open) {
            // Something was renamed meanwhile, and the kernel could not rule out a way out.
            Err(Errno::AGAIN) => {}
            // A kernel before 5.6, or a sandbox that does not know the call.
            Err(Errno::NOSYS | Errno::PERM) => return walk::open_beneath(root, path, flags),
            outcome => return outcome,
        }
    }
    Err(Errno::AGAIN)
}

/// How often a path is tried while others rename what is on it; once has sufficed unless
/// somebody does nothing else.
const AGAIN: usize = 8;
