//! One component at a scale: block size, coefficients needed, samples.

use crate::jpeg::header::{Component, Header};
use crate::jpeg::orientation::Orientation;

/// Zigzag order to natural order: T.81 figure A.6.
#[rustfmt::skip]
pub(super) const NATURAL: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// One component's samples at the planned scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Samples across.
    pub width: usize,
    /// Samples down.
    pub height: usize,
    /// Pixels of the full-size picture per sample, across and down, as fractions.
    pub pixels: [(usize, usize); 2],
    /// Rows in a strip; the last strip may have fewer.
    pub rows: usize,
}

/// One component at a scale. Pairs are across and down.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Sampling factors: blocks in an interleaved MCU.
    pub(super) sampling: (usize, usize),
    /// Samples made of a block: 1, 2, 3, 4 or 8 each way.
    pub(super) block: (usize, usize),
    /// Output size of the IDCT: `block`, transposed if `orientation` transposes.
    pub(super) idct: (usize, usize),
    /// Coefficients kept, in zigzag order.
    pub(super) kept: usize,
    /// Blocks across, in whole MCUs.
    pub(super) blocks: usize,
    /// Blocks in a scan of this component alone: T.81 A.2.3.
    pub(super) own_blocks: (usize, usize),
    /// Samples inside the picture.
    pub(super) extent: Extent,
    /// Pixels of the scaled picture per sample, as fractions.
    pub(super) ratio: ((usize, usize), (usize, usize)),
    /// By zigzag index; filled in by [`Self::quantise`].
    pub(super) slots: [Slot; 64],
    /// Set if blocks have to be transformed as the picture will be shown.
    pub(super) orientation: Option<Orientation>,
}

/// Where a coefficient goes in its block and its quantisation step size, packed into one
/// word because each coefficient looks it up.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Slot(i32);

impl Slot {
    const IS_LAST: i32 = 64;

    fn new(index: u8, step: i32, is_last: bool) -> Self {
        Self(step << 7 | if is_last { Self::IS_LAST } else { 0 } | i32::from(index))
    }

    /// The index in natural order.
    #[inline(always)]
    pub(super) const fn index(self) -> usize {
        (self.0 & 63) as usize
    }

    /// The quantisation step size, negative if the coefficient has to be negated.
    #[inline(always)]
    pub(super) const fn step(self) -> i32 {
        self.0 >> 7
    }

    /// Whether no later coefficient is kept.
    #[inline(always)]
    pub(super) const fn is_last(self) -> bool {
        self.0 & Self::IS_LAST != 0
    }
}

impl Layout {
    /// A subsampled component gets larger blocks instead of upsampling, as far as block
    /// sizes allow. With `halve`, blocks are the smallest that still give half the rate of
    /// the picture.
    pub(super) fn new(header: &Header<'_>, component: Component, size: usize, halve: bool) -> Self {
        let max = header.max_sampling();
        let sampling = (usize::from(component.horizontal), usize::from(component.vertical));
        let (width, height) = (usize::from(header.width), usize::from(header.height));
        let choose = if halve { half_rate_block } else { full_rate_block };
        let block = (choose(size, max.0, sampling.0), choose(size, max.1, sampling.1));
        // The share of a side that a component has, in blocks or samples: T.81 A.1.1.
        let share = |side: usize, part: usize, max: usize| (side * part).div_ceil(8 * max);
        let layout = Self {
            sampling,
            block,
            idct: block,
            kept: 0,
            blocks: width.div_ceil(8 * max.0) * sampling.0,
            own_blocks: (share(width, sampling.0, max.0), share(height, sampling.1, max.1)),
            extent: Extent {
                width: share(width, sampling.0 * block.0, max.0),
                height: share(height, sampling.1 * block.1, max.1),
                pixels: [(8 * max.0, sampling.0 * block.0), (8 * max.1, sampling.1 * block.1)],
                rows: sampling.1 * block.1,
            },
            ratio: (
                reduce(size * max.0, sampling.0 * block.0),
                reduce(size * max.1, sampling.1 * block.1),
            ),
            slots: [Slot::default(); 64],
            orientation: None,
        };
        Self { kept: 64 - layout.needed().leading_zeros() as usize, ..layout }
    }

    /// Whether it has fewer samples than the scaled picture has pixels.
    pub(super) fn is_upsampled(&self) -> bool {
        self.ratio != ((1, 1), (1, 1))
    }

    /// The quantisation step size of DC.
    #[inline(always)]
    pub(super) fn dc_step(&self) -> i32 {
        self.slots[0].step()
    }

    /// The coefficients that its blocks are made of, one bit each in zigzag order.
    pub(super) fn needed(&self) -> u64 {
        (0..64).zip(NATURAL).fold(0, |needed, (k, natural)| {
            let (row, column) = (usize::from(natural / 8), usize::from(natural % 8));
            needed | u64::from(column < self.block.0 && row < self.block.1) << k
        })
    }

    /// Samples between the starts of two rows.
    pub(super) fn stride(&self) -> usize {
        self.blocks * self.block.0
    }

    /// Blocks in a strip.
    pub(super) fn strip_blocks(&self) -> usize {
        self.blocks * self.sampling.1
    }

    /// Fills in `slots` from a quantisation table of 8-bit or 16-bit elements, and has blocks
    /// transformed as the picture will be shown. Blocks of at most 2x2 samples need no
    /// orientation: their sums are exact and rounded once.
    pub(super) fn quantise(&mut self, table: &[u8], orientation: Orientation) {
        if !orientation.is_upright() && self.block.0.max(self.block.1) > 2 {
            self.orientation = Some(orientation);
            self.idct = orientation.apply(self.block.0, self.block.1);
        }
        let is_16_bit = table.len() == 128;
        for (k, slot) in self.slots.iter_mut().enumerate() {
            let step = if is_16_bit {
                u16::from_be_bytes([table[2 * k], table[2 * k + 1]])
            } else {
                table[k].into()
            };
            let (index, is_negated) = match self.orientation {
                None => (NATURAL[k], false),
                Some(orientation) => orientation.coefficient(NATURAL[k]),
            };
            let step = if is_negated { -i32::from(step) } else { step.into() };
            *slot = Slot::new(index, step, k + 1 >= self.kept);
        }
    }
}

/// The block size along one axis that gives a sample a pixel, or as close to it as possible.
fn full_rate_block(size: usize, max: usize, sampling: usize) -> usize {
    let mut block = size;
    // No IDCT has 6 samples.
    while [1, 2, 4].contains(&block) && (size * max).is_multiple_of(2 * block * sampling) {
        block *= 2;
    }
    block
}

/// The smallest block size along one axis that gives a sample for two pixels.
fn half_rate_block(size: usize, max: usize, sampling: usize) -> usize {
    [1, 2, 3, 4].into_iter().find(|block| 2 * sampling * block >= size * max).unwrap_or(8)
}

fn reduce(numerator: usize, denominator: usize) -> (usize, usize) {
    if numerator.is_multiple_of(denominator) {
        (numerator / denominator, 1)
    } else {
        (numerator, denominator)
    }
}
