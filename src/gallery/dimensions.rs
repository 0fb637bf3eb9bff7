//! The dimensions of a photo, read from the start of its file.

use std::vec::Vec;

use rustix::fd::AsFd;
use rustix::io::{Errno, pread};

/// Determines the width and height in pixels of an upright photo from the first bytes of its
/// file. `None` if they are not a photo's, or too few.
pub type Probe = fn(&[u8]) -> Option<(u32, u32)>;

/// Bytes of the first read: enough for most photos without an embedded preview.
const FIRST: usize = 16 << 10;

/// Most bytes to read. The dimensions follow the preview (up to 64 KiB), the colour profile
/// (half of that) and metadata of photo editors, which are rarely longer.
const MAX: usize = 1 << 20;

/// The dimensions of the photo `file`, using at most `memory` bytes.
pub(super) fn size(file: impl AsFd, memory: usize, probe: Probe) -> Option<(u32, u32)> {
    let max = memory.min(MAX);
    let mut bytes = Vec::new();
    let mut want = FIRST.min(max);
    loop {
        bytes.resize(want, 0);
        let len = read(&file, &mut bytes).ok()?;
        let is_all = len < want;
        bytes.truncate(len);
        let size = probe(&bytes);
        if is_all || want == max || (size.is_some() && !has_exif_at_the_end(&bytes)) {
            return size;
        }
        want = (want * 8).min(max);
    }
}

/// Whether it is a WebP file with EXIF data (RFC 9649, 2.7), which follows the image and may
/// have an orientation.
fn has_exif_at_the_end(bytes: &[u8]) -> bool {
    const EXIF: u8 = 0x08;
    bytes.starts_with(b"RIFF")
        && bytes.get(8..16) == Some(b"WEBPVP8X")
        && bytes.get(20).is_some_and(|flags| flags & EXIF != 0)
}

/// Fills `bytes` from the start of a file, and returns how many were read.
fn read(file: impl AsFd, bytes: &mut [u8]) -> Result<usize, Errno> {
    let mut len = 0;
    while len < bytes.len() {
        match pread(&file, &mut bytes[len..], len as u64) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(len)
}

#[cfg(test)]
mod tests {
    use super::{FIRST, MAX, Probe, size};
    use std::fs::File;
    use std::io::Write;
    use std::vec::Vec;

    fn of(content: &[u8], memory: usize, probe: Probe) -> Option<(u32, u32)> {
        let mut file: File = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        size(&file, memory, probe)
    }

    /// A photo, as wide as there are bytes, if one of them is 1.
    fn probe(bytes: &[u8]) -> Option<(u32, u32)> {
        bytes.contains(&1).then(|| (u32::try_from(bytes.len()).unwrap(), 1))
    }

    #[test]
    fn reads_no_more_than_the_header_needs() {
        let read = |at: usize, memory| {
            let mut content: Vec<u8> = std::vec![0; MAX + 9];
            content[at] = 1;
            of(&content, memory, probe).map(|(width, _)| width as usize)
        };
        assert_eq!(read(0, usize::MAX), Some(FIRST));
        assert_eq!(read(FIRST, usize::MAX), Some(8 * FIRST));
        assert_eq!(read(MAX - 1, usize::MAX), Some(MAX));
        assert_eq!(read(MAX, usize::MAX), None);
        assert_eq!(read(0, 100), Some(100));
        assert_eq!(read(100, 100), None);
        assert_eq!(of(&[0, 1], 100, probe), Some((2, 1)));
        assert_eq!(of(&[], 100, probe), None);
        assert_eq!(of(&[1], 0, probe), None);
    }

    #[test]
    fn a_webp_file_with_exif_is_read_to_its_end() {
        let mut content = b"RIFF....WEBPVP8X\x0a\0\0\0\x08".to_vec();
        content.resize(50_000, 1);
        assert_eq!(of(&content, usize::MAX, probe), Some((50_000, 1)));
        content[20] = 0x10;
        assert_eq!(of(&content, usize::MAX, probe), Some((16_384, 1)));
    }
}
