//! How large a photo is, out of the first bytes of its file.

use std::vec::Vec;

use rustix::fd::AsFd;
use rustix::io::{Errno, pread};

/// Width and height of a picture as it is shown, upright, out of the file's first bytes;
/// none where they are no picture's, or too few.
pub type Probe = fn(&[u8]) -> Option<(u32, u32)>;

/// What is read first: it holds the header of most photos whose camera puts no preview
/// picture in front of it.
const FIRST: usize = 16 << 10;

/// What is read at most: a preview (64 KiB), a colour profile (half as much) and notes of
/// programs that edit photos lie in front of the size, seldom more than this.
const MOST: usize = 1 << 20;

/// The size of the photo `file`. At most `memory` bytes are taken.
pub(super) fn size(file: impl AsFd, memory: usize, probe: Probe) -> Option<(u32, u32)> {
    let most = memory.min(MOST);
    let mut bytes = Vec::new();
    let mut want = FIRST.min(most);
    loop {
        bytes.resize(want, 0);
        let len = read(&file, &mut bytes).ok()?;
        let is_all = len < want;
        bytes.truncate(len);
        let size = probe(&bytes);
        if is_all || want == most || (size.is_some() && !is_turned_at_the_end(&bytes)) {
            return size;
        }
        want = (want * 8).min(most);
    }
}

/// Whether it is a WebP file with EXIF data (RFC 9649, 2.7), which lies behind the picture
/// and may say that it has to be turned.
fn is_turned_at_the_end(bytes: &[u8]) -> bool {
    const EXIF: u8 = 0x08;
    bytes.starts_with(b"RIFF")
        && bytes.get(8..16) == Some(b"WEBPVP8X")
        && bytes.get(20).is_some_and(|flags| flags & EXIF != 0)
}

/// Fills `bytes` from the start of a file; how many it has.
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
    use super::{FIRST, MOST, Probe, size};
    use std::fs::File;
    use std::io::Write;
    use std::vec::Vec;

    fn of(content: &[u8], memory: usize, probe: Probe) -> Option<(u32, u32)> {
        let mut file: File = tempfile::tempfile().unwrap();
        file.write_all(content).unwrap();
        size(&file, memory, probe)
    }

    /// As wide as there are bytes, where a 1 is among them.
    fn probe(bytes: &[u8]) -> Option<(u32, u32)> {
        bytes.contains(&1).then(|| (u32::try_from(bytes.len()).unwrap(), 1))
    }

    #[test]
    fn reads_no_more_than_the_header_needs() {
        let read = |at: usize, memory| {
            let mut content: Vec<u8> = std::vec![0; MOST + 9];
            content[at] = 1;
            of(&content, memory, probe).map(|(width, _)| width as usize)
        };
        assert_eq!(read(0, usize::MAX), Some(FIRST));
        assert_eq!(read(FIRST, usize::MAX), Some(8 * FIRST));
        assert_eq!(read(MOST - 1, usize::MAX), Some(MOST));
        assert_eq!(read(MOST, usize::MAX), None);
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
