//! Takes a reply and keeps its length alone, so that the memory it took is not the test's.

use picosite::http::output::Output;
use rustix::io::Errno;

/// The length of what was written, in bytes.
#[derive(Default)]
pub(crate) struct Sink(pub(crate) usize);

impl Output for Sink {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        self.0 += pieces.iter().map(|piece| piece.len()).sum::<usize>();
        Ok(())
    }
}
