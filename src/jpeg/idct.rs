//! Inverse DCTs that give blocks of 1, 2, 3, 4 or 8 samples a side: T.81 A.3.3.
//!
//! A smaller block comes from the low coefficients alone, by the DCT of its own size:
//! the ideal low-pass within a block. Each dimension is in `transform`; the roundings are
//! those of libjpeg's `jidctint`, so that at full size every bit is the same.
//!
//! All arithmetic wraps: coefficients of a hostile file give some picture, never an
//! overflow.

use core::mem;
use core::num::Wrapping;

use crate::jpeg::transform::{BITS, Fixed, transform};

/// Coefficients in natural order, dequantised.
pub(super) type Block = [i32; 64];

/// Fraction bits that stay between the two passes.
const KEPT: usize = 2;
/// Fraction bits that are dropped after the first, and what makes of rounding down rounding
/// to the nearest.
const BETWEEN_BITS: usize = BITS - KEPT;
const BETWEEN: Fixed = Wrapping(1 << (BETWEEN_BITS - 1));
/// The same after the second, where samples are raised to be centred on 128.
const SAMPLE_BITS: usize = BITS + KEPT + 3;
const SAMPLE: Fixed = Wrapping((128 << SAMPLE_BITS) + (1 << (SAMPLE_BITS - 1)));

/// A block of which only DC is not zero, and any block of one sample.
#[inline(always)]
pub(super) fn level(dc: i32) -> u8 {
    clamp((dc.wrapping_add(4) >> 3).wrapping_add(128))
}

