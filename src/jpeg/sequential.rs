//! Decodes a strip of a sequential scan: T.81 F.2.
//!
//! Each block is transformed as soon as it is read; no coefficients are stored.

use crate::jpeg::bit_reader::BitReader;
use crate::jpeg::codes::END_OF_BLOCK;
use crate::jpeg::coefficient_table::look_up;
use crate::jpeg::error::{CodeError, Error};
use crate::jpeg::huffman::HuffmanTable;
use crate::jpeg::idct;
use crate::jpeg::idct::Block;
use crate::jpeg::layout::Layout;
use crate::jpeg::plane::Plane;
use crate::jpeg::scan_reader::{ScanReader, for_components};
use crate::jpeg::skip_table::{SkipTable, skip};

/// Decodes the next strip of a scan into the planes.
pub(super) fn read_strip(
    scan: &mut ScanReader<'_>,
    layouts: &[Layout],
    tables: &[HuffmanTable],
    planes: &mut [Plane],
) -> Result<(), Error> {
    let rows = scan.take_rows();
    let mut bits = scan.bits;
    let mut components =
        for_components(&scan.components[..scan.count], planes, |state, plane| Component {
            layout: &layouts[state.index],
            plane,
            dc: &tables[state.dc],
            ac: &tables[state.ac],
            skips: tables[state.ac].skips(),
            dc_step: layouts[state.index].dc_step(),
            blocks: state.blocks,
            prediction: state.prediction,
            at: 0,
            down: 0,
            block: [0; 64],
        });
    for row in 0..rows {
        for component in components.iter_mut().flatten() {
            let (_, height) = component.layout.block;
            (component.at, component.down) =
                component.plane.block_row(row * component.blocks.1, height);
        }
        for _ in 0..scan.columns {
            if scan.restarts.is_due() {
                bits = scan.restarts.skip_marker(bits)?;
                components.iter_mut().flatten().for_each(|component| component.prediction = 0);
            }
            for component in components.iter_mut().flatten() {
                if component.layout.kept == 1 {
                    component.read_dc_only(&mut bits)?;
                } else {
                    component.read_mcu(&mut bits)?;
                }
            }
            // Not once a row: a file that is only a header would cost a row's work.
            bits.check()?;
        }
    }
    for (state, component) in scan.components.iter_mut().zip(components.iter().flatten()) {
        state.prediction = component.prediction;
    }
    scan.bits = bits;
    Ok(())
}

/// All that decoding a component's blocks of a strip takes.
struct Component<'a> {
    layout: &'a Layout,
    plane: &'a mut Plane,
    dc: &'a HuffmanTable,
    ac: &'a HuffmanTable,
    skips: &'a SkipTable,
    /// The quantisation step size of DC.
    dc_step: i32,
    /// Blocks in an MCU, across and down.
    blocks: (usize, usize),
    /// The previous DC coefficient, PRED.
    prediction: i32,
    /// The position of the next MCU's samples, and the distance to the MCU's next row of
    /// blocks.
    at: usize,
    down: usize,
    /// The current block. INVARIANT: between blocks, kept AC coefficients are zero.
    block: Block,
}

impl Component<'_> {
    /// Decodes an MCU's blocks if each gives one sample.
    ///
    /// Like `read_block`, not inlined and with a bit reader of its own, so that its loops
    /// have all registers.
    #[inline(never)]
    fn read_dc_only(&mut self, strip_bits: &mut BitReader<'_>) -> Result<(), CodeError> {
        let mut bits = *strip_bits;
        let mut row = self.at;
        for _ in 0..self.blocks.1 {
            for sample in self.plane.samples(row, self.blocks.0) {
                let difference = self.dc.dc_difference(&mut bits)?;
                self.prediction = self.prediction.wrapping_add(difference);
                // Ahead of the skip, which needs every register.
                *sample = idct::dc_only(self.prediction.wrapping_mul(self.dc_step));
                skip(self.skips, &self.ac.codes, &mut bits, 1)?;
            }
            row += self.down;
        }
        self.at += self.blocks.0;
        *strip_bits = bits;
        Ok(())
    }

    /// Decodes an MCU's blocks.
    #[inline(always)]
    fn read_mcu(&mut self, bits: &mut BitReader<'_>) -> Result<(), CodeError> {
        let (width, _) = self.layout.block;
        let mut row = self.at;
        for _ in 0..self.blocks.1 {
            let mut at = row;
            for _ in 0..self.blocks.0 {
                if self.read_block(bits)? {
                    self.plane.write(at, self.layout, &mut self.block);
                } else {
                    self.plane.fill(at, self.layout.block, self.block[0]);
                }
                at += width;
            }
            row += self.down;
        }
        self.at += self.blocks.0 * width;
        Ok(())
    }

    /// Decodes and dequantises DC and the kept AC coefficients of a block, and skips the
    /// others. Returns whether there are any AC coefficients.
    #[inline(never)]
    fn read_block(&mut self, strip_bits: &mut BitReader<'_>) -> Result<bool, CodeError> {
        let mut bits = *strip_bits;
        let difference = self.dc.dc_difference(&mut bits)?;
        self.prediction = self.prediction.wrapping_add(difference);
        self.block[0] = self.prediction.wrapping_mul(self.dc_step);
        let coefficients = &*self.ac.coefficients;
        // The zigzag index.
        let mut k = 0;
        loop {
            let entry = look_up(coefficients, &mut bits);
            let (step, mut value) = entry.take(&mut bits);
            k += step;
            // One comparison for everything rare: long codes, the end of the block, errors.
            if k > 63 {
                if entry.is_long() {
                    (k, value) = self.ac.finish_long(&mut bits, entry, k)?;
                }
                if k > 63 {
                    *strip_bits = bits;
                    return if k >= END_OF_BLOCK { Ok(k > END_OF_BLOCK) } else { Err(CodeError) };
                }
            }
            let slot = self.layout.slots[k as usize];
            self.block[slot.index()] = value * slot.step();
            if slot.is_last() {
                break;
            }
        }
        if k < 63 {
            skip(self.skips, &self.ac.codes, &mut bits, k + 1)?;
        }
        *strip_bits = bits;
        Ok(true)
    }
}
