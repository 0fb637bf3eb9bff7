//! What a component comes to at a scale: block sizes, coefficients, samples.

use crate::jpeg::Error;
use crate::jpeg::header::{Component, Header};
use crate::jpeg::orientation::Turn;
use crate::jpeg::scan::Scan;
use crate::jpeg::strips::Extent;

/// Zigzag order to natural order: T.81 figure A.6.
#[rustfmt::skip]
pub(super) const NATURAL: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

/// One component at a scale.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Blocks of an MCU, across and down.
    pub(super) mcu: (usize, usize),
    /// Samples that a block gives, across and down: 1, 2, 3, 4 or 8.
    pub(super) block: (usize, usize),
    /// The same as it is made, which may be transposed.
    pub(super) made: (usize, usize),
    /// How many coefficients are kept, in zigzag order.
    pub(super) kept: usize,
    /// Blocks across, whole MCUs.
    pub(super) blocks: usize,
    /// Blocks across and down in a scan of this component alone: T.81 A.2.3.
    pub(super) own_blocks: (usize, usize),
    /// Samples across and down that are the picture's.
    pub(super) samples: (usize, usize),
    /// A row or column of samples makes this many of the picture's, as a fraction.
    pub(super) ratio: ((usize, usize), (usize, usize)),
    /// By zigzag index.
    pub(super) steps: [Step; 64],
    /// How its blocks will be turned, where that makes a difference.
    pub(super) turn: Option<Turn>,
}

/// What becomes of a coefficient: one number, as it is looked up for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Step(i32);

impl Step {
    const IS_LAST: i32 = 64;

    fn new(index: u8, quantum: i32, is_last: bool) -> Self {
        Self(quantum << 7 | if is_last { Self::IS_LAST } else { 0 } | i32::from(index))
    }

    /// The natural index of its place in the block.
    #[inline(always)]
    pub(super) const fn index(self) -> usize {
        (self.0 & 63) as usize
    }

    /// The step of quantisation, negative where the coefficient is negated.
    #[inline(always)]
    pub(super) const fn quantum(self) -> i32 {
        self.0 >> 7
    }

    /// Whether no coefficient after it is kept.
    #[inline(always)]
    pub(super) const fn is_last(self) -> bool {
        self.0 & Self::IS_LAST != 0
    }
}

impl Layout {
    /// The samples of a block are chosen so that a component sampled at half the rate
    /// gives blocks of twice the size, if it can, and needs no upsampling. If it is `halved`,
    /// they are as few as give half the picture's rate at least.
    pub(super) fn new(
        header: &Header<'_>,
        component: Component,
        size: usize,
        halved: bool,
    ) -> Self {
        let most = header.sampling();
        let mcu = (usize::from(component.horizontal), usize::from(component.vertical));
        let (width, height) = (usize::from(header.width), usize::from(header.height));
        let choose = if halved { halve } else { grow };
        let block = (choose(size, most.0, mcu.0), choose(size, most.1, mcu.1));
        let layout = Self {
            mcu,
            block,
            made: block,
            kept: 0,
            blocks: width.div_ceil(8 * most.0) * mcu.0,
            own_blocks: (
                (width * mcu.0).div_ceil(8 * most.0),
                (height * mcu.1).div_ceil(8 * most.1),
            ),
            samples: (
                (width * mcu.0 * block.0).div_ceil(8 * most.0),
                (height * mcu.1 * block.1).div_ceil(8 * most.1),
            ),
            ratio: (reduce(size * most.0, mcu.0 * block.0), reduce(size * most.1, mcu.1 * block.1)),
            steps: [Step::default(); 64],
            turn: None,
        };
        Self { kept: 64 - layout.needed().leading_zeros() as usize, ..layout }
    }

    /// What it comes to, for whoever scales it.
    pub(super) fn extent(&self, header: &Header<'_>) -> Extent {
        let most = header.sampling();
        let pixels =
            [(8 * most.0, self.mcu.0 * self.block.0), (8 * most.1, self.mcu.1 * self.block.1)];
        let (width, height) = self.samples;
        Extent { width, height, pixels, rows: self.rows() }
    }

    /// Whether it has to be brought to the picture's size.
    pub(super) fn is_upsampled(&self) -> bool {
        self.ratio != ((1, 1), (1, 1))
    }

    /// The quantisation step of DC.
    #[inline(always)]
    pub(super) fn quantum(&self) -> i32 {
        self.steps[0].quantum()
    }

    /// Has blocks made as they will be shown. Up to two samples a side all sums are exact,
    /// and rounded once: there is nothing to do.
    pub(super) fn will_be_turned(&mut self, turn: Turn) {
        if turn == Turn::default() || self.block.0.max(self.block.1) <= 2 {
            return;
        }
        self.turn = Some(turn);
        self.made = turn.apply(self.block);
        for (it, natural) in self.steps.iter_mut().zip(NATURAL) {
            let (index, negated) = turn.coefficient(natural);
            let quantum = if negated { -it.quantum() } else { it.quantum() };
            *it = Step::new(index, quantum, it.is_last());
        }
    }

    /// The coefficients, a bit each in zigzag order, that its blocks are made from.
    pub(super) fn needed(&self) -> u64 {
        (0..64).zip(NATURAL).fold(0, |needed, (k, natural)| {
            let (row, column) = (usize::from(natural / 8), usize::from(natural % 8));
            needed | u64::from(column < self.block.0 && row < self.block.1) << k
        })
    }

    /// Bytes of a strip's samples, and of the row before.
    pub(super) fn plane_size(&self) -> usize {
        self.stride() * (1 + self.rows())
    }

    /// From one row of samples to the next.
    pub(super) fn stride(&self) -> usize {
        self.blocks * self.block.0
    }

    /// Rows of samples in a strip.
    pub(super) fn rows(&self) -> usize {
        self.mcu.1 * self.block.1
    }

    /// Blocks in a strip.
    pub(super) fn strip_blocks(&self) -> usize {
        self.blocks * self.mcu.1
    }
}

/// The samples of a block along one side, for a component of sampling factor `own`.
fn grow(size: usize, most: usize, own: usize) -> usize {
    let mut block = size;
    // There is no block of 6.
    while [1, 2, 4].contains(&block) && (size * most).is_multiple_of(2 * block * own) {
        block *= 2;
    }
    block
}

/// The same where half of the picture's samples are enough.
fn halve(size: usize, most: usize, own: usize) -> usize {
    [1, 2, 3, 4].into_iter().find(|block| 2 * own * block >= size * most).unwrap_or(8)
}

fn reduce(numerator: usize, denominator: usize) -> (usize, usize) {
    if numerator.is_multiple_of(denominator) {
        (numerator / denominator, 1)
    } else {
        (numerator, denominator)
    }
}

/// Gives each component the quantisation table that its first scan found: T.81 B.2.4.1.
pub(super) fn set_quantisation(layouts: &mut [Layout], scans: &[Scan<'_>]) -> Result<(), Error> {
    for (component, layout) in layouts.iter_mut().enumerate() {
        let mut members = scans.iter().flat_map(Scan::members);
        let member = members.find(|it| it.component == component).ok_or(Error::Scan)?;
        let table = member.quantisation.ok_or(Error::Table)?;
        let wide = table.len() == 128;
        for (k, it) in layout.steps.iter_mut().enumerate() {
            let value = if wide {
                u16::from_be_bytes([table[2 * k], table[2 * k + 1]])
            } else {
                table[k].into()
            };
            *it = Step::new(NATURAL[k], value.into(), k + 1 >= layout.kept);
        }
    }
    Ok(())
}
