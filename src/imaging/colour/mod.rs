//! Converts colours of an embedded ICC profile to sRGB (ICC.1:2022).
//!
//! Cameras, phones and screens use matrix profiles: three curves and a matrix (sRGB, Display P3,
//! Adobe RGB, ProPhoto), or a single curve for grey. These are converted in integers, on the
//! thumbnail's pixels only. Table-based profiles, which printers use, and broken ones are
//! ignored, and colours stay as they are. The crate `moxcms` handles every profile but takes
//! 255 KiB on ARM.

mod curve;
mod profile;

use std::boxed::Box;

use curve::{Curve, encode};
use profile::{MATRIX_BITS, Profile};

/// A conversion from a profile to sRGB.
pub(crate) enum Conversion {
    /// A look-up table.
    Grey(Box<[u8; 256]>),
    /// Three curves, the matrix, then sRGB's curve.
    Rgb(Box<[Curve; 3]>, [[i32; 3]; 3]),
}

impl Conversion {
    /// `None` if `profile` is sRGB already or cannot be used.
    pub(crate) fn new(profile: &[u8], grey: bool) -> Option<Self> {
        let profile = Profile::parse(profile)?;
        match (profile.space, grey) {
            (b"GRAY", true) => {
                let curve = profile.curve(*b"kTRC")?;
                let table = curve.map(|light| encode(light.into()));
                (!is_srgb_curve(&curve)).then(|| Self::Grey(Box::new(table)))
            }
            (b"RGB ", false) => {
                let matrix = profile.matrix()?;
                let [red, green, blue] = [*b"rTRC", *b"gTRC", *b"bTRC"];
                let curves = [profile.curve(red)?, profile.curve(green)?, profile.curve(blue)?];
                let same = curves.iter().all(is_srgb_curve) && is_identity_matrix(&matrix);
                (!same).then(|| Self::Rgb(Box::new(curves), matrix))
            }
            _ => None,
        }
    }

    /// Converts a pixel, without its alpha.
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

/// Whether the curve is sRGB's, to one step of 255.
fn is_srgb_curve(curve: &Curve) -> bool {
    (0u8..=255).zip(curve).all(|(value, &light)| encode(light.into()).abs_diff(value) <= 1)
}

/// Whether the matrix is the identity, to a hundredth: less than one step of 255.
fn is_identity_matrix(matrix: &[[i32; 3]; 3]) -> bool {
    let unit = |row, column| if row == column { 1 << MATRIX_BITS } else { 0 };
    let near = |a: i32, b: i32| a.abs_diff(b) < (1 << MATRIX_BITS) / 100;
    (0..3).all(|row| (0..3).all(|column| near(matrix[row][column], unit(row, column))))
}

fn word(data: &[u8], at: usize) -> Option<u32> {
    data.get(at..)?.first_chunk().map(|&bytes| u32::from_be_bytes(bytes))
}

/// An s15Fixed16Number: 4.6.
fn fixed(data: &[u8], at: usize) -> Option<i64> {
    word(data, at).map(|word| i64::from(word.cast_signed()))
}
