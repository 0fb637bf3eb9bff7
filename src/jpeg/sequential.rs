//! Reads a strip of a sequential scan: T.81 F.2.
//!
//! Blocks become samples as they come: there is nothing to keep.

use crate::jpeg::bits::Bits;
use crate::jpeg::coefficient_table::{END, look};
use crate::jpeg::error::{BadCode, Error};
use crate::jpeg::huffman::Table;
use crate::jpeg::idct;
use crate::jpeg::idct::Block;
use crate::jpeg::pass::{Pass, parts};
use crate::jpeg::plan::Layout;
use crate::jpeg::plane::Plane;
use crate::jpeg::skip_table::Skips;

/// Reads the next strip of a pass into the planes.
pub(super) fn read_strip(
    pass: &mut Pass<'_>,
    layouts: &[Layout],
    tables: &[Table],
    planes: &mut [Plane],
) -> Result<(), Error> {
    let rows = pass.take_rows();
    let mut bits = pass.bits;
    let mut parts = parts(&pass.members[..pass.count], planes, |member, plane| Part {
        layout: &layouts[member.component],
        plane,
        dc: &tables[member.dc],
        ac: &tables[member.ac],
        skips: tables[member.ac].skips(),
        quantum: layouts[member.component].quantum(),
        blocks: member.blocks,
        prediction: member.prediction,
        at: 0,
        down: 0,
        block: [0; 64],
    });
    for row in 0..rows {
        for part in parts.iter_mut().flatten() {
            let (_, high) = part.layout.block;
            (part.at, part.down) = part.plane.line(row * part.blocks.1, high);
        }
        for _ in 0..pass.columns {
            if pass.restarts.due() {
                bits = pass.restarts.pass(bits)?;
                parts.iter_mut().flatten().for_each(|part| part.prediction = 0);
            }
            for part in parts.iter_mut().flatten() {
                if part.layout.kept == 1 {
                    part.read_levels(&mut bits)?;
                } else {
                    part.read_blocks(&mut bits)?;
                }
            }
            // Not once a row: a file of nothing but a header would cost a row's work.
            bits.check()?;
        }
    }
    for (member, part) in pass.members.iter_mut().zip(parts.iter().flatten()) {
        member.prediction = part.prediction;
    }
    pass.bits = bits;
    Ok(())
}

/// A component's part in a strip, with all that its blocks take.
struct Part<'a> {
    layout: &'a Layout,
    plane: &'a mut Plane,
    dc: &'a Table,
    ac: &'a Table,
    skips: &'a Skips,
    /// The quantisation step of DC.
    quantum: i32,
    /// Blocks in an MCU, across and down.
    blocks: (usize, usize),
    /// The DC coefficient before.
    prediction: i32,
    /// Where the next MCU's samples are, and how far it is to its next row of blocks.
    at: usize,
    down: usize,
    /// The one that is read. INVARIANT: between two, those that are kept are zero but for DC.
    block: Block,
}

impl Part<'_> {
    /// Reads an MCU's blocks that give one sample each.
    ///
    /// A function of its own, as `read_block` is, with a position of its own: its loops have
    /// all registers.
    #[inline(never)]
    fn read_levels(&mut self, position: &mut Bits<'_>) -> Result<(), BadCode> {
        let mut bits = *position;
        let mut line = self.at;
        for _ in 0..self.blocks.1 {
            for level in self.plane.levels(line, self.blocks.0) {
                let difference = self.dc.difference(&mut bits)?;
                self.prediction = self.prediction.wrapping_add(difference);
                // Before the skip, which wants all the registers there are.
                *level = idct::level(self.prediction.wrapping_mul(self.quantum));
                self.ac.skip(self.skips, &mut bits, 1)?;
            }
            line += self.down;
        }
        self.at += self.blocks.0;
        *position = bits;
        Ok(())
    }

    /// Reads an MCU's blocks.
    #[inline(always)]
    fn read_blocks(&mut self, bits: &mut Bits<'_>) -> Result<(), BadCode> {
        let (wide, _) = self.layout.block;
        let mut line = self.at;
        for _ in 0..self.blocks.1 {
            let mut at = line;
            for _ in 0..self.blocks.0 {
                if self.read_block(bits)? {
                    self.plane.put(at, self.layout, &mut self.block);
                } else {
                    self.plane.fill(at, self.layout.block, self.block[0]);
                }
                at += wide;
            }
            line += self.down;
        }
        self.at += self.blocks.0 * wide;
        Ok(())
    }

    /// Reads a block: DC, AC coefficients as far as they are kept, and passes over the others.
    /// Says whether there are any but DC.
    #[inline(never)]
    fn read_block(&mut self, position: &mut Bits<'_>) -> Result<bool, BadCode> {
        let mut bits = *position;
        let difference = self.dc.difference(&mut bits)?;
        self.prediction = self.prediction.wrapping_add(difference);
        self.block[0] = self.prediction.wrapping_mul(self.quantum);
        let values = self.ac.values();
        // The coefficient's zigzag index.
        let mut at = 0;
        loop {
            let look = look(values, &mut bits);
            let (step, mut value) = look.take(&mut bits);
            at += step;
            // One test for what is rare: a long code, the end, an error.
            if at > 63 {
                if look.is_long() {
                    (at, value) = self.ac.take_long(&mut bits, look, at)?;
                }
                if at > 63 {
                    *position = bits;
                    return if at >= END { Ok(at > END) } else { Err(BadCode) };
                }
            }
            let step = self.layout.steps[at as usize];
            self.block[step.index()] = value * step.quantum();
            if step.is_last() {
                break;
            }
        }
        if at < 63 {
            self.ac.skip(self.skips, &mut bits, at + 1)?;
        }
        *position = bits;
        Ok(true)
    }
}
