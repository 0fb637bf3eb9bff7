//! An output that takes so much and no more: how well a picture packs is known only once it
//! is packed, and whoever asks for it may have to hold all of it in memory.

use std::io::{self, Write};

/// Passes on so many bytes, then fails.
pub(crate) struct Bounded<'a> {
    out: &'a mut dyn Write,
    most: u64,
    /// Bytes that were to be written, the first that were too many included.
    pub(crate) asked: u64,
}

impl<'a> Bounded<'a> {
    pub(crate) fn new(out: &'a mut dyn Write, most: u64) -> Self {
        Self { out, most, asked: 0 }
    }

    pub(crate) const fn is_full(&self) -> bool {
        self.most < self.asked
    }
}

impl Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.asked += bytes.len() as u64;
        if self.is_full() {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.out.write_all(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::Bounded;
    use std::io::Write;
    use std::vec;

    #[test]
    fn takes_so_much_and_no_more() {
        let mut out = vec![];
        let mut bounded = Bounded::new(&mut out, 5);
        bounded.write_all(b"123").unwrap();
        bounded.write_all(b"45").unwrap();
        assert!(!bounded.is_full());
        bounded.write_all(b"6").unwrap_err();
        assert!(bounded.is_full() && bounded.asked == 6);
        assert_eq!(out, b"12345");
    }
}
