//! Reads a strip of a progressive scan: T.81 G.1.2, figures G.3 to G.7.

use crate::jpeg::Error;
use crate::jpeg::bits::Bits;
use crate::jpeg::coefficient_table::END;
use crate::jpeg::huffman::Table;
use crate::jpeg::pass::{Member, Pass, parts};
use crate::jpeg::plan::Layout;
use crate::jpeg::plane::Coefficients;

/// Reads the next strip of a pass into the coefficients.
pub(super) fn read_strip(
    pass: &mut Pass<'_>,
    layouts: &[Layout],
    tables: &[Table],
    store: &mut [Coefficients],
) -> Result<(), Error> {
    let rows = pass.take_rows();
    if pass.band.0 == 0 {
        return read_dc(pass, rows, layouts, tables, store);
    }
    for row in 0..rows {
        if pass.refines {
            refine_ac_row(pass, row, layouts, tables, store)?;
        } else {
            read_ac_row(pass, row, layouts, tables, store)?;
        }
    }
    Ok(())
}

/// G.1.2.1.
fn read_dc(
    pass: &mut Pass<'_>,
    rows: usize,
    layouts: &[Layout],
    tables: &[Table],
    store: &mut [Coefficients],
) -> Result<(), Error> {
    let mut bits = pass.bits;
    let mut parts = parts(&pass.members[..pass.count], store, |member, coefficients| {
        DcPart::new(member, coefficients, &layouts[member.component], &tables[member.dc])
    });
    for row in 0..rows {
        parts.iter_mut().flatten().for_each(|part| part.begin(row));
        for _ in 0..pass.columns {
            if pass.restarts.due() {
                bits = pass.restarts.pass(bits)?;
                parts.iter_mut().flatten().for_each(|part| part.prediction = 0);
            }
            for part in parts.iter_mut().map_while(Option::as_mut) {
                if pass.refines {
                    part.refine(&mut bits, pass.low);
                } else {
                    part.read(&mut bits, pass.low)?;
                }
            }
            bits.check()?;
        }
    }
    for (member, part) in pass.members.iter_mut().zip(parts.iter().flatten()) {
        member.prediction = part.prediction;
    }
    pass.bits = bits;
    Ok(())
}

/// A component's part in a strip of a DC scan.
struct DcPart<'a> {
    values: &'a mut [i16],
    /// Where the next MCU's coefficients begin.
    place: usize,
    /// From one MCU's coefficients to the next's, and from one row of MCUs' to the next's.
    steps: (usize, usize),
    /// How far the blocks of an MCU lie from its beginning: 16 at the most, in the scan's
    /// order. Two loops, across and down, cost as much as all the rest of a block.
    offsets: [usize; 16],
    /// How many they are.
    count: usize,
    table: &'a Table,
    /// The DC coefficient before.
    prediction: i32,
}

impl<'a> DcPart<'a> {
    fn new(
        member: &Member,
        coefficients: &'a mut Coefficients,
        layout: &Layout,
        table: &'a Table,
    ) -> Self {
        let (wide, high) = member.blocks;
        let (step, row) = (coefficients.kept, coefficients.kept * layout.blocks);
        let places = (0..high).flat_map(|y| (0..wide).map(move |x| y * row + x * step));
        let mut offsets = [0; 16];
        offsets.iter_mut().zip(places).for_each(|(offset, place)| *offset = place);
        Self {
            values: &mut coefficients.values,
            place: 0,
            steps: (wide * step, high * row),
            offsets,
            count: wide * high,
            table,
            prediction: member.prediction,
        }
    }

    /// Goes to the beginning of a row of MCUs.
    fn begin(&mut self, row: usize) {
        self.place = row * self.steps.1;
    }

    /// Reads an MCU's part.
    #[inline(always)]
    fn read(&mut self, bits: &mut Bits<'_>, low: u32) -> Result<(), Error> {
        for offset in &self.offsets[..self.count] {
            let difference = self.table.difference(bits)?;
            self.prediction = self.prediction.wrapping_add(difference);
            self.values[self.place + offset] = (self.prediction << low) as i16;
        }
        self.place += self.steps.0;
        Ok(())
    }

    /// Reads an MCU's part of a refinement.
    #[inline(always)]
    fn refine(&mut self, bits: &mut Bits<'_>, low: u32) {
        // For all of them: 16 bits at least.
        bits.refill();
        for offset in &self.offsets[..self.count] {
            self.values[self.place + offset] |= i16::from(bits.peek(1) != 0) << low;
            bits.consume(1);
        }
        self.place += self.steps.0;
    }
}

