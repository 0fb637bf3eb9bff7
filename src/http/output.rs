//! Bytes on their way out: gathered as slices, or through a small buffer where they
//! have to be made first.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::BorrowedFd;
use rustix::fs::sendfile;
use rustix::io::{Errno, IoSlice, pread, writev};

use crate::site::exe_file::Backing;

/// Where a reply goes.
pub trait Output {
    /// Writes all bytes of all pieces, in order.
    ///
    /// # Errors
    ///
    /// As `write(2)`.
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno>;

    /// Writes `len` bytes of a file, from the one at `offset` on.
    ///
    /// # Errors
    ///
    /// As `read(2)`, `write(2)`; `EIO` where the file has fewer.
    fn send_file(&mut self, file: BorrowedFd<'_>, offset: u64, len: usize) -> Result<(), Errno> {
        let (mut offset, mut left) = (offset, len);
        // A page: what a pipe takes without a second buffer of its own.
        let mut buffer = [0; 4096];
        while left > 0 {
            let most = left.min(buffer.len());
            match pread(file, &mut buffer[..most], offset) {
                Ok(0) => return Err(Errno::IO),
                Ok(read) => {
                    self.write(&[&buffer[..read]])?;
                    offset += read as u64;
                    left -= read;
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// The process's standard output, without a buffer.
pub struct StandardOutput<'a> {
    /// A body that lies there is sent from its file.
    pub backing: Option<Backing<'a>>,
}

impl Output for StandardOutput<'_> {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        if let ([header @ .., body], Some(backing)) = (pieces, self.backing)
            && let Some((file, offset)) = backing.find(body)
            // A header out of memory belongs to a body out of memory: what is looked up
            // there is what the file did not have, and then that may be another one.
            && header.iter().all(|piece| backing.find(piece).is_none())
        {
            self.write(header)?;
            return self.send_file(file, offset, body.len());
        }
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
                Err(Errno::AGAIN) => wait_for_room()?,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn send_file(&mut self, file: BorrowedFd<'_>, offset: u64, len: usize) -> Result<(), Errno> {
        let (mut offset, mut left) = (offset, len);
        while left > 0 {
            match sendfile(rustix::stdio::stdout(), file, Some(&mut offset), left) {
                Ok(0) => return Err(Errno::IO),
                Ok(sent) => left -= sent,
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => wait_for_room()?,
                // Some file systems cannot, and some files cannot be sent to.
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::OVERFLOW) => {
                    return Copying(self).copy_file(file, offset, left);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// An output that copies files through memory of its own.
struct Copying<'a, O>(&'a mut O);

impl<O: Output> Copying<'_, O> {
    /// Out of line: who needs it not does not pay for the buffer.
    #[inline(never)]
    #[cold]
    fn copy_file(&mut self, file: BorrowedFd<'_>, at: u64, len: usize) -> Result<(), Errno> {
        self.send_file(file, at, len)
    }
}

impl<O: Output> Output for Copying<'_, O> {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        self.0.write(pieces)
    }
}

/// Where standard output does not wait by itself.
fn wait_for_room() -> Result<(), Errno> {
    let out = rustix::stdio::stdout();
    poll(&mut [PollFd::new(&out, PollFlags::OUT)], None).map(|_| ())
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
