//! Reads entropy-coded data bit by bit, in place: T.81 F.2.2.5.
//!
//! On a board without caches to speak of this is the decoder: the refill is what
//! libjpeg spends half its instructions on. Here it takes half a machine word at a
//! time, one test finding out whether any byte of it is `FF`; only then, and at the
//! end, does it go byte by byte.

use crate::jpeg::Error;
use crate::jpeg::marker::RST0;

/// What a refill takes: half of a machine word, so that the other half may be full.
#[cfg(target_pointer_width = "64")]
type Half = u32;
#[cfg(not(target_pointer_width = "64"))]
type Half = u16;

const HALF_BYTES: usize = size_of::<Half>();
const HALF_BITS: u32 = Half::BITS;

/// What any refill leaves at least to be looked at and consumed: 16 bits or more.
pub(super) const REFILLED: u32 = HALF_BITS;

/// A position in entropy-coded data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bits<'a> {
    /// What is not yet in `word`.
    rest: &'a [u8],
    /// The next bits, the first of them at the top, zeros below.
    word: usize,
    /// How many bits of `word` count.
    count: u32,
    /// How many zeros were put in after the data's end. Of another size than `count`, or
    /// the compiler packs the two in one register: 3 instructions more for each `consume`.
    padding: usize,
}

impl<'a> Bits<'a> {
    /// Begins where a scan's header ends.
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { rest: data, word: 0, count: 0, padding: 0 }
    }

    /// Makes sure of 16 bits to look at.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        if self.count < HALF_BITS {
            self.refill_half();
        }
    }

    #[inline(always)]
    fn refill_half(&mut self) {
        if let Some((bytes, rest)) = self.rest.split_first_chunk::<HALF_BYTES>()
            && let Some(half) = without_ff(bytes)
        {
            self.word |= half << (HALF_BITS - self.count);
            self.count += HALF_BITS;
            self.rest = rest;
            return;
        }
        *self = self.refill_bytewise();
    }

    /// By value in and out, so that the callers keep theirs in registers.
    #[cold]
    #[inline(never)]
    fn refill_bytewise(mut self) -> Self {
        while self.count < HALF_BITS {
            let byte = match self.rest {
                [0xff, 0x00, rest @ ..] => {
                    self.rest = rest;
                    0xff
                }
                // A marker, or the end.
                [0xff, ..] | [] => {
                    self.padding = self.padding.saturating_add((HALF_BITS - self.count) as usize);
                    self.count = HALF_BITS;
                    break;
                }
                [byte, rest @ ..] => {
                    self.rest = rest;
                    usize::from(*byte)
                }
            };
            self.word |= byte << (usize::BITS - 8 - self.count);
            self.count += 8;
        }
        self
    }

    /// The next `number` bits, 1 to 16, after a refill.
    #[inline(always)]
    pub(super) fn peek(&self, number: u32) -> usize {
        self.word >> (usize::BITS - number)
    }

    /// Passes over bits that a refill made sure of.
    #[inline(always)]
    pub(super) fn consume(&mut self, number: u32) {
        self.word <<= number;
        self.count = self.count.wrapping_sub(number);
    }

    /// All the bits that are there to be looked at.
    #[inline(always)]
    pub(super) const fn ahead(&self) -> usize {
        self.word
    }

    /// Takes back a `consume` of this `number` of bits, with what was `ahead` before.
    pub(super) fn put_back(&mut self, ahead: usize, number: u32) {
        self.word = ahead;
        self.count += number;
    }

    /// Takes up to 16 bits, none included.
    #[inline(always)]
    pub(super) fn take(&mut self, number: u32) -> u32 {
        self.refill();
        // Two shifts, as one by a whole word would be none.
        let value = (self.word >> 1) >> (usize::BITS - 1 - number);
        self.consume(number);
        value as u32
    }

    /// Takes a number of `size` bits and extends its sign: T.81 F.2.2.1, EXTEND.
    #[inline(always)]
    pub(super) fn take_extended(&mut self, size: u32) -> i32 {
        let value = self.take(size).cast_signed();
        if size > 0 && value < 1 << (size - 1) { value - (1 << size) + 1 } else { value }
    }

    /// Whether more was consumed than there is.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.padding > self.count as usize { Err(Error::Truncated) } else { Ok(()) }
    }

    /// Goes on behind restart marker `number`, 0 to 7, which has to come next: T.81 F.2.1.3.1.
    pub(super) fn restart(&mut self, number: u8) -> Result<(), Error> {
        self.check()?;
        let mut rest = self.rest;
        while rest.starts_with(&[0xff, 0xff]) {
            rest = &rest[1..];
        }
        match rest {
            [0xff, code, rest @ ..]
                if *code == RST0 + number && self.count as usize - self.padding < 8 =>
            {
                *self = Self::new(rest);
                Ok(())
            }
            [] => Err(Error::Truncated),
            _ => Err(Error::Restart),
        }
    }
}

