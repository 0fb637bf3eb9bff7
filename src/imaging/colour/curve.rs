//! Tone reproduction curves, from sample values to linear light: those of ICC profiles
//! (ICC.1:2022) and sRGB's.

use crate::imaging::colour::{fixed, word};

/// 1.0 in linear light.
const ONE: i64 = 1 << 15;

/// Linear light for each value of a sample, from 0 to [`ONE`].
pub(super) type Curve = [u16; 256];

/// Parses `curv` (10.6) or `para` (10.18).
pub(super) fn parse(data: &[u8]) -> Option<Curve> {
    let mut curve = [0; 256];
    match data.first_chunk()? {
        b"curv" => {
            let count = word(data, 8)? as usize;
            let points = data.get(12..)?.get(..count.checked_mul(2)?)?;
            for (value, light) in (0..).zip(&mut curve) {
                *light = sample(points, value)?;
            }
        }
        b"para" if is_srgb(data) => curve = SRGB,
        b"para" => {
            let function = Function::parse(data)?;
            for (value, light) in (0..).zip(&mut curve) {
                *light = function.light(value);
            }
        }
        _ => return None,
    }
    Some(curve)
}

/// The sRGB value of linear light.
pub(super) fn encode(light: i32) -> u8 {
    LIMITS.partition_point(|&limit| i32::from(limit) <= light) as u8
}

/// Linear light halfway between each sRGB value and the next.
const LIMITS: [u16; 255] = decoded(0.5);

/// sRGB's curve.
const SRGB: Curve = decoded(0.0);

/// Linear light `offset` above each sRGB value.
const fn decoded<const N: usize>(offset: f64) -> [u16; N] {
    let mut light = [0; N];
    let mut n = 0;
    while n < N {
        light[n] = (decode((n as f64 + offset) / 255.0) * ONE as f64 + 0.5) as u16;
        n += 1;
    }
    light
}

/// Whether a parametric curve is sRGB's. Most profiles in photos have it, and computing its
/// powers takes an ARM board 33 ms.
fn is_srgb(data: &[u8]) -> bool {
    // Type 3: g, a, b, c, d with 16 fraction bits, as every writer rounds them.
    const PARAMETERS: [u32; 5] = [0x2_6666, 0xf2a7, 0x0d59, 0x13d0, 0x0a5b];
    let parameters = (12..).step_by(4).map(|at| word(data, at));
    data.get(8..10) == Some(&[0, 3])
        && parameters.zip(PARAMETERS).all(|(has, is)| has.is_some_and(|has| has.abs_diff(is) < 2))
}

/// sRGB's curve (IEC 61966-2-1, 5.2), at compile time: x^2.4 is the fifth root of x^12.
const fn decode(value: f64) -> f64 {
    if value <= 0.04045 {
        return value / 12.92;
    }
    let x = (value + 0.055) / 1.055;
    let square = x * x;
    let power = square * square * square * square * square * square;
    let (mut root, mut n) = (1.0, 0);
    while n < 40 {
        root -= (root - power / (root * root * root * root)) / 5.0;
        n += 1;
    }
    root
}

/// A sampled curve at `value` / 255.
fn sample(points: &[u8], value: u32) -> Option<u16> {
    let point = |n: usize| {
        points.get(2 * n..)?.first_chunk().map(|&bytes| i64::from(u16::from_be_bytes(bytes)))
    };
    let light = match points.len() / 2 {
        0 => i64::from(value) * ONE / 255,
        // A gamma with 8 fraction bits.
        1 => {
            let gamma = u32::try_from(point(0)?).ok()? << 8;
            power(i64::from(value) * UNIT / 255, gamma) * ONE / UNIT
        }
        count => {
            let place = value as usize * (count - 1);
            let (index, part) = (place / 255, (place % 255) as i64);
            let from = point(index)?;
            let to = point(index + 1).unwrap_or(from);
            (from * 255 + (to - from) * part) * ONE / (255 * 65535)
        }
    };
    Some(light as u16)
}

