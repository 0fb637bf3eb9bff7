//! Huffman tables as decoding looks them up.
//!
//! Three look-ups serve three needs. `Codes` gives a symbol. `values` gives a symbol
//! and the number that follows it. `skips` is for coefficients that nobody needs: it
//! passes over as many symbols with their numbers as one look at the data settles.

use std::boxed::Box;

use crate::jpeg::bits::Bits;
use crate::jpeg::codes::{Class, Codes};
use crate::jpeg::coefficient_table::{END, LONG, Look, Values, look};
use crate::jpeg::error::{BadCode, Error};
use crate::jpeg::skip_table::Skips;
use crate::jpeg::{coefficient_table, skip_table};

/// One Huffman table.
pub(super) struct Table {
    codes: Codes,
    values: Box<Values>,
    /// An advance over coefficients and the bits taken.
    skips: Option<Box<Skips>>,
}

impl Table {
    /// Bytes on the heap of a table made with and without skips.
    pub(super) fn size(with_skips: bool) -> usize {
        let skips = if with_skips { size_of::<Skips>() } else { 0 };
        size_of::<Self>() + Codes::SIZE + size_of::<Values>() + skips
    }

    /// From a table's specification in a DHT segment: 16 counts and the symbols.
    pub(super) fn new(spec: &[u8], class: Class, with_skips: bool) -> Result<Self, Error> {
        let codes = Codes::new(spec)?;
        let values = coefficient_table::new(&codes, class);
        let skips = with_skips.then(|| skip_table::new(&codes));
        Ok(Self { codes, values, skips })
    }

