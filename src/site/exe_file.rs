//! The file that the site lies in, open besides the site in memory.
//!
//! Used where [`READS_ITSELF`](crate::sys::embedded::READS_ITSELF) says so; elsewhere there is none.
//! Memory that is mapped but not yet touched is dear where every request is a process of
//! its own: on a small board (ARM926, Linux 6.1) a first touch takes 60 us, its share of
//! the process's end 32 us, and where it is the first in 2 MiB a page table 48 us more.
//! Opening the file takes 20 us, reading a few bytes 9 us, and sending a body straight
//! from the file (`sendfile`) 30 us, however large the site. So one record is read, the
//! body is sent, and of the site in memory nothing is touched; it is there for
//! everything that a page does not need, and where the file cannot be read.

use core::mem::MaybeUninit;

use rustix::fd::BorrowedFd;
use rustix::io::pread;

use crate::site::descriptor::Descriptor;
use crate::site::record::{FIRST_RECORD, SETTINGS};
use crate::sys::arena as texts;
use crate::sys::embedded::File;

use crate::site::archive::{hash, words};

/// Room for a record: three forms of a page with its header blocks are some 1,100 bytes.
/// A longer one is read in memory.
#[repr(align(4))]
pub struct Room([MaybeUninit<u8>; 1536]);

impl Room {
    /// Nothing is written: stack that is not needed is not touched.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "a default would be a value")]
    pub const fn new() -> Self {
        Self([MaybeUninit::uninit(); size_of::<Self>()])
    }
}

/// A site in memory and in a file.
#[derive(Clone, Copy)]
pub struct Backing<'a> {
    /// The bytes of the file from where the site begins, as they were when the process began.
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
    /// The archive in memory knows: it takes more than two reads to find out, the record
    /// is long, or the file cannot be read or is another one by now.
    Unknown,
}

impl<'a> Backing<'a> {
    /// `memory` is what the site in `file` was when the process began.
    #[must_use]
    pub const fn new(memory: &'a [u8], file: File) -> Self {
        Self { memory, file }
    }

    /// The value of the record with this key, read into `room`.
    ///
    /// A value is what was asked for, whatever the file is by now: its tables have led by
    /// the key's hash to the whole key. That there is none has to be confirmed.
    #[must_use]
    pub fn get<'r>(&self, key: &[u8], room: &'r mut Room) -> Found<'r> {
        let hash = hash(key);
        match self.position(hash) {
            Some(0) if self.is_same() => Found::Nothing,
            None | Some(0) => Found::Unknown,
            Some(position) => self.value(position, key, room).map_or(Found::Unknown, Found::Value),
        }
    }

    /// The settings, where they are the second record and short: both are read at once.
    #[must_use]
    pub fn settings<'r>(&self, room: &mut texts::Arena<'r>) -> Option<&'r [u8]> {
        /// As much as the site to begin with has, and a line for every setting.
        const LEN: usize = 1024;
        let start = self.file.site + u64::from(FIRST_RECORD);
        let (_, _, rest) = split_record(room.read(self.file.file, start, LEN)?)?;
        let (key, settings, _) = split_record(rest)?;
        (key == SETTINGS).then_some(settings)
    }

    /// Where the first record of this hash lies; 0 where there is none.
    fn position(&self, hash: u32) -> Option<u32> {
        let (table, slots) = self.file.tables.find(hash, self.memory.len())?;
        let Some(first) = (hash >> 8).checked_rem(slots) else { return Some(0) };
        let at = first.checked_mul(8)?.checked_add(table)?;
        // Half of the slots are empty, so a search seldom goes farther than this. Three
        // bytes more: it may begin so many earlier.
        let mut room = [MaybeUninit::uninit(); 8 * 8 + 3];
        let read = self.read(at, &mut room)?;
        let mut run = read.chunks_exact(8).take((slots - first) as usize);
        run.find_map(|slot| {
            let (of, position) = slot.first_chunk().copied().map(words)?;
            (of == hash || position == 0).then_some(position)
        })
    }

    fn value<'r>(&self, position: u32, key: &[u8], room: &'r mut Room) -> Option<&'r [u8]> {
        let (found, value, _) = split_record(self.read(position, &mut room.0)?)?;
        if found == key { Some(value) } else { None }
    }

    /// What lies at `position` of the site, as much as there is room for.
    ///
    /// It is read from a multiple of four on: the kernel copies words three times faster
    /// than bytes, 11 us a kilobyte on the board.
    fn read<'r>(&self, position: u32, room: &'r mut [MaybeUninit<u8>]) -> Option<&'r [u8]> {
        let at = self.file.site + u64::from(position);
        let (read, _) = pread(self.file.file, room, at & !3).ok()?;
        read.get((at & 3) as usize..)
    }

    /// Whether the file is the one that the process began with: it says the same of its site.
    #[cold]
    fn is_same(&self) -> bool {
        let (at, descriptor) = self.file.descriptor;
        let mut room = [MaybeUninit::uninit(); Descriptor::BYTES];
        pread(self.file.file, &mut room, at).is_ok_and(|(read, _)| read == descriptor)
    }

    /// The file, and where in it `piece` is, if it is a piece of the site.
    #[must_use]
    pub fn find(&self, piece: &[u8]) -> Option<(BorrowedFd<'a>, u64)> {
        let site = self.memory.as_ptr_range();
        let at = site.contains(&piece.as_ptr()).then(|| piece.as_ptr().addr() - site.start.addr());
        Some((self.file.file, self.file.site + at? as u64))
    }
}

/// The key and the value of the record that `bytes` begin with, and what is behind it.
fn split_record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (lens, rest) = bytes.split_first_chunk()?;
    let (key_len, value_len) = words(*lens);
    let (key, rest) = rest.split_at_checked(key_len as usize)?;
    let (value, rest) = rest.split_at_checked(value_len as usize)?;
    Some((key, value, rest))
}
