//! The final filter: rows of samples in, rows of the thumbnail's size out.
//!
//! Separable, on values as they are stored (gamma, as vips and Pillow do). Only as many rows
//! are kept as the filter is high, so memory follows the width and never the photo's height.
//!
//! What lies between the two passes has 6 bits behind the point, and room below 0 and above
//! 255. Bytes in their place cut off what the second pass would have evened out: black on
//! white at 1/12 is 38.6 dB from the exact filter and not 42.7.
//!
//! It is rounded nevertheless, so that which pass comes first can be seen. It is always the
//! one down the picture as it is shown: a photo that lies on its side comes out as if it
//! stood. Upright, rows are kept as they arrive; lying, each is scaled across as it arrives,
//! and rows of the thumbnail's width are kept. Down first, because several samples at a time
//! are summed that way (`blend`), and there is more to do in the first pass.
//!
//! Crates that scale (`fast_image_resize`, `image`) want the whole picture in memory.

use core::ops::Range;
use std::vec;
use std::vec::Vec;

use super::blend::{Bytes, PIECE, Piece, blend, pack, unpack};
use super::filter::{Axis, Filter};
use super::{Error, Rows};

/// Rows that are scaled across together.
const GROUP: usize = 4;

/// Which pass is the first, in terms of the rows that come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum First {
    /// Along each row.
    Across,
    /// From row to row.
    Down,
}

/// Bytes that a [`Scaler`] takes.
pub(crate) fn memory(x: &Axis, y: &Axis, channels: usize, first: First) -> u64 {
    let pieces = |samples: u32| (u64::from(samples) * channels as u64).div_ceil(PIECE as u64);
    let kept = match first {
        First::Across => pieces(x.out) * (y.taps() * size_of::<Piece>() + 2 * PIECE) as u64,
        First::Down => pieces(x.used()) * (y.taps() * PIECE + 2 * PIECE * (1 + GROUP)) as u64,
    };
    let rows = pieces(x.out) * (PIECE * (1 + GROUP)) as u64;
    x.memory() + y.memory() + kept + rows + 2 * y.taps() as u64
}

/// Makes the thumbnail's rows of those that it is given.
#[derive(Clone)]
pub(crate) struct Scaler {
    channels: usize,
    /// The samples of the source's rows that are used.
    used: Range<usize>,
    /// Across those.
    across: Filter,
    down: Filter,
    ring: Ring,
    /// Rows taken.
    taken: usize,
    /// Rows handed out.
    given: usize,
    /// A row's weights in the ring's order.
    weights: Vec<i16>,
    /// A row between the passes, filled up to whole pieces, as `row` is.
    line: Vec<i16>,
    /// A group of them, the first samples of all, the second ones and so on; and of rows.
    group: Vec<i16>,
    rows: Vec<u8>,
    row: Vec<u8>,
    /// Samples of a row.
    len: usize,
}

/// The last rows, in pieces: the first piece of each row, the second of each, and so on.
/// Row `n` comes at place `n % down.taps`.
#[derive(Clone)]
enum Ring {
    /// Scaled across.
    Scaled(Vec<Piece>),
    /// As they came, what is used of them.
    Whole(Vec<Bytes>),
}

impl Scaler {
    /// Scales rows of `channels` samples a pixel.
    pub(crate) fn new(x: &Axis, y: &Axis, channels: usize, first: First) -> Self {
        let len = x.out as usize * channels;
        let (mut across, down) = (Filter::new(x), Filter::new(y));
        let used = across.drop_unused();
        let used = used.start * channels..used.end * channels;
        let between = match first {
            First::Across => len,
            First::Down => used.len(),
        };
        let pieces = down.taps * between.div_ceil(PIECE);
        Self {
            channels,
            used,
            across,
            ring: match first {
                First::Across => Ring::Scaled(vec![Piece::default(); pieces]),
                First::Down => Ring::Whole(vec![0; pieces]),
            },
            weights: vec![0; down.taps],
            down,
            taken: 0,
            given: 0,
            line: vec![0; between.next_multiple_of(PIECE)],
            group: Vec::new(),
            rows: Vec::new(),
            row: vec![0; len.next_multiple_of(PIECE)],
            len,
        }
    }

