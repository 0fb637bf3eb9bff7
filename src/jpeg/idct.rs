//! Inverse DCTs that give blocks of 1, 2, 4 or 8 samples a side: T.81 A.3.3.
//!
//! A smaller block comes from the low coefficients alone, by the DCT of its own size:
//! the ideal low-pass within a block. The algorithm is that of Loeffler, Ligtenberg and
//! Moschytz in 13-bit fixed point, with the roundings of libjpeg's `jidctint`, so that
//! at full size every bit is the same.
//!
//! All arithmetic wraps: coefficients of a hostile file give some picture, never an
//! overflow.

use core::num::Wrapping;

/// Coefficients in natural order, dequantised.
pub(super) type Block = [i32; 64];

type Fixed = Wrapping<i32>;

/// Fraction bits of the constants.
const BITS: usize = 13;
/// Fraction bits that stay between the two passes.
const KEPT: usize = 2;

const fn fixed(value: i32) -> Fixed {
    Wrapping(value)
}

const F_0_298631336: Fixed = fixed(2446);
const F_0_390180644: Fixed = fixed(3196);
const F_0_541196100: Fixed = fixed(4433);
const F_0_765366865: Fixed = fixed(6270);
const F_0_899976223: Fixed = fixed(7373);
const F_1_175875602: Fixed = fixed(9633);
const F_1_501321110: Fixed = fixed(12299);
const F_1_847759065: Fixed = fixed(15137);
const F_1_961570560: Fixed = fixed(16069);
const F_2_053119869: Fixed = fixed(16819);
const F_2_562915447: Fixed = fixed(20995);
const F_3_072711026: Fixed = fixed(25172);

/// Zeroes the coefficients that a block of this size is made from.
#[inline(always)]
pub(super) fn clear(block: &mut Block, (wide, high): (usize, usize)) {
    if (wide, high) == (2, 2) {
        (block[0], block[1], block[8], block[9]) = (0, 0, 0, 0);
    } else {
        block[..8 * high].fill(0);
    }
}

/// A block of which only DC is not zero, and any block of one sample.
#[inline(always)]
pub(super) fn level(dc: i32) -> u8 {
    clamp((dc.wrapping_add(4) >> 3).wrapping_add(128))
}

/// Writes a block's samples to `out`, whose rows are `stride` apart.
#[inline]
pub(super) fn inverse(block: &Block, (wide, high): (usize, usize), out: &mut [u8], stride: usize) {
    if (wide, high) == (2, 2) {
        return inverse_2x2(block, out, stride);
    }
    let mut between = [[0; 8]; 8];
    match high {
        8 => columns::<8>(block, wide, &mut between),
        4 => columns::<4>(block, wide, &mut between),
        2 => columns::<2>(block, wide, &mut between),
        _ => columns::<1>(block, wide, &mut between),
    }
    for (row, line) in between[..high].iter().zip(out.chunks_mut(stride)) {
        match wide {
            8 => write_row::<8>(row, line),
            4 => write_row::<4>(row, line),
            2 => write_row::<2>(row, line),
            _ => write_row::<1>(row, line),
        }
    }
}

/// Sums and differences: the cosines of this size cancel against the scale.
#[inline(always)]
fn inverse_2x2(block: &Block, out: &mut [u8], stride: usize) {
    let [a, b, c, d] = [block[0], block[1], block[8], block[9]].map(Wrapping);
    let (left, right) = (a + b, a - b);
    let (below_left, below_right) = (c + d, c - d);
    let sample = |value: Fixed| level(value.0);
    if let Some(first) = out.first_chunk_mut::<2>() {
        *first = [sample(left + below_left), sample(right + below_right)];
    }
    if let Some(second) = out.get_mut(stride..stride + 2) {
        second.copy_from_slice(&[sample(left - below_left), sample(right - below_right)]);
    }
}

#[inline(always)]
fn columns<const N: usize>(block: &Block, wide: usize, between: &mut [[i32; 8]; 8]) {
    for column in 0..wide {
        let mut input = [Wrapping(0); 8];
        let mut any = 0;
        for (row, value) in input[..N].iter_mut().enumerate() {
            *value = Wrapping(block[row * 8 + column]);
            any |= if row > 0 { value.0 } else { 0 };
        }
        if any == 0 {
            let level = (input[0] << KEPT).0;
            between[..N].iter_mut().for_each(|row| row[column] = level);
            continue;
        }
        let output = transform::<N>(input);
        for (row, value) in between[..N].iter_mut().zip(output) {
            row[column] = descale::<{ BITS - KEPT }>(value);
        }
    }
}

#[inline(always)]
fn write_row<const N: usize>(row: &[i32; 8], line: &mut [u8]) {
    let output = transform::<N>(row.map(Wrapping));
    if let Some(line) = line.first_chunk_mut::<N>() {
        for (sample, value) in line.iter_mut().zip(output) {
            *sample = clamp(descale::<{ BITS + KEPT + 3 }>(value).wrapping_add(128));
        }
    }
}