/// Writes a block's samples to `out`, whose rows are `stride` apart, and leaves zeros where the
/// coefficients were that it is made from: a store more after each load costs least.
#[inline]
pub(super) fn inverse(
    block: &mut Block,
    (wide, high): (usize, usize),
    out: &mut [u8],
    stride: usize,
) {
    match (wide, high) {
        (2, 2) => return inverse_2x2(block, out, stride),
        (3, 3) => return inverse_3x3(block, out, stride),
        (4, 4) => return inverse_4x4(block, out, stride),
        (8, 8) => return inverse_8x8(block, out, stride),
        // Colours of half the rate in one direction, as many cameras have them.
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
    let mut between = [[0; 8]; 8];
    match high {
        8 => columns::<8>(block, wide, &mut between),
        4 => columns::<4>(block, wide, &mut between),
        3 => columns::<3>(block, wide, &mut between),
        2 => columns::<2>(block, wide, &mut between),
        _ => columns::<1>(block, wide, &mut between),
    }
    for (row, line) in between[..high].iter().zip(&mut out.chunks_mut(stride)) {
        match wide {
            8 => write_row::<8>(row, line),
            4 => write_row::<4>(row, line),
            3 => write_row::<3>(row, line),
            2 => write_row::<2>(row, line),
            _ => write_row::<1>(row, line),
        }
    }
}

/// Sums and differences: the cosines of this size cancel against the scale.
#[inline(always)]
fn inverse_2x2(block: &mut Block, out: &mut [u8], stride: usize) {
    let (a, b, c, d) = (take(block, 0), take(block, 1), take(block, 8), take(block, 9));
    let half = Wrapping((128 << 3) + (1 << 2));
    let (left, right, lower_left, lower_right) = (a + b + half, a - b + half, c + d, c - d);
    let write = |left: Fixed, right: Fixed, line: &mut [u8]| {
        let (left, right) = ((left >> 3).0, (right >> 3).0);
        if let Some(line) = line.first_chunk_mut() {
            let is_in_range = (left | right) & !0xff == 0;
            *line =
                if is_in_range { [left as u8, right as u8] } else { [clamp(left), clamp(right)] };
        }
    };
    write(left + lower_left, right + lower_right, out);
    write(left - lower_left, right - lower_right, out.get_mut(stride..).unwrap_or_default());
}

/// A block, written out: where code is to be small a loop over a block's numbers stays a
/// loop, at 793 instructions for 4x4, and 400 as it is. `$each` does all rows.
macro_rules! inverse {
    ($name:ident: $wide:literal, $($x:literal)+; $high:literal, $($y:literal)+;
     |$row:ident| $each:expr) => {
        fn $name(block: &mut Block, mut out: &mut [u8], stride: usize) {
            let mut column = |column: usize| -> [Fixed; $high] {
                let mut input = [Wrapping(0); 8];
                $(input[$y] = take(block, 8 * $y + column);)+
                let any = 0 $(| if $y > 0 { input[$y].0 } else { 0 })+;
                if any == 0 {
                    let level = input[0] << KEPT;
                    // Not `[level; N]`, which stays a loop too.
                    return [$((level, $y).0),+];
                }
                let output = transform::<$high>(input, BETWEEN);
                [$(output[$y] >> BETWEEN_BITS),+]
            };
            // Not an array of zeros that is filled: setting it took a fifth of the time.
            let columns = [$(column($x)),+];
            let mut $row = |row: usize| {
                let mut input = [Wrapping(0); 8];
                $(input[$x] = columns[$x][row];)+
                let output = transform::<$wide>(input, SAMPLE);
                let values = [$((output[$x] >> SAMPLE_BITS).0),+];
                let all = 0 $(| values[$x])+;
                if let Some(line) = out.first_chunk_mut::<$wide>() {
                    // One test in place of two a sample: few are out of range.
                    *line = if all & !0xff == 0 {
                        [$(values[$x] as u8),+]
                    } else {
                        [$(clamp(values[$x])),+]
                    };
                }
                out = mem::take(&mut out).get_mut(stride..).unwrap_or_default();
            };
            $each
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

#[inline(always)]
fn columns<const N: usize>(block: &mut Block, wide: usize, between: &mut [[i32; 8]; 8]) {
    for column in 0..wide {
        let mut input = [Wrapping(0); 8];
        let mut any = 0;
        for (row, value) in input[..N].iter_mut().enumerate() {
            *value = take(block, row * 8 + column);
            any |= if row > 0 { value.0 } else { 0 };
        }
        if any == 0 {
            let level = (input[0] << KEPT).0;
            between[..N].iter_mut().for_each(|row| row[column] = level);
            continue;
        }
        let output = transform::<N>(input, BETWEEN);
        for (row, value) in between[..N].iter_mut().zip(output) {
            row[column] = (value >> BETWEEN_BITS).0;
        }
    }
}

#[inline(always)]
fn write_row<const N: usize>(row: &[i32; 8], line: &mut [u8]) {
    let output = transform::<N>(row.map(Wrapping), SAMPLE);
    if let Some(line) = line.first_chunk_mut::<N>() {
        for (sample, value) in line.iter_mut().zip(output) {
            *sample = clamp((value >> SAMPLE_BITS).0);
        }
    }
}

/// Takes a coefficient out of a block.
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
            for wide in [1, 2, 3, 4, 8] {
                for high in [1, 2, 3, 4, 8] {
                    let mut samples = [0; 64];
                    let mut taken = block;
                    inverse(&mut taken, (wide, high), &mut samples, 8);
                    let left = taken.iter().enumerate().filter(|(_, it)| **it != 0);
                    assert!(left.clone().all(|(n, _)| n / 8 >= high || n % 8 >= wide));
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
            for size in [1, 2, 3, 4, 8] {
                inverse(&mut [value; 64], (size, size), &mut [0; 64], 8);
            }
            level(value);
        }
    }

    #[test]
    fn a_block_of_dc_alone_is_level() {
        for dc in -2000..2000 {
            for size in [1, 2, 3, 4, 8] {
                let mut block = [0; 64];
                block[0] = dc;
                let mut samples = [0; 64];
                inverse(&mut block, (size, size), &mut samples, size);
                assert!(samples[..size * size].iter().all(|&it| it == level(dc)));
            }
        }
    }
}
