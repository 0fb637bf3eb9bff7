//! The final filter: rows of samples in, rows of the thumbnail's size out.
//!
//! Separable Lanczos with three lobes, on values as they are stored (gamma, as vips and
//! Pillow do), in integers: weights have 14 bits behind the point, so that one product
//! of a weight and a sample and the sum of them fit an `i32`, and ARMv5TE, which has no
//! floating point unit, does one multiplication for each. Each row is scaled across as
//! it arrives; only as many rows are kept as the filter is high, so memory follows
//! the thumbnail's width and never the photo's height.
//!
//! Rows that are kept have 6 bits behind the point, and room below 0 and above 255. Bytes
//! in their place cut off what the second pass would have evened out: black on white at
//! 1/12 is 38.6 dB from the exact filter and not 42.7, and the same photo lying on its side
//! comes out up to 17 apart near hard edges, and not 3.
//!
//! Crates that scale (`fast_image_resize`, `image`) want the whole picture in memory.

use std::vec;
use std::vec::Vec;

use super::{Error, Rows};

/// Binary places of a weight. A centre weight is at most about 1.2 (up-scaling near an
/// edge, where the others are cut off and the rest is scaled up), so it fits an `i16`.
const WEIGHT_BITS: u32 = 14;

/// Binary places of a sample between the two passes.
const BETWEEN_BITS: u32 = 6;

/// Half of the kernel's width in output samples.
const LOBES: u32 = 3;

/// Steps between one lobe of the kernel table and the next. With linear interpolation
/// the table is off by less than 1/16384, one unit of a weight.
const STEPS: usize = 256;

/// Binary places of a position.
pub(crate) const POSITION_BITS: u32 = 16;

/// One side of the thumbnail, and which part of the source's side it shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Axis {
    /// Samples on the source's side.
    pub(crate) source: u32,
    /// Where the part begins, in source samples with [`POSITION_BITS`] places.
    pub(crate) start: u64,
    /// How long it is, in the same unit. INVARIANT: more than 0.
    pub(crate) span: u64,
    /// Samples on the thumbnail's side. INVARIANT: more than 0.
    pub(crate) out: u32,
}

impl Axis {
    /// Taps of the filter: source samples that one output sample is made from.
    fn taps(&self) -> usize {
        let scale = self.span.div_ceil(u64::from(self.out)).max(1 << POSITION_BITS);
        let reach = (u64::from(LOBES) * scale) >> POSITION_BITS;
        // One more on each side for what was cut off here and for a place between samples.
        (2 * reach + 2).min(u64::from(self.source)) as usize
    }

    /// Bytes of [`Filter`].
    fn memory(&self) -> u64 {
        u64::from(self.out) * (2 * self.taps() as u64 + 8)
    }
}

/// Bytes that a [`Scaler`] takes.
pub(crate) fn memory(x: &Axis, y: &Axis, channels: usize) -> u64 {
    let row = u64::from(x.out) * channels as u64;
    x.memory() + y.memory() + row * (2 * y.taps() as u64 + 5)
}

/// Hands out the thumbnail's rows.
pub(crate) struct Scaler<S> {
    source: S,
    channels: usize,
    across: Filter,
    down: Filter,
    /// The last rows, scaled across; row `n` is at `n % down.taps`.
    ring: Vec<i16>,
    /// Rows taken from the source.
    taken: usize,
    /// Rows handed out.
    given: usize,
    sums: Vec<i32>,
    row: Vec<u8>,
}

impl<S: Rows> Scaler<S> {
    /// Scales rows of `channels` samples a pixel.
    pub(crate) fn new(source: S, x: &Axis, y: &Axis, channels: usize) -> Self {
        let len = x.out as usize * channels;
        let down = Filter::new(y);
        Self {
            source,
            channels,
            across: Filter::new(x),
            ring: vec![0; down.taps * len],
            down,
            taken: 0,
            given: 0,
            sums: vec![0; len],
            row: vec![0; len],
        }
    }

