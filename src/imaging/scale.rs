//! Lanczos in two passes: source rows in, thumbnail rows out.
//!
//! Separable, on values as stored (gamma-encoded), as vips and Pillow do. Only as many rows as
//! the filter has taps are kept, so memory follows the width, never the photo's height. Crates
//! that scale (`fast_image_resize`, `image`) want the whole image in memory.
//!
//! Between the passes samples have 6 fraction bits and range below 0 and above 255. Bytes would
//! clip what the second pass evens out: black on white at 1/12 is 38.6 dB from the exact filter
//! then, instead of 42.7 dB.
//!
//! They are still rounded, so the order of passes shows. The pass that is vertical as shown
//! always comes first, so that a photo stored on its side looks as if it were stored upright.
//! For upright photos rows are kept as they arrive; for others each is scaled horizontally on
//! arrival, and rows of the thumbnail's width are kept. Vertical comes first because
//! [`dot_product`] sums several columns at a time, and the first pass has more to do.

use core::ops::Range;
use std::vec;
use std::vec::Vec;

use crate::imaging::dot_product::{LANES, Packed, Sample, dot_product, insert, pack};
use crate::imaging::lanczos::{Filter, Resampling};
use crate::imaging::{Error, Rows};

/// Which pass comes first, in terms of rows as stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FirstPass {
    /// Along each row.
    Horizontal,
    /// Across rows.
    Vertical,
}

/// Upper bound in bytes of a [`Scaler`].
pub(crate) fn memory(
    x: &Resampling,
    y: &Resampling,
    channels: usize,
    first_pass: FirstPass,
) -> u64 {
    let columns = |samples: u32| (u64::from(samples) * channels as u64).div_ceil(LANES as u64);
    let slots = y.taps().next_multiple_of(2);
    let kept = match first_pass {
        FirstPass::Horizontal => columns(x.out) * (slots * size_of::<Packed>() + 2 * LANES) as u64,
        FirstPass::Vertical => {
            let group = if channels == 1 { LANES } else { 0 };
            columns(x.used()) * ((slots + group) * size_of::<Packed>() + 2 * LANES) as u64
        }
    };
    let rows = columns(x.out) * (LANES * (1 + LANES)) as u64;
    x.memory() + y.memory() + kept + rows + 2 * slots as u64
}

/// Turns source rows into thumbnail rows.
#[derive(Clone)]
pub(crate) struct Scaler {
    channels: usize,
    /// The source row's samples that are used.
    used: Range<usize>,
    /// Relative to `used`.
    horizontal: Filter,
    vertical: Filter,
    first_pass: FirstPass,
    /// The last rows, packed, by columns of [`LANES`] samples: each column holds a slot for each
    /// tap of `vertical`, made even. Row `n` is in slot `n % slots`.
    ring: Vec<[Packed; 2]>,
    /// Rows received, and the next one's slot.
    received: usize,
    slot: usize,
    produced: usize,
    /// The next row's vertical weights in ring order.
    weights: Vec<[i16; 2]>,
    /// A row between the passes, padded to whole columns, like `row`.
    line: Vec<i16>,
    /// [`LANES`] such rows, transposed: each entry holds one sample of all.
    group: Vec<Packed>,
    /// The same after the second pass.
    rows: Vec<[u8; LANES]>,
    row: Vec<u8>,
    /// Samples of a thumbnail row.
    len: usize,
}

impl Scaler {
    /// For rows with `channels` samples per pixel.
    pub(crate) fn new(
        x: &Resampling,
        y: &Resampling,
        channels: usize,
        first_pass: FirstPass,
    ) -> Self {
        let len = x.out as usize * channels;
        let (mut horizontal, vertical) = (Filter::new(x), Filter::new(y));
        let used = horizontal.crop_to_used();
        let used = used.start * channels..used.end * channels;
        let between = match first_pass {
            FirstPass::Horizontal => len,
            FirstPass::Vertical => used.len(),
        };
        let pairs = vertical.taps.div_ceil(2);
        Self {
            channels,
            used,
            horizontal,
            vertical,
            first_pass,
            ring: vec![Default::default(); pairs * between.div_ceil(LANES)],
            received: 0,
            slot: 0,
            produced: 0,
            weights: vec![[0; 2]; pairs],
            line: vec![0; between.next_multiple_of(LANES)],
            group: Vec::new(),
            rows: Vec::new(),
            row: vec![0; len.next_multiple_of(LANES)],
            len,
        }
    }

    /// Receives the next source row. Every row that is ready must have been fetched.
    pub(crate) fn push(&mut self, row: &[u8]) {
        let slots = 2 * self.weights.len();
        // Rows outside the crop are dropped.
        let first = self.vertical.firsts.get(self.produced);
        if first.is_some_and(|&first| self.received >= first as usize) {
            let row = &row[self.used.clone()];
            match self.first_pass {
                FirstPass::Horizontal => {
                    self.horizontal.apply(self.channels, row, &mut self.line[..self.len]);
                    store(&self.line, &mut self.ring, self.slot, slots);
                }
                FirstPass::Vertical => store(row, &mut self.ring, self.slot, slots),
            }
        }
        self.received += 1;
        self.slot = next_slot(self.slot, slots);
    }

