//! The orientation that a picture will be shown in, so that its samples are rounded for it.
//!
//! Transposing a file's coefficients and negating the odd ones rotates or mirrors the picture
//! without loss. Its samples are then those of the upright file in other places, but for
//! rounding: an IDCT rounds between its two passes and rounds halves up, and upsampling
//! rounds one neighbour up and the other down. So blocks are transformed as they will be
//! shown and written as they are stored.

use crate::jpeg::idct;
use crate::jpeg::idct::Block;

/// How to show a stored picture: transposed or not, then mirrored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orientation {
    /// Rows become columns, first.
    pub transposed: bool,
    /// Left becomes right.
    pub mirrored: bool,
    /// Top becomes bottom.
    pub flipped: bool,
}

impl Orientation {
    /// EXIF orientation 1 to 8 (CIPA DC-008, 4.6.4), the sides that the stored picture's
    /// first row and first column are shown at. Any other value is upright.
    #[must_use]
    pub const fn from_exif(value: u8) -> Self {
        let (transposed, mirrored, flipped) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self { transposed, mirrored, flipped }
    }

    /// Rotated clockwise by a further number of quarter turns.
    #[must_use]
    pub fn rotated(self, quarter_turns: u8) -> Self {
        (0..quarter_turns % 4).fold(self, |Self { transposed, mirrored, flipped }, _| Self {
            transposed: !transposed,
            mirrored: !flipped,
            flipped: mirrored,
        })
    }

    /// Converts a horizontal and a vertical quantity of the stored picture to those of the
    /// shown picture, or back.
    #[must_use]
    pub fn apply<T>(self, horizontal: T, vertical: T) -> (T, T) {
        if self.transposed { (vertical, horizontal) } else { (horizontal, vertical) }
    }

    /// Whether the picture is shown as it is stored.
    #[must_use]
    pub fn is_upright(self) -> bool {
        self == Self::default()
    }

    /// Whether the stored picture's columns, and its rows, are shown in reverse.
    pub(super) fn reverses(self) -> (bool, bool) {
        self.apply(self.mirrored, self.flipped)
    }

    /// A coefficient's natural index in the block as shown, and whether it is negated there.
    pub(super) fn coefficient(self, index: u8) -> (u8, bool) {
        let (column, row) = self.apply(index % 8, index / 8);
        let negated = self.mirrored && column % 2 == 1;
        (8 * row + column, negated != (self.flipped && row % 2 == 1))
    }

    /// Transforms a block of coefficients as shown, to `size` samples across and down, and
    /// writes them as stored, to rows `stride` apart.
    ///
    /// Cold, so that upright pictures keep the straight path.
    #[cold]
    pub(super) fn inverse(
        self,
        block: &mut Block,
        size: (usize, usize),
        out: &mut [u8],
        stride: usize,
    ) {
        let mut shown = [0; 64];
        idct::inverse(block, size, &mut shown, 8);
        // Distances in `out` between neighbours as shown, across and down.
        let steps = self.apply(1, stride);
        let (width, height) = size;
        for (y, row) in shown.chunks_exact(8).take(height).enumerate() {
            let y = if self.flipped { height - 1 - y } else { y } * steps.1;
            for (x, &sample) in row[..width].iter().enumerate() {
                let x = if self.mirrored { width - 1 - x } else { x } * steps.0;
                if let Some(out) = out.get_mut(x + y) {
                    *out = sample;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Only rounding differs from transforming the block as it is stored.
    #[test]
    fn oriented_samples_are_written_as_stored() {
        let stored: Block = core::array::from_fn(|n| [300, -90, 70, 0, -55, 31, 24][n % 7]);
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif);
            let mut shown = [0; 64];
            for (value, index) in stored.iter().zip(0..) {
                let (index, negated) = orientation.coefficient(index);
                shown[usize::from(index)] = if negated { -value } else { *value };
            }
            for size in [(8, 8), (4, 4), (3, 3), (8, 4), (2, 8), (1, 4)] {
                let (mut expected, mut samples) = ([0; 64], [0; 64]);
                idct::inverse(&mut stored.clone(), size, &mut expected, 8);
                let shown_size = orientation.apply(size.0, size.1);
                orientation.inverse(&mut shown.clone(), shown_size, &mut samples, 8);
                for (sample, expected) in samples.iter().zip(expected) {
                    assert!(
                        sample.abs_diff(expected) <= 1,
                        "{orientation:?} {size:?}: {sample}, {expected}"
                    );
                }
            }
        }
    }
}
