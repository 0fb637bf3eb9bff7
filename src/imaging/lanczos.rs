//! Lanczos along one axis: which source samples make an output sample, and their weights.
//!
//! Three lobes, in integers. Weights have 14 fraction bits, so that products with a sample and
//! their sum fit an `i32`, and ARMv5TE, which has no FPU, needs one multiplication for each.

use core::ops::Range;
use std::vec;
use std::vec::Vec;

use crate::imaging::dot_product::{Sample, WEIGHT_BITS};

/// Half the kernel's width in output samples.
const LOBES: u32 = 3;

/// Kernel table entries per lobe. With linear interpolation the error is less than 1/16384, one
/// unit of a weight.
const STEPS: usize = 256;

/// Fraction bits of a position.
pub(crate) const POSITION_BITS: u32 = 16;

/// How one axis is resampled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Resampling {
    /// Source samples.
    pub(crate) source: u32,
    /// Start of the crop as shown, in source samples with [`POSITION_BITS`].
    pub(crate) start: u64,
    /// Length of the crop, in the same unit. INVARIANT: more than 0.
    pub(crate) span: u64,
    /// Upper bound for the last output sample's centre, in the same unit.
    pub(crate) end: u64,
    /// Output samples. INVARIANT: more than 0.
    pub(crate) out: u32,
    /// Whether the first source sample is shown last.
    pub(crate) mirrored: bool,
}

impl Resampling {
    /// Source samples that contribute to an output sample.
    pub(crate) fn taps(&self) -> usize {
        let scale = self.span.div_ceil(u64::from(self.out)).max(1 << POSITION_BITS);
        let reach = (u64::from(LOBES) * scale) >> POSITION_BITS;
        // One more on each side: for rounding down here, and for a centre between samples.
        (2 * reach + 2).min(u64::from(self.source)) as usize
    }

    /// Upper bound of the source samples used.
    pub(crate) fn used(&self) -> u32 {
        // First and last centre are less than the span apart, and may lie between samples.
        let centres = (self.span >> POSITION_BITS) + 1;
        (centres + self.taps() as u64).min(u64::from(self.source)) as u32
    }

    /// Bytes of its [`Filter`].
    pub(crate) fn memory(&self) -> u64 {
        u64::from(self.out) * (2 * self.taps() as u64 + 8)
    }
}

/// Scales a row of pixels with a fixed number of samples. A macro, because opt-level "s" does not
/// unroll a loop over the samples: 4.7 instructions per product instead of 10. Two taps at a time
/// save ARM a sixth and x86-64 nothing.
macro_rules! apply {
    ($name:ident, $channels:literal, $(($sample:ident $next:ident $sum:ident))+) => {
        fn $name<I: Copy + Into<i32>, O: Sample>(&self, row: &[I], out: &mut [O]) {
            let (row, _) = row.as_chunks::<$channels>();
            let (out, _) = out.as_chunks_mut::<$channels>();
            let weights = &mut self.weights.chunks_exact(self.taps);
            for ((pixel, weights), &first) in out.iter_mut().zip(weights).zip(&self.firsts) {
                $(let mut $sum = O::INITIAL;)+
                let (pairs, last) = row[first as usize..][..self.taps].as_chunks();
                let (weights, last_weight) = weights.as_chunks();
                for (&[[$($sample),+], [$($next),+]], &[a, b]) in pairs.iter().zip(weights) {
                    let (a, b) = (i32::from(a), i32::from(b));
                    $($sum += a * $sample.into() + b * $next.into();)+
                }
                if let (&[[$($sample),+]], &[a]) = (last, last_weight) {
                    $($sum += i32::from(a) * $sample.into();)+
                }
                *pixel = [$(O::from_sum($sum)),+];
            }
        }
    };
}

/// Taps and weights along one axis.
#[derive(Clone)]
pub(crate) struct Filter {
    /// Weights per output sample. INVARIANT: at most the source's samples.
    pub(crate) taps: usize,
    /// The first source sample of each output sample, ascending. INVARIANT: at most the source's
    /// samples - taps.
    pub(crate) firsts: Vec<u32>,
    /// `taps` weights for each output sample, which add up to one.
    pub(crate) weights: Vec<i16>,
}

