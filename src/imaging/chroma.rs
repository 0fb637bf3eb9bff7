//! Colour differences at half the resolution, of pixels that come in any orientation: the
//! mean of each square of four, and a byte for each difference of it.
//!
//! The encoder makes those means itself where it gets all pixels. Here they are the same to
//! the bit, rounding included, so that a turned picture becomes the same file as one that
//! needs no turning. It fills its last blocks up with copies of the last column and row:
//! pixels of the last squares are kept as they are.

use std::vec;
use std::vec::Vec;

/// Two colour differences of each pixel.
#[derive(Default)]
pub(crate) struct Chroma420 {
    /// Columns and rows before the last squares. INVARIANT: both are even.
    inner: (usize, usize),
    /// Of the squares before the last ones.
    means: Vec<[u8; 2]>,
    /// Two pixels of each row at the right, then the two rows below, up to those.
    edges: Vec<[u8; 2]>,
    /// How many pixels of a square have come, and their sums; for all squares that the row
    /// that is coming goes through.
    sums: Vec<(u16, [u16; 2])>,
}

impl Chroma420 {
    /// Bytes that a picture of this size takes.
    pub(crate) fn memory(width: u32, height: u32) -> u64 {
        let (width, height) = (u64::from(width), u64::from(height));
        let sums = width.max(height) / 2 * size_of::<(u16, [u16; 2])>() as u64;
        width / 2 * (height / 2) * 2 + (width + height) * 4 + sums
    }

    /// Room for a picture, whose sides are at least 1.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let inner = ((width - 1) / 2 * 2, (height - 1) / 2 * 2);
        Self {
            inner,
            means: vec![[0; 2]; inner.0 / 2 * (inner.1 / 2)],
            edges: vec![[0; 2]; 2 * (height + inner.0)],
            sums: vec![(0, [0; 2]); inner.0.max(inner.1) / 2],
        }
    }

    /// Puts a pixel down. Two rows, or two columns, that make squares come one after the
    /// other; `along` says how far along it the pixel is.
    pub(crate) fn put(&mut self, (x, y): (usize, usize), along: usize, colours: [u8; 2]) {
        if let Some(edge) = self.edge(x, y) {
            self.edges[edge] = colours;
            return;
        }
        let (count, sums) = &mut self.sums[along / 2];
        *count += 1;
        sums[0] += u16::from(colours[0]);
        sums[1] += u16::from(colours[1]);
        if *count == 4 {
            // As libjpeg's jcsample.c does: 1/4 and 2/4 in turn, not always up.
            let bias = 1 + (x / 2 % 2) as u16;
            self.means[y / 2 * (self.inner.0 / 2) + x / 2] =
                sums.map(|sum| ((sum + bias) / 4) as u8);
            (*count, *sums) = (0, [0; 2]);
        }
    }

    /// What the encoder gets for a pixel.
    pub(crate) fn get(&self, (x, y): (usize, usize)) -> [u8; 2] {
        match self.edge(x, y) {
            Some(edge) => self.edges[edge],
            None => self.means[y / 2 * (self.inner.0 / 2) + x / 2],
        }
    }

    /// The place of a pixel of the last squares.
    fn edge(&self, x: usize, y: usize) -> Option<usize> {
        let (wide, high) = self.inner;
        if x >= wide {
            Some(2 * y + x - wide)
        } else if y >= high {
            // Below the columns at the right there are at most 2 rows more.
            Some(self.edges.len() - 2 * wide + (y - high) * wide + x)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Chroma420;

    /// The encoder's mean of a square, which may lie beyond the last column and row.
    fn mean(at: (usize, usize), last: (usize, usize), get: impl Fn(usize, usize) -> u8) -> u16 {
        let pixel = |x: usize, y: usize| u16::from(get(x.min(last.0), y.min(last.1)));
        let (x, y) = (2 * at.0, 2 * at.1);
        let sum = pixel(x, y) + pixel(x + 1, y) + pixel(x, y + 1) + pixel(x + 1, y + 1);
        (sum + 1 + (at.0 % 2) as u16) / 4
    }

    #[test]
    fn gives_the_encoder_what_makes_the_same_means() {
        let pixel = |x: usize, y: usize| (x * 77 + y * 141 + x * y * 13) as u8;
        for width in 1..9 {
            for height in 1..9 {
                let mut rows = Chroma420::new(width, height);
                let mut columns = Chroma420::new(width, height);
                for y in 0..height {
                    (0..width).for_each(|x| rows.put((x, y), x, [pixel(x, y), 7]));
                }
                for x in (0..width).rev() {
                    (0..height).for_each(|y| columns.put((x, y), y, [pixel(x, y), 7]));
                }
                let last = (width - 1, height - 1);
                for at in (0..8).flat_map(|y| (0..8).map(move |x| (x, y))) {
                    let expected = mean(at, last, pixel);
                    for halved in [&rows, &columns] {
                        let made = mean(at, last, |x, y| halved.get((x, y))[0]);
                        assert_eq!(made, expected, "{width}x{height}, {at:?}");
                    }
                }
            }
        }
    }
}
