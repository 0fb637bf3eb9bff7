//! The coefficient look-up table: a Huffman symbol and the value bits after it, decoded in
//! one look-up.

use std::boxed::Box;

use crate::jpeg::bit_reader::BitReader;
use crate::jpeg::codes::{Class, Codes, END_OF_BLOCK, boxed};

/// A code and its value bits, if they fit.
const LOOKUP_BITS: u32 = 10;

/// Added to a step if the symbol and its value bits don't fit in a look-up. Larger than
/// [`END_OF_BLOCK`], so that one comparison catches everything but a coefficient.
pub(super) const LONG: u32 = 192;
/// Set in long steps and no others.
const LONG_BIT: u32 = 64;
const STEP_SHIFT: u32 = 8;

/// By the next bits: value, step to the next coefficient, bits taken; 16, 8 and 8 bits. If
/// the value doesn't fit, its size and the code's length. If the code doesn't fit, the step
/// alone.
pub(super) type CoefficientTable = [u32; 1 << LOOKUP_BITS];

/// Looks up the next coefficient.
#[inline(always)]
pub(super) fn look_up(table: &CoefficientTable, bits: &mut BitReader<'_>) -> Entry {
    bits.refill();
    Entry(table[bits.peek(LOOKUP_BITS)])
}

/// An entry of a [`CoefficientTable`].
#[derive(Clone, Copy)]
pub(super) struct Entry(u32);

impl Entry {
    /// Takes the coefficient: the step to it and its value. The step of a long entry goes
    /// past any coefficient.
    #[inline(always)]
    pub(super) fn take(self, bits: &mut BitReader<'_>) -> (u32, i32) {
        bits.consume(self.0 & 31);
        (self.0 >> STEP_SHIFT & 0xff, self.0.cast_signed() >> 16)
    }

    /// Whether the code and its value bits don't fit.
    #[inline(always)]
    pub(super) const fn is_long(self) -> bool {
        self.0 & LONG_BIT << STEP_SHIFT != 0
    }

    /// Whether the code of a long entry fits.
    #[inline(always)]
    pub(super) const fn has_code(self) -> bool {
        self.0 & 31 != 0
    }

    /// The value's size in bits, if only the code fits.
    #[inline(always)]
    pub(super) const fn size(self) -> u32 {
        self.0 >> 16 & 15
    }
}

pub(super) fn new(codes: &Codes, class: Class) -> Box<CoefficientTable> {
    let mut table = boxed([LONG << STEP_SHIFT; 1 << LOOKUP_BITS]);
    for (code, length, symbol) in codes.iter() {
        let (step, size) = match (class, symbol >> 4, symbol & 15) {
            (Class::Dc, 0, size) => (0, size),
            (Class::Ac, 0, 0) => (END_OF_BLOCK, 0),
            (Class::Ac, run, size) if run == 15 || size > 0 => (u32::from(run) + 1, size),
            _ => continue,
        };
        let taken = length + u32::from(size);
        let Some(left) = LOOKUP_BITS.checked_sub(taken) else {
            let Some(left) = LOOKUP_BITS.checked_sub(length) else { break };
            let entry = u32::from(size) << 16 | (LONG + step) << STEP_SHIFT | length;
            table[(code << left) as usize..][..1 << left].fill(entry);
            continue;
        };
        for bits in 0..1_u32 << size {
            let is_negative = size > 0 && bits < 1 << (size - 1);
            let value = if is_negative { bits.wrapping_sub((1 << size) - 1) } else { bits };
            let start = ((code << size | bits) << left) as usize;
            table[start..start + (1 << left)].fill(value << 16 | step << STEP_SHIFT | taken);
        }
    }
    table
}
