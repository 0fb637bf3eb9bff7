//! The compressed forms of a file: `br` and `gzip`, the same bytes on every machine.
//!
//! Both compressors weigh choices with logarithms. They are built such that these come
//! from tables and formulas of their own, and not from the machine's mathematics
//! library, whose last digit differs (see the features in `Cargo.toml`).

use std::io::{Read, Write as _};
use std::num::NonZeroU64;
use std::vec::Vec;

use brotli::enc::BrotliEncoderParams;
use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};
use zopfli::{BlockType, GzipEncoder, Options, Write as _};

use crate::pack::mime;

/// How much work the gzip forms of a site are worth. Browsers take them only where there
/// is no HTTPS; Brotli is the same in both.
///
/// On source code of 0.7 MB, on one core: Brotli 0.6 MB/s; gzip by zopfli 0.1 MB/s and to
/// 17.1 %, by `flate2` 18 MB/s and to 18.3 %. To begin a file takes zopfli 30 ms whatever its
/// length, and where the C library is musl, which gives memory back at once, 130 ms.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effort {
    /// Zopfli.
    Most,
    /// Flate2.
    Less,
}

impl Effort {
    /// The most bytes, of files that may shrink, for which the former takes about ten seconds
    /// on two cores, and some twenty with musl.
    const MOST: u64 = 1 << 20;

    /// How many bytes a file counts besides its own.
    const FILE: u64 = 8 << 10;

    /// For a site with these files, their names and lengths: nothing else decides, not
    /// even the time, so the same site has the same bytes wherever it is packed.
    pub fn of<'a>(files: impl Iterator<Item = (&'a str, u64)>) -> Self {
        let may_shrink = files.filter(|(name, _)| !mime::is_compressed(name));
        let bytes: u64 = may_shrink.map(|(_, len)| len + Self::FILE).sum();
        if bytes <= Self::MOST { Self::Most } else { Self::Less }
    }
}

/// Whether `data` may get smaller by a tenth, by a quick look: photos, films and
/// archives are compressed already, and the best compressors would find that out at a
/// quarter of a megabyte a second; this does at a hundred.
pub(super) fn may_shrink(name: &str, data: &[u8]) -> bool {
    // Short texts shrink by brotli's built-in words, which the quick look does not use.
    let is_short_text = data.len() < 4096 && !mime::is_compressed(name);
    let looks_like_it = || brotli_at(2, data).len() < data.len() / 50 * 49;
    data.len() >= SHORTEST && (is_short_text || looks_like_it())
}

/// Fewer bytes cannot become a tenth less: a stream with one compressed meta-block has 70
/// bits at least, before its first command (RFC 7932, 9). And looking costs a millisecond,
/// mostly for tables that the compressors begin with.
const SHORTEST: usize = 10;

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
pub(super) fn gzip(data: &[u8], effort: Effort) -> Option<Vec<u8>> {
    let compressed = match effort {
        Effort::Most => zopfli(data),
        Effort::Less => flate2(data),
    };
    saves_a_tenth(data, compressed)
}

/// Whether brotli unpacks to `data`.
pub(super) fn is_brotli_of(brotli: &[u8], data: &[u8]) -> bool {
    gives(brotli::Decompressor::new(brotli, 4096), data)
}

/// Whether gzip unpacks to `data`.
pub(super) fn is_gzip_of(gzip: &[u8], data: &[u8]) -> bool {
    gives(GzDecoder::new(gzip), data)
}

/// Whether what is unpacked is `data`, to the end of both.
fn gives(mut unpacked: impl Read, mut data: &[u8]) -> bool {
    let mut part = [0; 4096];
    loop {
        match unpacked.read(&mut part) {
            Ok(0) => return data.is_empty(),
            Ok(len) => match data.strip_prefix(&part[..len]) {
                Some(rest) => data = rest,
                None => return false,
            },
            Err(_) => return false,
        }
    }
}

fn flate2(data: &[u8]) -> Vec<u8> {
    // What is named as the system that made it is zopfli's choice, Unix.
    let builder = GzBuilder::new().operating_system(3);
    let mut encoder = builder.write(Vec::new(), Compression::new(FLATE2_LEVEL));
    let written = encoder.write_all(data).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}

/// Looks for matches longest of all levels, one beyond those of zlib.
const FLATE2_LEVEL: u32 = 10;

fn zopfli(data: &[u8]) -> Vec<u8> {
    let options = Options { iterations_without_improvement: STALE_ROUNDS, ..Options::default() };
    let in_memory = "writing to memory does not fail";
    let mut encoder = GzipEncoder::new(options, BlockType::Dynamic, Vec::new()).expect(in_memory);
    for part in data.chunks(GZIP_PART) {
        encoder.write_all(part).expect(in_memory);
    }
    encoder.finish().expect(in_memory)
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
    use super::{Effort, window_bits};

    #[test]
    fn photos_and_the_like_cost_no_effort() {
        let effort = |files: &[(&str, u64)]| Effort::of(files.iter().copied());
        assert_eq!(effort(&[]), Effort::Most);
        let photos =
            [("a.jpg", 9 << 20), ("b.mp4", 9 << 30), ("c.woff2", 2 << 20), ("d.pdf", 5 << 20)];
        assert_eq!(effort(&photos), Effort::Most);
        let half = (1 << 19) - Effort::FILE;
        assert_eq!(effort(&[("a.html", half), ("b.css", half)]), Effort::Most);
        assert_eq!(effort(&[("a.html", half), ("b.css", half + 1)]), Effort::Less);
        assert_eq!(effort(&[("a.html", 10); 127]), Effort::Most);
        assert_eq!(effort(&[("a.html", 10); 128]), Effort::Less);
        for name in ["a.svg", "a.json", "a.unknown", "a", "a.bmp", "a.ttf"] {
            assert_eq!(effort(&[(name, 2 << 20)]), Effort::Less, "{name}");
        }
    }

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
