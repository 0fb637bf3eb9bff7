//! Decodes a strip of a progressive scan: T.81 G.1.2, figures G.3 to G.7.

use crate::jpeg::Error;
use crate::jpeg::bit_reader::BitReader;
use crate::jpeg::codes::END_OF_BLOCK;
use crate::jpeg::huffman::HuffmanTable;
use crate::jpeg::layout::Layout;
use crate::jpeg::plane::Coefficients;
use crate::jpeg::scan_reader::{ComponentState, ScanReader, for_components};
use crate::jpeg::skip_table::skip;

/// Decodes the next strip of a scan into the coefficients.
pub(super) fn read_strip(
    scan: &mut ScanReader<'_>,
    layouts: &[Layout],
    tables: &[HuffmanTable],
    coefficients: &mut [Coefficients],
) -> Result<(), Error> {
    let rows = scan.take_rows();
    if scan.band.0 == 0 {
        return read_dc(scan, rows, layouts, tables, coefficients);
    }
    // A scan of AC coefficients has one component: G.1.1.1.1.
    let component = scan.components[0];
    let (table, coefficients) = (&tables[component.ac], &mut coefficients[component.index]);
    for row in 0..rows {
        let first = row * layouts[component.index].blocks;
        if scan.is_refinement {
            refine_ac_row(scan, first, table, coefficients)?;
        } else {
            read_ac_row(scan, first, table, coefficients)?;
        }
    }
    Ok(())
}

/// DC, both scans of a coefficient: G.1.2.1.
fn read_dc(
    scan: &mut ScanReader<'_>,
    rows: usize,
    layouts: &[Layout],
    tables: &[HuffmanTable],
    coefficients: &mut [Coefficients],
) -> Result<(), Error> {
    let mut bits = scan.bits;
    let mut components =
        for_components(&scan.components[..scan.count], coefficients, |state, coefficients| {
            DcComponent::new(state, coefficients, &layouts[state.index], &tables[state.dc])
        });
    for row in 0..rows {
        components.iter_mut().flatten().for_each(|component| component.start_row(row));
        for _ in 0..scan.columns {
            if scan.restarts.is_due() {
                bits = scan.restarts.skip_marker(bits)?;
                components.iter_mut().flatten().for_each(|component| component.prediction = 0);
            }
            for component in components.iter_mut().map_while(Option::as_mut) {
                if scan.is_refinement {
                    component.refine_mcu(&mut bits, scan.al);
                } else {
                    component.read_mcu(&mut bits, scan.al)?;
                }
            }
            bits.check()?;
        }
    }
    for (state, component) in scan.components.iter_mut().zip(components.iter().flatten()) {
        state.prediction = component.prediction;
    }
    scan.bits = bits;
    Ok(())
}

/// All that decoding a component's DC coefficients of a strip takes.
struct DcComponent<'a> {
    values: &'a mut [i16],
    /// The position of the next MCU's coefficients.
    at: usize,
    /// The distance to the next MCU across and down.
    steps: (usize, usize),
    /// The offset of each block within an MCU, in scan order. Two loops, across and down,
    /// cost as much as the rest of a block.
    offsets: [usize; 16],
    /// Blocks in an MCU.
    count: usize,
    table: &'a HuffmanTable,
    /// The previous DC coefficient, PRED.
    prediction: i32,
}

impl<'a> DcComponent<'a> {
    fn new(
        state: &ComponentState,
        coefficients: &'a mut Coefficients,
        layout: &Layout,
        table: &'a HuffmanTable,
    ) -> Self {
        let (width, height) = state.blocks;
        let (step, row) = (coefficients.kept, coefficients.kept * layout.blocks);
        let blocks = (0..height).flat_map(|y| (0..width).map(move |x| y * row + x * step));
        let mut offsets = [0; 16];
        offsets.iter_mut().zip(blocks).for_each(|(offset, block)| *offset = block);
        Self {
            values: &mut coefficients.values,
            at: 0,
            steps: (width * step, height * row),
            offsets,
            count: width * height,
            table,
            prediction: state.prediction,
        }
    }

    fn start_row(&mut self, row: usize) {
        self.at = row * self.steps.1;
    }

    #[inline(always)]
    fn read_mcu(&mut self, bits: &mut BitReader<'_>, al: u32) -> Result<(), Error> {
        for offset in &self.offsets[..self.count] {
            let difference = self.table.dc_difference(bits)?;
            self.prediction = self.prediction.wrapping_add(difference);
            self.values[self.at + offset] = (self.prediction << al) as i16;
        }
        self.at += self.steps.0;
        Ok(())
    }

    #[inline(always)]
    fn refine_mcu(&mut self, bits: &mut BitReader<'_>, al: u32) {
        // Enough for the 16 blocks that an MCU may have.
        bits.refill();
        for offset in &self.offsets[..self.count] {
            self.values[self.at + offset] |= i16::from(bits.peek(1) != 0) << al;
            bits.consume(1);
        }
        self.at += self.steps.0;
    }
}

