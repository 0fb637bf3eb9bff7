//! Writes replies: slices with one `writev(2)`, composed text through a small buffer, files with
//! `sendfile(2)`.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::BorrowedFd;
use rustix::fs::sendfile;
use rustix::io::{Errno, IoSlice, pread, writev};

/// How much of a reply is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Extent {
    /// Header and body.
    Whole,
    /// The header only, for HEAD.
    Header,
}

/// The destination of a reply.
pub trait Output {
    /// Writes all bytes of all pieces, in order.
    ///
    /// # Errors
    ///
    /// As `write(2)`.
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno>;

    /// Writes `len` bytes of a file, starting at `offset`.
    ///
    /// # Errors
    ///
    /// As `read(2)` and `write(2)`; `EIO` if the file is too short.
    fn send_file(&mut self, file: BorrowedFd<'_>, offset: u64, len: usize) -> Result<(), Errno> {
        copy_file(self, file, offset, len)
    }
}

/// The process's standard output, unbuffered.
pub struct StandardOutput;

impl Output for StandardOutput {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        let mut slices = [IoSlice::new(&[]); Pieces::MAX];
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
                Err(Errno::AGAIN) => wait_until_writable()?,
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
                Err(Errno::AGAIN) => wait_until_writable()?,
                // Not every file system or output supports sendfile.
                Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::OVERFLOW) => {
                    return copy_file(self, file, offset, left);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Copies `left` bytes of a file through memory. Kept out of line so that callers that never copy
/// don't pay for the buffer.
#[inline(never)]
#[cold]
fn copy_file(
    out: &mut (impl Output + ?Sized),
    file: BorrowedFd<'_>,
    mut offset: u64,
    mut left: usize,
) -> Result<(), Errno> {
    // A page, the size of a pipe's buffers.
    let mut buffer = [0; 4096];
    while left > 0 {
        let most = left.min(buffer.len());
        match pread(file, &mut buffer[..most], offset) {
            Ok(0) => return Err(Errno::IO),
            Ok(read) => {
                out.write(&[&buffer[..read]])?;
                offset += read as u64;
                left -= read;
            }
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Needed if the server made standard output non-blocking.
#[cold]
fn wait_until_writable() -> Result<(), Errno> {
    let out = rustix::stdio::stdout();
    poll(&mut [PollFd::new(&out, PollFlags::OUT)], None).map(|_| ())
}

/// A list of slices for one [`Output::write`].
#[derive(Default)]
pub struct Pieces<'a> {
    list: [&'a [u8]; Pieces::MAX],
    len: usize,
}

impl<'a> Pieces<'a> {
    /// More slices than any reply has.
    pub const MAX: usize = 20;

    /// Appends slices; panics if there are more than [`Pieces::MAX`] in total.
    #[cold]
    pub fn extend(&mut self, pieces: &[&'a [u8]]) {
        self.list[self.len..][..pieces.len()].copy_from_slice(pieces);
        self.len += pieces.len();
    }

    pub fn as_slice(&self) -> &[&'a [u8]] {
        &self.list[..self.len]
    }
}

/// Collects small pieces so that a composed reply needs few system calls.
pub struct Buffer<'a, O: Output> {
    out: &'a mut O,
    bytes: [u8; 2048],
    len: usize,
}

impl<'a, O: Output> Buffer<'a, O> {
    pub const fn new(out: &'a mut O) -> Self {
        Self { out, bytes: [0; 2048], len: 0 }
    }

    /// Appends bytes; writes the buffer when it is full.
    #[cold]
    pub fn push(&mut self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            if self.len == self.bytes.len() {
                self.flush()?;
            }
            let free = &mut self.bytes[self.len..];
            let (now, later) = bytes.split_at(bytes.len().min(free.len()));
            free[..now.len()].copy_from_slice(now);
            self.len += now.len();
            bytes = later;
        }
        Ok(())
    }

    #[cold]
    pub fn flush(&mut self) -> Result<(), Errno> {
        let len = core::mem::take(&mut self.len);
        self.out.write(&[&self.bytes[..len]])
    }
}
