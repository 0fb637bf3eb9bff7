//! A JPEG decoder for thumbnails, in the memory of one row of MCUs.
//!
//! It decodes what ITU-T T.81 calls baseline, extended sequential and progressive DCT with
//! Huffman coding and 8-bit samples, at 1/8, 1/4, 3/8, 1/2 or full size, with any sampling
//! factors, interleaved or not, with restart intervals or not. It rejects arithmetic, lossless
//! and hierarchical coding, 12-bit samples, and a height given after the first scan (DNL).
//! Corrupt or missing data that a thumbnail needs is an error, never grey; a missing EOI is
//! not. There is no `unsafe`, and no file makes arithmetic overflow or an index go out of
//! bounds.
//!
//! ```text
//! Header::parse(file)           frame, EXIF, ICC profile       no heap
//!   └─ header.plan(scale, …)    relevant scans, sizes, memory  a few hundred bytes a scan
//!        ├─ Decoder::new(&plan)  rows of pixels                Decoder::memory(&plan)
//!        └─ Strips::new(&plan)   rows of each component        Strips::memory(&plan)
//! ```
//!
//! # All scans at once
//!
//! Decoders usually keep all coefficients of a progressive file until its last scan has been
//! read: 38 MB for 12 megapixels. But a file can be read at several positions at once. Here
//! each scan is a `ScanReader` with its own bit reader, DC predictions and EOB run. For a
//! strip (a row of MCUs), each reader decodes its part, in file order. Then the strip's
//! coefficients are complete; they are transformed and forgotten:
//!
//! ```text
//!  file  ──┬─ scan 1: DC ──────────── ScanReader ─┐
//!          ├─ scan 2: Y 1-5 ───────── ScanReader ─┤
//!          ├─ scan 3: Cr 1-63 ─────── ScanReader ─┼─ Coefficients ── idct ── Plane ─┐
//!          ├─ …                                   │  of a strip              strip  ├─ Strips
//!          └─ scan n: DC refinement ─ ScanReader ─┘                                 │
//!  file  ──── scan 1: everything ──── ScanReader ───────── idct ──────────── Plane ─┘
//! ```
//!
//! A baseline file in one scan has one reader, and no coefficients are stored; one in three
//! scans has three. At 1/8, a picture of 65,500x65,500 pixels takes 0.25 MB, progressive 0.35
//! MB; a progressive one of 12 megapixels takes 0.2 MB at 1/8 and 0.55 MB at full size.
//!
//! # What is skipped
//!
//! A block of N x N samples is made of the N low coefficients each way (`idct`), so the
//! others are not kept, and scans with no others are not read (`scan`). Subsampled chroma
//! gets a larger N, up to 8, instead of upsampling. Peak signal-to-noise ratio against a
//! full decode, both scaled to 200x200 by Lanczos without gamma:
//!
//! | 1/8, dB | phone, baseline | 12 progressive files | libjpeg's |
//! | --- | --- | --- | --- |
//! | chroma from 2x2, every scan | 49.3 | 45.7 to 50.0 | 45.7 to 49.9 |
//! | without AC refinement | 49.3 | 45.2 to 49.9 | |
//! | without any refinement | 49.3 | 42.9 to 49.4 | |
//! | chroma from DC | 43.6 | 41.3 to 49.9 | |
//!
//! So pixels at 1/8 get chroma from 2x2, for 3 % of the time; a 4:2:0 JPEG made of them has
//! enough in DC (`Chroma::Half`). DC refinement, a bit a block, is read. AC refinement is
//! not below 3/8, because it takes the histories of all coefficients: at 1/8 it would take a
//! photo of 16 megapixels from 84 to 253 million instructions on ARM; at 1/4 one of 12
//! megapixels from 221 to 1141 million, for 49.7 dB instead of 46.3 on average, and no file
//! is below 42 without. From 3/8 up every bit is as libjpeg's.
//!
//! # Where the time goes
//!
//! Instructions for a photo of 4032x3024 pixels, 4:2:0, 3.75 MB, whole process; libjpeg is
//! libjpeg-turbo 2.1's djpeg without SIMD. picosite decodes, scales to 200x200 from 1/8 and
//! to 800x600 from 1/4, and encodes; djpeg decodes. At opt-level "s":
//!
//! | | x86-64 | `ARMv5TE` | libjpeg |
//! | --- | --- | --- | --- |
//! | baseline, 200x200 | 108 M | 108 M, 29 a byte | 278 M |
//! | baseline, 800x600 | 256 M | 257 M | 486 M |
//! | progressive, 200x200 | 56 M | 64 M | 840 M |
//! | 16 megapixels, progressive, 200x200 | 55 M | 61 M | |
//!
//! This module has four fifths of the first row, half of the second and two thirds of the
//! third. At 1/8 most of that is one loop of 13 instructions that skips 12 bits, or two AC
//! symbols, per iteration, and has 13 more if it refills: `skip` in `skip_table` with
//! `refill` in `bit_reader`. It needs all of ARM's registers, so the functions that read
//! blocks (`sequential`) copy the strip's bit reader and put it back, and one comparison
//! catches everything rare. Inlined into the function for a whole strip, the loop spilled the
//! reader on every iteration, and decoding took a fifth more.
//!
//! The skip table covers 11 bits: 13 would save 4 % more, but two tables of 4 KB leave room
//! for other data in a 16 KB cache, and two of 16 KB don't. Optimising for size keeps loops
//! over the samples of a pixel or a row of a block, so those are unrolled by hand;
//! opt-level 3 is then 3 % faster at 1/8 and half a megabyte larger. Tried and lost: refilling
//! two bytes as one number, which on ARM costs a third more than comparing each; a bit count
//! and a padding count of 32 bits each, which the compiler packs into one 64-bit register;
//! building the skip table from those for fewer bits, which is no less work than building
//! each entry.

#![allow(
    clippy::cast_possible_truncation,
    reason = "bit fields become symbols, sizes or samples that their width bounds"
)]
#![allow(clippy::cast_sign_loss, reason = "samples are clamped before they become bytes")]
#![allow(
    clippy::inline_always,
    reason = "the bit reader stays in registers only if inlined: twice as fast"
)]

mod bit_reader;
mod codes;
mod coefficient_table;
mod colour;
mod decoder;
mod error;
mod header;
mod huffman;
mod idct;
mod idct_1d;
mod layout;
mod marker;
mod orientation;
mod plan;
mod plane;
mod progressive;
mod scan;
mod scan_reader;
mod sequential;
mod skip_table;
mod strips;
mod tables;
mod upsample;

pub use colour::cmyk_to_rgb;
pub use decoder::{Decoder, Pixels};
pub use error::{Error, Feature};
pub use header::{Colour, Header};
pub use layout::Extent;
pub use orientation::Orientation;
pub use plan::{Chroma, Plan};
pub use strips::Strips;

/// The size to decode at, as a fraction of the picture's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// One sample a block: DC.
    Eighth,
    /// 2x2 samples a block.
    Quarter,
    /// 3x3 samples a block.
    ThreeEighths,
    /// 4x4 samples a block.
    Half,
    /// 8x8 samples a block.
    Full,
}

impl Scale {
    /// Samples along a side of a block.
    const fn block_size(self) -> usize {
        match self {
            Self::Eighth => 1,
            Self::Quarter => 2,
            Self::ThreeEighths => 3,
            Self::Half => 4,
            Self::Full => 8,
        }
    }

    /// Whether AC refinement is read. At small scales it costs more than half of the time and
    /// changes a thumbnail by 0.5 to 4 dB.
    fn refines_ac(self) -> bool {
        self >= Self::ThreeEighths
    }
}
