//! Colours of an embedded profile (ICC.1:2022) as sRGB.
//!
//! Cameras, phones and screens describe their colours by three curves and a matrix
//! (sRGB, Display P3, Adobe RGB, ProPhoto), grey ones by a curve; these are converted, in
//! whole numbers and on the thumbnail's few pixels only. Profiles made of tables, which
//! are those of printers, and all that are broken are left aside: the colours then stay
//! as they are. The crate `moxcms` knows every profile, and takes 255 KiB on ARM.

use std::boxed::Box;

/// One in linear light.
const ONE: i64 = 1 << 15;

/// Binary places of the matrix. A row's three coefficients add up to less than 16 in
/// size, so that what they make of [`ONE`] fits an `i32`.
const MATRIX_BITS: u32 = 12;

/// From the profile connection space to linear sRGB: the inverse of IEC 61966-2-1's
/// primaries adapted to D50 (ICC's own sRGB profile), with 16 places.
const FROM_PCS: [[i64; 3]; 3] =
    [[205_380, -105_963, -32_153], [-64_145, 125_576, 2_192], [4_715, -15_007, 92_094]];

/// Lightness of each of the 256 values of a sample, from 0 to [`ONE`].
type Curve = [u16; 256];

/// How to make the values of a profile sRGB's.
pub(crate) enum Conversion {
    /// One grey for another.
    Grey(Box<[u8; 256]>),
    /// Three curves, then the matrix, then sRGB's curve.
    Rgb(Box<[Curve; 3]>, [[i32; 3]; 3]),
}

impl Conversion {
    /// What `profile` asks for; `None` where it is sRGB already or cannot be used.
    pub(crate) fn new(profile: &[u8], grey: bool) -> Option<Self> {
        let profile = Profile::read(profile)?;
        match (profile.space, grey) {
            (b"GRAY", true) => {
                let curve = profile.curve(*b"kTRC")?;
                let table = curve.map(|light| encode(light.into()));
                (!is_identity(&curve)).then(|| Self::Grey(Box::new(table)))
            }
            (b"RGB ", false) => {
                let matrix = profile.matrix()?;
                let [red, green, blue] = [*b"rTRC", *b"gTRC", *b"bTRC"];
                let curves = [profile.curve(red)?, profile.curve(green)?, profile.curve(blue)?];
                let same = curves.iter().all(is_identity) && is_unit(&matrix);
                (!same).then(|| Self::Rgb(Box::new(curves), matrix))
            }
            _ => None,
        }
    }

    /// Converts a pixel's colours, without alpha.
    pub(crate) fn apply(&self, colours: &mut [u8]) {
        match (self, colours) {
            (Self::Grey(table), [grey, ..]) => *grey = table[usize::from(*grey)],
            (Self::Rgb(curves, matrix), [red, green, blue, ..]) => {
                let light = [(0, &red), (1, &green), (2, &blue)]
                    .map(|(n, value)| i32::from(curves[n][usize::from(**value)]));
                let [r, g, b] = matrix.map(|row| {
                    let sum: i32 = row.iter().zip(light).map(|(&c, light)| c * light).sum();
                    encode(sum >> MATRIX_BITS)
                });
                (*red, *green, *blue) = (r, g, b);
            }
            _ => {}
        }
    }
}

/// Every value of the curve means what it means in sRGB, to one step.
fn is_identity(curve: &Curve) -> bool {
    (0u8..=255).zip(curve).all(|(value, &light)| encode(light.into()).abs_diff(value) <= 1)
}

/// The matrix is the unit matrix, to a hundredth: less than one step in any colour.
fn is_unit(matrix: &[[i32; 3]; 3]) -> bool {
    let unit = |row, column| if row == column { 1 << MATRIX_BITS } else { 0 };
    let near = |a: i32, b: i32| a.abs_diff(b) < (1 << MATRIX_BITS) / 100;
    (0..3).all(|row| (0..3).all(|column| near(matrix[row][column], unit(row, column))))
}

/// The sRGB value of a lightness.
fn encode(light: i32) -> u8 {
    LIMITS.partition_point(|&limit| i32::from(limit) <= light) as u8
}

/// The lightness halfway between each sRGB value and the next.
const LIMITS: [u16; 255] = {
    let mut limits = [0; 255];
    let mut n = 0;
    while n < limits.len() {
        limits[n] = (decode((n as f64 + 0.5) / 255.0) * ONE as f64 + 0.5) as u16;
        n += 1;
    }
    limits
};

/// sRGB's curve.
const SRGB: Curve = {
    let mut curve = [0; 256];
    let mut n = 0;
    while n < curve.len() {
        curve[n] = (decode(n as f64 / 255.0) * ONE as f64 + 0.5) as u16;
        n += 1;
    }
    curve
};

/// Whether a parametric curve is that one. Most photos that have a profile have this: to work
/// the powers out again takes an ARM board 33 ms.
fn is_srgb(data: &[u8]) -> bool {
    // A function of type 3: g, a, b, c, d with 16 places, as every writer rounds them.
    const PARAMETERS: [u32; 5] = [0x2_6666, 0xf2a7, 0x0d59, 0x13d0, 0x0a5b];
    let parameters = (12..).step_by(4).map(|at| word(data, at));
    data.get(8..10) == Some(&[0, 3])
        && parameters.zip(PARAMETERS).all(|(has, is)| has.is_some_and(|has| has.abs_diff(is) < 2))
}

