//! Every `unsafe` of the program is below here: what the operating system hands over as
//! raw pointers leaves as byte strings.

#![allow(unsafe_code)]

use core::{ptr, slice};

use rustix::fd::AsFd;
use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous};

pub mod arena;
pub mod atomic_file;
pub mod beneath;
pub mod clock;
pub mod embedded;
pub mod exe_dir;
pub mod fault;
mod process;
pub mod start;
pub mod stat;

pub use process::{Process, Strings};

/// The first `len` bytes of a file, read in place. A file that is cut short while it is
/// in use ends the process with SIGBUS (see [`fault`]): replace files by renaming.
///
/// # Errors
///
/// As `mmap(2)`; nothing to map is `EINVAL`.
pub fn map(file: impl AsFd, len: usize) -> rustix::io::Result<&'static [u8]> {
    // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
    let start = unsafe { mmap(ptr::null_mut(), len, ProtFlags::READ, MapFlags::PRIVATE, file, 0) }?;
    // SAFETY: the mapping is readable, `len` bytes long and never unmapped.
    Ok(unsafe { slice::from_raw_parts(start.cast(), len) })
}

/// All of a file, copied into pages of its own that are never given back: unlike
/// [`map`], whoever edits the file meanwhile does no harm. No heap.
///
/// # Errors
///
/// `EFBIG` for more than `longest` bytes, else as `mmap(2)` and `read(2)`.
pub fn read(file: impl AsFd, longest: usize) -> rustix::io::Result<&'static [u8]> {
    // One more byte than may be there tells what is too long.
    let room = longest + 1;
    let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
    // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
    let start = unsafe { mmap_anonymous(ptr::null_mut(), room, protection, flags) }?;
    // SAFETY: the mapping is writable, filled with zeros, `room` bytes long, never unmapped, and this is the only reference to it.
    let bytes: &'static mut [u8] = unsafe { slice::from_raw_parts_mut(start.cast(), room) };
    let mut len = 0;
    loop {
        match rustix::io::read(&file, &mut bytes[len..]) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    if len > longest { Err(rustix::io::Errno::FBIG) } else { Ok(&bytes[..len]) }
}
