//! Counts a reply's bytes without keeping them, so that no memory is the test's own.

use picosite::facade::http::Output;
use rustix::io::Errno;

/// The number of bytes written.
#[derive(Default)]
pub(crate) struct Sink(pub(crate) usize);

impl Output for Sink {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        self.0 += pieces.iter().map(|piece| piece.len()).sum::<usize>();
        Ok(())
    }
}