/// The first scan of a band of AC coefficients: G.1.2.2.
fn read_ac_row(
    scan: &mut ScanReader<'_>,
    first: usize,
    table: &HuffmanTable,
    coefficients: &mut Coefficients,
) -> Result<(), Error> {
    let (ss, se) = scan.band;
    let kept = coefficients.kept;
    // The last coefficient that can't be skipped.
    let last = if coefficients.histories.is_empty() { kept as u32 - 1 } else { 63 };
    let mut bits = scan.bits;
    for index in (first..).take(scan.columns) {
        if scan.restarts.is_due() {
            bits = scan.restarts.skip_marker(bits)?;
            scan.eob_run = 0;
        }
        if scan.eob_run > 0 {
            scan.eob_run -= 1;
            continue;
        }
        let values = &mut coefficients.values[index * kept..][..kept];
        let mut history = 0;
        let mut next = ss;
        while next <= se.min(last) {
            let (step, value) = table.ac_coefficient(&mut bits)?;
            next += step;
            if next >= END_OF_BLOCK {
                scan.eob_run = eob_run(&mut bits, value.cast_unsigned());
                break;
            }
            if next > se + 1 {
                return Err(Error::Code);
            }
            if let Some(kept) = values.get_mut(next as usize - 1) {
                *kept = (value << scan.al) as i16;
            }
            history |= u64::from(value != 0) << (next - 1);
        }
        if let Some(kept) = coefficients.histories.get_mut(index) {
            *kept |= history;
        } else if next <= se {
            // `skip` ends at coefficient 63: shift the band's end there.
            let size = skip(table.skips(), &table.codes, &mut bits, next + 63 - se)?;
            scan.eob_run = eob_run(&mut bits, size);
        }
        bits.check()?;
    }
    scan.bits = bits;
    Ok(())
}

/// The blocks left in the EOB run of EOBn, n = `size`, after the current block.
#[inline(always)]
fn eob_run(bits: &mut BitReader<'_>, size: u32) -> u32 {
    if size == 0 { 0 } else { (1 << size) + bits.receive(size) - 1 }
}

/// A refinement scan of a band of AC coefficients: G.1.2.3.
fn refine_ac_row(
    scan: &mut ScanReader<'_>,
    first: usize,
    table: &HuffmanTable,
    coefficients: &mut Coefficients,
) -> Result<(), Error> {
    let (ss, se) = scan.band;
    let kept = coefficients.kept;
    let mut bits = scan.bits;
    for index in (first..).take(scan.columns) {
        if scan.restarts.is_due() {
            bits = scan.restarts.skip_marker(bits)?;
            scan.eob_run = 0;
        }
        let mut block = BlockRefinement {
            bits,
            values: &mut coefficients.values[index * kept..][..kept],
            history: &mut coefficients.histories[index],
            bit: 1 << scan.al,
        };
        let mut next = ss;
        while scan.eob_run == 0 && next <= se {
            let symbol = table.symbol(&mut block.bits)?;
            let (run, size) = (u32::from(symbol >> 4), symbol & 15);
            let value = match (run, size) {
                (15, 0) => 0,
                (_, 0) => {
                    // The run includes this block.
                    scan.eob_run = eob_run(&mut block.bits, run) + 1;
                    break;
                }
                (_, 1) if block.bits.receive(1) == 1 => block.bit,
                (_, 1) => -block.bit,
                _ => return Err(Error::Code),
            };
            next = block.correct(next, se, run);
            if value != 0 {
                if next > se {
                    return Err(Error::Code);
                }
                if let Some(kept) = block.values.get_mut(next as usize) {
                    *kept = value;
                }
                *block.history |= 1 << next;
            }
            next += 1;
        }
        if scan.eob_run > 0 {
            block.correct(next, se, 64);
            scan.eob_run -= 1;
        }
        bits = block.bits;
        bits.check()?;
    }
    scan.bits = bits;
    Ok(())
}

/// A block that a refinement scan adds a bit to.
struct BlockRefinement<'a, 'b> {
    bits: BitReader<'a>,
    values: &'b mut [i16],
    history: &'b mut u64,
    /// 1 << Al.
    bit: i16,
}

impl BlockRefinement<'_, '_> {
    /// Skips `zeros` coefficients with a zero history, reads the correction bits of the
    /// others, and returns the next one with a zero history, or the end of the band.
    #[inline(always)]
    fn correct(&mut self, mut next: u32, se: u32, mut zeros: u32) -> u32 {
        while next <= se {
            if *self.history >> next & 1 == 0 {
                if zeros == 0 {
                    break;
                }
                zeros -= 1;
            } else if self.bits.receive(1) == 1
                && let Some(value) = self.values.get_mut(next as usize)
            {
                *value = value.wrapping_add(if *value < 0 { -self.bit } else { self.bit });
            }
            next += 1;
        }
        next
    }
}
