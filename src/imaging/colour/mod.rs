//! Colours of an embedded profile (ICC.1:2022) as sRGB.
//!
//! Cameras, phones and screens describe their colours by three curves and a matrix
//! (sRGB, Display P3, Adobe RGB, ProPhoto), grey ones by a curve; these are converted, in
//! whole numbers and on the thumbnail's few pixels only. Profiles made of tables, which
//! are those of printers, and all that are broken are left aside: the colours then stay
//! as they are. The crate `moxcms` knows every profile, and takes 255 KiB on ARM.

mod curve;
mod profile;

use std::boxed::Box;

use curve::{Curve, encode};
use profile::{MATRIX_BITS, Profile};

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

fn word(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|&bytes| u32::from_be_bytes(bytes))
}

/// A number with 16 places behind the point: 4.6.
fn fixed(data: &[u8], at: usize) -> Option<i64> {
    word(data, at).map(|word| i64::from(word.cast_signed()))
}
