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

use crate::imaging::dot_product::{PIECE, Piece, Sample, blend, pack, put};
use crate::imaging::lanczos::{Axis, Filter};
use crate::imaging::{Error, Rows};

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
    let places = y.taps().next_multiple_of(2);
    let kept = match first {
        First::Across => pieces(x.out) * (places * size_of::<Piece>() + 2 * PIECE) as u64,
        First::Down => {
            let group = if channels == 1 { PIECE } else { 0 };
            pieces(x.used()) * ((places + group) * size_of::<Piece>() + 2 * PIECE) as u64
        }
    };
    let rows = pieces(x.out) * (PIECE * (1 + PIECE)) as u64;
    x.memory() + y.memory() + kept + rows + 2 * places as u64
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
    first: First,
    /// The last rows, scaled across or as they came, in pieces: the first piece of each row,
    /// the second of each, and so on. There are places for as many rows as the filter is high,
    /// made even; row `n` comes at place `n % places`.
    ring: Vec<[Piece; 2]>,
    /// Rows taken, and the place of the next.
    taken: usize,
    place: usize,
    /// Rows handed out.
    given: usize,
    /// A row's weights in the ring's order.
    weights: Vec<[i16; 2]>,
    /// A row between the passes, filled up to whole pieces, as `row` is.
    line: Vec<i16>,
    /// As many of them as a piece has places: the first samples of all, the second ones and
    /// so on; and of the thumbnail.
    group: Vec<Piece>,
    rows: Vec<[u8; PIECE]>,
    row: Vec<u8>,
    /// Samples of a row.
    len: usize,
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
        let pairs = down.taps.div_ceil(2);
        Self {
            channels,
            used,
            across,
            down,
            first,
            ring: vec![Default::default(); pairs * between.div_ceil(PIECE)],
            weights: vec![[0; 2]; pairs],
            taken: 0,
            place: 0,
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
        let places = 2 * self.weights.len();
        // What lies above or below the part that is shown is dropped.
        let first = self.down.firsts.get(self.given);
        if first.is_some_and(|&first| self.taken >= first as usize) {
            let row = &row[self.used.clone()];
            match self.first {
                First::Across => {
                    self.across.apply(self.channels, row, &mut self.line[..self.len]);
                    keep(&self.line, &mut self.ring, self.place, places);
                }
                First::Down => keep(row, &mut self.ring, self.place, places),
            }
        }
        self.taken += 1;
        self.place = next(self.place, places);
    }

    /// Whether the rows that the next one is made from have been taken.
    pub(crate) fn is_ready(&self) -> bool {
        let first = self.down.firsts.get(self.given);
        first.is_some_and(|&first| self.taken >= first as usize + self.down.taps)
    }

    /// The next row, which has to be ready.
    pub(crate) fn give(&mut self) -> &[u8] {
        self.turn_weights();
        match self.first {
            First::Across => down(&self.ring, &self.weights, &mut self.row),
            First::Down => {
                down(&self.ring, &self.weights, &mut self.line);
                self.across.apply(self.channels, &self.line, &mut self.row[..self.len]);
            }
        }
        self.given += 1;
        &self.row[..self.len]
    }

    /// Puts the next rows behind `out`, of one sample a pixel: as soon as [`PIECE`] are ready,
    /// or the last ones. Those are scaled across together, a sample of each at a time.
    pub(crate) fn give_in_groups(&mut self, out: &mut Vec<u8>) {
        while self.is_ready() {
            // Of a few samples, an odd number may be all that there are.
            if self.first == First::Across || !self.across.taps.is_multiple_of(2) {
                out.extend_from_slice(self.give());
                continue;
            }
            let place = self.given % PIECE;
            self.put_in_group(place);
            self.given += 1;
            if place + 1 == PIECE || self.given == self.down.firsts.len() {
                self.give_group(place + 1, out);
            }
        }
    }

    /// Scales the next row down, into a place of the group.
    fn put_in_group(&mut self, place: usize) {
        self.turn_weights();
        self.group.resize(self.line.len(), Piece::default());
        let (pieces, _) = self.group.as_chunks_mut();
        let weights = &self.weights[..];
        let columns = &mut self.ring.chunks_exact(weights.len());
        for (pieces, column) in pieces.iter_mut().zip(columns) {
            put(pieces, blend(column, weights), place);
        }
    }

    /// Scales the rows of the group across, and puts so many of them behind `out`.
    fn give_group(&mut self, count: usize, out: &mut Vec<u8>) {
        self.rows.resize(self.row.len(), [0; PIECE]);
        let (weights, _) = self.across.weights.as_chunks();
        let pairs = self.across.taps / 2;
        let weights = &mut weights.chunks_exact(pairs);
        for ((samples, weights), &first) in
            self.rows.iter_mut().zip(weights).zip(&self.across.firsts)
        {
            let (pieces, _) = self.group[first as usize..].as_chunks();
            *samples = blend(&pieces[..pairs], weights);
        }
        for n in 0..count {
            // By fours: one by one they cost half as much again.
            let (fours, _) = self.row.as_chunks_mut::<4>();
            for (four, samples) in fours.iter_mut().zip(self.rows.as_chunks::<4>().0) {
                *four = [samples[0][n], samples[1][n], samples[2][n], samples[3][n]];
            }
            out.extend_from_slice(&self.row[..self.len]);
        }
    }

    /// Has the next row's weights in the ring's order.
    fn turn_weights(&mut self) {
        let taps = self.down.taps;
        let weights = &self.down.weights[self.given * taps..][..taps];
        let turned = self.weights.as_flattened_mut();
        let mut place = self.down.firsts[self.given] as usize % turned.len();
        for &weight in weights {
            turned[place] = weight;
            place = next(place, turned.len());
        }
        // Of an odd number, one place is not used.
        if taps < turned.len() {
            turned[place] = 0;
        }
    }
}

/// The place after this one of so many, round and round.
const fn next(place: usize, places: usize) -> usize {
    if place + 1 == places { 0 } else { place + 1 }
}

/// Puts a row in a place of the ring, of so many, the last piece filled up with zeros.
#[inline(always)]
fn keep<I: Copy + Default + Into<i32>>(
    row: &[I],
    ring: &mut [[Piece; 2]],
    place: usize,
    places: usize,
) {
    // The place in the first column, and then in each that follows.
    let columns = &mut ring.as_flattened_mut()[place..].chunks_mut(places);
    let (parts, last) = row.as_chunks();
    for (part, column) in parts.iter().zip(&mut *columns) {
        column[0] = pack(part);
    }
    if let Some(column) = columns.next() {
        let mut part = [I::default(); PIECE];
        part[..last.len()].copy_from_slice(last);
        column[0] = pack(&part);
    }
}

/// Scales a ring's rows down to one.
#[inline(always)]
fn down<O: Sample>(ring: &[[Piece; 2]], weights: &[[i16; 2]], row: &mut [O]) {
    let (pieces, _) = row.as_chunks_mut();
    let columns = &mut ring.chunks_exact(weights.len());
    for (piece, column) in pieces.iter_mut().zip(columns) {
        *piece = blend(column, weights);
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