    /// Takes rows from the source until row `end` is the next one.
    fn take(&mut self, first: usize, end: usize) -> Result<(), Error> {
        let len = self.row.len();
        while self.taken < end {
            let row = self.source.next_row()?;
            // What lies above the part that is shown is read and dropped.
            if self.taken >= first {
                let at = self.taken % self.down.taps * len;
                let out = &mut self.ring[at..at + len];
                match self.channels {
                    1 => self.across.apply_1(row, out),
                    2 => self.across.apply_2(row, out),
                    3 => self.across.apply_3(row, out),
                    _ => self.across.apply_4(row, out),
                }
            }
            self.taken += 1;
        }
        Ok(())
    }
}

impl<S: Rows> Rows for Scaler<S> {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        let (first, taps) = (self.down.firsts[self.given] as usize, self.down.taps);
        self.take(first, first + taps)?;
        self.sums.fill(half(WEIGHT_BITS + BETWEEN_BITS));
        let weights = &self.down.weights[self.given * taps..][..taps];
        let row = |n: usize| &self.ring[n % taps * self.row.len()..][..self.row.len()];
        // Two rows at a time: half as often is a sum read and written.
        for (n, weights) in (first..).step_by(2).zip(weights.chunks(2)) {
            let (a, b) = (row(n), row(n + 1));
            let weight_a = i32::from(weights[0]);
            let weight_b = i32::from(weights.get(1).copied().unwrap_or(0));
            for ((sum, &a), &b) in self.sums.iter_mut().zip(a).zip(b) {
                *sum += weight_a * i32::from(a) + weight_b * i32::from(b);
            }
        }
        for (sample, &sum) in self.row.iter_mut().zip(&self.sums) {
            *sample = (sum >> (WEIGHT_BITS + BETWEEN_BITS)).clamp(0, 255) as u8;
        }
        self.given += 1;
        Ok(&self.row)
    }
}

/// What makes of rounding down, when so many bits are dropped, rounding to the nearest.
const fn half(bits: u32) -> i32 {
    1 << (bits - 1)
}

/// The sample between the passes that a sum of products stands for. It fits: of all
/// weights of a sample of the thumbnail the sizes add up to less than two.
fn between(sum: i32) -> i16 {
    (sum >> (WEIGHT_BITS - BETWEEN_BITS)) as i16
}

/// Scales one row of pixels with so many samples. A macro, because a loop over the
/// samples of a pixel stays a loop where code is to be small: 10 instructions for each
/// product, and 4 as it is.
macro_rules! across {
    ($name:ident, $channels:literal, $(($sample:ident $sum:ident))+) => {
        fn $name(&self, row: &[u8], out: &mut [i16]) {
            let (row, _) = row.as_chunks::<$channels>();
            let (out, _) = out.as_chunks_mut::<$channels>();
            let weights = self.weights.chunks_exact(self.taps);
            for ((pixel, weights), &first) in out.iter_mut().zip(weights).zip(&self.firsts) {
                $(let mut $sum = half(WEIGHT_BITS - BETWEEN_BITS);)+
                for (&[$($sample),+], &weight) in row[first as usize..].iter().zip(weights) {
                    $($sum += i32::from(weight) * i32::from($sample);)+
                }
                *pixel = [$(between($sum)),+];
            }
        }
    };
}

/// The filter along one axis.
struct Filter {
    /// Weights for each output sample. INVARIANT: at most the source's samples.
    taps: usize,
    /// The first source sample of each. INVARIANT: at most the source's samples - taps.
    firsts: Vec<u32>,
    /// `taps` weights for each output sample, whose sum is one.
    weights: Vec<i16>,
}

impl Filter {
    fn new(axis: &Axis) -> Self {
        let taps = axis.taps();
        let out = u64::from(axis.out);
        let mut firsts = Vec::with_capacity(axis.out as usize);
        let mut weights = vec![0; taps * axis.out as usize];
        let mut raw = vec![0; taps];
        let scale = (axis.span / out).max(1 << POSITION_BITS);
        // What makes a distance in source positions a position in the kernel's table
        // with 16 places behind the point.
        let to_table = ((STEPS as u64) << 32) / scale;
        for (n, weights) in (0..out).zip(weights.chunks_exact_mut(taps)) {
            let centre = (axis.start + (2 * n + 1) * axis.span / (2 * out)).cast_signed();
            let half = 1i64 << (POSITION_BITS - 1);
            let middle = (centre >> POSITION_BITS) - (taps as i64 - 1) / 2;
            let first = middle.clamp(0, i64::from(axis.source) - taps as i64);
            for (weight, n) in raw.iter_mut().zip(first..) {
                let distance = ((n << POSITION_BITS) + half - centre).unsigned_abs();
                *weight = kernel((distance * to_table) >> POSITION_BITS);
            }
            normalise(&raw, weights);
            firsts.push(first as u32);
        }
        Self { taps, firsts, weights }
    }

