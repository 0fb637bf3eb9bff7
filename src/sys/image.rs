//! The site that this executable carries, as it lies in memory.
//!
//! `build.rs` has put one into the section `.site`, and its descriptor into `.picosite`.
//! [`attach`](crate::pack::attach) puts another one into a finished executable, so
//! nothing about either may be taken for granted when compiling.

use core::hint::black_box;
use core::{ptr, slice};

use rustix::fs::{Mode, OFlags, fstat, open};

use crate::descriptor::{Descriptor, Place};

const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/site.cdb"));

#[used]
#[unsafe(link_section = ".site")]
static SITE: [u8; PACKED.len()] = *PACKED.first_chunk().expect("it has this length");

#[used]
#[unsafe(link_section = ".picosite")]
static DESCRIPTOR: [u8; Descriptor::BYTES] =
    *include_bytes!(concat!(env!("OUT_DIR"), "/descriptor"));

/// The site is not where the descriptor says: a tool that knows nothing of it has
/// rewritten the executable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lost;

/// The cdb inside this executable.
///
/// # Errors
///
/// [`Lost`]. That the bytes are what was packed is not checked: see
/// [`verify`](crate::pack::verify).
pub fn site() -> Result<&'static [u8], Lost> {
    let Descriptor { place, len, .. } = descriptor()?;
    let len = usize::try_from(len).map_err(|_| Lost)?;
    match place {
        Place::Section => {
            // Another site may be longer than the one that was compiled.
            let start = black_box((&raw const SITE).expose_provenance());
            // SAFETY: `attach` gives the section the length in the descriptor, the kernel has mapped all of it, and nobody writes there.
            Ok(unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(start), len) })
        }
        Place::Behind(offset) => behind(offset, len).ok_or(Lost),
    }
}

/// What this executable says of its site: the checksum, too, that nobody compares for a
/// request.
///
/// # Errors
///
/// [`Lost`].
pub fn descriptor() -> Result<Descriptor, Lost> {
    // SAFETY: it is a static; volatile, as what it holds is not what was compiled.
    let descriptor = unsafe { ptr::read_volatile(&raw const DESCRIPTOR) };
    Descriptor::from_bytes(&descriptor).ok_or(Lost)
}

/// Maps the site from the executable's own file.
#[cold]
fn behind(offset: u64, len: usize) -> Option<&'static [u8]> {
    let file = open(c"/proc/self/exe", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let offset = usize::try_from(offset).ok()?;
    let end = offset.checked_add(len)?;
    let size = usize::try_from(fstat(&file).ok()?.st_size).ok()?;
    // From the file's beginning: an offset would have to fit the machine's pages.
    if size < end { None } else { super::map(&file, end).ok()?.get(offset..) }
}