    /// Whether all rows that the next one depends on have been received.
    pub(crate) fn is_ready(&self) -> bool {
        let first = self.vertical.firsts.get(self.produced);
        first.is_some_and(|&first| self.received >= first as usize + self.vertical.taps)
    }

    /// The next row, which must be ready.
    pub(crate) fn pull(&mut self) -> &[u8] {
        self.rotate_weights();
        match self.first_pass {
            FirstPass::Horizontal => scale_columns(&self.ring, &self.weights, &mut self.row),
            FirstPass::Vertical => {
                scale_columns(&self.ring, &self.weights, &mut self.line);
                self.horizontal.apply(self.channels, &self.line, &mut self.row[..self.len]);
            }
        }
        self.produced += 1;
        &self.row[..self.len]
    }

    /// Appends rows of one sample per pixel to `out`, [`LANES`] at a time or the last ones, for
    /// which the horizontal pass handles one sample of all rows at once.
    pub(crate) fn pull_groups(&mut self, out: &mut Vec<u8>) {
        while self.is_ready() {
            // If the source has fewer samples than the kernel, taps can be odd.
            if self.first_pass == FirstPass::Horizontal || !self.horizontal.taps.is_multiple_of(2) {
                out.extend_from_slice(self.pull());
                continue;
            }
            let lane = self.produced % LANES;
            self.push_to_group(lane);
            self.produced += 1;
            if lane + 1 == LANES || self.produced == self.vertical.firsts.len() {
                self.flush_group(lane + 1, out);
            }
        }
    }

    /// Scales the next row vertically into a lane of the group.
    fn push_to_group(&mut self, lane: usize) {
        self.rotate_weights();
        self.group.resize(self.line.len(), Packed::default());
        let (group, _) = self.group.as_chunks_mut();
        let weights = &self.weights[..];
        let columns = &mut self.ring.chunks_exact(weights.len());
        for (samples, column) in group.iter_mut().zip(columns) {
            insert(samples, dot_product(column, weights), lane);
        }
    }

    /// Scales the group's rows horizontally and appends `count` of them to `out`.
    fn flush_group(&mut self, count: usize, out: &mut Vec<u8>) {
        self.rows.resize(self.row.len(), [0; LANES]);
        let (weights, _) = self.horizontal.weights.as_chunks();
        let pairs = self.horizontal.taps / 2;
        let weights = &mut weights.chunks_exact(pairs);
        for ((samples, weights), &first) in
            self.rows.iter_mut().zip(weights).zip(&self.horizontal.firsts)
        {
            let (packed, _) = self.group[first as usize..].as_chunks();
            *samples = dot_product(&packed[..pairs], weights);
        }
        for n in 0..count {
            // In fours: one by one costs half as much again.
            let (fours, _) = self.row.as_chunks_mut::<4>();
            for (four, samples) in fours.iter_mut().zip(self.rows.as_chunks::<4>().0) {
                *four = [samples[0][n], samples[1][n], samples[2][n], samples[3][n]];
            }
            out.extend_from_slice(&self.row[..self.len]);
        }
    }

    /// Puts the next row's weights into ring order.
    fn rotate_weights(&mut self) {
        let taps = self.vertical.taps;
        let weights = &self.vertical.weights[self.produced * taps..][..taps];
        let rotated = self.weights.as_flattened_mut();
        let mut slot = self.vertical.firsts[self.produced] as usize % rotated.len();
        for &weight in weights {
            rotated[slot] = weight;
            slot = next_slot(slot, rotated.len());
        }
        // With odd taps, one slot is unused.
        if taps < rotated.len() {
            rotated[slot] = 0;
        }
    }
}

const fn next_slot(slot: usize, slots: usize) -> usize {
    if slot + 1 == slots { 0 } else { slot + 1 }
}

/// Stores a row in a slot of the ring, padded with zeros.
#[inline(always)]
fn store<I: Copy + Default + Into<i32>>(
    row: &[I],
    ring: &mut [[Packed; 2]],
    slot: usize,
    slots: usize,
) {
    // Each chunk starts at the slot of one column.
    let columns = &mut ring.as_flattened_mut()[slot..].chunks_mut(slots);
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

/// Scales the ring's rows vertically to one.
#[inline(always)]
fn scale_columns<O: Sample>(ring: &[[Packed; 2]], weights: &[[i16; 2]], row: &mut [O]) {
    let (parts, _) = row.as_chunks_mut();
    let columns = &mut ring.chunks_exact(weights.len());
    for (part, column) in parts.iter_mut().zip(columns) {
        *part = dot_product(column, weights);
    }
}

/// A [`Scaler`] that pulls from a stage.
pub(crate) struct ScaledRows<S> {
    pub(crate) source: S,
    pub(crate) scaler: Scaler,
}

impl<S: Rows> Rows for ScaledRows<S> {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        while !self.scaler.is_ready() {
            self.scaler.push(self.source.next_row()?);
        }
        Ok(self.scaler.pull())
    }
}
