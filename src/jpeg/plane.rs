//! One component's samples, and coefficients, of one strip.

use std::vec;
use std::vec::Vec;

use crate::jpeg::idct;
use crate::jpeg::idct::Block;
use crate::jpeg::layout::Layout;

/// The samples of a strip, after the last row of the previous one.
pub(super) struct Plane {
    samples: Vec<u8>,
    stride: usize,
    rows: usize,
}

impl Plane {
    /// Bytes of heap.
    pub(super) fn size(layout: &Layout) -> usize {
        layout.stride() * (1 + layout.extent.rows)
    }

    pub(super) fn new(layout: &Layout) -> Self {
        let samples = vec![0; Self::size(layout)];
        Self { samples, stride: layout.stride(), rows: layout.extent.rows }
    }

    /// Keeps the last row and makes room for the next strip.
    pub(super) fn advance(&mut self) {
        self.samples.copy_within(self.rows * self.stride.., 0);
    }

    /// A row of the strip, counted from 1; row 0 is the last of the previous strip.
    pub(super) fn row(&self, row: usize) -> &[u8] {
        &self.samples[row * self.stride..][..self.stride]
    }

    /// Where a row of blocks that are `height` samples high starts, and the distance to the
    /// next row of blocks.
    #[inline(always)]
    pub(super) fn block_row(&self, row: usize, height: usize) -> (usize, usize) {
        (self.stride * (1 + row * height), self.stride * height)
    }

    /// The samples of `count` adjacent blocks of one sample.
    #[inline(always)]
    pub(super) fn samples(&mut self, at: usize, count: usize) -> &mut [u8] {
        &mut self.samples[at..][..count]
    }

    /// Writes a block of `size` that has no coefficients but DC.
    #[inline(always)]
    pub(super) fn fill(&mut self, at: usize, size: (usize, usize), dc: i32) {
        let sample = idct::dc_only(dc);
        let stride = self.stride;
        for row in self.samples[at..].chunks_mut(stride).take(size.1) {
            // A call of `memset` doesn't pay for up to four samples.
            match size.0 {
                2 => fill::<2>(row, sample),
                3 => fill::<3>(row, sample),
                4 => fill::<4>(row, sample),
                width => row[..width].fill(sample),
            }
        }
    }

    /// Transforms a block and writes its samples.
    #[inline(always)]
    pub(super) fn write(&mut self, at: usize, layout: &Layout, block: &mut Block) {
        let (out, stride) = (&mut self.samples[at..], self.stride);
        match layout.orientation {
            None => idct::inverse(block, layout.block, out, stride),
            Some(orientation) => orientation.inverse(block, layout.idct, out, stride),
        }
    }
}

#[inline(always)]
fn fill<const N: usize>(row: &mut [u8], sample: u8) {
    if let Some(samples) = row.first_chunk_mut::<N>() {
        *samples = [sample; N];
    }
}

/// The coefficients of a strip, gathered from several scans.
pub(super) struct Coefficients {
    /// The kept coefficients of each block, in zigzag order.
    pub(super) values: Vec<i16>,
    /// Which coefficients of each block have a nonzero history (T.81 G.1.2.3), one bit each;
    /// empty if no scan needs them.
    pub(super) histories: Vec<u64>,
    pub(super) kept: usize,
}

impl Coefficients {
    /// Bytes of heap.
    pub(super) fn size(layout: &Layout, has_histories: bool) -> usize {
        layout.strip_blocks() * (2 * layout.kept + if has_histories { 8 } else { 0 })
    }

    pub(super) fn new(layout: &Layout, has_histories: bool) -> Self {
        let blocks = layout.strip_blocks();
        Self {
            values: vec![0; blocks * layout.kept],
            histories: vec![0; if has_histories { blocks } else { 0 }],
            kept: layout.kept,
        }
    }

    /// Makes room for the next strip.
    pub(super) fn clear(&mut self) {
        self.values.fill(0);
        self.histories.fill(0);
    }

    /// Dequantises and transforms the strip.
    pub(super) fn write(&self, layout: &Layout, plane: &mut Plane) {
        let dc_step = layout.dc_step();
        for (row, values) in self.values.chunks_exact(layout.blocks * self.kept).enumerate() {
            let (at, _) = plane.block_row(row, layout.block.1);
            if self.kept == 1 {
                let samples = plane.samples(at, values.len());
                for (sample, &value) in samples.iter_mut().zip(values) {
                    *sample = idct::dc_only(i32::from(value).wrapping_mul(dc_step));
                }
            } else {
                self.write_blocks(values, layout, plane, at);
            }
        }
    }

    fn write_blocks(&self, values: &[i16], layout: &Layout, plane: &mut Plane, row: usize) {
        let mut block = [0; 64];
        for (column, values) in values.chunks_exact(self.kept).enumerate() {
            let at = row + column * layout.block.0;
            if values[1..].iter().all(|&value| value == 0) {
                let dc = i32::from(values[0]).wrapping_mul(layout.dc_step());
                plane.fill(at, layout.block, dc);
                continue;
            }
            for (&value, &slot) in values.iter().zip(&layout.slots) {
                block[slot.index()] = i32::from(value) * slot.step();
            }
            plane.write(at, layout, &mut block);
        }
    }
}
