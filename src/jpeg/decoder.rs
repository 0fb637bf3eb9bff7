//! The picture row by row: decodes a strip when the rows of the previous one are spent.

use std::vec;
use std::vec::Vec;

use crate::jpeg::header::Colour;
use crate::jpeg::strips::Strips;
use crate::jpeg::{Error, Plan, colour, upsample};

/// The format of a row's pixels, 8 bits a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pixels {
    /// Grey.
    Grey,
    /// Red, green, blue.
    Rgb,
    /// Luma and two chroma channels: see [`Decoder::keep_ycbcr`].
    YCbCr,
    /// Cyan, magenta, yellow, black; 255 is no ink. See [`cmyk_to_rgb`](super::cmyk_to_rgb).
    Cmyk,
}

impl Pixels {
    /// Bytes a pixel.
    #[must_use]
    pub fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Cmyk => 4,
        }
    }
}

/// Decodes a picture row by row.
pub struct Decoder<'a> {
    strips: Strips<'a>,
    colour: Colour,
    /// The conversion to apply: `colour`, or `Rgb` to leave samples as they are.
    conversion: Colour,
    /// Width in pixels at this scale.
    pub width: usize,
    /// Height in pixels at this scale.
    pub height: usize,
    /// Rows in a strip.
    strip: usize,
    /// The current row of each component that needs upsampling.
    upsampled: [Vec<u8>; 4],
    /// The last row of a strip is interpolated with the first of the next.
    needs_next_strip: bool,
    /// The next row.
    row: usize,
    /// The end of the rows that the strips read so far allow.
    ready: usize,
}

impl<'a> Decoder<'a> {
    /// Bytes of heap that `plan` and its decoder take. [`Self::new`] allocates all of it.
    #[must_use]
    pub fn memory(plan: &Plan<'_>) -> usize {
        let upsampled = plan.layouts.iter().filter(|layout| layout.is_upsampled()).count();
        let (width, _) = plan.header.size_at(plan.scale);
        Strips::memory(plan) + upsampled * usize::from(width)
    }

    /// Builds the Huffman tables and allocates a strip and a few rows.
    ///
    /// # Errors
    ///
    /// [`Error::Table`]: a Huffman table that is needed is malformed.
    pub fn new(plan: &'a Plan<'a>) -> Result<Self, Error> {
        let Plan { header, scale, layouts, .. } = plan;
        let (width, height) = header.size_at(*scale);
        let (width, height) = (usize::from(width), usize::from(height));
        let mut upsampled = [const { Vec::new() }; 4];
        for (row, layout) in upsampled.iter_mut().zip(layouts) {
            if layout.is_upsampled() {
                *row = vec![0; width];
            }
        }
        Ok(Self {
            strips: Strips::new(plan)?,
            colour: header.colour,
            conversion: header.colour,
            width,
            height,
            strip: header.max_sampling().1 * scale.block_size(),
            upsampled,
            needs_next_strip: layouts.iter().any(|layout| layout.ratio.1 == (2, 1)),
            row: 0,
            ready: 0,
        })
    }

    /// The format of the next row.
    #[must_use]
    pub fn pixels(&self) -> Pixels {
        match self.colour {
            Colour::Grey => Pixels::Grey,
            Colour::YCbCr if self.conversion == Colour::Rgb => Pixels::YCbCr,
            Colour::YCbCr | Colour::Rgb => Pixels::Rgb,
            Colour::Cmyk | Colour::Ycck => Pixels::Cmyk,
        }
    }

    /// Leaves `YCbCr` unconverted from the next row on; false if the file is not `YCbCr`.
    /// JPEG to JPEG without the round trip through RGB is a tenth fewer instructions.
    pub fn keep_ycbcr(&mut self) -> bool {
        if self.colour == Colour::YCbCr {
            self.conversion = Colour::Rgb;
        }
        self.colour == Colour::YCbCr
    }

    /// Bytes in a row.
    #[must_use]
    pub fn row_bytes(&self) -> usize {
        self.width * self.pixels().channels()
    }

    /// Writes the next row to `out`; false after the last.
    ///
    /// # Errors
    ///
    /// The row's data is corrupt or missing, or `out` is not [`Self::row_bytes`] long.
    pub fn next_row(&mut self, out: &mut [u8]) -> Result<bool, Error> {
        if out.len() != self.row_bytes() {
            return Err(Error::Row);
        }
        if self.row == self.height {
            return Ok(false);
        }
        while self.row >= self.ready {
            self.strips.read()?;
            let end = self.strips.read * self.strip;
            let is_last = end >= self.height;
            self.ready =
                if is_last { self.height } else { end - usize::from(self.needs_next_strip) };
        }
        self.write_row(out);
        self.row += 1;
        Ok(true)
    }

    fn write_row(&mut self, out: &mut [u8]) {
        let Strips { plan, planes, read, .. } = &self.strips;
        let Plan { header, orientation, layouts, .. } = plan;
        let strip = read - 1;
        let components = layouts.iter().zip(planes).zip(&mut self.upsampled);
        for ((layout, plane), row) in components {
            if !row.is_empty() {
                upsample::row(layout, plane, *orientation, (self.row, strip), row);
            }
        }
        let mut rows: [&[u8]; 4] = [&[]; 4];
        let components = layouts.iter().zip(planes).zip(&self.upsampled);
        for (row, ((layout, plane), upsampled)) in rows.iter_mut().zip(components) {
            *row = if upsampled.is_empty() {
                plane.row(self.row + 1 - strip * layout.extent.rows)
            } else {
                upsampled
            };
        }
        colour::convert(self.conversion, header.adobe.is_some(), rows, out);
    }
}
