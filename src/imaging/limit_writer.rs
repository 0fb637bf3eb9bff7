//! An output that takes so much and no more: how well a picture packs is known only once it
//! is packed, and whoever asks for it may have to hold all of it in memory.

use std::io::{self, Write};

/// Passes on so many bytes, and counts the others: so it can be said how many it takes.
pub(crate) struct LimitWriter<'a> {
    out: &'a mut dyn Write,
    limit: u64,
    /// Bytes that were to be written, those that were too many included.
    pub(crate) asked: u64,
}

impl<'a> LimitWriter<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, limit: u64) -> Self {
        Self { out, limit, asked: 0 }
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.limit < self.asked
    }
}

impl Write for LimitWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.asked += bytes.len() as u64;
        if self.is_full() { Ok(()) } else { self.out.write_all(bytes) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::LimitWriter;
    use std::io::Write;
    use std::vec;

    #[test]
    fn takes_so_much_and_counts_the_rest() {
        let mut out = vec![];
        let mut writer = LimitWriter::new(&mut out, 5);
        writer.write_all(b"123").unwrap();
        writer.write_all(b"45").unwrap();
        assert!(!writer.is_full());
        writer.write_all(b"67").unwrap();
        writer.write_all(b"8").unwrap();
        assert!(writer.is_full() && writer.asked == 8);
        assert_eq!(out, b"12345");
    }
}
