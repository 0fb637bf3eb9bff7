//! Inverse DCTs to blocks of 1, 2, 3, 4 or 8 samples each way: T.81 A.3.3.
//!
//! An N x N block is the N-point IDCT of the N low coefficients each way, the ideal low-pass
//! within a block. Rounding is that of libjpeg's `jidctint`, bit for bit at full size.
//!
//! All arithmetic wraps: hostile coefficients give some picture, never an overflow.

use core::mem;
use core::num::Wrapping;

use crate::jpeg::idct_1d;
use crate::jpeg::idct_1d::{BITS, Fixed};

/// Dequantised coefficients in natural order.
pub(super) type Block = [i32; 64];

/// Fraction bits kept between the column pass and the row pass: libjpeg's `PASS1_BITS`.
const PASS1_BITS: usize = 2;
/// Fraction bits dropped after the column pass, and the rounding bias.
const COLUMN_SHIFT: usize = BITS - PASS1_BITS;
const COLUMN_BIAS: Fixed = Wrapping(1 << (COLUMN_SHIFT - 1));
/// The same after the row pass; the bias includes the level shift (T.81 A.3.1).
const ROW_SHIFT: usize = BITS + PASS1_BITS + 3;
const ROW_BIAS: Fixed = Wrapping((128 << ROW_SHIFT) + (1 << (ROW_SHIFT - 1)));

/// The sample that a block without AC coefficients consists of.
#[inline(always)]
pub(super) fn dc_only(dc: i32) -> u8 {
    clamp((dc.wrapping_add(4) >> 3).wrapping_add(128))
}

/// Transforms a block to `width` x `height` samples in `out`, whose rows are `stride` apart.
/// Zeroes the coefficients used: the cheapest place is right after each load.
#[inline]
pub(super) fn inverse(
    block: &mut Block,
    (width, height): (usize, usize),
    out: &mut [u8],
    stride: usize,
) {
    match (width, height) {
        (2, 2) => return inverse_2x2(block, out, stride),
        (3, 3) => return inverse_3x3(block, out, stride),
        (4, 4) => return inverse_4x4(block, out, stride),
        (8, 8) => return inverse_8x8(block, out, stride),
        // 4:2:2 chroma, which many cameras write.
        (2, 1) => return inverse_2x1(block, out, stride),
        (1, 2) => return inverse_1x2(block, out, stride),
        (3, 2) => return inverse_3x2(block, out, stride),
        (2, 3) => return inverse_2x3(block, out, stride),
        (4, 2) => return inverse_4x2(block, out, stride),
        (2, 4) => return inverse_2x4(block, out, stride),
        (8, 4) => return inverse_8x4(block, out, stride),
        (4, 8) => return inverse_4x8(block, out, stride),
        _ => {}
    }
    inverse_any(block, (width, height), out, stride);
}

/// The rare sizes, those of 4:1:1 and 4:1:0 chroma among them.
fn inverse_any(block: &mut Block, (width, height): (usize, usize), out: &mut [u8], stride: usize) {
    let inverse = |points: usize, input: [Fixed; 8], bias: Fixed| match points {
        8 => idct_1d::inverse::<8>(input, bias),
        4 => idct_1d::inverse::<4>(input, bias),
        3 => idct_1d::inverse::<3>(input, bias),
        2 => idct_1d::inverse::<2>(input, bias),
        _ => idct_1d::inverse::<1>(input, bias),
    };
    let mut rows = [[Wrapping(0); 8]; 8];
    for column in 0..width {
        let mut input = [Wrapping(0); 8];
        for (row, value) in input[..height].iter_mut().enumerate() {
            *value = take(block, row * 8 + column);
        }
        let output = if input[1..].iter().all(|value| value.0 == 0) {
            [input[0] << PASS1_BITS; 8]
        } else {
            inverse(height, input, COLUMN_BIAS).map(|value| value >> COLUMN_SHIFT)
        };
        rows.iter_mut().zip(output).for_each(|(row, value)| row[column] = value);
    }
    for (row, out) in rows[..height].iter().zip(out.chunks_mut(stride)) {
        for (sample, value) in out[..width].iter_mut().zip(inverse(width, *row, ROW_BIAS)) {
            *sample = clamp((value >> ROW_SHIFT).0);
        }
    }
}

/// Sums and differences alone: the cosines cancel against the scale.
#[inline(always)]
fn inverse_2x2(block: &mut Block, out: &mut [u8], stride: usize) {
    let (a, b, c, d) = (take(block, 0), take(block, 1), take(block, 8), take(block, 9));
    let bias = Wrapping((128 << 3) + (1 << 2));
    let (left, right, lower_left, lower_right) = (a + b + bias, a - b + bias, c + d, c - d);
    let write = |left: Fixed, right: Fixed, out: &mut [u8]| {
        let (left, right) = ((left >> 3).0, (right >> 3).0);
        if let Some(out) = out.first_chunk_mut() {
            let is_in_range = (left | right) & !0xff == 0;
            *out =
                if is_in_range { [left as u8, right as u8] } else { [clamp(left), clamp(right)] };
        }
    };
    write(left + lower_left, right + lower_right, out);
    write(left - lower_left, right - lower_right, out.get_mut(stride..).unwrap_or_default());
}

