//! The compressed forms of a file, `br` and `gzip`: the same bytes on every machine.
//!
//! Both compressors estimate costs with logarithms. The features in `Cargo.toml` make them
//! use their own tables and formulas: the last digit of `libm` differs between machines.

use std::io::{Read, Write as _};
use std::num::NonZeroU64;
use std::vec::Vec;

use brotli::enc::BrotliEncoderParams;
use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder};
use zopfli::{BlockType, GzipEncoder, Options, Write as _};

use crate::pack::{mime, special};

/// The effort spent on the gzip forms of a site, which browsers accept only without HTTPS.
/// Brotli forms are the same at either level.
///
/// On 0.7 MB of source code, on one core: Brotli runs at 0.6 MB/s; zopfli at 0.1 MB/s, down to
/// 17.1 % of the size; `flate2` at 18 MB/s, down to 18.3 %. Zopfli spends another 30 ms on each
/// file, or 130 ms with musl's allocator, which returns memory to the system at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Effort {
    /// Zopfli.
    High,
    /// Flate2.
    Low,
}

impl Effort {
    /// Up to this many compressible bytes, zopfli takes about ten seconds on two cores, or
    /// twenty with musl.
    const MAX_HIGH_BYTES: u64 = 1 << 20;

    /// What a file counts for in addition to its length.
    const FILE_COST_BYTES: u64 = 8 << 10;

    /// The effort for a site with these files, given as names and lengths. Nothing else
    /// matters, not even the time taken, so the same site has the same bytes on any machine.
    pub fn of<'a>(files: impl Iterator<Item = (&'a str, u64)>) -> Self {
        let may_shrink = files.filter(|(name, _)| !mime::is_compressed(name));
        let bytes: u64 = may_shrink.map(|(_, len)| len + Self::FILE_COST_BYTES).sum();
        if bytes <= Self::MAX_HIGH_BYTES { Self::High } else { Self::Low }
    }
}

/// A file's compressed forms. One that does not save a tenth is absent.
#[derive(Debug, Default)]
pub struct Forms {
    pub br: Option<Vec<u8>>,
    pub gzip: Option<Vec<u8>>,
}

impl Forms {
    pub(super) fn of(name: &str, body: &[u8], effort: Effort) -> Self {
        if special::ALL.contains(&name) || !may_shrink(name, body) {
            return Self::default();
        }
        let gzip = match effort {
            Effort::High => zopfli(body),
            Effort::Low => flate2(body),
        };
        let saves_a_tenth = |form: &Vec<u8>| form.len() as u64 * 10 <= body.len() as u64 * 9;
        Self {
            br: Some(brotli(11, body)).filter(saves_a_tenth),
            gzip: Some(gzip).filter(saves_a_tenth),
        }
    }

    /// Whether they decompress to `body`: the earlier pack may be damaged.
    pub(super) fn are_of(&self, body: &[u8]) -> bool {
        let [br, gzip] = [&self.br, &self.gzip].map(Option::as_deref);
        br.is_none_or(|form| yields(brotli::Decompressor::new(form, 4096), body))
            && gzip.is_none_or(|form| yields(GzDecoder::new(form), body))
    }
}

/// Whether `data` is likely to shrink by a tenth. The best compressors take a second for a
/// quarter of a megabyte to find out that photos, films and archives do not; this test
/// takes one for a hundred megabytes.
fn may_shrink(name: &str, data: &[u8]) -> bool {
    // Short texts shrink thanks to brotli's built-in dictionary, which low levels ignore.
    let is_short_text = data.len() < 4096 && !mime::is_compressed(name);
    let shrinks = || brotli(2, data).len() < data.len() / 50 * 49;
    data.len() >= MIN_LEN && (is_short_text || shrinks())
}

/// Fewer bytes cannot shrink by a tenth: a stream with a compressed meta-block has at least 70
/// bits before its first command (RFC 7932, 9). Testing them would cost a millisecond each,
/// mostly for the compressor's initial tables.
const MIN_LEN: usize = 10;

