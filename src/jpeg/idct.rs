//! Inverse DCTs that give blocks of 1, 2, 3, 4 or 8 samples a side: T.81 A.3.3.
//!
//! A smaller block comes from the low coefficients alone, by the DCT of its own size:
//! the ideal low-pass within a block. Each dimension is in `transform`; the roundings are
//! those of libjpeg's `jidctint`, so that at full size every bit is the same.
//!
//! All arithmetic wraps: coefficients of a hostile file give some picture, never an
//! overflow.

use core::num::Wrapping;

use super::transform::{BITS, Fixed, transform};

/// Coefficients in natural order, dequantised.
pub(super) type Block = [i32; 64];

/// Fraction bits that stay between the two passes.
const KEPT: usize = 2;

/// Zeroes the coefficients that a block of this size is made from.
#[inline(always)]
pub(super) fn clear(block: &mut Block, (wide, high): (usize, usize)) {
    // Written out, the small ones: a call of `memset` for 2x2 costs more than the transform.
    match (wide, high) {
        (2, 2) => clear_square::<2>(block),
        (3, 3) => clear_square::<3>(block),
        (4, 4) => clear_square::<4>(block),
        _ => block[..8 * high].fill(0),
    }
}

#[inline(always)]
fn clear_square<const N: usize>(block: &mut Block) {
    let (rows, _) = block.as_chunks_mut::<8>();
    for row in rows.iter_mut().take(N) {
        if let Some(row) = row.first_chunk_mut::<N>() {
            *row = [0; N];
        }
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
    match (wide, high) {
        (2, 2) => return inverse_2x2(block, out, stride),
        (3, 3) => return inverse_3x3(block, out, stride),
        (4, 4) => return inverse_4x4(block, out, stride),
        (8, 8) => return inverse_8x8(block, out, stride),
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

/// A square block, written out: where code is to be small a loop over a block's numbers
/// stays a loop, at 793 instructions for 4x4, and 400 as it is.
macro_rules! square {
    ($name:ident, $size:literal, $($k:literal)+) => {
        fn $name(block: &Block, out: &mut [u8], stride: usize) {
            let column = |column: usize| -> [Fixed; $size] {
                let mut input = [Wrapping(0); 8];
                $(input[$k] = Wrapping(block[8 * $k + column]);)+
                let any = 0 $(| if $k > 0 { input[$k].0 } else { 0 })+;
                if any == 0 {
                    return [input[0] << KEPT; $size];
                }
                let output = transform::<$size>(input);
                [$(Wrapping(descale::<{ BITS - KEPT }>(output[$k]))),+]
            };
            // Not an array of zeros that is filled: setting it took a fifth of the time.
            let columns = [$(column($k)),+];
            // By reference, or `zip` divides to know how many there are.
            for (row, line) in (0..$size).zip(&mut out.chunks_mut(stride)) {
                let mut input = [Wrapping(0); 8];
                $(input[$k] = columns[$k][row];)+
                let output = transform::<$size>(input);
                let values =
                    [$(descale::<{ BITS + KEPT + 3 }>(output[$k]).wrapping_add(128)),+];
                let all = 0 $(| values[$k])+;
                if let Some(line) = line.first_chunk_mut::<$size>() {
                    // One test in place of two a sample: few are out of range.
                    *line = if all & !0xff == 0 {
                        [$(values[$k] as u8),+]
                    } else {
                        [$(clamp(values[$k])),+]
                    };
                }
            }
        }
    };
}

square!(inverse_3x3, 3, 0 1 2);
square!(inverse_4x4, 4, 0 1 2 3);
square!(inverse_8x8, 8, 0 1 2 3 4 5 6 7);

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
            for wide in [1, 2, 3, 4, 8] {
                for high in [1, 2, 3, 4, 8] {
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
            for size in [1, 2, 3, 4, 8] {
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
            for size in [1, 2, 3, 4, 8] {
                let mut samples = [0; 64];
                inverse(&block, (size, size), &mut samples, size);
                assert!(samples[..size * size].iter().all(|&it| it == level(dc)));
            }
        }
    }
}
