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
//! are summed that way (`dot_product`), and there is more to do in the first pass.
//!
//! Crates that scale (`fast_image_resize`, `image`) want the whole picture in memory.

use core::ops::Range;
use std::vec;
use std::vec::Vec;

use crate::imaging::dot_product::{LANES, Packed, Sample, dot_product, pack, put};
use crate::imaging::lanczos::{Filter, Resampling};
use crate::imaging::{Error, Rows};

/// Which pass is the first, in terms of the rows that come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FirstPass {
    /// Along each row.
    Horizontal,
    /// From row to row.
    Vertical,
}

/// Bytes that a [`Scaler`] takes.
pub(crate) fn memory(
    x: &Resampling,
    y: &Resampling,
    channels: usize,
    first_pass: FirstPass,
) -> u64 {
    let packed = |samples: u32| (u64::from(samples) * channels as u64).div_ceil(LANES as u64);
    let places = y.taps().next_multiple_of(2);
    let kept = match first_pass {
        FirstPass::Horizontal => packed(x.out) * (places * size_of::<Packed>() + 2 * LANES) as u64,
        FirstPass::Vertical => {
            let group = if channels == 1 { LANES } else { 0 };
            packed(x.used()) * ((places + group) * size_of::<Packed>() + 2 * LANES) as u64
        }
    };
    let rows = packed(x.out) * (LANES * (1 + LANES)) as u64;
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
    first_pass: FirstPass,
    /// The last rows, scaled across or as they came, in packed: the first lane of each row,
    /// the second of each, and so on. There are places for as many rows as the filter is high,
    /// made even; row `n` comes at place `n % places`.
    ring: Vec<[Packed; 2]>,
    /// Rows taken, and the place of the next.
    taken: usize,
    place: usize,
    /// Rows handed out.
    given: usize,
    /// A row's weights in the ring's order.
    weights: Vec<[i16; 2]>,
    /// A row between the passes, filled up to whole packed, as `row` is.
    line: Vec<i16>,
    /// As many of them as a lane has places: the first samples of all, the second ones and
    /// so on; and of the thumbnail.
    group: Vec<Packed>,
    rows: Vec<[u8; LANES]>,
    row: Vec<u8>,
    /// Samples of a row.
    len: usize,
}

impl Scaler {
    /// Scales rows of `channels` samples a pixel.
    pub(crate) fn new(
        x: &Resampling,
        y: &Resampling,
        channels: usize,
        first_pass: FirstPass,
    ) -> Self {
        let len = x.out as usize * channels;
        let (mut across, down) = (Filter::new(x), Filter::new(y));
        let used = across.drop_unused();
        let used = used.start * channels..used.end * channels;
        let between = match first_pass {
            FirstPass::Horizontal => len,
            FirstPass::Vertical => used.len(),
        };
        let pairs = down.taps.div_ceil(2);
        Self {
            channels,
            used,
            across,
            down,
            first_pass,
            ring: vec![Default::default(); pairs * between.div_ceil(LANES)],
            weights: vec![[0; 2]; pairs],
            taken: 0,
            place: 0,
            given: 0,
            line: vec![0; between.next_multiple_of(LANES)],
            group: Vec::new(),
            rows: Vec::new(),
            row: vec![0; len.next_multiple_of(LANES)],
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
            match self.first_pass {
                FirstPass::Horizontal => {
                    self.across.apply(self.channels, row, &mut self.line[..self.len]);
                    keep(&self.line, &mut self.ring, self.place, places);
                }
                FirstPass::Vertical => keep(row, &mut self.ring, self.place, places),
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
        match self.first_pass {
            FirstPass::Horizontal => down(&self.ring, &self.weights, &mut self.row),
            FirstPass::Vertical => {
                down(&self.ring, &self.weights, &mut self.line);
                self.across.apply(self.channels, &self.line, &mut self.row[..self.len]);
            }
        }
        self.given += 1;
        &self.row[..self.len]
    }

    /// Puts the next rows behind `out`, of one sample a pixel: as soon as [`LANES`] are ready,
    /// or the last ones. Those are scaled across together, a sample of each at a time.
    pub(crate) fn give_in_groups(&mut self, out: &mut Vec<u8>) {
        while self.is_ready() {
            // Of a few samples, an odd number may be all that there are.
            if self.first_pass == FirstPass::Horizontal || !self.across.taps.is_multiple_of(2) {
                out.extend_from_slice(self.give());
                continue;
            }
            let place = self.given % LANES;
            self.put_in_group(place);
            self.given += 1;
            if place + 1 == LANES || self.given == self.down.firsts.len() {
                self.give_group(place + 1, out);
            }
        }
    }

    /// Scales the next row down, into a place of the group.
    fn put_in_group(&mut self, place: usize) {
        self.turn_weights();
        self.group.resize(self.line.len(), Packed::default());
        let (packed, _) = self.group.as_chunks_mut();
        let weights = &self.weights[..];
        let columns = &mut self.ring.chunks_exact(weights.len());
        for (packed, column) in packed.iter_mut().zip(columns) {
            put(packed, dot_product(column, weights), place);
        }
    }

    /// Scales the rows of the group across, and puts so many of them behind `out`.
    fn give_group(&mut self, count: usize, out: &mut Vec<u8>) {
        self.rows.resize(self.row.len(), [0; LANES]);
        let (weights, _) = self.across.weights.as_chunks();
        let pairs = self.across.taps / 2;
        let weights = &mut weights.chunks_exact(pairs);
        for ((samples, weights), &first) in
            self.rows.iter_mut().zip(weights).zip(&self.across.firsts)
        {
            let (packed, _) = self.group[first as usize..].as_chunks();
            *samples = dot_product(&packed[..pairs], weights);
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

/// Puts a row in a place of the ring, of so many, the last lane filled up with zeros.
#[inline(always)]
fn keep<I: Copy + Default + Into<i32>>(
    row: &[I],
    ring: &mut [[Packed; 2]],
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
        let mut part = [I::default(); LANES];
        part[..last.len()].copy_from_slice(last);
        column[0] = pack(&part);
    }
}

/// Scales a ring's rows down to one.
#[inline(always)]
fn down<O: Sample>(ring: &[[Packed; 2]], weights: &[[i16; 2]], row: &mut [O]) {
    let (packed, _) = row.as_chunks_mut();
    let columns = &mut ring.chunks_exact(weights.len());
    for (lane, column) in packed.iter_mut().zip(columns) {
        *lane = dot_product(column, weights);
    }
}

/// The thumbnail's rows, of a stage that is asked for its own.
pub(crate) struct ScaledRows<S> {
    source: S,
    scaler: Scaler,
}

impl<S: Rows> ScaledRows<S> {
    /// Scales what `source` hands out.
    pub(crate) const fn new(source: S, scaler: Scaler) -> Self {
        Self { source, scaler }
    }
}

impl<S: Rows> Rows for ScaledRows<S> {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        while !self.scaler.is_ready() {
            self.scaler.take(self.source.next_row()?);
        }
        Ok(self.scaler.give())
    }
}