/// `data` as brotli (RFC 7932).
fn brotli(quality: i32, data: &[u8]) -> Vec<u8> {
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

/// The base-2 logarithm of the smallest window that holds `len` bytes, 10 to 22.
///
/// Browsers allocate the whole window to decompress even a small page. 4 MiB is the
/// reference encoder's default limit.
fn window_bits(len: usize) -> i32 {
    // A window of n bits has 2^n - 16 bytes (RFC 7932, 9.1).
    (10..22).find(|bits| len <= (1_usize << bits) - 16).unwrap_or(22)
}

/// Whether a reader yields exactly `data`. Never reads more than a byte past its length.
fn yields(reader: impl Read, data: &[u8]) -> bool {
    let mut bytes = Vec::new();
    let read = reader.take(data.len() as u64 + 1).read_to_end(&mut bytes);
    read.is_ok() && bytes == data
}

/// `data` as gzip (RFC 1952) without name and time.
fn flate2(data: &[u8]) -> Vec<u8> {
    // Zopfli names Unix as the operating system, too.
    let builder = GzBuilder::new().operating_system(3);
    let mut encoder = builder.write(Vec::new(), Compression::new(FLATE2_LEVEL));
    let written = encoder.write_all(data).and_then(|()| encoder.finish());
    written.expect("writing to memory does not fail")
}

/// The level that searches for matches longest, one above zlib's highest.
const FLATE2_LEVEL: u32 = 10;

fn zopfli(data: &[u8]) -> Vec<u8> {
    let options =
        Options { iterations_without_improvement: MAX_STALE_ROUNDS, ..Options::default() };
    let in_memory = "writing to memory does not fail";
    let mut encoder = GzipEncoder::new(options, BlockType::Dynamic, Vec::new()).expect(in_memory);
    for chunk in data.chunks(ZOPFLI_CHUNK_BYTES) {
        encoder.write_all(chunk).expect(in_memory);
    }
    encoder.finish().expect(in_memory)
}

/// Zopfli stops after this many of its 15 rounds without a gain. On 3 MB of source code this
/// costs two bytes in a hundred thousand; a repetitive file takes a third of the time.
const MAX_STALE_ROUNDS: NonZeroU64 = NonZeroU64::new(2).unwrap();

/// How much zopfli optimises at a time; its memory grows with it. The original's choice.
const ZOPFLI_CHUNK_BYTES: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use super::{Effort, window_bits};

    #[test]
    fn only_files_that_may_shrink_count() {
        let effort = |files: &[(&str, u64)]| Effort::of(files.iter().copied());
        assert_eq!(effort(&[]), Effort::High);
        let photos =
            [("a.jpg", 9 << 20), ("b.mp4", 9 << 30), ("c.woff2", 2 << 20), ("d.pdf", 5 << 20)];
        assert_eq!(effort(&photos), Effort::High);
        let half = (1 << 19) - Effort::FILE_COST_BYTES;
        assert_eq!(effort(&[("a.html", half), ("b.css", half)]), Effort::High);
        assert_eq!(effort(&[("a.html", half), ("b.css", half + 1)]), Effort::Low);
        assert_eq!(effort(&[("a.html", 10); 127]), Effort::High);
        assert_eq!(effort(&[("a.html", 10); 128]), Effort::Low);
        for name in ["a.svg", "a.json", "a.unknown", "a", "a.bmp", "a.ttf"] {
            assert_eq!(effort(&[(name, 2 << 20)]), Effort::Low, "{name}");
        }
    }

    #[test]
    fn the_window_holds_the_file_up_to_4_mib() {
        for (len, bits) in
            [(0, 10), (1008, 10), (1009, 11), (65_520, 16), (65_521, 17), (4_194_289, 22)]
        {
            assert_eq!(window_bits(len), bits, "{len}");
        }
        assert_eq!(window_bits(usize::MAX), 22);
    }
}