    /// Takes the difference to the DC coefficient before: T.81 F.2.2.1.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut Bits<'_>) -> Result<i32, BadCode> {
        let look = look(&self.values, bits);
        let (_, value) = look.take(bits);
        if !look.is_long() {
            return Ok(value);
        }
        if look.has_code() {
            return Ok(bits.take_extended(look.size()));
        }
        let (rest, value) = self.long_difference(*bits)?;
        *bits = rest;
        Ok(value)
    }

    #[cold]
    #[inline(never)]
    fn long_difference<'a>(&self, mut bits: Bits<'a>) -> Result<(Bits<'a>, i32), BadCode> {
        let size = self.codes.take(&mut bits)?;
        if size > 15 {
            return Err(BadCode);
        }
        let value = bits.take_extended(size.into());
        Ok((bits, value))
    }

    /// Takes an AC coefficient: the step to the one after it, and its value. A step of
    /// `END` ends the block, and in a progressive scan comes with the run length's size.
    #[inline(always)]
    pub(super) fn coefficient(&self, bits: &mut Bits<'_>) -> Result<(u32, i32), BadCode> {
        let look = look(&self.values, bits);
        let (step, value) = look.take(bits);
        if look.is_long() { self.take_long(bits, look, step) } else { Ok((step, value)) }
    }

    /// The look-up for [`look`].
    #[inline(always)]
    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    /// Takes the rest of an AC coefficient that did not fit in a look, which went `beyond`,
    /// and says where it leads to in its place.
    #[inline(always)]
    pub(super) fn take_long(
        &self,
        bits: &mut Bits<'_>,
        look: Look,
        beyond: u32,
    ) -> Result<(u32, i32), BadCode> {
        if look.has_code() {
            return Ok((beyond - LONG, bits.take_extended(look.size())));
        }
        let (rest, to, value) = self.long_coefficient(*bits, beyond)?;
        *bits = rest;
        Ok((to, value))
    }

    #[cold]
    #[inline(never)]
    fn long_coefficient<'a>(
        &self,
        mut bits: Bits<'a>,
        beyond: u32,
    ) -> Result<(Bits<'a>, u32, i32), BadCode> {
        let from = beyond - LONG;
        let symbol = self.codes.take(&mut bits)?;
        let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
        match (run, size) {
            (15, 0) => Ok((bits, from + 16, 0)),
            (_, 0) => Ok((bits, from + END, run.cast_signed())),
            _ => {
                let value = bits.take_extended(size);
                Ok((bits, from + run + 1, value))
            }
        }
    }

    /// Takes a symbol.
    pub(super) fn symbol(&self, bits: &mut Bits<'_>) -> Result<u8, BadCode> {
        bits.refill();
        self.codes.take(bits)
    }

    /// The look-up for `skip`.
    #[inline(always)]
    pub(super) fn skips(&self) -> &Skips {
        self.skips.as_deref().unwrap_or(&skip_table::NONE)
    }

    /// Passes over the coefficients from `from` to the block's end. The size of an
    /// end-of-band run comes back, which is 0 in a sequential scan.
    #[inline(always)]
    pub(super) fn skip(
        &self,
        skips: &Skips,
        bits: &mut Bits<'_>,
        from: u32,
    ) -> Result<u32, BadCode> {
        skip_table::skip(skips, &self.codes, bits, from)
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;

    /// The luminance AC table of T.81 K.3.3.2, as far as runs of 0 to 3 go, and the ends.
    fn spec() -> Vec<u8> {
        let mut spec = std::vec![0, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 0, 0, 0, 0];
        spec.extend([0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x06, 0x13]);
        spec.extend([0xf0, 0x22, 0x07, 0x14, 0x32, 0x08, 0x23, 0x15, 0x33, 0x09, 0x24, 0x16]);
        spec.extend([0x0a, 0x34, 0x17, 0x25, 0x18, 0x26, 0x35, 0x27, 0x19, 0x28, 0x36]);
        spec[11] = (spec.len() - 16 - 31) as u8;
        spec
    }

    /// Symbol by symbol, with nothing looked up but codes.
    fn skip_naively(table: &Table, bits: &mut Bits<'_>) -> Result<(), BadCode> {
        let mut next = 1;
        while next < 64 {
            let symbol = table.symbol(bits)?;
            let (run, size) = (u32::from(symbol >> 4), u32::from(symbol & 15));
            if size == 0 && run < 15 {
                return Ok(());
            }
            bits.take(size);
            next += run + 1;
        }
        if next == 64 { Ok(()) } else { Err(BadCode) }
    }

    #[test]
    fn a_skip_ends_where_symbols_one_by_one_do() {
        let table = Table::new(&spec(), Class::Ac, true).unwrap();
        let without = Table::new(&spec(), Class::Ac, false).unwrap();
        let mut random = 3_u32;
        let mut ends = [0; 2];
        for round in 0..20_000 {
            let data: Vec<u8> = (0..200)
                .map(|_| {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    // Fewer ones, fewer long codes.
                    ((random >> 24 & if round % 2 == 0 { random >> 16 } else { 0xff }) as u8)
                        .min(0xfe)
                })
                .collect();
            let mut places = [Bits::new(&data); 4];
            let ended = [
                skip_naively(&table, &mut places[0]),
                table.skip(table.skips(), &mut places[1], 1).map(|_| ()),
                without.skip(without.skips(), &mut places[2], 1).map(|_| ()),
                take_all(&table, &mut places[3]),
            ];
            assert_eq!(ended, [ended[0]; 4]);
            ends[usize::from(ended[0].is_ok())] += 1;
            if ended[0].is_ok() {
                let next = places.map(|mut bits| bits.take(16));
                assert_eq!(next, [next[0]; 4]);
            }
        }
        assert!(ends.iter().all(|&it| it > 1000), "{ends:?}");
    }

    fn take_all(table: &Table, bits: &mut Bits<'_>) -> Result<(), BadCode> {
        let mut next = 1;
        while next < 64 {
            let (step, _) = table.coefficient(bits)?;
            if step == END {
                return Ok(());
            }
            next += step;
        }
        if next == 64 { Ok(()) } else { Err(BadCode) }
    }

    #[test]
    fn more_codes_than_there_are_is_an_error() {
        let mut spec = std::vec![0; 16];
        spec[0] = 3;
        spec.extend([1, 2, 3]);
        assert!(Table::new(&spec, Class::Dc, false).is_err());
        assert!(Table::new(&[0; 16], Class::Dc, false).is_ok());
    }
}