impl Filter {
    pub(crate) fn new(axis: &Resampling) -> Self {
        let taps = axis.taps();
        let out = u64::from(axis.out);
        let mut firsts = Vec::with_capacity(axis.out as usize);
        let mut weights = vec![0; taps * axis.out as usize];
        let mut raw = vec![0; taps];
        let scale = (axis.span / out).max(1 << POSITION_BITS);
        // Converts a distance in source positions to a position in the kernel table, with 16
        // fraction bits.
        let to_table = (((STEPS as u64) << 32) / scale) as i32;
        // Centre n is (2 n + 1) span / (2 out), rounded down, stepped without a division.
        let (step, step_rest) = (axis.span / out, 2 * (axis.span % out));
        let (mut offset, mut rest) = (axis.span / (2 * out), axis.span % (2 * out));
        // With a simple ratio, phases repeat and weights can be copied: the phase of the first
        // uncut kernel, and the number of weights until it recurs.
        let (mut first_uncut, mut period) = (None, None);
        for n in 0..axis.out as usize {
            let at = n * taps;
            let centre = (axis.start + offset).min(axis.end).cast_signed();
            let middle = (centre >> POSITION_BITS) - (taps as i64 - 1) / 2;
            let first = middle.clamp(0, i64::from(axis.source) - taps as i64);
            firsts.push(first as u32);
            let is_uncut = first == middle && axis.start + offset < axis.end;
            let phase = (centre & ((1 << POSITION_BITS) - 1), rest);
            (offset, rest) = (offset + step, rest + step_rest);
            if rest >= 2 * out {
                (offset, rest) = (offset + 1, rest - 2 * out);
            }
            if is_uncut {
                let (first_phase, first_n) = *first_uncut.get_or_insert((phase, n));
                if first_phase == phase && first_n < n {
                    period.get_or_insert(taps * (n - first_n));
                }
                if let Some(period) = period {
                    weights.copy_within(at - period..at - period + taps, at);
                    continue;
                }
            }
            let half = 1 << (POSITION_BITS - 1);
            look_up((first << POSITION_BITS) + half - centre, to_table, &mut raw);
            normalise(&raw, &mut weights[at..][..taps]);
        }
        if axis.mirrored {
            // Computing right to left would differ: positions are rounded, and a weight's
            // rounding error carries over to the next.
            weights.reverse();
            firsts.reverse();
            for first in &mut firsts {
                *first = axis.source - taps as u32 - *first;
            }
        }
        Self { taps, firsts, weights }
    }

    /// Returns the range of source samples used, and makes `firsts` relative to it.
    pub(crate) fn crop_to_used(&mut self) -> Range<usize> {
        let start = self.firsts.first().map_or(0, |&first| first);
        let end = self.firsts.last().map_or(0, |&last| last as usize + self.taps);
        self.firsts.iter_mut().for_each(|first| *first -= start);
        start as usize..end
    }

    /// Scales a row of pixels with `channels` samples each.
    pub(crate) fn apply<I: Copy + Into<i32>, O: Sample>(
        &self,
        channels: usize,
        row: &[I],
        out: &mut [O],
    ) {
        match channels {
            1 => self.apply_1(row, out),
            2 => self.apply_2(row, out),
            3 => self.apply_3(row, out),
            _ => self.apply_4(row, out),
        }
    }

    apply!(apply_1, 1, (p p2 sum_p));
    apply!(apply_2, 2, (p p2 sum_p)(q q2 sum_q));
    apply!(apply_3, 3, (p p2 sum_p)(q q2 sum_q)(r r2 sum_r));
    apply!(apply_4, 4, (p p2 sum_p)(q q2 sum_q)(r r2 sum_r)(s s2 sum_s));
}

/// Looks up the kernel for successive samples, the first at `distance` from the centre.
fn look_up(distance: i64, to_table: i32, raw: &mut [i32]) {
    // As if each distance were multiplied and truncated towards zero on its own.
    let product = distance * i64::from(to_table);
    let is_truncated = product & ((1 << POSITION_BITS) - 1) != 0;
    let mut position = (product >> POSITION_BITS) as i32;
    for weight in raw {
        let before = -position - i32::from(is_truncated);
        *weight = kernel(if position < 0 { before } else { position }.cast_unsigned());
        position += to_table;
    }
}

