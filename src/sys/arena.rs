//! A bump arena over a caller-supplied stack buffer, for short texts read from files: the
//! settings and secrets of a request. It never allocates; a text that does not fit is left
//! to the caller.

use core::mem::{self, MaybeUninit};

use rustix::fd::AsFd;
use rustix::io::pread;

/// The rest of a buffer that texts are read into. What no text needs is never touched.
#[derive(Debug, Default)]
pub struct Arena<'a>(&'a mut [MaybeUninit<u8>]);

impl<'a> Arena<'a> {
    /// An arena over these bytes.
    pub const fn new(bytes: &'a mut [MaybeUninit<u8>]) -> Self {
        Self(bytes)
    }

    /// Reads `len` bytes of `file` from offset `start`, or as many as it has. `None` if they
    /// don't fit or can't be read.
    pub fn read(&mut self, file: impl AsFd, start: u64, len: usize) -> Option<&'a [u8]> {
        if len > self.0.len() {
            return None;
        }
        let (buffer, rest) = mem::take(&mut self.0).split_at_mut(len);
        self.0 = rest;
        pread(file, buffer, start).ok().map(|(text, _)| &*text)
    }
}

#[cfg(test)]
mod tests {
    use super::Arena;
    use core::mem::MaybeUninit;
    use std::fs::{self, File};

    #[test]
    fn texts_follow_each_other_until_the_buffer_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, "0123456789").unwrap();
        let file = File::open(path).unwrap();
        let mut bytes = [MaybeUninit::uninit(); 8];
        let mut arena = Arena::new(&mut bytes);
        let first = arena.read(&file, 2, 3);
        let end = arena.read(&file, 9, 4);
        assert_eq!((first, end), (Some(&b"234"[..]), Some(&b"9"[..])));
        assert_eq!(arena.read(File::open(folder.path()).unwrap(), 0, 1), None);
        assert_eq!(arena.read(&file, 0, 1), None, "the buffer is full");
    }

    #[test]
    fn a_text_that_does_not_fit_takes_nothing() {
        let file = tempfile::tempfile().unwrap();
        assert_eq!(Arena::default().read(&file, 0, 1), None);
        assert_eq!(Arena::default().read(&file, 0, 0), Some(&[][..]));
        let mut bytes = [MaybeUninit::uninit(); 1];
        let mut arena = Arena::new(&mut bytes);
        assert_eq!(arena.read(&file, 0, 2), None);
        assert_eq!(arena.read(&file, 0, 1), Some(&[][..]), "nothing was taken");
    }
}