    /// Takes the next row. All rows that are ready have to be handed out before.
    pub(crate) fn take(&mut self, row: &[u8]) {
        let taps = self.down.taps;
        let place = self.taken % taps;
        // What lies above or below the part that is shown is dropped.
        let first = self.down.firsts.get(self.given);
        if first.is_some_and(|&first| self.taken >= first as usize) {
            let row = &row[self.used.clone()];
            match &mut self.ring {
                Ring::Scaled(ring) => {
                    self.across.apply(self.channels, row, &mut self.line[..self.len]);
                    let (pieces, _) = self.line.as_chunks();
                    for (column, &piece) in (&mut ring.chunks_exact_mut(taps)).zip(pieces) {
                        column[place] = pack(piece);
                    }
                }
                Ring::Whole(ring) => {
                    let columns = &mut ring.chunks_exact_mut(taps);
                    let (parts, last) = row.as_chunks();
                    for (&part, column) in parts.iter().zip(&mut *columns) {
                        column[place] = Bytes::from_le_bytes(part);
                    }
                    if let Some(column) = columns.next() {
                        let mut part = [0; PIECE];
                        part[..last.len()].copy_from_slice(last);
                        column[place] = Bytes::from_le_bytes(part);
                    }
                }
            }
        }
        self.taken += 1;
    }

    /// Whether the rows that the next one is made from have been taken.
    pub(crate) fn is_ready(&self) -> bool {
        let first = self.down.firsts.get(self.given);
        first.is_some_and(|&first| self.taken >= first as usize + self.down.taps)
    }

    /// The next row, which has to be ready.
    pub(crate) fn give(&mut self) -> &[u8] {
        self.turn_weights();
        match &self.ring {
            Ring::Scaled(ring) => {
                let (pieces, _) = self.row.as_chunks_mut();
                let columns = &mut ring.chunks_exact(self.down.taps);
                for (piece, column) in pieces.iter_mut().zip(columns) {
                    *piece = blend(column.iter().copied(), &self.weights);
                }
            }
            Ring::Whole(ring) => {
                let (pieces, _) = self.line.as_chunks_mut();
                let columns = &mut ring.chunks_exact(self.down.taps);
                for (piece, column) in pieces.iter_mut().zip(columns) {
                    *piece = blend(column.iter().map(|&part| unpack(part)), &self.weights);
                }
                self.across.apply(self.channels, &self.line, &mut self.row[..self.len]);
            }
        }
        self.given += 1;
        &self.row[..self.len]
    }

    /// Puts the next rows behind `out`, of one sample a pixel: as soon as [`GROUP`] are ready,
    /// or the last ones. Scaled across together, as if they were the samples of a pixel,
    /// they have the look-up of weights in common.
    pub(crate) fn give_in_groups(&mut self, out: &mut Vec<u8>) {
        while self.is_ready() {
            if let Ring::Scaled(_) = self.ring {
                out.extend_from_slice(self.give());
                continue;
            }
            let n = self.given % GROUP;
            self.put_in_group(n);
            self.given += 1;
            if n + 1 == GROUP || self.given == self.down.firsts.len() {
                self.give_group(n + 1, out);
            }
        }
    }

    /// Scales the next row down, into a place of the group.
    fn put_in_group(&mut self, place: usize) {
        self.turn_weights();
        let Ring::Whole(ring) = &self.ring else { return };
        self.group.resize(self.line.len() * GROUP, 0);
        let (pieces, _) = self.group.as_chunks_mut::<{ PIECE * GROUP }>();
        let columns = &mut ring.chunks_exact(self.down.taps);
        for (places, column) in pieces.iter_mut().zip(columns) {
            let piece: [i16; PIECE] = blend(column.iter().map(|&part| unpack(part)), &self.weights);
            let (places, _) = places.as_chunks_mut::<GROUP>();
            // Written out: one by one they cost a third of all.
            for (places, samples) in
                places.as_chunks_mut::<4>().0.iter_mut().zip(piece.as_chunks::<4>().0)
            {
                let [a, b, c, d] = places;
                (a[place], b[place], c[place], d[place]) =
                    (samples[0], samples[1], samples[2], samples[3]);
            }
        }
    }

    /// Scales the rows of the group across, and puts so many of them behind `out`.
    fn give_group(&mut self, count: usize, out: &mut Vec<u8>) {
        self.rows.resize(self.len * GROUP, 0);
        self.across.apply(GROUP, &self.group, &mut self.rows);
        let (pixels, _) = self.rows.as_chunks::<GROUP>();
        for n in 0..count {
            out.extend(pixels.iter().map(|samples| samples[n]));
        }
    }

    /// Has the next row's weights in the ring's order.
    fn turn_weights(&mut self) {
        let taps = self.down.taps;
        self.weights.copy_from_slice(&self.down.weights[self.given * taps..][..taps]);
        self.weights.rotate_right(self.down.firsts[self.given] as usize % taps);
    }
}

/// The thumbnail's rows, of a stage that is asked for its own.
pub(crate) struct Scaled<S> {
    source: S,
    scaler: Scaler,
}

impl<S: Rows> Scaled<S> {
    /// Scales what `source` hands out.
    pub(crate) const fn new(source: S, scaler: Scaler) -> Self {
        Self { source, scaler }
    }
}

impl<S: Rows> Rows for Scaled<S> {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        while !self.scaler.is_ready() {
            self.scaler.take(self.source.next_row()?);
        }
        Ok(self.scaler.give())
    }
}
