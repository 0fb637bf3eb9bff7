//! Which way up a picture will be shown, for what is rounded on the way to its samples.
//!
//! A file's coefficients can be transposed, and the odd ones negated, without loss: the
//! picture is then stored lying or mirrored. Its samples are those of the upright file at
//! other places, but for roundings: an inverse DCT rounds between its two dimensions, and a
//! half goes up and never down; interpolation rounds one neighbour up and the other down. So
//! a block that will be shown turned is made as it will be shown, and put down as it is stored.

use crate::jpeg::idct;
use crate::jpeg::idct::Block;

/// How whoever shows a picture will turn it: transposed or not, then mirrored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    /// Rows become columns, first.
    pub transposed: bool,
    /// Left becomes right.
    pub mirrored: bool,
    /// Top becomes bottom.
    pub flipped: bool,
}

impl Turn {
    /// Two numbers, across and down, of the picture as it is shown, from those of the picture
    /// as it is stored; and the other way round.
    pub(super) fn apply<T>(self, (across, down): (T, T)) -> (T, T) {
        if self.transposed { (down, across) } else { (across, down) }
    }

    /// Whether columns, and rows, of the stored picture are shown in reverse.
    pub(super) fn reverses(self) -> (bool, bool) {
        self.apply((self.mirrored, self.flipped))
    }

    /// Where a coefficient, by its natural index, comes in the block as it is shown, and
    /// whether it is negated.
    pub(super) fn coefficient(self, index: u8) -> (u8, bool) {
        let (column, row) = self.apply((index % 8, index / 8));
        let negated = self.mirrored && column % 2 == 1;
        (8 * row + column, negated != (self.flipped && row % 2 == 1))
    }

    /// Makes the samples of a block of coefficients as it is shown, `size` samples across and
    /// down, and puts them down as it is stored, rows `stride` apart.
    ///
    /// Cold, so that an upright picture keeps the straight path.
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
        // From one sample to the next, as it is shown, across and down.
        let steps = self.apply((1, stride));
        let (wide, high) = size;
        for (y, row) in shown.chunks_exact(8).take(high).enumerate() {
            let y = if self.flipped { high - 1 - y } else { y } * steps.1;
            for (x, &sample) in row[..wide].iter().enumerate() {
                let x = if self.mirrored { wide - 1 - x } else { x } * steps.0;
                if let Some(place) = out.get_mut(x + y) {
                    *place = sample;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A block by its own inverse DCT is at most a rounding away.
    #[test]
    fn samples_come_where_they_are_stored() {
        let stored: Block = core::array::from_fn(|n| [300, -90, 70, 0, -55, 31, 24][n % 7]);
        for bits in 0..8 {
            let (transposed, mirrored, flipped) = (bits & 1 > 0, bits & 2 > 0, bits & 4 > 0);
            let turn = Turn { transposed, mirrored, flipped };
            let mut shown = [0; 64];
            for (value, index) in stored.iter().zip(0..) {
                let (index, negated) = turn.coefficient(index);
                shown[usize::from(index)] = if negated { -value } else { *value };
            }
            for size in [(8, 8), (4, 4), (3, 3), (8, 4), (2, 8), (1, 4)] {
                let (mut expected, mut made) = ([0; 64], [0; 64]);
                idct::inverse(&mut stored.clone(), size, &mut expected, 8);
                turn.inverse(&mut shown.clone(), turn.apply(size), &mut made, 8);
                for (made, expected) in made.iter().zip(expected) {
                    assert!(made.abs_diff(expected) <= 1, "{turn:?} {size:?}: {made}, {expected}");
                }
            }
        }
    }
}
