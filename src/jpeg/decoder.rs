//! Rows on request: reads a strip when the rows of the one before are spent.

use std::vec;
use std::vec::Vec;

use crate::jpeg::header::{Colour, Header};
use crate::jpeg::orientation::Turn;
use crate::jpeg::plan::Layout;
use crate::jpeg::strips::{Chroma, Prepared, Strips};
use crate::jpeg::{Error, Scale, colour, upsample};

/// What a row's bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pixels {
    /// One byte: grey.
    Grey,
    /// Three bytes: red, green, blue.
    Rgb,
    /// Three bytes: luminance and two colour differences. See [`Decoder::keep_ycbcr`].
    YCbCr,
    /// Four bytes: cyan, magenta, yellow, black, 255 for no ink. `cmyk_to_rgb` mixes them.
    Cmyk,
}

impl Pixels {
    /// Bytes of a pixel.
    #[must_use]
    pub fn channels(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::Rgb | Self::YCbCr => 3,
            Self::Cmyk => 4,
        }
    }
}

/// The bytes that a decoder allocates at a scale.
///
/// # Errors
///
/// As for [`Decoder::new`], but for the budget.
pub fn memory_needed(header: &Header<'_>, scale: Scale) -> Result<usize, Error> {
    let prepared = Prepared::new(header, scale, Chroma::Whole)?;
    Ok(prepared.memory() + lines(&prepared.layouts, header.size_at(scale).0.into()))
}

/// Bytes of the rows that are upsampled.
fn lines(layouts: &[Layout], width: usize) -> usize {
    layouts.iter().filter(|layout| layout.is_upsampled()).count() * width
}

/// Gives a picture row by row.
pub struct Decoder<'a> {
    strips: Strips<'a>,
    colour: Colour,
    /// The same, or that of red, green and blue, which nothing is done to.
    conversion: Colour,
    /// Whether ink is kept as Adobe does, 255 for none.
    inverted: bool,
    width: usize,
    height: usize,
    /// Rows in a strip.
    strip: usize,
    /// Upsampled rows, of the components that need it.
    lines: [Vec<u8>; 4],
    /// How the picture will be shown.
    turn: Turn,
    /// The last row of a strip waits for the next strip, to be interpolated with it.
    waits: bool,
    /// The next row.
    row: usize,
    /// Rows that the strips read so far are enough for.
    ready: usize,
}

impl<'a> Decoder<'a> {
    /// Finds the scans that matter at this scale, and allocates `budget` bytes at the most.
    ///
    /// # Errors
    ///
    /// What is needed is broken, missing or unsupported, or the budget too small.
    pub fn new(header: &Header<'a>, scale: Scale, budget: usize) -> Result<Self, Error> {
        let prepared = Prepared::new(header, scale, Chroma::Whole)?;
        let (width, height) = header.size_at(scale);
        let (width, height) = (usize::from(width), usize::from(height));
        let needed = prepared.memory() + lines(&prepared.layouts, width);
        if needed > budget {
            return Err(Error::Memory { needed });
        }
        let strips = prepared.open()?;
        let mut lines = [const { Vec::new() }; 4];
        for (line, layout) in lines.iter_mut().zip(&strips.layouts) {
            if layout.is_upsampled() {
                *line = vec![0; width];
            }
        }
        Ok(Self {
            colour: header.colour,
            inverted: header.adobe.is_some(),
            conversion: header.colour,
            width,
            height,
            strip: header.sampling().1 * scale.block(),
            lines,
            turn: Turn::default(),
            waits: strips.layouts.iter().any(|layout| layout.ratio.1 == (2, 1)),
            strips,
            row: 0,
            ready: 0,
        })
    }

    /// The picture's width at this scale.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// The picture's height at this scale.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// What a row's bytes are.
    #[must_use]
    pub fn pixels(&self) -> Pixels {
        match self.colour {
            Colour::Grey => Pixels::Grey,
            Colour::YCbCr if self.conversion == Colour::Rgb => Pixels::YCbCr,
            Colour::YCbCr | Colour::Rgb => Pixels::Rgb,
            Colour::Cmyk | Colour::Ycck => Pixels::Cmyk,
        }
    }

    /// From the next row on gives luminance and colour differences as they are stored,
    /// where that is what the file has; false if not. Whoever makes a JPEG of them saves
    /// the way to red, green and blue and back: a tenth of a thumbnail's instructions.
    pub fn keep_ycbcr(&mut self) -> bool {
        if self.colour == Colour::YCbCr {
            self.conversion = Colour::Rgb;
        }
        self.colour == Colour::YCbCr
    }

    /// Rounds as if the picture were stored as it will be shown, and still gives it as it is
    /// stored: to the bit what an upright file gives whose coefficients have been turned. To
    /// be called before the first row, and once.
    pub fn will_be_turned(&mut self, turn: Turn) {
        self.strips.will_be_turned(turn);
        self.turn = turn;
    }

    /// Bytes of a row.
    #[must_use]
    pub fn row_length(&self) -> usize {
        self.width * self.pixels().channels()
    }

    /// Writes the next row; false when there is none.
    ///
    /// # Errors
    ///
    /// The file's data for this row is broken or missing; or `out` is not of `row_length`.
    pub fn next_row(&mut self, out: &mut [u8]) -> Result<bool, Error> {
        if out.len() != self.row_length() {
            return Err(Error::Row);
        }
        if self.row == self.height {
            return Ok(false);
        }
        while self.row >= self.ready {
            self.read_strip()?;
        }
        self.write_row(out);
        self.row += 1;
        Ok(true)
    }

    fn read_strip(&mut self) -> Result<(), Error> {
        self.strips.read()?;
        let end = self.strips.read * self.strip;
        self.ready = if end >= self.height { self.height } else { end - usize::from(self.waits) };
        Ok(())
    }

    fn write_row(&mut self, out: &mut [u8]) {
        let Strips { layouts, planes, read, .. } = &self.strips;
        let last = read - 1;
        let components = layouts.iter().zip(planes).zip(&mut self.lines);
        for ((layout, plane), line) in components {
            if !line.is_empty() {
                upsample::row(layout, plane, self.turn, (self.row, last), line);
            }
        }
        let mut rows: [&[u8]; 4] = [&[]; 4];
        let components = layouts.iter().zip(planes).zip(&self.lines);
        for (row, ((layout, plane), line)) in rows.iter_mut().zip(components) {
            *row =
                if line.is_empty() { plane.row(self.row + 1 - last * layout.rows()) } else { line };
        }
        colour::convert(self.conversion, self.inverted, rows, out);
    }
}
