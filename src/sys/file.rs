//! Whole files as slices that live as long as the process: mapped, or copied without a heap.
#![allow(unsafe_code)]

use core::{ptr, slice};

use rustix::fd::AsFd;
use rustix::io::Errno;
use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous};

/// The first `len` bytes of a file, mapped.
///
/// # Safety
///
/// Nobody writes to the file or shortens it as long as the process lives: the slice would
/// change, or reading it would raise SIGBUS.
///
/// # Errors
///
/// As `mmap(2)`; `EINVAL` if `len` is 0.
pub(super) unsafe fn map(file: impl AsFd, len: usize) -> Result<&'static [u8], Errno> {
    // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
    let start = unsafe { mmap(ptr::null_mut(), len, ProtFlags::READ, MapFlags::PRIVATE, file, 0) }?;
    // SAFETY: the mapping is readable, `len` bytes long, never unmapped and, says the caller, never changed.
    Ok(unsafe { slice::from_raw_parts(start.cast(), len) })
}

/// A packed site, mapped: it may be larger than memory, and a request needs a few pages of it.
///
/// # Errors
///
/// As `mmap(2)`; `EINVAL` if `len` is 0.
pub fn map_site(file: impl AsFd, len: usize) -> Result<&'static [u8], Errno> {
    // SAFETY: users are told to replace a site by renaming (docs/install.md), as `pack` does.
    unsafe { map(file, len) }
}

/// A photo, mapped. [`fault`](crate::sys::fault) has a reply for when it is shortened.
///
/// # Errors
///
/// As `mmap(2)`; `EINVAL` if `len` is 0.
pub fn map_photo(file: impl AsFd, len: usize) -> Result<&'static [u8], Errno> {
    // SAFETY: not ensured while photos are mapped at all. Decoders check what they read as they read it, and a shortened file raises SIGBUS.
    unsafe { map(file, len) }
}

/// A whole file, copied into pages that are never freed.
///
/// # Errors
///
/// `EFBIG` if it is longer than `max_len` bytes, else as `mmap(2)` and `read(2)`.
pub fn read(file: impl AsFd, max_len: usize) -> Result<&'static [u8], Errno> {
    // One byte more than allowed shows that a file is too long.
    let capacity = max_len + 1;
    let (protection, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
    // SAFETY: a new mapping at an address of the kernel's choice overlaps nothing of ours.
    let start = unsafe { mmap_anonymous(ptr::null_mut(), capacity, protection, flags) }?;
    // SAFETY: the mapping is writable, zeroed, `capacity` bytes long, never unmapped, and this is the only reference to it.
    let bytes: &'static mut [u8] = unsafe { slice::from_raw_parts_mut(start.cast(), capacity) };
    let mut len = 0;
    loop {
        match rustix::io::read(&file, &mut bytes[len..]) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    if len > max_len { Err(Errno::FBIG) } else { Ok(&bytes[..len]) }
}
