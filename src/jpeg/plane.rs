//! A strip of one component's samples, and of its coefficients.

use std::vec;
use std::vec::Vec;

use crate::jpeg::idct;
use crate::jpeg::idct::Block;
use crate::jpeg::plan::Layout;

/// The samples of a strip, after the last row of the strip before.
pub(super) struct Plane {
    samples: Vec<u8>,
    stride: usize,
    rows: usize,
}

impl Plane {
    /// For a component.
    pub(super) fn new(layout: &Layout) -> Self {
        Self { samples: vec![0; layout.plane_size()], stride: layout.stride(), rows: layout.rows() }
    }

    /// Makes room for the next strip.
    pub(super) fn advance(&mut self) {
        self.samples.copy_within(self.rows * self.stride.., 0);
    }

    /// A row of the strip; row 0 is the last of the strip before.
    pub(super) fn row(&self, row: usize) -> &[u8] {
        &self.samples[row * self.stride..][..self.stride]
    }

    /// Where the blocks of a row begin, so many samples high; and how far it is to the next.
    #[inline(always)]
    pub(super) fn line(&self, row: usize, high: usize) -> (usize, usize) {
        (self.stride * (1 + row * high), self.stride * high)
    }

    /// The samples of blocks of one, side by side.
    #[inline(always)]
    pub(super) fn levels(&mut self, at: usize, count: usize) -> &mut [u8] {
        &mut self.samples[at..][..count]
    }

    /// Sets a block's samples, all alike.
    #[inline(always)]
    pub(super) fn fill(&mut self, at: usize, size: (usize, usize), dc: i32) {
        let level = idct::level(dc);
        let stride = self.stride;
        for line in self.samples[at..].chunks_mut(stride).take(size.1) {
            // Up to four samples are not worth a call of `memset`.
            match size.0 {
                2 => fill::<2>(line, level),
                3 => fill::<3>(line, level),
                4 => fill::<4>(line, level),
                all => line[..all].fill(level),
            }
        }
    }

    /// Sets a block's samples.
    #[inline(always)]
    pub(super) fn put(&mut self, at: usize, layout: &Layout, block: &mut Block) {
        let (out, stride) = (&mut self.samples[at..], self.stride);
        match layout.turn {
            None => idct::inverse(block, layout.block, out, stride),
            Some(turn) => turn.inverse(block, layout.made, out, stride),
        }
    }
}

#[inline(always)]
fn fill<const N: usize>(line: &mut [u8], level: u8) {
    if let Some(samples) = line.first_chunk_mut::<N>() {
        *samples = [level; N];
    }
}

/// The coefficients of a strip that several scans put together.
pub(super) struct Coefficients {
    /// Of each block, the kept ones in zigzag order.
    pub(super) values: Vec<i16>,
    /// Of each block, which are other than zero; empty where no scan has to know.
    pub(super) histories: Vec<u64>,
    pub(super) kept: usize,
}

impl Coefficients {
    /// Bytes that a component's take.
    pub(super) fn size(layout: &Layout, histories: bool) -> usize {
        layout.strip_blocks() * (2 * layout.kept + if histories { 8 } else { 0 })
    }

    /// For a component.
    pub(super) fn new(layout: &Layout, histories: bool) -> Self {
        let blocks = layout.strip_blocks();
        Self {
            values: vec![0; blocks * layout.kept],
            histories: vec![0; if histories { blocks } else { 0 }],
            kept: layout.kept,
        }
    }

    /// Makes room for the next strip.
    pub(super) fn clear(&mut self) {
        self.values.fill(0);
        self.histories.fill(0);
    }

    /// Turns the strip's coefficients into samples.
    pub(super) fn write(&self, layout: &Layout, plane: &mut Plane) {
        let quantum = layout.quantum();
        for (row, values) in self.values.chunks_exact(layout.blocks * self.kept).enumerate() {
            let (at, _) = plane.line(row, layout.block.1);
            if self.kept == 1 {
                let levels = plane.levels(at, values.len());
                for (level, &value) in levels.iter_mut().zip(values) {
                    *level = idct::level(i32::from(value).wrapping_mul(quantum));
                }
            } else {
                self.write_blocks(values, layout, plane, at);
            }
        }
    }

    fn write_blocks(&self, values: &[i16], layout: &Layout, plane: &mut Plane, line: usize) {
        let mut scratch = [0; 64];
        for (column, values) in values.chunks_exact(self.kept).enumerate() {
            let at = line + column * layout.block.0;
            if values[1..].iter().all(|&value| value == 0) {
                let dc = i32::from(values[0]).wrapping_mul(layout.quantum());
                plane.fill(at, layout.block, dc);
                continue;
            }
            for (&value, &step) in values.iter().zip(&layout.steps) {
                scratch[step.index()] = i32::from(value) * step.quantum();
            }
            plane.put(at, layout, &mut scratch);
        }
    }
}