/// Scales weights to [`WEIGHT_BITS`] with a sum of exactly one, so that flat areas keep their
/// value. Each weight's rounding error carries over to the next.
fn normalise(raw: &[i32], weights: &mut [i16]) {
    let sum: i64 = raw.iter().map(|&weight| i64::from(weight)).sum();
    // One division per output sample: ARM has none in hardware.
    let reciprocal = ((1i64 << (WEIGHT_BITS + 32)) / sum.max(1 << 16)) as i32;
    let (mut exact, mut given) = (0_i64, 0);
    for (weight, &raw) in weights.iter_mut().zip(raw) {
        exact += i64::from(raw) * i64::from(reciprocal);
        let rounded = (exact + (1 << 31)) >> 32;
        *weight = (rounded - given) as i16;
        given = rounded;
    }
    // The reciprocal is rounded down: at most one unit is missing.
    weights[weights.len() / 2] += (1 << WEIGHT_BITS) - given as i16;
}

/// The kernel at a table position with 16 fraction bits.
#[inline(always)]
fn kernel(position: u32) -> i32 {
    let (index, part) = ((position >> 16) as usize, (position & 0xffff).cast_signed());
    let [Some(from), Some(to)] = [KERNEL.get(index), KERNEL.get(index + 1)] else { return 0 };
    from + (((to - from) * part) >> 16)
}

/// sinc(x) · sinc(x / 3) for x from 0 to 3, with 20 fraction bits.
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

/// sin(πx) / πx for x from 0 to 3, by its power series, at compile time.
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
    use super::{Filter, POSITION_BITS, Resampling, WEIGHT_BITS};

    #[test]
    fn weights_add_up_to_one_and_their_magnitudes_to_less_than_two() {
        for source in 1..40_u32 {
            for out in 1..90 {
                let whole = u64::from(source) << POSITION_BITS;
                for (start, span) in [(0, whole), (1 << 15, whole / 2), (whole / 3 + 7, whole / 5)]
                {
                    let end = start + span;
                    let axis = Resampling { source, start, span, end, out, mirrored: false };
                    let mut filter = Filter::new(&axis);
                    let used = filter.crop_to_used();
                    assert!(
                        used.end <= source as usize && used.len() <= axis.used() as usize,
                        "{axis:?}"
                    );
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

    #[test]
    fn copied_weights_equal_computed_ones() {
        let whole = 240_u32 << POSITION_BITS;
        for (out, again) in [(200, 5), (150, 5), (180, 3), (96, 2), (160, 2)] {
            let end = u64::from(whole);
            let axis = Resampling { source: 240, start: 0, span: end, end, out, mirrored: false };
            let all = Filter::new(&axis);
            let taps = all.taps;
            let span = end / u64::from(out / again);
            for n in 0..out / again {
                // Too few to repeat.
                let part = Resampling { start: span * u64::from(n), span, out: again, ..axis };
                let part = Filter::new(&part);
                let range = (n * again) as usize..((n + 1) * again) as usize;
                assert_eq!(part.firsts, all.firsts[range.clone()], "{out}: {n}");
                assert_eq!(part.weights, all.weights[range.start * taps..range.end * taps]);
            }
        }
    }

    #[test]
    fn a_mirrored_filter_is_the_mirror_image() {
        for (source, out, start, span) in
            [(7, 3, 0, 7 << 16), (40, 9, 12_345, 30 << 16), (5, 11, 0, 5 << 16)]
        {
            let axis = Resampling { source, start, span, end: start + span, out, mirrored: false };
            let (plain, mirrored) =
                (Filter::new(&axis), Filter::new(&Resampling { mirrored: true, ..axis }));
            let taps = plain.taps;
            for n in 0..out as usize {
                let other = out as usize - 1 - n;
                let last = source - 1 - mirrored.firsts[other];
                assert_eq!(plain.firsts[n], last + 1 - taps as u32, "{axis:?}");
                let weights = mirrored.weights[other * taps..][..taps].iter().rev();
                assert!(plain.weights[n * taps..][..taps].iter().eq(weights), "{axis:?}");
            }
        }
    }
}
