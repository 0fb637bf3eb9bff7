//! The site that this executable carries.
//!
//! `build.rs` packs one into the section `.site`, with its descriptor in `.picosite`.
//! [`attach`](crate::pack::attach) replaces both in a finished executable, so the compiler
//! must not assume what they hold: they are reached through [`PARTS`], read volatile.
#![allow(unsafe_code)]

use core::{ptr, slice};

use rustix::fd::{BorrowedFd, IntoRawFd};
use rustix::fs::{Mode, OFlags, fstat, open};

use crate::site::descriptor::{Descriptor, Place, Tables, Traits};
use crate::sys::process::Executable;
use crate::sys::{Process, file};

/// Whether a page is read from the executable's own file (see
/// [`exe_file`](crate::site::exe_file)) rather than sent from where the kernel has mapped it.
///
/// That pays off if page faults are expensive. On an emulated ARM926 with Linux 6.1 a page of
/// 4 KB out of 1,000 files takes 768 us by reading, and some 340 more by mapping. On x86-64
/// a mapped page takes one `writev`.
pub const READS_ITSELF: bool = cfg!(all(own_start, target_arch = "arm"));

const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/site.cdb"));

#[used]
#[unsafe(link_section = ".site")]
static SITE: [u8; PACKED.len()] = *PACKED.first_chunk().expect("it has this length");

#[used]
#[unsafe(link_section = ".picosite")]
static DESCRIPTOR: Aligned = Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/descriptor")));

/// Aligned, so that numbers are loaded whole rather than byte by byte.
#[repr(C, align(8))]
struct Aligned([u8; Descriptor::BYTES]);

#[unsafe(link_section = ".tables")]
static TABLES: Tables = Tables::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/tables")));

/// Where the linker put what `attach` replaces.
#[derive(Clone, Copy)]
struct Parts {
    site: *const u8,
    descriptor: &'static Aligned,
    tables: &'static Tables,
}

// SAFETY: nothing writes to what it points to while the process lives.
unsafe impl Sync for Parts {}

static PARTS: Parts =
    Parts { site: (&raw const SITE).cast(), descriptor: &DESCRIPTOR, tables: &TABLES };

/// Volatile, so that the compiler knows neither the addresses nor what lies there.
fn parts() -> Parts {
    // SAFETY: a static is valid for reads.
    unsafe { ptr::read_volatile(&raw const PARTS) }
}

/// The site is not where the descriptor says: a tool that does not know the descriptor has
/// rewritten the executable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct EmbeddedError;

/// A site in memory.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    /// The cdb.
    pub bytes: &'static [u8],
    /// What the descriptor says about it.
    pub traits: Traits,
}

/// The cdb inside this executable.
///
/// # Errors
///
/// [`EmbeddedError`]. The bytes' checksum is not compared; [`verify`](crate::pack::verify)
/// does that.
pub fn site() -> Result<Carried, EmbeddedError> {
    let (place, len, traits) = facts()?;
    let len = usize::try_from(len).map_err(|_| EmbeddedError)?;
    let bytes = match place {
        // SAFETY: `attach` gives the section the length in the descriptor, the kernel has mapped all of it, and nothing writes there.
        Place::Section => unsafe { slice::from_raw_parts(parts().site, len) },
        Place::Behind(offset) => behind(offset, len).ok_or(EmbeddedError)?,
    };
    Ok(Carried { bytes, traits })
}

/// The descriptor of this executable's site.
///
/// # Errors
///
/// [`EmbeddedError`].
#[inline]
pub fn descriptor() -> Result<Descriptor, EmbeddedError> {
    Descriptor::from_bytes(&parts().descriptor.0).ok_or(EmbeddedError)
}

/// The descriptor without the checksum, which no request needs.
#[inline(never)]
fn facts() -> Result<(Place, u64, Traits), EmbeddedError> {
    descriptor().map(|Descriptor { place, len, traits, .. }| (place, len, traits))
}

/// What the descriptor says about this executable's site.
///
/// # Errors
///
/// [`EmbeddedError`].
pub fn traits() -> Result<Traits, EmbeddedError> {
    facts().map(|(_, _, traits)| traits)
}

/// This executable's own file.
#[derive(Clone, Copy)]
pub struct File {
    /// Open for reading.
    pub file: BorrowedFd<'static>,
    /// The site's offset in it, in bytes.
    pub site: u64,
    /// The descriptor's offset in it, and the bytes expected there.
    pub descriptor: (u64, &'static [u8; Descriptor::BYTES]),
    /// Where the site's hash tables begin.
    pub tables: &'static Tables,
}

/// Opens this executable's own file. `None` if the site is better read in memory, or if the
/// file cannot be opened: it may be executable but not readable.
///
/// It is opened by the path that the executable was started by. By now another file may have
/// that path, so what is read has to be checked.
#[must_use]
pub fn open_file(process: &Process) -> Option<File> {
    if !READS_ITSELF {
        return None;
    }
    let Ok((Place::Section, ..)) = facts() else { return None };
    let Executable { name, headers } = process.executable()?;
    // The program headers follow the file header, in the only segment, which maps the file
    // from its first byte (image.ld), and no page is smaller than 4 KiB.
    let base = headers & !0xfff;
    let offset = |address: usize| Some(address.checked_sub(base)? as u64);
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = open(name, flags, Mode::empty()).ok()?.into_raw_fd();
    // SAFETY: it is open and never closed: the process ends soon.
    let file = unsafe { BorrowedFd::borrow_raw(file) };
    let Parts { site, descriptor, tables } = parts();
    let descriptor = (offset(ptr::from_ref(descriptor).addr())?, &descriptor.0);
    Some(File { file, site: offset(site.addr())?, descriptor, tables })
}

/// Maps the site from the executable's own file.
#[cold]
fn behind(offset: u64, len: usize) -> Option<&'static [u8]> {
    let own = open(c"/proc/self/exe", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let offset = usize::try_from(offset).ok()?;
    let end = offset.checked_add(len)?;
    let size = usize::try_from(fstat(&own).ok()?.st_size).ok()?;
    if size < end {
        return None;
    }
    // From the file's beginning, since an offset would have to be a multiple of the page size.
    // SAFETY: the kernel lets nobody write to an executable while it runs (ETXTBSY, open(2)).
    unsafe { file::map(&own, end) }.ok()?.get(offset..)
}
