//! Symbols with the numbers that follow them, as they are looked up at once.

use std::boxed::Box;

use crate::jpeg::bits::Bits;
use crate::jpeg::codes::{Class, Codes, boxed};

/// What is looked at: a code and its number.
const VALUE_BITS: u32 = 10;

/// A step that ends the block, greater than any way to coefficient 64.
pub(super) const END: u32 = 128;
/// What a step has more where not all of it fits in a look, greater still: so that one test finds
/// out whether there is anything but a coefficient. No other step has its lower bit.
pub(super) const LONG: u32 = 192;
const LONG_BIT: u32 = 64;
/// Where a step is in an entry.
const STEP_SHIFT: u32 = 8;

/// By the next bits: a number, the step to the next coefficient, the bits taken, of 16, 8 and
/// 8 bits. Where the number does not fit in a look, its size, and the bits of the code. Where
/// the code does not, nothing but the step.
pub(super) type Values = [u32; 1 << VALUE_BITS];

/// Looks at a coefficient.
#[inline(always)]
pub(super) fn look(values: &Values, bits: &mut Bits<'_>) -> Look {
    bits.refill();
    Look(values[bits.peek(VALUE_BITS)])
}

/// What a look at a coefficient gives.
#[derive(Clone, Copy)]
pub(super) struct Look(u32);

impl Look {
    /// Takes the coefficient: the step to it and its value. Where not all of it fits in a
    /// look the step goes beyond any coefficient.
    #[inline(always)]
    pub(super) fn take(self, bits: &mut Bits<'_>) -> (u32, i32) {
        bits.consume(self.0 & 31);
        (self.0 >> STEP_SHIFT & 0xff, self.0.cast_signed() >> 16)
    }

    /// Whether not all of it fits.
    #[inline(always)]
    pub(super) const fn is_long(self) -> bool {
        self.0 & LONG_BIT << STEP_SHIFT != 0
    }

    /// Whether the code does.
    #[inline(always)]
    pub(super) const fn has_code(self) -> bool {
        self.0 & 31 != 0
    }

    /// The size of its number then.
    #[inline(always)]
    pub(super) const fn size(self) -> u32 {
        self.0 >> 16 & 15
    }
}

/// Makes the look-up.
pub(super) fn new(codes: &Codes, class: Class) -> Box<Values> {
    let mut values = boxed([LONG << STEP_SHIFT; 1 << VALUE_BITS]);
    for (code, length, symbol) in codes.all() {
        let (step, size) = match (class, symbol >> 4, symbol & 15) {
            (Class::Dc, 0, size) => (0, size),
            (Class::Ac, 0, 0) => (END, 0),
            (Class::Ac, run, size) if run == 15 || size > 0 => (u32::from(run) + 1, size),
            _ => continue,
        };
        let taken = length + u32::from(size);
        let Some(left) = VALUE_BITS.checked_sub(taken) else {
            let Some(left) = VALUE_BITS.checked_sub(length) else { break };
            let entry = u32::from(size) << 16 | (LONG + step) << STEP_SHIFT | length;
            values[(code << left) as usize..][..1 << left].fill(entry);
            continue;
        };
        for all in 0..1_u32 << size {
            let negative = size > 0 && all < 1 << (size - 1);
            let value = if negative { all.wrapping_sub((1 << size) - 1) } else { all };
            let from = ((code << size | all) << left) as usize;
            values[from..from + (1 << left)].fill(value << 16 | step << STEP_SHIFT | taken);
        }
    }
    values
}
