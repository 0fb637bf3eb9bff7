//! JPEGs with much work in few bytes: a scan can say in 60 bytes that a million blocks
//! have nothing more in them (T.81, G.1.2.2), and there can be thousands of scans.

use crate::Gallery;

/// Sides of the picture in pixels, and its blocks.
const SIDE: u16 = 8192;
const BLOCKS: usize = 1024 * 1024;

fn segment(code: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, code], &len[..], body].concat()
}

/// A code table with one code, `0`, for `value` (B.2.4.2).
fn codes(class_and_place: u8, value: u8) -> Vec<u8> {
    let mut body = vec![class_and_place, 1];
    body.extend([0; 15]);
    body.push(value);
    segment(0xc4, &body)
}

/// A grey progressive picture without a detail, and `scans` more that add none.
fn file(scans: usize, scan: &[u8]) -> Vec<u8> {
    let [high, low] = SIDE.to_be_bytes();
    let mut file = vec![0xff, 0xd8];
    file.extend(segment(0xdb, &[&[0][..], &[1; 64]].concat()));
    file.extend(segment(0xc2, &[8, high, low, high, low, 1, 1, 0x11, 0]));
    file.extend(codes(0x00, 0));
    // Runs of 2^14 blocks and more: the next 14 bits say how many more.
    file.extend(codes(0x10, 0xe0));
    file.extend(segment(0xda, &[1, 1, 0, 0, 0, 0]));
    file.extend(vec![0; BLOCKS / 8]);
    for _ in 0..scans {
        file.extend(segment(0xda, scan));
        // 32,767 blocks each: a 0 and fourteen 1s, and a 0 behind 0xff.
        let mut bits = String::new();
        for _ in 0..BLOCKS.div_ceil(32_767) {
            bits.push_str("011111111111111");
        }
        while !bits.len().is_multiple_of(8) {
            bits.push('1');
        }
        for byte in bits.as_bytes().chunks(8) {
            let byte = byte.iter().fold(0, |byte, &bit| byte << 1 | (bit - b'0'));
            file.push(byte);
            if byte == 0xff {
                file.push(0);
            }
        }
    }
    file.extend([0xff, 0xd9]);
    file
}

#[test]
fn thousands_of_scans_of_a_million_blocks_end_in_time() {
    let gallery = Gallery::new();
    for (name, scan) in [
        ("all.jpg", &[1, 1, 0, 1, 63, 0][..]),
        ("one.jpg", &[1, 1, 0, 1, 1, 0]),
        ("refined.jpg", &[1, 1, 0, 1, 63, 0x10]),
    ] {
        gallery.survives(name, &file(10_000, scan));
    }
}
