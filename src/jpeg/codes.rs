//! Huffman codes and their symbols: T.81 annex C and F.2.2.3.

use std::boxed::Box;
use std::vec;

use crate::jpeg::bit_reader::BitReader;
use crate::jpeg::error::{CodeError, Error};

/// Longer codes are rare and searched for. With 9 bits, a twelfth of a photo's blocks had one.
const LOOKUP_BITS: u32 = 11;

/// A step that ends the block: larger than any step to coefficient 64.
pub(super) const END_OF_BLOCK: u32 = 128;

/// Table class, Tc.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A symbol is the size (SSSS) of a DC difference.
    Dc,
    /// A symbol is a run of zeros (RRRR) and the size of an AC coefficient.
    Ac,
}

/// A code, with the symbols in order of their codes.
pub(super) struct Codes {
    /// By the next bits: symbol and code length, 8 bits each; zero for long codes.
    lookup: Box<[u16; 1 << LOOKUP_BITS]>,
    /// By length - 1: 16 bits that begin with a code of at most this length are below this.
    limits: [u32; 16],
    /// By length - 1: the index of a code's symbol, less the code.
    offsets: [u32; 16],
    /// HUFFVAL.
    symbols: [u8; 256],
}

impl Codes {
    /// Bytes of heap.
    pub(super) const SIZE: usize = size_of::<[u16; 1 << LOOKUP_BITS]>();

    /// Generates the codes: T.81 C.2. `spec` is BITS, the counts by length, then HUFFVAL,
    /// which is as long as they say.
    pub(super) fn new(spec: &[u8]) -> Result<Self, Error> {
        let (counts, huffval) = spec.split_first_chunk::<16>().ok_or(Error::Table)?;
        let mut symbols = [0; 256];
        symbols.get_mut(..huffval.len()).ok_or(Error::Table)?.copy_from_slice(huffval);
        let (mut limits, mut offsets) = ([0; 16], [0; 16]);
        let mut lookup = boxed([0; 1 << LOOKUP_BITS]);
        let (mut code, mut index) = (0_u32, 0_u32);
        for (length, &count) in (1..).zip(counts) {
            let count = u32::from(count);
            offsets[length - 1] = index.wrapping_sub(code);
            if let Some(shift) = (LOOKUP_BITS as usize).checked_sub(length) {
                for (n, &symbol) in (0..count).zip(&symbols[index as usize..]) {
                    let start = ((code + n) as usize) << shift;
                    let entries =
                        lookup.get_mut(start..start + (1 << shift)).ok_or(Error::Table)?;
                    entries.fill(u16::from(symbol) << 8 | length as u16);
                }
            }
            code += count;
            index += count;
            if code > 1 << length {
                return Err(Error::Table);
            }
            limits[length - 1] = code << (16 - length);
            code <<= 1;
        }
        Ok(Self { lookup, limits, offsets, symbols })
    }

    /// DECODE: takes a symbol, after a refill.
    #[inline(always)]
    pub(super) fn decode(&self, bits: &mut BitReader<'_>) -> Result<u8, CodeError> {
        let entry = self.lookup[bits.peek(LOOKUP_BITS)];
        if entry != 0 {
            bits.consume(u32::from(entry & 0xff));
            return Ok((entry >> 8) as u8);
        }
        self.decode_long(bits)
    }

    fn decode_long(&self, bits: &mut BitReader<'_>) -> Result<u8, CodeError> {
        let next = bits.peek(16) as u32;
        let is_length = |&index: &usize| next < self.limits[index];
        let length = (LOOKUP_BITS as usize..16).find(is_length).ok_or(CodeError)?;
        let code = next >> (15 - length);
        bits.consume(length as u32 + 1);
        let index = code.wrapping_add(self.offsets[length]) as usize;
        self.symbols.get(index).copied().ok_or(CodeError)
    }

    /// Decodes an AC coefficient, after a refill: where it leads from `next`, and its value.
    /// EOBn leads to [`END_OF_BLOCK`] or beyond, with n for a value.
    #[cold]
    #[inline(never)]
    pub(super) fn ac_coefficient<'a>(
        &self,
        mut bits: BitReader<'a>,
        next: u32,
    ) -> Result<(BitReader<'a>, u32, i32), CodeError> {
        let symbol = self.decode(&mut bits)?;
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        match (run, size) {
            (15, 0) => Ok((bits, next + 16, 0)),
            (_, 0) => Ok((bits, next + END_OF_BLOCK, run.cast_signed())),
            _ => {
                let value = bits.receive_extend(size);
                Ok((bits, next + run + 1, value))
            }
        }
    }

    /// All codes, shortest first: code, length, symbol.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u32, u32, u8)> {
        (1..=16).flat_map(move |length| {
            let at = length as usize - 1;
            // A length's codes continue where the previous length's end.
            let start = at.checked_sub(1).map_or(0, |previous| self.limits[previous]);
            let codes = start >> (16 - length)..self.limits[at] >> (16 - length);
            codes.map(move |code| {
                let index = code.wrapping_add(self.offsets[at]) as usize;
                (code, length, self.symbols[index])
            })
        })
    }

    /// The first symbol in `bits`, of which there are `count`, and its code's length.
    pub(super) fn first(&self, bits: usize, count: u32) -> Option<(u8, u32)> {
        let entry = self.lookup[bits << LOOKUP_BITS >> count];
        let length = u32::from(entry & 0xff);
        (1..=count).contains(&length).then_some(((entry >> 8) as u8, length))
    }
}

/// `array` on the heap, of copies of its first element; `Box::new` would build it on the
/// stack first.
pub(super) fn boxed<T: Copy, const N: usize>(array: [T; N]) -> Box<[T; N]> {
    let Ok(boxed) = vec![array[0]; N].into_boxed_slice().try_into() else {
        unreachable!("a slice of N elements converts to an array of N")
    };
    boxed
}
