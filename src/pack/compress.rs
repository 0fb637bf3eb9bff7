//! The compressed forms of a file: `br` and `gzip`, the same bytes on every machine.
//!
//! Both compressors weigh choices with logarithms. They are built such that these come
//! from tables and formulas of their own, and not from the machine's mathematics
//! library, whose last digit differs (see the features in `Cargo.toml`).

use std::num::NonZeroU64;
use std::vec::Vec;

use brotli::enc::BrotliEncoderParams;
use zopfli::{BlockType, GzipEncoder, Options, Write as _};

/// Whether `data` may get smaller by a tenth, by a quick look: photos, films and
/// archives are compressed already, and the best compressors would find that out at a
/// quarter of a megabyte a second; this does at a hundred.
pub(super) fn may_shrink(data: &[u8]) -> bool {
    // Short texts shrink by brotli's built-in words, which the quick look does not use.
    data.len() < 4096 || brotli_at(2, data).len() < data.len() / 50 * 49
}

/// `data` as brotli (RFC 7932), where that saves a tenth.
pub(super) fn brotli(data: &[u8]) -> Option<Vec<u8>> {
    saves_a_tenth(data, brotli_at(11, data))
}

fn brotli_at(quality: i32, data: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let params = BrotliEncoderParams {
        quality,
        lgwin: window_bits(data.len()),
        size_hint: data.len(),
        ..BrotliEncoderParams::default()
    };
    brotli::BrotliCompress(&mut &data[..], &mut compressed, &params)
        .expect("reading from and writing to memory do not fail");
    compressed
}

/// The smallest window, as a power of two, that has room for `len` bytes: 10 to 22.
///
/// A visitor's browser sets aside memory of that size to unpack even a small page.
/// 4 MiB is where the reference encoder stops unless told otherwise.
fn window_bits(len: usize) -> i32 {
    // A window of n bits reaches 16 bytes less far than its size: RFC 7932, 9.1.
    (10..22).find(|bits| len <= (1_usize << bits) - 16).unwrap_or(22)
}

/// `data` as gzip (RFC 1952) without name and time, where that saves a tenth.
pub(super) fn gzip(data: &[u8]) -> Option<Vec<u8>> {
    let options = Options { iterations_without_improvement: STALE_ROUNDS, ..Options::default() };
    let in_memory = "writing to memory does not fail";
    let mut encoder = GzipEncoder::new(options, BlockType::Dynamic, Vec::new()).expect(in_memory);
    for part in data.chunks(GZIP_PART) {
        encoder.write_all(part).expect(in_memory);
    }
    saves_a_tenth(data, encoder.finish().expect(in_memory))
}

/// After how many rounds without gain to stop, of 15. On 3 MB of source code this costs
/// two bytes in a hundred thousand; a file that repeats itself takes a third of the time.
const STALE_ROUNDS: NonZeroU64 = NonZeroU64::new(2).unwrap();

/// How much is optimised at a time; memory grows with it. The original's choice.
const GZIP_PART: usize = 1_000_000;

fn saves_a_tenth(data: &[u8], compressed: Vec<u8>) -> Option<Vec<u8>> {
    (compressed.len() as u64 * 10 <= data.len() as u64 * 9).then_some(compressed)
}

#[cfg(test)]
mod tests {
    use super::window_bits;

    #[test]
    fn the_window_has_room_for_the_file_up_to_4_mib() {
        for (len, bits) in
            [(0, 10), (1008, 10), (1009, 11), (65_520, 16), (65_521, 17), (4_194_289, 22)]
        {
            assert_eq!(window_bits(len), bits, "{len}");
        }
        assert_eq!(window_bits(usize::MAX), 22);
    }
}