/// An IDCT unrolled by hand: optimising for size keeps loops, at 793 instructions for 4x4
/// instead of 400. `$rows` writes all rows.
macro_rules! inverse {
    ($name:ident: $width:literal, $($x:literal)+; $height:literal, $($y:literal)+;
     |$row:ident| $rows:expr) => {
        fn $name(block: &mut Block, mut out: &mut [u8], stride: usize) {
            let mut column = |column: usize| -> [Fixed; $height] {
                let mut input = [Wrapping(0); 8];
                $(input[$y] = take(block, 8 * $y + column);)+
                let any = 0 $(| if $y > 0 { input[$y].0 } else { 0 })+;
                if any == 0 {
                    let dc = input[0] << PASS1_BITS;
                    // `[dc; N]` would stay a loop too.
                    return [$((dc, $y).0),+];
                }
                let output = idct_1d::inverse::<$height>(input, COLUMN_BIAS);
                [$(output[$y] >> COLUMN_SHIFT),+]
            };
            // Filling a zeroed array instead took a fifth of the time.
            let columns = [$(column($x)),+];
            let mut $row = |row: usize| {
                let mut input = [Wrapping(0); 8];
                $(input[$x] = columns[$x][row];)+
                let output = idct_1d::inverse::<$width>(input, ROW_BIAS);
                let values = [$((output[$x] >> ROW_SHIFT).0),+];
                let all = 0 $(| values[$x])+;
                if let Some(out) = out.first_chunk_mut::<$width>() {
                    // One test for the row instead of two a sample: few are out of range.
                    *out = if all & !0xff == 0 {
                        [$(values[$x] as u8),+]
                    } else {
                        [$(clamp(values[$x])),+]
                    };
                }
                out = mem::take(&mut out).get_mut(stride..).unwrap_or_default();
            };
            $rows
        }
    };
}

inverse!(inverse_3x3: 3, 0 1 2; 3, 0 1 2; |row| { row(0); row(1); row(2) });
inverse!(inverse_4x4: 4, 0 1 2 3; 4, 0 1 2 3; |row| { row(0); row(1); row(2); row(3) });
inverse!(inverse_8x8: 8, 0 1 2 3 4 5 6 7; 8, 0 1 2 3 4 5 6 7; |row| for n in 0..8 { row(n) });
inverse!(inverse_2x1: 2, 0 1; 1, 0; |row| row(0));
inverse!(inverse_1x2: 1, 0; 2, 0 1; |row| { row(0); row(1) });
inverse!(inverse_3x2: 3, 0 1 2; 2, 0 1; |row| { row(0); row(1) });
inverse!(inverse_2x3: 2, 0 1; 3, 0 1 2; |row| { row(0); row(1); row(2) });
inverse!(inverse_4x2: 4, 0 1 2 3; 2, 0 1; |row| { row(0); row(1) });
inverse!(inverse_2x4: 2, 0 1; 4, 0 1 2 3; |row| { row(0); row(1); row(2); row(3) });
inverse!(inverse_8x4: 8, 0 1 2 3 4 5 6 7; 4, 0 1 2 3; |row| for n in 0..4 { row(n) });
inverse!(inverse_4x8: 4, 0 1 2 3; 8, 0 1 2 3 4 5 6 7; |row| for n in 0..8 { row(n) });

/// Reads a coefficient and zeroes it.
#[inline(always)]
fn take(block: &mut Block, index: usize) -> Fixed {
    Wrapping(mem::take(&mut block[index]))
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

    /// The formula of T.81 A.3.3, at any size.
    fn reference(block: &Block, (width, height): (usize, usize)) -> vec::Vec<f64> {
        let scale = |k: usize| if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
        let cosine = |index: usize, k: usize, size: usize| {
            let angle = ((2 * index + 1) * k) as f64 / (2 * size) as f64;
            (angle * core::f64::consts::PI).cos()
        };
        let mut samples = vec![];
        for y in 0..height {
            for x in 0..width {
                let mut sum = 0.0;
                for v in 0..height {
                    for u in 0..width {
                        let weight =
                            scale(u) * scale(v) * cosine(x, u, width) * cosine(y, v, height);
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
            for width in [1, 2, 3, 4, 8] {
                for height in [1, 2, 3, 4, 8] {
                    let mut samples = [0; 64];
                    let mut used = block;
                    inverse(&mut used, (width, height), &mut samples, 8);
                    let mut left = used.iter().enumerate().filter(|(_, it)| **it != 0);
                    assert!(left.all(|(n, _)| n / 8 >= height || n % 8 >= width));
                    for (index, expected) in reference(&block, (width, height)).iter().enumerate() {
                        let sample = samples[index / width * 8 + index % width];
                        let difference = (f64::from(sample) - expected).abs();
                        assert!(difference < 1.0, "{width}x{height}: {sample}, not {expected}");
                    }
                }
            }
        }
    }

    #[test]
    fn no_coefficient_overflows() {
        for value in [i32::MIN, i32::MAX, -1 << 26, 1 << 26] {
            for size in [1, 2, 3, 4, 8] {
                inverse(&mut [value; 64], (size, size), &mut [0; 64], 8);
            }
            dc_only(value);
        }
    }

    #[test]
    fn a_block_of_dc_alone_is_uniform() {
        for dc in -2000..2000 {
            for size in [1, 2, 3, 4, 8] {
                let mut block = [0; 64];
                block[0] = dc;
                let mut samples = [0; 64];
                inverse(&mut block, (size, size), &mut samples, size);
                assert!(samples[..size * size].iter().all(|&it| it == dc_only(dc)));
            }
        }
    }
}
