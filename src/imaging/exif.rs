//! The orientation in EXIF data, which is a small TIFF file (CIPA DC-008, 4.6.4).
//!
//! Reads one tag of the first directory. Anything missing, malformed or out of bounds means
//! upright. No heap, no recursion, and at most a directory's 65,535 entries.

const ORIENTATION: u16 = 0x0112;

/// The type of a 16-bit number.
const SHORT: u16 = 3;

/// The EXIF orientation, 1 to 8, of a TIFF file. Some writers prefix it with JPEG's `Exif\0\0`
/// in other formats, too.
#[must_use]
pub fn orientation(data: &[u8]) -> u8 {
    let tiff = data.strip_prefix(b"Exif\0\0").unwrap_or(data);
    match find(tiff) {
        Some(value @ 1..=8) => value as u8,
        _ => 1,
    }
}

fn find(tiff: &[u8]) -> Option<u16> {
    let word: fn([u8; 2]) -> u16 = match tiff.first_chunk()? {
        b"II*\0" => u16::from_le_bytes,
        b"MM\0*" => u16::from_be_bytes,
        _ => return None,
    };
    let read = |data: &[u8], at: usize| data.get(at..)?.first_chunk().copied().map(word);
    // The directory's offset is read as two words, whose order depends on the byte order.
    let (first, second) = (read(tiff, 4)?, read(tiff, 6)?);
    let (high, low) = if tiff[0] == b'M' { (first, second) } else { (second, first) };
    let directory = tiff.get(usize::from(high) << 16 | usize::from(low)..)?;
    let count = usize::from(read(directory, 0)?);
    // Entries of 12 bytes: tag, type, count, value.
    let mut entries = directory.get(2..)?.chunks_exact(12).take(count);
    let entry = entries.find(|entry| read(entry, 0) == Some(ORIENTATION))?;
    if read(entry, 2) != Some(SHORT) {
        return None;
    }
    read(entry, 8)
}

#[cfg(test)]
mod tests {
    use super::orientation;
    use std::vec::Vec;

    /// A directory with a Make and an orientation.
    fn tiff(little: bool, kind: u16, value: u16) -> Vec<u8> {
        let word = |value: u16| if little { value.to_le_bytes() } else { value.to_be_bytes() };
        let long = |value: u32| if little { value.to_le_bytes() } else { value.to_be_bytes() };
        let mut data = Vec::from(if little { *b"II*\0" } else { *b"MM\0*" });
        data.extend(long(10));
        data.extend([0xee; 2]);
        data.extend(word(2));
        for (tag, kind, value) in [(0x010f, 2, 0), (0x0112, kind, value)] {
            data.extend(word(tag));
            data.extend(word(kind));
            data.extend(long(1));
            data.extend(word(value));
            data.extend([0; 2]);
        }
        data.extend(long(0));
        data
    }

    #[test]
    fn reads_both_byte_orders_with_and_without_a_prefix() {
        for value in 1..=8 {
            for little in [true, false] {
                let data = tiff(little, 3, value);
                assert_eq!(u16::from(orientation(&data)), value);
                assert_eq!(u16::from(orientation(&[b"Exif\0\0", &data[..]].concat())), value);
            }
        }
    }

    #[test]
    fn anything_invalid_is_upright() {
        assert_eq!(orientation(b""), 1);
        assert_eq!(orientation(b"Exif\0\0"), 1);
        assert_eq!(orientation(&tiff(true, 3, 0)), 1);
        assert_eq!(orientation(&tiff(true, 3, 9)), 1);
        assert_eq!(orientation(&tiff(true, 1, 6)), 1, "a value of bytes");
        assert_eq!(orientation(&tiff(true, 3, 6)[..30]), 1, "truncated");
        let mut beyond = tiff(true, 3, 6);
        beyond[4..8].fill(0xff);
        assert_eq!(orientation(&beyond), 1, "a directory out of bounds");
    }

    #[test]
    fn a_directory_may_claim_more_entries_than_it_has() {
        let mut data = tiff(true, 3, 6);
        data[10..12].fill(0xff);
        assert_eq!(orientation(&data), 6);
    }
}
