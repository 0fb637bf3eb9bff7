//! The final filter: rows of samples in, rows of the thumbnail's size out.
//!
//! Separable, on values as they are stored (gamma, as vips and Pillow do). Each row is
//! scaled across as it arrives; only as many rows are kept as the filter is high, so memory
//! follows the thumbnail's width and never the photo's height.
//!
//! Rows that are kept have 6 bits behind the point, and room below 0 and above 255. Bytes
//! in their place cut off what the second pass would have evened out: black on white at
//! 1/12 is 38.6 dB from the exact filter and not 42.7, and the same photo lying on its side
//! comes out up to 17 apart near hard edges, and not 3.
//!
//! Crates that scale (`fast_image_resize`, `image`) want the whole picture in memory.

use std::vec;
use std::vec::Vec;

use super::blend::{PIECE, Piece, blend, pack};
use super::filter::{Axis, Filter};
use super::{Error, Rows};

/// Bytes that a [`Scaler`] takes.
pub(crate) fn memory(x: &Axis, y: &Axis, channels: usize) -> u64 {
    let samples = u64::from(x.out) * channels as u64;
    let pieces = samples.div_ceil(PIECE as u64);
    let column = (y.taps() * size_of::<Piece>() + PIECE * (size_of::<i16>() + 1)) as u64;
    x.memory() + y.memory() + pieces * column + 2 * y.taps() as u64
}

/// Hands out the thumbnail's rows.
pub(crate) struct Scaler<S> {
    source: S,
    channels: usize,
    across: Filter,
    down: Filter,
    /// The last rows, scaled across, in pieces: the first piece of each row, the second
    /// of each, and so on. Row `n` comes at place `n % down.taps`.
    ring: Vec<Piece>,
    /// Rows taken from the source.
    taken: usize,
    /// Rows handed out.
    given: usize,
    /// A row's weights in the ring's order.
    weights: Vec<i16>,
    /// A row that has been scaled across, filled up to whole pieces, as `row` is.
    line: Vec<i16>,
    row: Vec<u8>,
    /// Samples of a row.
    len: usize,
}

impl<S: Rows> Scaler<S> {
    /// Scales rows of `channels` samples a pixel.
    pub(crate) fn new(source: S, x: &Axis, y: &Axis, channels: usize) -> Self {
        let len = x.out as usize * channels;
        let down = Filter::new(y);
        Self {
            source,
            channels,
            across: Filter::new(x),
            ring: vec![Piece::default(); down.taps * len.div_ceil(PIECE)],
            weights: vec![0; down.taps],
            down,
            taken: 0,
            given: 0,
            line: vec![0; len.next_multiple_of(PIECE)],
            row: vec![0; len.next_multiple_of(PIECE)],
            len,
        }
    }

    /// Takes rows from the source until row `end` is the next one.
    fn take(&mut self, first: usize, end: usize) -> Result<(), Error> {
        while self.taken < end {
            let row = self.source.next_row()?;
            // What lies above the part that is shown is read and dropped.
            if self.taken >= first {
                let out = &mut self.line[..self.len];
                match self.channels {
                    1 => self.across.apply_1(row, out),
                    2 => self.across.apply_2(row, out),
                    3 => self.across.apply_3(row, out),
                    _ => self.across.apply_4(row, out),
                }
                let place = self.taken % self.down.taps;
                let (pieces, _) = self.line.as_chunks();
                for (column, &piece) in self.ring.chunks_exact_mut(self.down.taps).zip(pieces) {
                    column[place] = pack(piece);
                }
            }
            self.taken += 1;
        }
        Ok(())
    }
}

impl<S: Rows> Rows for Scaler<S> {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        let (first, taps) = (self.down.firsts[self.given] as usize, self.down.taps);
        self.take(first, first + taps)?;
        self.weights.copy_from_slice(&self.down.weights[self.given * taps..][..taps]);
        self.weights.rotate_right(first % taps);
        let (pieces, _) = self.row.as_chunks_mut();
        for (piece, column) in pieces.iter_mut().zip(self.ring.chunks_exact(taps)) {
            *piece = blend(column, &self.weights);
        }
        self.given += 1;
        Ok(&self.row[..self.len])
    }
}