/// 1.0 in curve arithmetic.
const UNIT: i64 = 1 << 31;

/// A parametric curve: (a·x + b)^g + e if x >= d, else c·x + f. Parameters have 16 fraction bits.
struct Function {
    g: u32,
    a: i64,
    b: i64,
    c: i64,
    d: i64,
    e: i64,
    f: i64,
}

impl Function {
    /// Parses any of the five types: 10.18, table 68.
    fn parse(data: &[u8]) -> Option<Self> {
        let kind = data.get(8..)?.first_chunk().map(|&bytes| u16::from_be_bytes(bytes))?;
        let p = |n: usize| fixed(data, 12 + 4 * n);
        let g = u32::try_from(p(0)?).ok()?;
        let plain = Self { g, a: 1 << 16, b: 0, c: 0, d: i64::MIN, e: 0, f: 0 };
        Some(match kind {
            0 => plain,
            // From -b / a on the base is positive; below it, `power` clamps the base to 0.
            1 => Self { a: p(1)?, b: p(2)?, ..plain },
            2 => Self { a: p(1)?, b: p(2)?, e: p(3)?, ..plain },
            3 => Self { a: p(1)?, b: p(2)?, c: p(3)?, d: p(4)?, ..plain },
            4 => Self { g, a: p(1)?, b: p(2)?, c: p(3)?, d: p(4)?, e: p(5)?, f: p(6)? },
            _ => return None,
        })
    }

    /// The curve at `value` / 255.
    fn light(&self, value: u32) -> u16 {
        let x = i64::from(value) * UNIT / 255;
        // 31 and 16 fraction bits and 15 integer bits fit an `i64`.
        let times = |factor: i64| (factor * x) >> 16;
        let shift = |offset: i64| offset << 15;
        let light = if x >= self.d.clamp(-1 << 17, 1 << 17) << 15 {
            power(times(self.a) + shift(self.b), self.g) + shift(self.e)
        } else {
            times(self.c) + shift(self.f)
        };
        (light.clamp(0, UNIT) >> 16) as u16
    }
}

/// `base` to the power of `exponent`, which has 16 fraction bits: repeated square roots give the
/// powers 1/2, 1/4, … that its bits select.
fn power(base: i64, exponent: u32) -> i64 {
    let base = base.clamp(0, UNIT);
    let mut product = UNIT;
    // From 16 on all but the brightest values are black.
    for _ in 0..(exponent >> 16).min(16) {
        product = (product * base) >> 31;
    }
    let mut root = base;
    for bit in (0..16).rev() {
        root = (root << 31).isqrt();
        if exponent >> bit & 1 != 0 {
            product = (product * root) >> 31;
        }
    }
    product
}

#[cfg(test)]
mod tests {
    use super::{Function, SRGB, is_srgb};
    use std::vec::Vec;

    /// A parametric curve of type 3.
    fn curve(parameters: [u32; 5]) -> Vec<u8> {
        let mut data = b"para\0\0\0\0\0\x03\0\0".to_vec();
        data.extend(parameters.into_iter().flat_map(u32::to_be_bytes));
        data
    }

    #[test]
    fn the_srgb_table_matches_its_parameters() {
        let data = curve([0x2_6666, 0xf2a7, 0x0d59, 0x13d0, 0x0a5b]);
        assert!(is_srgb(&data));
        let function = Function::parse(&data).unwrap();
        for (value, light) in (0..).zip(SRGB) {
            assert!(light.abs_diff(function.light(value)) <= 2, "{value}");
        }
        for other in
            [[0x2_3333, 0xf2a7, 0x0d59, 0x13d0, 0x0a5b], [0x2_6666, 0xf2a7, 0x0d59, 0x13d0, 0]]
        {
            assert!(!is_srgb(&curve(other)));
        }
        assert!(!is_srgb(&data[..31]) && !is_srgb(b"para"));
    }
}
