//! The site that this executable carries, as it lies in memory.
//!
//! `build.rs` has put one into the section `.site`, and its descriptor into `.picosite`.
//! [`attach`](crate::pack::attach) puts another one into a finished executable, so
//! nothing about either may be taken for granted when compiling.

use core::hint::black_box;
use core::{ptr, slice};

use rustix::fd::{BorrowedFd, IntoRawFd};
use rustix::fs::{Mode, OFlags, fstat, open};

use crate::site::descriptor::{Descriptor, Place, Tables, Traits};
use crate::sys::Process;
use crate::sys::process::Executable;

/// Whether a page is read out of the executable's own file (see
/// [`backing`](crate::site::exe_file)), not sent from where the kernel has mapped it.
///
/// That pays where a page fault is dear. On an emulated ARM926 with Linux 6.1 a page of 4 KB
/// out of 1,000 files takes 768 us by reading, and some 340 more by mapping (the same
/// executable with mode 711). On x86-64 a page is one `writev` by mapping, and stays that.
pub const READS_ITSELF: bool = cfg!(all(own_start, target_arch = "arm"));

const PACKED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/site.cdb"));

#[used]
#[unsafe(link_section = ".site")]
static SITE: [u8; PACKED.len()] = *PACKED.first_chunk().expect("it has this length");

#[used]
#[unsafe(link_section = ".picosite")]
static DESCRIPTOR: Aligned = Aligned(*include_bytes!(concat!(env!("OUT_DIR"), "/descriptor")));

/// Where numbers are aligned the compiler reads them as such, not byte by byte.
#[repr(C, align(8))]
struct Aligned([u8; Descriptor::BYTES]);

#[unsafe(link_section = ".tables")]
static TABLES: Tables = Tables::from_bytes(include_bytes!(concat!(env!("OUT_DIR"), "/tables")));

/// The site is not where the descriptor says: a tool that knows nothing of it has
/// rewritten the executable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lost;

/// A site in memory.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    /// The cdb.
    pub bytes: &'static [u8],
    /// What is known of it.
    pub traits: Traits,
}

/// The cdb inside this executable.
///
/// # Errors
///
/// [`Lost`]. That the bytes are what was packed is not checked: see
/// [`verify`](crate::pack::verify).
pub fn site() -> Result<Carried, Lost> {
    let Descriptor { place, len, traits, .. } = descriptor()?;
    let len = usize::try_from(len).map_err(|_| Lost)?;
    let bytes = match place {
        Place::Section => {
            // Another site may be longer than the one that was compiled.
            let start = black_box((&raw const SITE).expose_provenance());
            // SAFETY: `attach` gives the section the length in the descriptor, the kernel has mapped all of it, and nobody writes there.
            unsafe { slice::from_raw_parts(ptr::with_exposed_provenance(start), len) }
        }
        Place::Behind(offset) => behind(offset, len).ok_or(Lost)?,
    };
    Ok(Carried { bytes, traits })
}

/// This executable's own file, open, and where in it the site begins. Nothing where the
/// site is better read in memory, or where the file cannot be opened: it may be there to
/// be executed and not to be read.
///
/// The name is the one that the executable was started by. Another file may have it by
/// now, so what is read there has to prove itself.
#[must_use]
pub fn open_file(process: &Process) -> Option<File> {
    if !READS_ITSELF {
        return None;
    }
    let Ok(Descriptor { place: Place::Section, .. }) = descriptor() else { return None };
    let Executable { name, headers } = process.executable()?;
    // The headers of segments are right behind the file's header, where one segment has
    // all of the file (image.ld), and pages are as long as a header at least.
    let base = headers & !0xfff;
    let within = |pointer: *const u8| Some(pointer.addr().checked_sub(base)? as u64);
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let file = open(name, flags, Mode::empty()).ok()?.into_raw_fd();
    // SAFETY: it is open, and never closed: the process ends soon.
    let file = unsafe { BorrowedFd::borrow_raw(file) };
    Some(File {
        file,
        site: within((&raw const SITE).cast())?,
        descriptor: (within((&raw const DESCRIPTOR).cast())?, &own().0),
        tables: black_box(&TABLES),
    })
}

/// This executable's own file.
#[derive(Clone, Copy)]
pub struct File {
    /// Open for reading.
    pub file: BorrowedFd<'static>,
    /// Where in it the site begins.
    pub site: u64,
    /// Where in it the descriptor is, and what it has to be.
    pub descriptor: (u64, &'static [u8; Descriptor::BYTES]),
    /// Where the site's hash tables begin.
    pub tables: &'static Tables,
}

/// What this executable says of its site: the checksum, too, that nobody compares for a
/// request.
///
/// # Errors
///
/// [`Lost`].
pub fn descriptor() -> Result<Descriptor, Lost> {
    Descriptor::from_bytes(&own().0).ok_or(Lost)
}

/// What it holds is not what was compiled, where another site was attached.
fn own() -> &'static Aligned {
    black_box(&DESCRIPTOR)
}

/// Maps the site from the executable's own file.
#[cold]
fn behind(offset: u64, len: usize) -> Option<&'static [u8]> {
    let file = open(c"/proc/self/exe", OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let offset = usize::try_from(offset).ok()?;
    let end = offset.checked_add(len)?;
    let size = usize::try_from(fstat(&file).ok()?.st_size).ok()?;
    // From the file's beginning: an offset would have to fit the machine's pages.
    if size < end { None } else { crate::sys::map(&file, end).ok()?.get(offset..) }
}