    across!(apply_1, 1, (a sum_a));
    across!(apply_2, 2, (a sum_a) (b sum_b));
    across!(apply_3, 3, (a sum_a) (b sum_b) (c sum_c));
    across!(apply_4, 4, (a sum_a) (b sum_b) (c sum_c) (d sum_d));
}

/// Scales weights so that they are [`WEIGHT_BITS`] fractions and their sum is exactly
/// one: what rounding took from one is given to the next, and a plain colour stays as
/// it is.
fn normalise(raw: &[i32], weights: &mut [i16]) {
    let sum: i64 = raw.iter().map(|&weight| i64::from(weight)).sum();
    // One division for each output sample: ARM has none in hardware.
    let reciprocal = (1i64 << (WEIGHT_BITS + 32)) / sum.max(1);
    let (mut exact, mut given) = (0, 0);
    for (weight, &raw) in weights.iter_mut().zip(raw) {
        exact += i64::from(raw) * reciprocal;
        let rounded = (exact + (1 << 31)) >> 32;
        *weight = (rounded - given) as i16;
        given = rounded;
    }
    // The reciprocal was cut off; a unit at most is missing.
    weights[weights.len() / 2] += (1 << WEIGHT_BITS) - given as i16;
}

/// The kernel at a position in its table, with 16 places behind the point.
fn kernel(position: u64) -> i32 {
    let (index, part) = ((position >> 16) as usize, (position & 0xffff) as i64);
    let Some(&[from, to]) = KERNEL.get(index..index + 2).and_then(|pair| pair.first_chunk()) else {
        return 0;
    };
    from + ((i64::from(to - from) * part) >> 16) as i32
}

/// sinc(x) · sinc(x / 3) for x from 0 to 3, with 20 places behind the point.
const KERNEL: [i32; LOBES as usize * STEPS + 1] = {
    let mut table = [0; LOBES as usize * STEPS + 1];
    let mut n = 0;
    while n < table.len() {
        let x = n as f64 / STEPS as f64;
        table[n] = (sinc(x) * sinc(x / LOBES as f64) * (1 << 20) as f64) as i32;
        n += 1;
    }
    table
};

/// sin(πx) / πx for x from 0 to 3, by its power series, when compiling.
const fn sinc(x: f64) -> f64 {
    let square = core::f64::consts::PI * core::f64::consts::PI * x * x;
    let (mut sum, mut term, mut n) = (0.0, 1.0, 1.0);
    // (3π)^60 / 61! is less than 2^-80.
    while n < 61.0 {
        sum += term;
        term *= -square / ((n + 1.0) * (n + 2.0));
        n += 2.0;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::{Axis, Filter, POSITION_BITS, WEIGHT_BITS};

    #[test]
    fn weights_add_up_to_one_and_their_sizes_to_less_than_two() {
        for source in 1..40 {
            for out in 1..90 {
                for (start, span) in [(0, source << POSITION_BITS), (1 << 15, source << 15)] {
                    let axis = Axis { source: source as u32, start, span, out };
                    let filter = Filter::new(&axis);
                    for weights in filter.weights.chunks(filter.taps) {
                        let sum: i32 = weights.iter().map(|&weight| i32::from(weight)).sum();
                        let sizes: i32 =
                            weights.iter().map(|&weight| i32::from(weight).abs()).sum();
                        assert_eq!(sum, 1 << WEIGHT_BITS, "{axis:?}");
                        assert!(sizes < 2 << WEIGHT_BITS, "{axis:?}: {sizes}");
                    }
                }
            }
        }
    }
}
