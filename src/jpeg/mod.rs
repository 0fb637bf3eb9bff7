//! A JPEG decoder for thumbnails, in the memory of one row of blocks.
//!
//! It gives a picture row by row at 1/8, 1/4, 3/8, 1/2 or full size. It reads what ITU-T T.81
//! calls baseline, extended sequential and progressive DCT with Huffman coding and 8-bit
//! samples, at every sampling, interleaved or not, with restarts; it refuses arithmetic,
//! lossless and hierarchical coding, 12 bits, and a height given after the scan (DNL).
//! What a thumbnail needs and is broken or missing is an error, never grey; a missing end
//! of image is not. No part of it is unsafe, and no arithmetic on what a file says can
//! overflow or index out of bounds.
//!
//! # All scans at once
//!
//! The usual decoder of a progressive file keeps all coefficients until the last scan has
//! been read: 38 MB for 12 megapixels. But the input can be read at several places at
//! once. So here each scan is a `Pass` with a bit reader, predictions and an end-of-band
//! run of its own, and when a strip of the picture is due (a row of MCUs), each pass reads
//! its part of that strip, in the file's order. Then the strip's coefficients are complete,
//! become samples, and are forgotten:
//!
//! ```text
//!  file  ──┬─ scan 1: DC ──────────── Pass ─┐
//!          ├─ scan 2: Y 1-5 ───────── Pass ─┤
//!          ├─ scan 3: Cr 1-63 ─────── Pass ─┼─ Coefficients ── idct ── Plane ─┐
//!          ├─ …                             │  of a strip              strip  ├─ Strips
//!          └─ scan n: DC refined ──── Pass ─┘                                 │
//!  file  ──── scan 1: all of it ───── Pass ───────── idct ──────────── Plane ─┘
//! ```
//!
//! `Strips` hands out the components as they are, each at a rate of its own; `Decoder` makes
//! rows of pixels of them.
//!
//! A baseline file in one scan is the same with one pass, whose blocks need not be kept; in
//! three scans, with three. What is allocated is known before: `memory_needed`. At 1/8 a
//! picture of 65,500x65,500 pixels takes 0.25 MB, progressive 0.35 MB, and a progressive
//! one of 12 megapixels 0.2 MB at 1/8 and 0.55 MB at full size.
//!
//! # What is left out
//!
//! A block of N samples a side is made from the N low coefficients a side (`idct`), so the
//! others need not be kept, nor scans read that hold no others (`scan`). For half-rate
//! chroma N is twice as large, up to 8, in place of upsampling. Peak signal to noise
//! against a full decode, both scaled to 200x200 by Lanczos, without gamma:
//!
//! | 1/8, dB | phone, baseline | 12 progressive ones | libjpeg's |
//! | --- | --- | --- | --- |
//! | chroma from 2x2, every scan | 49.3 | 45.7 to 50.0 | 45.7 to 49.9 |
//! | without refinements of AC | 49.3 | 45.2 to 49.9 | |
//! | without any refinements | 49.3 | 42.9 to 49.4 | |
//! | chroma from DC | 43.6 | 41.3 to 49.9 | |
//!
//! So at 1/8 chroma gets its 2x2, for 3 % of the time, where pixels are wanted; whoever makes
//! a JPEG, which keeps half of it across and down, has enough in DC (`Chroma::Halved`). The DC
//! refinement, a bit a block, is read; but the refinements of AC are not: they would take a photo of 16
//! megapixels from 84 to 253 million instructions on ARM, as the histories of all
//! coefficients go into them. At 1/4 they would take one of 12 from 221 to 1141 million,
//! for 46.3 dB on average to become 49.7; none is under 42 without. From 3/8 on they are read; there every bit is as libjpeg's.
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
//! Of the first four fifths are this module's, of the second the half, of the third two
//! thirds. At 1/8 most of it is one loop of 13 instructions, which passes over 12 bits, or
//! two AC symbols, at a turn, and has 13 more where it refills: `skip` in `skips`, with
//! `refill` in `bits`. It has to have all of ARM's registers: the functions that read blocks
//! (`sequential`) take the position out of the strip's and put it back, and what is rare
//! and what ends a loop is one test. As a part of the function that goes through a strip the
//! loop stored the position at every turn, and all of it took a fifth more.
//!
//! `skips` looks at 11 bits: 13 would save 4 % more, but two tables of 4 KB leave room
//! for the rest in a data cache of 16 KB, and two of 16 KB do not. The executable is
//! compiled to be small, where a loop over the samples of a pixel or a row of a block
//! stays a loop: those are written out, and then opt-level 3 is 3 % faster at 1/8 and
//! half a megabyte larger. What was tried and lost: refilling two bytes as one number,
//! which on ARM costs a third more than looking at each; a bit count and a padding count
//! of 32 bits each, which the compiler keeps in one register of 64; the table of `skip`
//! made out of those for fewer bits, which is no less work than each entry by itself.

#![allow(
    clippy::cast_possible_truncation,
    reason = "bits of a word become a symbol, a size or a sample where their number says so"
)]
#![allow(clippy::cast_sign_loss, reason = "a sample is clamped before it becomes a byte")]
#![allow(
    clippy::inline_always,
    reason = "the bit reader lives in registers only where it is inlined: half of the speed"
)]

mod bits;
mod codes;
mod coefficient_table;
mod colour;
mod decoder;
mod error;
mod header;
mod huffman;
mod idct;
mod marker;
mod orientation;
mod pass;
mod plan;
mod plane;
mod progressive;
mod scan;
mod sequential;
mod skip_table;
mod strips;
mod transform;
mod upsample;

pub use colour::cmyk_to_rgb;
pub use decoder::{Decoder, Pixels, memory_needed};
pub use error::{Error, Feature};
pub use header::{Colour, Component, Header};
pub use orientation::Turn;
pub use strips::{Chroma, Extent, Extents, Strips};

use scan::Refinements;

/// What fraction of its size a picture is decoded at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// One sample for 64: the DC coefficient.
    Eighth,
    /// 2x2 samples for 64.
    Quarter,
    /// 3x3 samples for 64.
    ThreeEighths,
    /// 4x4 samples for 64.
    Half,
    /// All of them.
    Full,
}

impl Scale {
    /// Samples along a block's side.
    const fn block(self) -> usize {
        match self {
            Self::Eighth => 1,
            Self::Quarter => 2,
            Self::ThreeEighths => 3,
            Self::Half => 4,
            Self::Full => 8,
        }
    }

    /// At the small scales a refinement of AC costs more than half of the time and
    /// changes a thumbnail made from the picture by half a decibel to four.
    fn refinements(self) -> Refinements {
        match self {
            Self::Eighth | Self::Quarter => Refinements::Dc,
            Self::ThreeEighths | Self::Half | Self::Full => Refinements::All,
        }
    }
}
