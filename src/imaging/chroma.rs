//! 4:2:0 chroma of pixels that arrive in any orientation: one mean per 2x2 square.
//!
//! Given all pixels, the encoder computes these means itself. Here they are bit-identical,
//! rounding included, so that a reoriented photo encodes to the same file as an upright one. The
//! encoder pads its last blocks with copies of the last column and row, so pixels of the last
//! squares are stored unaveraged.

use std::vec;
use std::vec::Vec;

/// Cb and Cr of an image.
#[derive(Default)]
pub(crate) struct Chroma420 {
    /// Columns and rows before the last squares. INVARIANT: both are even.
    inner: (usize, usize),
    /// Means of the squares before the last ones.
    means: Vec<[u8; 2]>,
    /// Two pixels of each row at the right, then the bottom two rows up to those.
    edges: Vec<[u8; 2]>,
    /// Pixel count and sums of each square that the current pair of rows or columns crosses.
    sums: Vec<(u16, [u16; 2])>,
}

impl Chroma420 {
    /// Bytes for an image of this size.
    pub(crate) fn memory(width: u32, height: u32) -> u64 {
        let (width, height) = (u64::from(width), u64::from(height));
        let sums = width.max(height) / 2 * size_of::<(u16, [u16; 2])>() as u64;
        width / 2 * (height / 2) * 2 + (width + height) * 4 + sums
    }

    /// Allocates for an image whose sides are at least 1.
    pub(crate) fn new(width: usize, height: usize) -> Self {
        let inner = ((width - 1) / 2 * 2, (height - 1) / 2 * 2);
        Self {
            inner,
            means: vec![[0; 2]; inner.0 / 2 * (inner.1 / 2)],
            edges: vec![[0; 2]; 2 * (height + inner.0)],
            sums: vec![(0, [0; 2]); inner.0.max(inner.1) / 2],
        }
    }

    /// Stores a pixel. The two rows (or columns) of a square must arrive one after the other;
    /// `along` is the pixel's position along them.
    pub(crate) fn put(&mut self, (x, y): (usize, usize), along: usize, cbcr: [u8; 2]) {
        if let Some(edge) = self.edge(x, y) {
            self.edges[edge] = cbcr;
            return;
        }
        let (count, sums) = &mut self.sums[along / 2];
        *count += 1;
        sums[0] += u16::from(cbcr[0]);
        sums[1] += u16::from(cbcr[1]);
        if *count == 4 {
            // As libjpeg's jcsample.c: a bias of 1/4 and 2/4 alternately, not always up.
            let bias = 1 + (x / 2 % 2) as u16;
            self.means[y / 2 * (self.inner.0 / 2) + x / 2] =
                sums.map(|sum| ((sum + bias) / 4) as u8);
            (*count, *sums) = (0, [0; 2]);
        }
    }

    /// The chroma that the encoder gets for a pixel.
    pub(crate) fn get(&self, (x, y): (usize, usize)) -> [u8; 2] {
        match self.edge(x, y) {
            Some(edge) => self.edges[edge],
            None => self.means[y / 2 * (self.inner.0 / 2) + x / 2],
        }
    }

    /// Index in `edges` of a pixel in the last squares.
    fn edge(&self, x: usize, y: usize) -> Option<usize> {
        let (wide, high) = self.inner;
        if x >= wide {
            Some(2 * y + x - wide)
        } else if y >= high {
            // At most two rows remain, left of the columns at the right.
            Some(self.edges.len() - 2 * wide + (y - high) * wide + x)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Chroma420;

    /// The encoder's mean of a square, which may extend past the last column and row.
    fn mean(at: (usize, usize), last: (usize, usize), get: impl Fn(usize, usize) -> u8) -> u16 {
        let pixel = |x: usize, y: usize| u16::from(get(x.min(last.0), y.min(last.1)));
        let (x, y) = (2 * at.0, 2 * at.1);
        let sum = pixel(x, y) + pixel(x + 1, y) + pixel(x, y + 1) + pixel(x + 1, y + 1);
        (sum + 1 + (at.0 % 2) as u16) / 4
    }

    #[test]
    fn the_encoder_computes_the_same_means() {
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
