//! Header and tags of an ICC profile (ICC.1:2022).

use crate::imaging::colour::curve::Curve;
use crate::imaging::colour::{curve, fixed, word};

/// Fraction bits of the matrix. The magnitudes of a row's three coefficients add up to less than
/// 16, so that its product with linear light fits an `i32`.
pub(super) const MATRIX_BITS: u32 = 12;

/// From the profile connection space to linear sRGB: the inverse of IEC 61966-2-1's primaries
/// adapted to D50 (ICC's own sRGB profile), with 16 fraction bits.
const FROM_PCS: [[i64; 3]; 3] =
    [[205_380, -105_963, -32_153], [-64_145, 125_576, 2_192], [4_715, -15_007, 92_094]];

/// A matrix or grey profile.
pub(super) struct Profile<'a> {
    bytes: &'a [u8],
    pub(super) space: &'a [u8; 4],
}

impl<'a> Profile<'a> {
    /// Parses the header: 7.2.
    pub(super) fn parse(bytes: &'a [u8]) -> Option<Self> {
        let four = |at: usize| bytes.get(at..)?.first_chunk::<4>();
        (four(36)? == b"acsp" && four(20)? == b"XYZ ").then_some(())?;
        Some(Self { bytes, space: four(16)? })
    }

    /// A tag's data: 7.3.
    fn tag(&self, name: [u8; 4]) -> Option<&'a [u8]> {
        let count = word(self.bytes, 128)? as usize;
        let mut tags = self.bytes.get(132..)?.chunks_exact(12).take(count);
        let tag = tags.find(|tag| tag.starts_with(&name))?;
        let (start, len) = (word(tag, 4)? as usize, word(tag, 8)? as usize);
        self.bytes.get(start..)?.get(..len)
    }

    /// From the profile's linear RGB to linear sRGB.
    pub(super) fn matrix(&self) -> Option<[[i32; 3]; 3]> {
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

    /// A tone reproduction curve.
    pub(super) fn curve(&self, name: [u8; 4]) -> Option<Curve> {
        curve::parse(self.tag(name)?)
    }
}