/// sRGB's curve (IEC 61966-2-1, 5.2), when compiling: x^2.4 is the fifth root of x^12.
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

/// The parts of a profile that are used.
struct Profile<'a> {
    bytes: &'a [u8],
    space: &'a [u8; 4],
}

impl<'a> Profile<'a> {
    /// Reads the header: 7.2.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let four = |at: usize| bytes.get(at..)?.first_chunk::<4>();
        (four(36)? == b"acsp" && four(20)? == b"XYZ ").then_some(())?;
        Some(Self { bytes, space: four(16)? })
    }

    /// The data of a tag: 7.3.
    fn tag(&self, name: [u8; 4]) -> Option<&'a [u8]> {
        let count = word(self.bytes, 128)? as usize;
        let mut tags = self.bytes.get(132..)?.chunks_exact(12).take(count);
        let tag = tags.find(|tag| tag.starts_with(&name))?;
        let (start, len) = (word(tag, 4)? as usize, word(tag, 8)? as usize);
        self.bytes.get(start..)?.get(..len)
    }

    /// From the profile's linear colours to linear sRGB.
    fn matrix(&self) -> Option<[[i32; 3]; 3]> {
        let mut matrix = [[0; 3]; 3];
        for (column, name) in [*b"rXYZ", *b"gXYZ", *b"bXYZ"].into_iter().enumerate() {
            let data = self.tag(name)?;
            data.starts_with(b"XYZ ").then_some(())?;
            let xyz = [fixed(data, 8)?, fixed(data, 12)?, fixed(data, 16)?];
            for (row, factors) in matrix.iter_mut().zip(FROM_PCS) {
                let sum: i64 = factors.iter().zip(xyz).map(|(&factor, part)| factor * part).sum();
                row[column] = i32::try_from(sum >> (32 - MATRIX_BITS)).ok()?;
            }
        }
        let bounded = |row: &[i32; 3]| {
            let size: i64 = row.iter().map(|&factor| i64::from(factor).abs()).sum();
            size < 15 << MATRIX_BITS
        };
        matrix.iter().all(bounded).then_some(matrix)
    }

    /// A curve of either kind: 10.6 and 10.18.
    fn curve(&self, name: [u8; 4]) -> Option<Curve> {
        let data = self.tag(name)?;
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
                let function = Function::read(data)?;
                for (value, light) in (0..).zip(&mut curve) {
                    *light = function.light(value);
                }
            }
            _ => return None,
        }
        Some(curve)
    }
}

/// A curve that is given by points, at `value` of 255.
fn sample(points: &[u8], value: u32) -> Option<u16> {
    let point = |n: usize| {
        points.get(2 * n..)?.first_chunk().map(|&bytes| i64::from(u16::from_be_bytes(bytes)))
    };
    let light = match points.len() / 2 {
        0 => i64::from(value) * ONE / 255,
        // A power with 8 places behind the point.
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

/// One, in the arithmetic of curves.
const UNIT: i64 = 1 << 31;

/// A parametric curve: (a·x + b)^g + e where x is at least d, else c·x + f; 16 places.
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
    /// Reads any of the five types: 10.18, table 68.
    fn read(data: &[u8]) -> Option<Self> {
        let kind = data.get(8..)?.first_chunk().map(|&bytes| u16::from_be_bytes(bytes))?;
        let p = |n: usize| fixed(data, 12 + 4 * n);
        let g = u32::try_from(p(0)?).ok()?;
        let plain = Self { g, a: 1 << 16, b: 0, c: 0, d: i64::MIN, e: 0, f: 0 };
        Some(match kind {
            0 => plain,
            // From -b / a on, where the base is positive; elsewhere the base counts as 0.
            1 => Self { a: p(1)?, b: p(2)?, ..plain },
            2 => Self { a: p(1)?, b: p(2)?, e: p(3)?, ..plain },
            3 => Self { a: p(1)?, b: p(2)?, c: p(3)?, d: p(4)?, ..plain },
            4 => Self { g, a: p(1)?, b: p(2)?, c: p(3)?, d: p(4)?, e: p(5)?, f: p(6)? },
            _ => return None,
        })
    }

    /// At `value` of 255.
    fn light(&self, value: u32) -> u16 {
        let x = i64::from(value) * UNIT / 255;
        // A product of 31 and 16 places and 15 before the point fits 64 bits.
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

/// `base` to the power of `exponent`, which has 16 places: square roots of square roots
/// give the powers 1/2, 1/4, … that the exponent's bits ask for.
fn power(base: i64, exponent: u32) -> i64 {
    let base = base.clamp(0, UNIT);
    let mut product = UNIT;
    // A power of 16 and more is black, but for the brightest values.
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

fn word(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|&bytes| u32::from_be_bytes(bytes))
}

/// A number with 16 places behind the point: 4.6.
fn fixed(data: &[u8], at: usize) -> Option<i64> {
    word(data, at).map(|word| i64::from(word.cast_signed()))
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
    fn the_curve_of_srgb_is_what_its_parameters_say() {
        let data = curve([0x2_6666, 0xf2a7, 0x0d59, 0x13d0, 0x0a5b]);
        assert!(is_srgb(&data));
        let function = Function::read(&data).unwrap();
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