/// The bytes as a number, if none of them is `FF`.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn without_ff(bytes: &[u8; HALF_BYTES]) -> Option<usize> {
    const ONES: Half = Half::MAX / 0xff;
    let half = Half::from_be_bytes(*bytes);
    // A byte of FF makes a zero byte here, the only kind that borrows at its top.
    ((!half).wrapping_sub(ONES) & half & (ONES << 7) == 0).then_some(half as usize)
}

/// The same where two bytes are looked at sooner than their sum: ARM compares the
/// second on condition of the first, and loads them one by one in any case.
#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
fn without_ff(&[first, second]: &[u8; HALF_BYTES]) -> Option<usize> {
    (first != 0xff && second != 0xff).then_some(usize::from(first) << 8 | usize::from(second))
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// The bits one by one, stuffing removed.
    fn naive(data: &[u8]) -> Vec<u32> {
        let mut bits = Vec::new();
        let mut rest = data;
        loop {
            let byte = match rest {
                [0xff, 0, tail @ ..] => {
                    rest = tail;
                    0xff
                }
                [0xff, ..] | [] => return bits,
                [byte, tail @ ..] => {
                    rest = tail;
                    *byte
                }
            };
            bits.extend((0..8).rev().map(|shift| u32::from(byte >> shift & 1)));
        }
    }

    #[test]
    fn gives_the_bits_of_stuffed_data_wherever_the_stuffing_is() {
        let mut random = 7_u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random >> 24
        };
        for length in 0..200 {
            let mut data = Vec::new();
            while data.len() < length {
                match next() {
                    0..30 => data.extend([0xff, 0]),
                    byte => data.push(byte.min(0xfe) as u8),
                }
            }
            let expected = naive(&data);
            let mut bits = Bits::new(&data);
            let mut place = 0;
            while place < expected.len() {
                let size = (next() % 17).min((expected.len() - place) as u32);
                let all = &expected[place..place + size as usize];
                assert_eq!(bits.take(size), all.iter().fold(0, |sum, bit| sum << 1 | bit));
                place += size as usize;
                assert_eq!(bits.check(), Ok(()));
            }
            bits.take(1);
            assert_eq!(bits.check(), Err(Error::Truncated));
        }
    }

    #[test]
    fn extends_signs_as_table_f_1_says() {
        let extended = |byte, size| Bits::new(&[byte]).take_extended(size);
        assert_eq!(extended(0b1000_0000, 0), 0);
        assert_eq!((extended(0b0000_0000, 1), extended(0b1000_0000, 1)), (-1, 1));
        assert_eq!((extended(0b0000_0000, 3), extended(0b0110_0000, 3)), (-7, -4));
        assert_eq!((extended(0b1000_0000, 3), extended(0b1110_0000, 3)), (4, 7));
    }

    #[test]
    fn a_restart_has_to_be_the_next_thing() {
        let after = |data: &[u8], taken| {
            let mut bits = Bits::new(data);
            bits.take(taken);
            bits.restart(1).map(|()| bits.take(8))
        };
        assert_eq!(after(&[0xa0, 0xff, 0xd1, 0x55], 3), Ok(0x55));
        assert_eq!(after(&[0xa0, 0xff, 0xff, 0xd1, 0x55], 8), Ok(0x55));
        assert_eq!(after(&[0xa0, 0xff, 0xd2, 0x55], 3), Err(Error::Restart));
        assert_eq!(after(&[0xa0, 0xa0, 0xff, 0xd1, 0x55], 3), Err(Error::Restart));
        assert_eq!(after(&[0xa0, 0xff, 0xd1, 0x55], 9), Err(Error::Truncated));
        assert_eq!(after(&[0xa0], 3), Err(Error::Truncated));
    }
}
