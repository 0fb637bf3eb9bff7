//! The site read from the executable's own file, for machines on which page faults are expensive.
//!
//! Used if [`READS_ITSELF`](crate::sys::embedded::READS_ITSELF) says so. When every request is a
//! new process, mapped pages are not yet touched: on a small board (ARM926, Linux 6.1) a first
//! touch takes 60 us, its share of the process's exit 32 us, and the first touch in 2 MiB a page
//! table, 48 us more. Opening the file takes 20 us, reading a few bytes 9 us, and sending a body
//! straight from the file (`sendfile`) 30 us, however large the site. So one record is read, the
//! body is sent, and the mapped site stays untouched. It still serves everything that a page
//! does not need, and requests for which the file cannot be read.

use core::mem::MaybeUninit;

use rustix::io::pread;

use crate::http::representation::Body;
use crate::site::cdb::{hash, words};
use crate::site::descriptor::Descriptor;
use crate::site::record::{FIRST_RECORD, Form, SETTINGS};
use crate::sys::arena::Arena;
use crate::sys::embedded::File;

/// Storage for a record: a page in three forms with its header blocks takes some 1,100 bytes.
/// A longer record is read in memory.
#[repr(align(4))]
pub struct RecordBuffer([MaybeUninit<u8>; 1280]);

impl RecordBuffer {
    /// An uninitialised buffer: stack that isn't needed isn't touched.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default would be a value")]
    pub const fn new() -> Self {
        Self([MaybeUninit::uninit(); size_of::<Self>()])
    }
}

/// A site in memory and in a file.
#[derive(Clone, Copy)]
pub struct ExeFile<'a> {
    /// The site in the file, as it was when the process began.
    memory: &'a [u8],
    file: File,
}

/// What the file has under a key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Found<'r> {
    /// A record with this value.
    Value(&'r [u8]),
    /// No record.
    Nothing,
    /// Ask the archive in memory: it would take more than two reads to find out, the record is too
    /// long, or the file cannot be read or has been replaced.
    Unknown,
}

impl<'a> ExeFile<'a> {
    /// `memory` is the site in `file` as it was when the process began.
    #[must_use]
    pub const fn new(memory: &'a [u8], file: File) -> Self {
        Self { memory, file }
    }

    /// The value of the record with this key, read into `buffer`.
    ///
    /// A value is right even if the file has been replaced: its tables have led to the whole key.
    /// Absence has to be confirmed.
    #[must_use]
    pub fn get<'r>(&self, key: &[u8], buffer: &'r mut RecordBuffer) -> Found<'r> {
        let hash = hash(key);
        match self.position(hash) {
            Some(0) if self.is_same() => Found::Nothing,
            None | Some(0) => Found::Unknown,
            Some(position) => {
                self.value(position, key, buffer).map_or(Found::Unknown, Found::Value)
            }
        }
    }

    /// The settings, if they are the second record and short: one read gets both.
    #[must_use]
    pub fn settings<'r>(&self, arena: &mut Arena<'r>) -> Option<&'r [u8]> {
        /// The template site's settings, and room for a line for every key.
        const LEN: usize = 1024;
        let start = self.file.site + u64::from(FIRST_RECORD);
        let (_, _, rest) = split_record(arena.read(self.file.file, start, LEN)?)?;
        let (key, settings, _) = split_record(rest)?;
        (key == SETTINGS).then_some(settings)
    }

    /// Position of the first record with this hash; 0 if there is none.
    fn position(&self, hash: u32) -> Option<u32> {
        let (table, slots) = self.file.tables.find(hash, self.memory.len())?;
        let Some(first) = (hash >> 8).checked_rem(slots) else { return Some(0) };
        let at = first.checked_mul(8)?.checked_add(table)?;
        // Half of the slots are empty, so a search seldom goes farther. Three more bytes, since
        // `read` may begin that much earlier.
        let mut buffer = [MaybeUninit::uninit(); 8 * 8 + 3];
        let read = self.read(at, &mut buffer)?;
        let mut run = read.chunks_exact(8).take((slots - first) as usize);
        run.find_map(|slot| {
            let (of, position) = slot.first_chunk().copied().map(words)?;
            (of == hash || position == 0).then_some(position)
        })
    }

    fn value<'r>(
        &self,
        position: u32,
        key: &[u8],
        buffer: &'r mut RecordBuffer,
    ) -> Option<&'r [u8]> {
        let (found, value, _) = split_record(self.read(position, &mut buffer.0)?)?;
        if found == key { Some(value) } else { None }
    }

    /// Fills `buffer` from `position` of the site.
    ///
    /// The read begins at a multiple of four: the kernel copies words three times faster than
    /// bytes, 11 us a kilobyte on the board.
    fn read<'r>(&self, position: u32, buffer: &'r mut [MaybeUninit<u8>]) -> Option<&'r [u8]> {
        let at = self.file.site + u64::from(position);
        let (read, _) = pread(self.file.file, buffer, at & !3).ok()?;
        read.get((at & 3) as usize..)
    }

    /// Whether the file is still the one that the process began with, by its descriptor.
    #[cold]
    fn is_same(&self) -> bool {
        let (at, descriptor) = self.file.descriptor;
        let mut buffer = [MaybeUninit::uninit(); Descriptor::BYTES];
        pread(self.file.file, &mut buffer, at).is_ok_and(|(read, _)| read == descriptor)
    }

    /// The body of a form that was read from the file.
    #[must_use]
    pub fn body(&self, form: &Form<'_>) -> Body<'a> {
        Body::File(self.file.file, self.file.site + u64::from(form.body))
    }
}

/// Splits the first record off: its key, its value, and the rest.
fn split_record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (lens, rest) = bytes.split_first_chunk()?;
    let (key_len, value_len) = words(*lens);
    let (key, rest) = rest.split_at_checked(key_len as usize)?;
    let (value, rest) = rest.split_at_checked(value_len as usize)?;
    Some((key, value, rest))
}
