//! Huffman codes and their symbols: T.81 annex C and F.2.2.3.

use std::boxed::Box;
use std::vec;

use crate::jpeg::bits::Bits;
use crate::jpeg::error::{BadCode, Error};

/// What is looked up at once: longer codes are rare, and are searched for. With 9 bits
/// a twelfth of a photo's blocks had one.
const CODE_BITS: u32 = 11;

/// What a table codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Differences of DC coefficients: a symbol is their size.
    Dc,
    /// AC coefficients: a symbol is a run of zeros and a size.
    Ac,
}

/// Symbols by their codes.
pub(super) struct Codes {
    /// By the next bits: symbol and code length, 8 bits each; zero for long codes.
    short: Box<[u16; 1 << CODE_BITS]>,
    /// By length, less one: what 16 bits are less than if a code of this length, or a
    /// shorter one, begins them.
    limits: [u32; 16],
    /// By length, less one: what to add to a code for its symbol's place.
    offsets: [u32; 16],
    symbols: [u8; 256],
}

impl Codes {
    /// Bytes on the heap.
    pub(super) const SIZE: usize = size_of::<[u16; 1 << CODE_BITS]>();

    /// T.81 C.2. `spec` is as long as its counts say.
    pub(super) fn new(spec: &[u8]) -> Result<Self, Error> {
        let (counts, list) = spec.split_first_chunk::<16>().ok_or(Error::Table)?;
        let mut symbols = [0; 256];
        symbols.get_mut(..list.len()).ok_or(Error::Table)?.copy_from_slice(list);
        let (mut limits, mut offsets) = ([0; 16], [0; 16]);
        let mut short = boxed([0; 1 << CODE_BITS]);
        let (mut code, mut place) = (0_u32, 0_u32);
        for (length, &count) in (1..).zip(counts) {
            let count = u32::from(count);
            offsets[length - 1] = place.wrapping_sub(code);
            if let Some(shift) = (CODE_BITS as usize).checked_sub(length) {
                for (index, &symbol) in (0..count).zip(&symbols[place as usize..]) {
                    let from = ((code + index) as usize) << shift;
                    let all = short.get_mut(from..from + (1 << shift)).ok_or(Error::Table)?;
                    all.fill(u16::from(symbol) << 8 | length as u16);
                }
            }
            code += count;
            place += count;
            if code > 1 << length {
                return Err(Error::Table);
            }
            limits[length - 1] = code << (16 - length);
            code <<= 1;
        }
        Ok(Self { short, limits, offsets, symbols })
    }

    /// Takes a symbol, after a refill.
    #[inline(always)]
    pub(super) fn take(&self, bits: &mut Bits<'_>) -> Result<u8, BadCode> {
        let entry = self.short[bits.peek(CODE_BITS)];
        if entry != 0 {
            bits.consume(u32::from(entry & 0xff));
            return Ok((entry >> 8) as u8);
        }
        self.take_long(bits)
    }

    fn take_long(&self, bits: &mut Bits<'_>) -> Result<u8, BadCode> {
        let ahead = bits.peek(16) as u32;
        let long = |&index: &usize| ahead < self.limits[index];
        let index = (CODE_BITS as usize..16).find(long).ok_or(BadCode)?;
        let code = ahead >> (15 - index);
        bits.consume(index as u32 + 1);
        let place = code.wrapping_add(self.offsets[index]) as usize;
        self.symbols.get(place).copied().ok_or(BadCode)
    }

    /// All codes, shortest first: the code, its length, its symbol.
    pub(super) fn all(&self) -> impl Iterator<Item = (u32, u32, u8)> {
        (1..=16).flat_map(move |length| {
            let at = length as usize - 1;
            // A length's codes go on where those of the length before ended.
            let from = at.checked_sub(1).map_or(0, |before| self.limits[before]);
            let codes = from >> (16 - length)..self.limits[at] >> (16 - length);
            codes.map(move |code| {
                let place = code.wrapping_add(self.offsets[at]) as usize;
                (code, length, self.symbols[place])
            })
        })
    }

    /// The symbol and the code's length that `ahead`, of `number` bits, begins with.
    pub(super) fn look(&self, ahead: usize, number: u32) -> Option<(u8, u32)> {
        let index = if number >= CODE_BITS {
            ahead >> (number - CODE_BITS)
        } else {
            ahead << (CODE_BITS - number)
        };
        let entry = self.short[index];
        let length = u32::from(entry & 0xff);
        (1..=number).contains(&length).then_some(((entry >> 8) as u8, length))
    }
}

/// On the heap, without going by way of the stack where that can be helped.
pub(super) fn boxed<T: Copy, const N: usize>(array: [T; N]) -> Box<[T; N]> {
    let Ok(boxed) = vec![array[0]; N].into_boxed_slice().try_into() else {
        unreachable!("a slice of N makes an array of N")
    };
    boxed
}
