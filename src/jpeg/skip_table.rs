//! Coefficients that nobody needs: symbols with their numbers, passed over as they are looked up,
//! as many as one look at the data settles.

use std::boxed::Box;

use crate::jpeg::bits::{Bits, REFILLED};
use crate::jpeg::codes::{Codes, boxed};
use crate::jpeg::coefficient_table::END;
use crate::jpeg::error::BadCode;

/// What is looked at.
const LOOK_BITS: u32 = 11;
/// In an advance: the block ends after the other symbols.
const ENDS: u32 = 64;
/// In an advance: a symbol that takes more than one look.
const NOTHING: u32 = 128;
/// Where an advance is in an entry.
const ADVANCE_SHIFT: u32 = 5;

/// By the next bits: an advance over coefficients and the bits taken.
pub(super) type Skips = [u16; 1 << LOOK_BITS];

/// For tables that were made without skips: every symbol takes its time.
pub(super) static NONE: Skips = [(NOTHING << ADVANCE_SHIFT) as u16; 1 << LOOK_BITS];

/// Makes the look-up.
pub(super) fn new(codes: &Codes) -> Box<Skips> {
    let mut skips = boxed(NONE);
    for (ahead, entry) in skips.iter_mut().enumerate() {
        let (mut taken, mut advance) = (0, 0);
        while taken < LOOK_BITS {
            let left = LOOK_BITS - taken;
            let Some((symbol, length)) = codes.look(ahead & ((1 << left) - 1), left) else {
                break;
            };
            // The numbers after the last code need not be in sight.
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
    skips
}

/// Passes over the coefficients from `from` to the block's end. The size of an
/// end-of-band run comes back, which is 0 in a sequential scan.
#[inline(always)]
pub(super) fn skip(
    skips: &Skips,
    codes: &Codes,
    bits: &mut Bits<'_>,
    from: u32,
) -> Result<u32, BadCode> {
    let mut next = from;
    loop {
        bits.refill();
        let ahead = bits.ahead();
        let entry = u32::from(skips[bits.peek(LOOK_BITS)]);
        bits.consume(entry & 31);
        next += entry >> ADVANCE_SHIFT;
        if next > 63 {
            if entry & ENDS << ADVANCE_SHIFT != 0 && next < 64 + ENDS {
                return Ok(0);
            }
            // Near the block's end it takes back what looked like more symbols, which may be
            // the next block's, and takes one after the other.
            let (rest, to, value) = skip_one(codes, *bits, ahead, next, entry)?;
            *bits = rest;
            next = to;
            if next >= END {
                return Ok(value);
            }
            if next >= 64 {
                return if next == 64 { Ok(0) } else { Err(BadCode) };
            }
        }
    }
}

#[cold]
#[inline(never)]
fn skip_one<'a>(
    codes: &Codes,
    mut bits: Bits<'a>,
    ahead: usize,
    beyond: u32,
    entry: u32,
) -> Result<(Bits<'a>, u32, u32), BadCode> {
    bits.put_back(ahead, entry & 31);
    let from = beyond - (entry >> ADVANCE_SHIFT);
    let symbol = codes.take(&mut bits)?;
    let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
    match (run, size) {
        (15, 0) => Ok((bits, from + 16, 0)),
        (_, 0) => Ok((bits, from + END, run)),
        _ => {
            bits.take(size);
            Ok((bits, from + run + 1, 0))
        }
    }
}
