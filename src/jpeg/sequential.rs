//! Reads a strip of a sequential scan: T.81 F.2.
//!
//! Blocks become samples as they come: there is nothing to keep.

use super::Error;
use super::bits::Bits;
use super::huffman::{END, Skips, Table};
use super::idct::{self, Block};
use super::pass::{Pass, parts};
use super::plan::{Layout, index_and_quantum};
use super::plane::Plane;

/// Reads the next strip of a pass into the planes.
pub(super) fn read_strip(
    pass: &mut Pass<'_>,
    layouts: &[Layout],
    tables: &[Table],
    planes: &mut [Plane],
) -> Result<(), Error> {
    let rows = pass.take_rows();
    let mut bits = pass.bits;
    let mut scratch = [0; 64];
    let mut parts = parts(&pass.members[..pass.count], planes, |member, plane| Part {
        layout: &layouts[member.component],
        plane,
        dc: &tables[member.dc],
        ac: &tables[member.ac],
        skips: tables[member.ac].skips(),
        quantum: layouts[member.component].quantum(),
        blocks: member.blocks,
        prediction: member.prediction,
    });
    for row in 0..rows {
        for column in 0..pass.columns {
            if pass.restarts.due() {
                bits = pass.restarts.pass(bits)?;
                parts.iter_mut().flatten().for_each(|part| part.prediction = 0);
            }
            for part in parts.iter_mut().flatten() {
                for y in row * part.blocks.1..(row + 1) * part.blocks.1 {
                    if part.layout.kept == 1 {
                        part.read_levels(&mut bits, column, y)?;
                    } else {
                        part.read_blocks(&mut bits, column, y, &mut scratch)?;
                    }
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
}

impl Part<'_> {
    /// Reads the DC coefficient of a block, dequantised.
    #[inline(always)]
    fn read_dc(&mut self, bits: &mut Bits<'_>) -> Result<i32, Error> {
        let difference = self.dc.difference(bits)?;
        self.prediction = self.prediction.wrapping_add(difference);
        Ok(self.prediction.wrapping_mul(self.quantum))
    }

    /// Reads a row of an MCU's blocks that give one sample each.
    #[inline(always)]
    fn read_levels(&mut self, bits: &mut Bits<'_>, column: usize, row: usize) -> Result<(), Error> {
        let across = column * self.blocks.0..(column + 1) * self.blocks.0;
        for level in &mut self.plane.levels(row)[across] {
            let difference = self.dc.difference(bits)?;
            self.prediction = self.prediction.wrapping_add(difference);
            // Before the skip, which wants all the registers there are.
            *level = idct::level(self.prediction.wrapping_mul(self.quantum));
            self.ac.skip(self.skips, bits, 1)?;
        }
        Ok(())
    }

    /// Reads a row of an MCU's blocks.
    #[inline(always)]
    fn read_blocks(
        &mut self,
        bits: &mut Bits<'_>,
        column: usize,
        row: usize,
        scratch: &mut Block,
    ) -> Result<(), Error> {
        for x in column * self.blocks.0..(column + 1) * self.blocks.0 {
            let dc = self.read_dc(bits)?;
            if read_block(bits, self.ac, self.layout, scratch)? {
                scratch[0] = dc;
                self.plane.put(x, row, self.layout, scratch);
            } else {
                self.plane.fill(x, row, self.layout.block, dc);
            }
        }
        Ok(())
    }
}

/// Reads a block's AC coefficients as far as they are kept and passes over the others.
/// Says whether there are any; if not, `block` is as it was.
#[inline(always)]
fn read_block(
    bits: &mut Bits<'_>,
    table: &Table,
    layout: &Layout,
    block: &mut Block,
) -> Result<bool, Error> {
    let (mut step, mut value) = table.coefficient(bits)?;
    if step == END {
        return Ok(false);
    }
    idct::clear(block, layout.made);
    let last = layout.kept as u32 - 1;
    // The coefficient's zigzag index.
    let mut place = 0;
    loop {
        place += step;
        let Some(&step_at) = layout.steps.get(place as usize) else {
            return if place >= END { Ok(true) } else { Err(Error::Code) };
        };
        let (index, quantum) = index_and_quantum(step_at);
        block[index] = value * quantum;
        if place >= last {
            break;
        }
        (step, value) = table.coefficient(bits)?;
    }
    if place < 63 {
        table.skip(table.skips(), bits, place + 1)?;
    }
    Ok(true)
}
