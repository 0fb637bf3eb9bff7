//! JPEGs with much work in few bytes: EOB runs (T.81 G.1.2.2) encode a scan of a million empty
//! blocks in 60 bytes, and there can be thousands of scans.

use super::Gallery;

/// Width and height in pixels, and blocks in all.
const SIDE: u16 = 8192;
const BLOCKS: usize = 1024 * 1024;

fn segment(code: u8, body: &[u8]) -> Vec<u8> {
    let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&[0xff, code], &len[..], body].concat()
}

/// A Huffman table with one code, `0`, for `value` (T.81 B.2.4.2).
fn huffman_table(class_and_destination: u8, value: u8) -> Vec<u8> {
    let mut body = vec![class_and_destination, 1];
    body.extend([0; 15]);
    body.push(value);
    segment(0xc4, &body)
}

/// A uniform grey progressive picture with `scans` further scans that add nothing.
fn file(scans: usize, scan: &[u8]) -> Vec<u8> {
    let [high, low] = SIDE.to_be_bytes();
    let mut file = vec![0xff, 0xd8];
    file.extend(segment(0xdb, &[&[0][..], &[1; 64]].concat()));
    file.extend(segment(0xc2, &[8, high, low, high, low, 1, 1, 0x11, 0]));
    file.extend(huffman_table(0x00, 0));
    // EOB14: a run of 2^14 blocks, plus the next 14 bits.
    file.extend(huffman_table(0x10, 0xe0));
    file.extend(segment(0xda, &[1, 1, 0, 0, 0, 0]));
    file.extend(vec![0; BLOCKS / 8]);
    for _ in 0..scans {
        file.extend(segment(0xda, scan));
        // Runs of 32,767 blocks: the code `0`, then fourteen 1s. FF is stuffed.
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
