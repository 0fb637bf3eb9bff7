//! A writer with a size limit. How well an image compresses is only known afterwards, and the
//! caller may have to keep all of it in memory.

use std::io::{self, Write};

/// Forwards up to `limit` bytes and counts those beyond, to report how much would be needed.
pub(crate) struct LimitWriter<'a> {
    out: &'a mut dyn Write,
    limit: u64,
    /// Bytes received, those beyond the limit included.
    pub(crate) received: u64,
}

impl<'a> LimitWriter<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, limit: u64) -> Self {
        Self { out, limit, received: 0 }
    }

    pub(crate) const fn is_exceeded(&self) -> bool {
        self.limit < self.received
    }
}

impl Write for LimitWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.received += bytes.len() as u64;
        if self.is_exceeded() { Ok(()) } else { self.out.write_all(bytes) }
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
    fn forwards_up_to_the_limit_and_counts_the_rest() {
        let mut out = vec![];
        let mut writer = LimitWriter::new(&mut out, 5);
        writer.write_all(b"123").unwrap();
        writer.write_all(b"45").unwrap();
        assert!(!writer.is_exceeded());
        writer.write_all(b"67").unwrap();
        writer.write_all(b"8").unwrap();
        assert!(writer.is_exceeded() && writer.received == 8);
        assert_eq!(out, b"12345");
    }
}
