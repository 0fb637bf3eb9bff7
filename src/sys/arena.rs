//! Room on the stack for short texts out of files, one behind the other: the settings and
//! secrets of a request. It never takes memory from elsewhere; what is too long for it is
//! left to the caller.

use core::mem::{self, MaybeUninit};

use rustix::fd::AsFd;
use rustix::io::pread;

/// Room that texts are read into. What is not needed of it is not touched.
#[derive(Debug, Default)]
pub struct Room<'r>(&'r mut [MaybeUninit<u8>]);

impl<'r> Room<'r> {
    /// These bytes as room.
    #[must_use]
    pub const fn new(bytes: &'r mut [MaybeUninit<u8>]) -> Self {
        Self(bytes)
    }

    /// The `len` bytes of `file` from the one at `start` on, or as many as it has; nothing
    /// where there is no room for so many, or they cannot be read. What room is left is for
    /// the next.
    pub fn read(&mut self, file: impl AsFd, start: u64, len: usize) -> Option<&'r [u8]> {
        if len > self.0.len() {
            return None;
        }
        let (room, rest) = mem::take(&mut self.0).split_at_mut(len);
        self.0 = rest;
        pread(file, room, start).ok().map(|(text, _)| &*text)
    }
}

#[cfg(test)]
mod tests {
    use super::Room;
    use core::mem::MaybeUninit;
    use std::fs::{self, File};

    #[test]
    fn texts_lie_one_behind_the_other_while_there_is_room() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "0123456789").unwrap();
        let file = File::open(path).unwrap();
        let mut bytes = [MaybeUninit::uninit(); 8];
        let mut room = Room::new(&mut bytes);
        let first = room.read(&file, 2, 3);
        let end = room.read(&file, 9, 4);
        assert_eq!((first, end), (Some(&b"234"[..]), Some(&b"9"[..])));
        assert_eq!(room.read(File::open(folder.path()).unwrap(), 0, 1), None);
        assert_eq!(room.read(&file, 0, 1), None, "none is left");
    }

    #[test]
    fn what_is_too_long_is_left_alone() {
        let file = tempfile::tempfile().unwrap();
        assert_eq!(Room::default().read(&file, 0, 1), None);
        assert_eq!(Room::default().read(&file, 0, 0), Some(&[][..]));
        let mut bytes = [MaybeUninit::uninit(); 1];
        let mut room = Room::new(&mut bytes);
        assert_eq!(room.read(&file, 0, 2), None);
        assert_eq!(room.read(&file, 0, 1), Some(&[][..]), "the room is still there");
    }
}
