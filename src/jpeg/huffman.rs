//! A Huffman table, with one look-up table for each way of reading it.
//!
//! `Codes` decodes a symbol. The coefficient table decodes a symbol with its value bits. The
//! skip table skips several coefficients that are not kept.

use std::boxed::Box;

use crate::jpeg::bit_reader::BitReader;
use crate::jpeg::codes::{Class, Codes};
use crate::jpeg::coefficient_table::{CoefficientTable, Entry, LONG, look_up};
use crate::jpeg::error::{CodeError, Error};
use crate::jpeg::skip_table::SkipTable;
use crate::jpeg::{coefficient_table, skip_table};

pub(super) struct HuffmanTable {
    pub(super) codes: Codes,
    pub(super) coefficients: Box<CoefficientTable>,
    skips: Option<Box<SkipTable>>,
}

impl HuffmanTable {
    /// Bytes, its heap included.
    pub(super) fn size(with_skips: bool) -> usize {
        let skips = if with_skips { size_of::<SkipTable>() } else { 0 };
        size_of::<Self>() + Codes::SIZE + size_of::<CoefficientTable>() + skips
    }

    /// From the BITS and HUFFVAL lists of a DHT segment.
    pub(super) fn new(spec: &[u8], class: Class, with_skips: bool) -> Result<Self, Error> {
        let codes = Codes::new(spec)?;
        let coefficients = coefficient_table::new(&codes, class);
        let skips = with_skips.then(|| skip_table::new(&codes));
        Ok(Self { codes, coefficients, skips })
    }

    /// Decodes a DC difference, DIFF: T.81 F.2.2.1.
    #[inline(always)]
    pub(super) fn dc_difference(&self, bits: &mut BitReader<'_>) -> Result<i32, CodeError> {
        let entry = look_up(&self.coefficients, bits);
        let (_, value) = entry.take(bits);
        if !entry.is_long() {
            return Ok(value);
        }
        if entry.has_code() {
            return Ok(bits.receive_extend(entry.size()));
        }
        let (rest, value) = self.long_dc_difference(*bits)?;
        *bits = rest;
        Ok(value)
    }

    #[cold]
    #[inline(never)]
    fn long_dc_difference<'a>(
        &self,
        mut bits: BitReader<'a>,
    ) -> Result<(BitReader<'a>, i32), CodeError> {
        let size = self.codes.decode(&mut bits)?;
        if size > 15 {
            return Err(CodeError);
        }
        let value = bits.receive_extend(size.into());
        Ok((bits, value))
    }

    /// Decodes an AC coefficient: the step past it, and its value. A step of at least
    /// [`END_OF_BLOCK`] is EOBn, with n for a value.
    #[inline(always)]
    pub(super) fn ac_coefficient(&self, bits: &mut BitReader<'_>) -> Result<(u32, i32), CodeError> {
        let entry = look_up(&self.coefficients, bits);
        let (step, value) = entry.take(bits);
        if entry.is_long() { self.finish_long(bits, entry, step) } else { Ok((step, value)) }
    }

    /// Decodes the rest of an AC coefficient whose look-up was long and stepped to `past`.
    /// Returns where it leads instead, and its value.
    #[inline(always)]
    pub(super) fn finish_long(
        &self,
        bits: &mut BitReader<'_>,
        entry: Entry,
        past: u32,
    ) -> Result<(u32, i32), CodeError> {
        if entry.has_code() {
            return Ok((past - LONG, bits.receive_extend(entry.size())));
        }
        let (rest, next, value) = self.codes.ac_coefficient(*bits, past - LONG)?;
        *bits = rest;
        Ok((next, value))
    }

    pub(super) fn symbol(&self, bits: &mut BitReader<'_>) -> Result<u8, CodeError> {
        bits.refill();
        self.codes.decode(bits)
    }

    /// The table for [`skip_table::skip`].
    #[inline(always)]
    pub(super) fn skips(&self) -> &SkipTable {
        self.skips.as_deref().unwrap_or(&skip_table::NO_SKIPS)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::jpeg::codes::END_OF_BLOCK;
    use crate::jpeg::skip_table::skip;

    /// The luma AC table of T.81 K.3.3.2, with runs of 0 to 3, ZRL and EOB only.
    fn spec() -> Vec<u8> {
        let mut spec = std::vec![0, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 0, 0, 0, 0];
        spec.extend([0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x06, 0x13]);
        spec.extend([0xf0, 0x22, 0x07, 0x14, 0x32, 0x08, 0x23, 0x15, 0x33, 0x09, 0x24, 0x16]);
        spec.extend([0x0a, 0x34, 0x17, 0x25, 0x18, 0x26, 0x35, 0x27, 0x19, 0x28, 0x36]);
        spec[11] = (spec.len() - 16 - 31) as u8;
        spec
    }

    /// Skips a block symbol by symbol.
    fn skip_by_symbol(table: &HuffmanTable, bits: &mut BitReader<'_>) -> Result<(), CodeError> {
        let mut next = 1;
        while next < 64 {
            let symbol = table.symbol(bits)?;
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && run < 15 {
                return Ok(());
            }
            bits.receive(size);
            next += run + 1;
        }
        if next == 64 { Ok(()) } else { Err(CodeError) }
    }

    #[test]
    fn every_way_to_skip_a_block_ends_at_the_same_bit() {
        let table = HuffmanTable::new(&spec(), Class::Ac, true).unwrap();
        let without = HuffmanTable::new(&spec(), Class::Ac, false).unwrap();
        let mut random = 3_u32;
        let mut ends = [0; 2];
        for round in 0..20_000 {
            let data: Vec<u8> = (0..200)
                .map(|_| {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    // Fewer ones make fewer long codes.
                    ((random >> 24 & if round % 2 == 0 { random >> 16 } else { 0xff }) as u8)
                        .min(0xfe)
                })
                .collect();
            let mut readers = [BitReader::new(&data); 4];
            let ended = [
                skip_by_symbol(&table, &mut readers[0]),
                skip(table.skips(), &table.codes, &mut readers[1], 1).map(|_| ()),
                skip(without.skips(), &without.codes, &mut readers[2], 1).map(|_| ()),
                skip_by_coefficient(&table, &mut readers[3]),
            ];
            assert_eq!(ended, [ended[0]; 4]);
            ends[usize::from(ended[0].is_ok())] += 1;
            if ended[0].is_ok() {
                let next = readers.map(|mut bits| bits.receive(16));
                assert_eq!(next, [next[0]; 4]);
            }
        }
        assert!(ends.iter().all(|&it| it > 1000), "{ends:?}");
    }

    fn skip_by_coefficient(
        table: &HuffmanTable,
        bits: &mut BitReader<'_>,
    ) -> Result<(), CodeError> {
        let mut next = 1;
        while next < 64 {
            let (step, _) = table.ac_coefficient(bits)?;
            if step == END_OF_BLOCK {
                return Ok(());
            }
            next += step;
        }
        if next == 64 { Ok(()) } else { Err(CodeError) }
    }

    #[test]
    fn more_codes_than_a_length_allows_are_an_error() {
        let mut spec = std::vec![0; 16];
        spec[0] = 3;
        spec.extend([1, 2, 3]);
        assert!(HuffmanTable::new(&spec, Class::Dc, false).is_err());
        assert!(HuffmanTable::new(&[0; 16], Class::Dc, false).is_ok());
    }
}
