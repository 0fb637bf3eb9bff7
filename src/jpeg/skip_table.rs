//! The skip look-up table: skips coefficients that are not kept, as many symbols with
//! their value bits as one look-up covers.

use std::boxed::Box;

use crate::jpeg::bit_reader::{BitReader, REFILLED};
use crate::jpeg::codes::{Codes, END_OF_BLOCK, boxed};
use crate::jpeg::error::CodeError;

const LOOKUP_BITS: u32 = 11;
/// Added to an advance whose last symbol is EOB.
const ENDS: u32 = 64;
/// The advance if the first symbol doesn't fit in a look-up.
const LONG: u32 = 128;
const ADVANCE_SHIFT: u32 = 5;

/// By the next bits: how many coefficients to advance, and the bits taken, 5 bits.
pub(super) type SkipTable = [u16; 1 << LOOKUP_BITS];

/// For Huffman tables without a skip table: every symbol is decoded on its own.
pub(super) static NO_SKIPS: SkipTable = [(LONG << ADVANCE_SHIFT) as u16; 1 << LOOKUP_BITS];

pub(super) fn new(codes: &Codes) -> Box<SkipTable> {
    let mut table = boxed(NO_SKIPS);
    for (bits, entry) in table.iter_mut().enumerate() {
        let (mut taken, mut advance) = (0, 0);
        while taken < LOOKUP_BITS {
            let left = LOOKUP_BITS - taken;
            let Some((symbol, length)) = codes.first(bits & ((1 << left) - 1), left) else {
                break;
            };
            // The last symbol's value bits may lie beyond the look-up.
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            let step = match (run, size) {
                (0, 0) => ENDS,
                (1..=14, 0) => break,
                _ => run + 1,
            };
            if taken + length + size > REFILLED.min(31) || (advance + step > 63 && step != ENDS) {
                break;
            }
            taken += length + size;
            advance += step;
            if step == ENDS {
                break;
            }
        }
        if taken > 0 {
            *entry = (advance << ADVANCE_SHIFT | taken) as u16;
        }
    }
    table
}

/// Skips the coefficients from `start` to the end of the block, or to EOBn, whose n it
/// returns: 0 for EOB.
#[inline(always)]
pub(super) fn skip(
    table: &SkipTable,
    codes: &Codes,
    bits: &mut BitReader<'_>,
    start: u32,
) -> Result<u32, CodeError> {
    let mut next = start;
    loop {
        bits.refill();
        let word = bits.word;
        let entry = u32::from(table[bits.peek(LOOKUP_BITS)]);
        bits.consume(entry & 31);
        next += entry >> ADVANCE_SHIFT;
        if next > 63 {
            if entry & ENDS << ADVANCE_SHIFT != 0 && next < 64 + ENDS {
                return Ok(0);
            }
            // The look-up may have covered symbols of the next block: undo it and take one
            // symbol.
            let (rest, after, value) = skip_symbol(codes, *bits, word, next, entry)?;
            *bits = rest;
            next = after;
            if next >= END_OF_BLOCK {
                return Ok(value.cast_unsigned());
            }
            if next >= 64 {
                return if next == 64 { Ok(0) } else { Err(CodeError) };
            }
        }
    }
}

/// Kept out of line, undoing included, or the loop above spills registers: 7 % of the time
/// at 1/8.
#[cold]
#[inline(never)]
fn skip_symbol<'a>(
    codes: &Codes,
    mut bits: BitReader<'a>,
    word: usize,
    past: u32,
    entry: u32,
) -> Result<(BitReader<'a>, u32, i32), CodeError> {
    bits.unconsume(word, entry & 31);
    codes.ac_coefficient(bits, past - (entry >> ADVANCE_SHIFT))
}
