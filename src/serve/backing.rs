//! The file that the site lies in, open besides the site in memory.
//!
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

use super::archive::{hash, words};

/// Room for a record: three forms of a page with its header blocks are some 1,100 bytes.
/// A longer one is read in memory.
pub type Room = [MaybeUninit<u8>; 1536];

/// A site in memory and in a file.
#[derive(Clone, Copy)]
pub struct Backing<'a> {
    /// The bytes of the file from `offset` on, as they were when the process began.
    memory: &'a [u8],
    file: BorrowedFd<'a>,
    offset: u64,
}

impl<'a> Backing<'a> {
    /// `memory` is what `file` has from `offset` on.
    #[must_use]
    pub const fn new(memory: &'a [u8], file: BorrowedFd<'a>, offset: u64) -> Self {
        Self { memory, file, offset }
    }

    /// The site in memory.
    #[must_use]
    pub const fn memory(&self) -> &'a [u8] {
        self.memory
    }

    /// The value of the record with this key, read into `room`. Nothing where there is no
    /// such record, or where it takes more than three reads to find it: the archive in
    /// memory knows.
    ///
    /// What is found is what was asked for, whatever the file is by now: its tables have
    /// led by the key's hash to the whole key.
    #[must_use]
    pub fn get<'r>(&self, key: &[u8], room: &'r mut Room) -> Option<&'r [u8]> {
        let hash = hash(key);
        let mut pair = [MaybeUninit::uninit(); 8];
        let (table, slots) = words(self.read((hash & 0xff) * 8, &mut pair)?.first_chunk()?);
        let first = (hash >> 8).checked_rem(slots)?;
        // Half of the slots are empty, so a search seldom goes farther than this.
        let mut next = [MaybeUninit::uninit(); 4 * 8];
        let at = first.checked_mul(8)?.checked_add(table)?;
        let mut slots = self.read(at, &mut next)?.chunks_exact(8);
        let (_, position) =
            slots.find_map(|slot| slot.first_chunk().map(words).filter(|slot| slot.0 == hash))?;
        let (lens, rest) = self.read(position, room)?.split_first_chunk()?;
        let (key_len, value_len) = words(lens);
        let (found, rest) = rest.split_at_checked(key_len as usize)?;
        if found == key { rest.get(..value_len as usize) } else { None }
    }

    /// What lies at `position` of the site, as much as there is room for.
    fn read<'r>(&self, position: u32, room: &'r mut [MaybeUninit<u8>]) -> Option<&'r [u8]> {
        let (read, _) = pread(self.file, room, self.offset + u64::from(position)).ok()?;
        Some(read)
    }

    /// The file, and where in it `piece` is, if it is a piece of the site.
    #[must_use]
    pub fn find(&self, piece: &[u8]) -> Option<(BorrowedFd<'a>, u64)> {
        let site = self.memory.as_ptr_range();
        let at = site.contains(&piece.as_ptr()).then(|| piece.as_ptr().addr() - site.start.addr());
        Some((self.file, self.offset + at? as u64))
    }
}