/// One dimension, of the first N numbers; the output is scaled by the root of 8 and by
/// 2 to the power of `BITS`.
#[inline(always)]
fn transform<const N: usize>(x: [Fixed; 8]) -> [Fixed; 8] {
    let none = Wrapping(0);
    let rotate = |even: Fixed, odd: Fixed| {
        let sum = (even + odd) * F_0_541196100;
        (sum + even * F_0_765366865, sum - odd * F_1_847759065)
    };
    match N {
        1 => [x[0] << BITS, none, none, none, none, none, none, none],
        2 => {
            let (sum, difference) = ((x[0] + x[1]) << BITS, (x[0] - x[1]) << BITS);
            [sum, difference, none, none, none, none, none, none]
        }
        4 => {
            let (sum, difference) = ((x[0] + x[2]) << BITS, (x[0] - x[2]) << BITS);
            let (outer, inner) = rotate(x[1], x[3]);
            let half = [sum + outer, difference + inner, difference - inner, sum - outer];
            [half[0], half[1], half[2], half[3], none, none, none, none]
        }
        _ => {
            let (sum, difference) = ((x[0] + x[4]) << BITS, (x[0] - x[4]) << BITS);
            let (outer, inner) = rotate(x[2], x[6]);
            let even = [sum + outer, difference + inner, difference - inner, sum - outer];
            let odd = odd_part(x[1], x[3], x[5], x[7]);
            [
                even[0] + odd[0],
                even[1] + odd[1],
                even[2] + odd[2],
                even[3] + odd[3],
                even[3] - odd[3],
                even[2] - odd[2],
                even[1] - odd[1],
                even[0] - odd[0],
            ]
        }
    }
}

#[inline(always)]
fn odd_part(x1: Fixed, x3: Fixed, x5: Fixed, x7: Fixed) -> [Fixed; 4] {
    let all = (x7 + x3 + x5 + x1) * F_1_175875602;
    let z1 = (x7 + x1) * F_0_899976223;
    let z2 = (x5 + x3) * F_2_562915447;
    let z3 = all - (x7 + x3) * F_1_961570560;
    let z4 = all - (x5 + x1) * F_0_390180644;
    [
        x1 * F_1_501321110 - z1 + z4,
        x3 * F_3_072711026 - z2 + z3,
        x5 * F_2_053119869 - z2 + z4,
        x7 * F_0_298631336 - z1 + z3,
    ]
}

#[inline(always)]
fn descale<const BY: usize>(value: Fixed) -> i32 {
    ((value + Wrapping(1 << (BY - 1))) >> BY).0
}

#[inline(always)]
fn clamp(value: i32) -> u8 {
    value.clamp(0, 255) as u8
}

#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "numbers up to 105")]
#[allow(clippy::cast_possible_wrap, reason = "indices up to 63")]
mod tests {
    use std::vec;

    use super::*;

    /// T.81 A.3.3 at any size, as it is written.
    fn reference(block: &Block, (wide, high): (usize, usize)) -> vec::Vec<f64> {
        let scale = |k: usize| if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
        let cosine = |place: usize, k: usize, size: usize| {
            let turn = ((2 * place + 1) * k) as f64 / (2 * size) as f64;
            (turn * core::f64::consts::PI).cos()
        };
        let mut samples = vec![];
        for y in 0..high {
            for x in 0..wide {
                let mut sum = 0.0;
                for v in 0..high {
                    for u in 0..wide {
                        let weight = scale(u) * scale(v) * cosine(x, u, wide) * cosine(y, v, high);
                        sum += weight * f64::from(block[8 * v + u]) / 4.0;
                    }
                }
                samples.push((sum + 128.0).clamp(0.0, 255.0));
            }
        }
        samples
    }

    #[test]
    fn agrees_with_the_definition_at_every_size() {
        let mut random = 1_u32;
        for round in 0..200 {
            let block: Block = core::array::from_fn(|index| {
                random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let most = if index == 0 { 800 } else { 3 * round / (1 + index as i32) };
                (random >> 8).cast_signed() % (2 * most + 1) - most
            });
            for wide in [1, 2, 4, 8] {
                for high in [1, 2, 4, 8] {
                    let mut samples = [0; 64];
                    inverse(&block, (wide, high), &mut samples, 8);
                    for (index, expected) in reference(&block, (wide, high)).iter().enumerate() {
                        let sample = samples[index / wide * 8 + index % wide];
                        let difference = (f64::from(sample) - expected).abs();
                        assert!(difference < 1.0, "{wide}x{high}: {sample}, not {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_coefficient_overflows() {
        for value in [i32::MIN, i32::MAX, -1 << 26, 1 << 26] {
            for size in [1, 2, 4, 8] {
                inverse(&[value; 64], (size, size), &mut [0; 64], 8);
            }
            level(value);
        }
    }

    #[test]
    fn a_block_of_dc_alone_is_level() {
        for dc in -2000..2000 {
            let mut block = [0; 64];
            block[0] = dc;
            for size in [1, 2, 4, 8] {
                let mut samples = [0; 64];
                inverse(&block, (size, size), &mut samples, size);
                assert!(samples[..size * size].iter().all(|&it| it == level(dc)));
            }
        }
    }
}
