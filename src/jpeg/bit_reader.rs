//! Reads the bits of entropy-coded data in place: T.81 F.2.2.5.
//!
//! libjpeg spends half of its instructions on refilling. Here a refill takes half a machine
//! word, and one test tells whether any of its bytes is `FF`; only if one is, or at the end,
//! does it go byte by byte.

use crate::jpeg::Error;
use crate::jpeg::marker::RST0;

/// A refill takes half a machine word, so that it fits if the other half is full.
#[cfg(target_pointer_width = "64")]
type Half = u32;
#[cfg(not(target_pointer_width = "64"))]
type Half = u16;

const HALF_BYTES: usize = size_of::<Half>();
const HALF_BITS: u32 = Half::BITS;

/// Bits that are available after a refill: at least 16.
pub(super) const REFILLED: u32 = HALF_BITS;

/// A position in entropy-coded data.
#[derive(Clone, Copy, Debug)]
pub(super) struct BitReader<'a> {
    /// The bytes after those in `word`.
    rest: &'a [u8],
    /// The next bits, most significant first, then zeros.
    pub(super) word: usize,
    /// Valid bits in `word`.
    count: u32,
    /// Zeros appended after the end of the data. Not a `u32` like `count`, or the compiler
    /// packs both into one register, 3 more instructions for each `consume`.
    padding: usize,
}

impl<'a> BitReader<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { rest: data, word: 0, count: 0, padding: 0 }
    }

    /// Makes at least 16 bits available.
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

    /// Takes and returns `Self` by value so that callers keep theirs in registers.
    #[cold]
    #[inline(never)]
    fn refill_bytewise(mut self) -> Self {
        while self.count < HALF_BITS {
            let byte = match self.rest {
                [0xff, 0x00, rest @ ..] => {
                    self.rest = rest;
                    0xff
                }
                // A marker or the end of the data.
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

    /// The next `count` bits, 1 to 16, after a refill.
    #[inline(always)]
    pub(super) fn peek(&self, count: u32) -> usize {
        self.word >> (usize::BITS - count)
    }

    /// Skips `count` bits, which a refill has made available.
    #[inline(always)]
    pub(super) fn consume(&mut self, count: u32) {
        self.word <<= count;
        self.count = self.count.wrapping_sub(count);
    }

    /// Undoes a `consume` of `count` bits, given the `word` from before it.
    pub(super) fn unconsume(&mut self, word: usize, count: u32) {
        self.word = word;
        self.count += count;
    }

    /// RECEIVE (T.81 F.2.2.4): takes 0 to 16 bits.
    #[inline(always)]
    pub(super) fn receive(&mut self, count: u32) -> u32 {
        self.refill();
        // Two shifts, because a shift by the width of a word overflows.
        let value = (self.word >> 1) >> (usize::BITS - 1 - count);
        self.consume(count);
        value as u32
    }

    /// RECEIVE and EXTEND (T.81 F.2.2.1): takes a signed value of `size` bits.
    #[inline(always)]
    pub(super) fn receive_extend(&mut self, size: u32) -> i32 {
        let value = self.receive(size).cast_signed();
        if size > 0 && value < 1 << (size - 1) { value - (1 << size) + 1 } else { value }
    }

    /// Fails if more bits were consumed than there are.
    pub(super) fn check(&self) -> Result<(), Error> {
        if self.padding > self.count as usize { Err(Error::Truncated) } else { Ok(()) }
    }

    /// Skips restart marker RSTn, which must be next: T.81 F.2.1.3.1.
    pub(super) fn restart(&mut self, n: u8) -> Result<(), Error> {
        self.check()?;
        let mut rest = self.rest;
        while rest.starts_with(&[0xff, 0xff]) {
            rest = &rest[1..];
        }
        match rest {
            [0xff, code, rest @ ..]
                if *code == RST0 + n && self.count as usize - self.padding < 8 =>
            {
                *self = Self::new(rest);
                Ok(())
            }
            [] => Err(Error::Truncated),
            _ => Err(Error::Restart),
        }
    }
}

/// The bytes as a big-endian number, if none of them is `FF`.
#[cfg(target_pointer_width = "64")]
#[inline(always)]
fn without_ff(bytes: &[u8; HALF_BYTES]) -> Option<usize> {
    const ONES: Half = Half::MAX / 0xff;
    let half = Half::from_be_bytes(*bytes);
    // Finds zero bytes in `!half`: only they borrow into their top bit.
    ((!half).wrapping_sub(ONES) & half & (ONES << 7) == 0).then_some(half as usize)
}

/// ARM loads two bytes one by one anyway, and compares the second conditionally: cheaper
/// than the word trick.
#[cfg(not(target_pointer_width = "64"))]
#[inline(always)]
fn without_ff(&[first, second]: &[u8; HALF_BYTES]) -> Option<usize> {
    (first != 0xff && second != 0xff).then_some(usize::from(first) << 8 | usize::from(second))
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// The bits one by one, without stuffing.
    fn unstuff(data: &[u8]) -> Vec<u32> {
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
    fn reads_the_bits_of_data_stuffed_anywhere() {
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
            let expected = unstuff(&data);
            let mut bits = BitReader::new(&data);
            let mut at = 0;
            while at < expected.len() {
                let size = (next() % 17).min((expected.len() - at) as u32);
                let all = &expected[at..at + size as usize];
                assert_eq!(bits.receive(size), all.iter().fold(0, |sum, bit| sum << 1 | bit));
                at += size as usize;
                assert_eq!(bits.check(), Ok(()));
            }
            bits.receive(1);
            assert_eq!(bits.check(), Err(Error::Truncated));
        }
    }

    #[test]
    fn extends_signs_as_in_table_f_1() {
        let extended = |byte, size| BitReader::new(&[byte]).receive_extend(size);
        assert_eq!(extended(0b1000_0000, 0), 0);
        assert_eq!((extended(0b0000_0000, 1), extended(0b1000_0000, 1)), (-1, 1));
        assert_eq!((extended(0b0000_0000, 3), extended(0b0110_0000, 3)), (-7, -4));
        assert_eq!((extended(0b1000_0000, 3), extended(0b1110_0000, 3)), (4, 7));
    }

    #[test]
    fn a_restart_marker_must_be_next() {
        let after = |data: &[u8], taken| {
            let mut bits = BitReader::new(data);
            bits.receive(taken);
            bits.restart(1).map(|()| bits.receive(8))
        };
        assert_eq!(after(&[0xa0, 0xff, 0xd1, 0x55], 3), Ok(0x55));
        assert_eq!(after(&[0xa0, 0xff, 0xff, 0xd1, 0x55], 8), Ok(0x55));
        assert_eq!(after(&[0xa0, 0xff, 0xd2, 0x55], 3), Err(Error::Restart));
        assert_eq!(after(&[0xa0, 0xa0, 0xff, 0xd1, 0x55], 3), Err(Error::Restart));
        assert_eq!(after(&[0xa0, 0xff, 0xd1, 0x55], 9), Err(Error::Truncated));
        assert_eq!(after(&[0xa0], 3), Err(Error::Truncated));
    }
}
