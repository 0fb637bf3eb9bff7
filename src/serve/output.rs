//! Bytes on their way out: gathered as slices, or through a small buffer where they
//! have to be made first.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, IoSlice, writev};

/// Where a reply goes.
pub trait Output {
    /// Writes all bytes of all pieces, in order.
    ///
    /// # Errors
    ///
    /// As `write(2)`.
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno>;
}

/// The process's standard output, without a buffer.
pub struct StandardOutput;

impl Output for StandardOutput {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        let mut slices = [IoSlice::new(&[]); Pieces::MOST];
        let mut count = 0;
        for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
            *slices.get_mut(count).ok_or(Errno::INVAL)? = IoSlice::new(piece);
            count += 1;
        }
        let mut left = &mut slices[..count];
        let out = rustix::stdio::stdout();
        while !left.is_empty() {
            match writev(out, left) {
                Ok(written) => IoSlice::advance_slices(&mut left, written),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let mut fds = [PollFd::new(&out, PollFlags::OUT)];
                    poll(&mut fds, None)?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// A list of slices for one [`Output::write`].
#[derive(Default)]
pub struct Pieces<'a> {
    list: [&'a [u8]; Pieces::MOST],
    len: usize,
}

impl<'a> Pieces<'a> {
    /// More than any reply has.
    pub const MOST: usize = 20;

    /// Puts some more slices behind those that are there.
    ///
    /// # Panics
    ///
    /// With more than [`Pieces::MOST`] in all.
    pub fn extend(&mut self, pieces: &[&'a [u8]]) {
        self.list[self.len..][..pieces.len()].copy_from_slice(pieces);
        self.len += pieces.len();
    }

    /// All of them.
    #[must_use]
    pub fn as_slice(&self) -> &[&'a [u8]] {
        &self.list[..self.len]
    }
}

/// Collects small pieces, so that a reply that has to be composed is few writes.
pub struct Buffer<'a, O: Output> {
    out: &'a mut O,
    bytes: [u8; 2048],
    len: usize,
}

impl<'a, O: Output> Buffer<'a, O> {
    /// An empty buffer in front of `out`.
    pub const fn new(out: &'a mut O) -> Self {
        Self { out, bytes: [0; 2048], len: 0 }
    }

    /// Adds some bytes; writes when the buffer is full.
    ///
    /// # Errors
    ///
    /// As `write(2)`.
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            if self.len == self.bytes.len() {
                self.flush()?;
            }
            let room = &mut self.bytes[self.len..];
            let (now, later) = bytes.split_at(bytes.len().min(room.len()));
            room[..now.len()].copy_from_slice(now);
            self.len += now.len();
            bytes = later;
        }
        Ok(())
    }

    /// Writes what is in the buffer.
    ///
    /// # Errors
    ///
    /// As `write(2)`.
    pub fn flush(&mut self) -> Result<(), Errno> {
        let len = core::mem::take(&mut self.len);
        self.out.write(&[&self.bytes[..len]])
    }
}