/// G.1.2.2: the first scan of a band.
fn read_ac_row(
    pass: &mut Pass<'_>,
    row: usize,
    layouts: &[Layout],
    tables: &[Table],
    store: &mut [Coefficients],
) -> Result<(), Error> {
    let member = pass.members[0];
    let (first, last) = pass.band;
    let table = &tables[member.ac];
    let coefficients = &mut store[member.component];
    let kept = coefficients.kept;
    // The last that has to be told from the others.
    let told = if coefficients.histories.is_empty() { kept as u32 - 1 } else { 63 };
    let mut bits = pass.bits;
    for index in (row * layouts[member.component].blocks..).take(pass.columns) {
        if pass.restarts.due() {
            bits = pass.restarts.pass(bits)?;
            pass.run = 0;
        }
        if pass.run > 0 {
            pass.run -= 1;
            continue;
        }
        let values = &mut coefficients.values[index * kept..][..kept];
        let mut history = 0;
        let mut next = first;
        while next <= last.min(told) {
            let (step, value) = table.coefficient(&mut bits)?;
            next += step;
            if next >= END {
                pass.run = end_of_band(&mut bits, value.cast_unsigned());
                break;
            }
            if next > last + 1 {
                return Err(Error::Code);
            }
            if let Some(kept) = values.get_mut(next as usize - 1) {
                *kept = (value << pass.low) as i16;
            }
            history |= u64::from(value != 0) << (next - 1);
        }
        if let Some(kept) = coefficients.histories.get_mut(index) {
            *kept |= history;
        } else if next <= last {
            // As if the band ended with the block.
            let size = table.skip(table.skips(), &mut bits, next + 63 - last)?;
            pass.run = end_of_band(&mut bits, size);
        }
        bits.check()?;
    }
    pass.bits = bits;
    Ok(())
}

/// The blocks left of an end-of-band run of this size, after this block.
#[inline(always)]
fn end_of_band(bits: &mut Bits<'_>, size: u32) -> u32 {
    if size == 0 { 0 } else { (1 << size) + bits.take(size) - 1 }
}

/// G.1.2.3: a further bit of a band.
fn refine_ac_row(
    pass: &mut Pass<'_>,
    row: usize,
    layouts: &[Layout],
    tables: &[Table],
    store: &mut [Coefficients],
) -> Result<(), Error> {
    let member = pass.members[0];
    let table = &tables[member.ac];
    let coefficients = &mut store[member.component];
    let kept = coefficients.kept;
    let mut bits = pass.bits;
    for index in (row * layouts[member.component].blocks..).take(pass.columns) {
        if pass.restarts.due() {
            bits = pass.restarts.pass(bits)?;
            pass.run = 0;
        }
        let mut block = Refined {
            bits,
            values: &mut coefficients.values[index * kept..][..kept],
            history: &mut coefficients.histories[index],
            bit: 1 << pass.low,
        };
        let mut next = pass.band.0;
        while pass.run == 0 && next <= pass.band.1 {
            let symbol = table.symbol(&mut block.bits)?;
            let (run, size) = (u32::from(symbol >> 4), symbol & 15);
            let value = match (run, size) {
                (15, 0) => 0,
                (_, 0) => {
                    // This block is one of the run's.
                    pass.run = end_of_band(&mut block.bits, run) + 1;
                    break;
                }
                (_, 1) if block.bits.take(1) == 1 => block.bit,
                (_, 1) => -block.bit,
                _ => return Err(Error::Code),
            };
            next = block.correct(next, pass.band.1, run);
            if value != 0 {
                if next > pass.band.1 {
                    return Err(Error::Code);
                }
                if let Some(kept) = block.values.get_mut(next as usize) {
                    *kept = value;
                }
                *block.history |= 1 << next;
            }
            next += 1;
        }
        if pass.run > 0 {
            block.correct(next, pass.band.1, 64);
            pass.run -= 1;
        }
        bits = block.bits;
        bits.check()?;
    }
    pass.bits = bits;
    Ok(())
}

/// A block whose coefficients are being refined.
struct Refined<'a, 'b> {
    bits: Bits<'a>,
    values: &'b mut [i16],
    history: &'b mut u64,
    bit: i16,
}

impl Refined<'_, '_> {
    /// Passes over `zeros` coefficients that are zero so far, corrects those between
    /// that are not, and returns the place of the zero after them, or where the band ends.
    #[inline(always)]
    fn correct(&mut self, mut next: u32, last: u32, mut zeros: u32) -> u32 {
        while next <= last {
            if *self.history >> next & 1 == 0 {
                if zeros == 0 {
                    break;
                }
                zeros -= 1;
            } else if self.bits.take(1) == 1
                && let Some(value) = self.values.get_mut(next as usize)
            {
                *value = value.wrapping_add(if *value < 0 { -self.bit } else { self.bit });
            }
            next += 1;
        }
        next
    }
}
