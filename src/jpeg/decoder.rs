//! Rows on request: reads a strip when the rows of the one before are spent.

use std::vec;
use std::vec::Vec;

use super::header::{Colour, Header};
use super::huffman::Table;
use super::pass::{Pass, Tables};
use super::plan::{self, Layout};
use super::plane::{Coefficients, Plane};
use super::scan::{self, Scan};
use super::turn::Turn;
use super::{Error, Scale, colour, progressive, sequential, upsample};

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

/// All that is settled before anything of size is allocated.
struct Prepared<'a> {
    layouts: Vec<Layout>,
    scans: Vec<Scan<'a>>,
    tables: Tables<'a>,
    width: usize,
}

impl<'a> Prepared<'a> {
    fn new(header: &Header<'a>, scale: Scale) -> Result<Self, Error> {
        let new = |&component| Layout::new(header, component, scale.block());
        let mut layouts: Vec<_> = header.components().iter().map(new).collect();
        let mut needed = [0; 4];
        layouts.iter().zip(&mut needed).for_each(|(layout, needed)| *needed = layout.needed());
        let scans = scan::relevant(header, needed, scale.refinements())?;
        plan::set_quantisation(&mut layouts, &scans)?;
        let with_skips = layouts.iter().any(|layout| layout.kept < 64);
        let tables = Tables::collect(&scans, header.progressive, with_skips)?;
        let width = header.size_at(scale).0.into();
        Ok(Self { layouts, scans, tables, width })
    }

    /// Whether a scan has to know which of a component's coefficients are not zero.
    fn histories(&self, component: usize) -> bool {
        let mut scans = self.scans.iter();
        scans.any(|it| it.first > 0 && it.refines() && it.members()[0].component == component)
    }

    fn memory(&self, header: &Header<'a>) -> usize {
        let layouts = self.layouts.iter().enumerate();
        let strips: usize = layouts
            .map(|(component, layout)| {
                let histories = self.histories(component);
                let coefficients = Coefficients::size(layout, histories);
                let line = if layout.ratio == ((1, 1), (1, 1)) { 0 } else { self.width };
                layout.plane_size() + line + if header.progressive { coefficients } else { 0 }
            })
            .sum();
        let scans = self.scans.capacity() * (size_of::<Scan<'_>>() + size_of::<Pass<'_>>());
        let layouts = self.layouts.capacity()
            * (size_of::<Layout>() + size_of::<Plane>() + size_of::<Coefficients>());
        strips + scans + layouts + self.tables.size()
    }
}

/// The bytes that a decoder allocates at a scale.
///
/// # Errors
///
/// As for [`Decoder::new`], but for the budget.
pub fn memory_needed(header: &Header<'_>, scale: Scale) -> Result<usize, Error> {
    Ok(Prepared::new(header, scale)?.memory(header))
}

/// Gives a picture row by row.
pub struct Decoder<'a> {
    colour: Colour,
    /// The same, or that of red, green and blue, which nothing is done to.
    conversion: Colour,
    /// Whether ink is kept as Adobe does, 255 for none.
    inverted: bool,
    progressive: bool,
    width: usize,
    height: usize,
    /// Rows in a strip.
    strip: usize,
    layouts: Vec<Layout>,
    tables: Vec<Table>,
    passes: Vec<Pass<'a>>,
    planes: Vec<Plane>,
    /// Empty unless progressive.
    coefficients: Vec<Coefficients>,
    /// Upsampled rows, of the components that need it.
    lines: [Vec<u8>; 4],
    /// How the picture will be shown.
    turn: Turn,
    /// The last row of a strip waits for the next strip, to be interpolated with it.
    waits: bool,
    /// Strips read so far.
    strips: usize,
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
        let prepared = Prepared::new(header, scale)?;
        let needed = prepared.memory(header);
        if needed > budget {
            return Err(Error::Memory { needed });
        }
        let tables = prepared.tables.make()?;
        let passes = prepared.tables.open(&prepared.scans, &prepared.layouts);
        let (width, height) = header.size_at(scale);
        let (width, height) = (usize::from(width), usize::from(height));
        let mut coefficients = Vec::new();
        if header.progressive {
            let new =
                |(component, layout)| Coefficients::new(layout, prepared.histories(component));
            coefficients = prepared.layouts.iter().enumerate().map(new).collect();
        }
        let mut lines = [const { Vec::new() }; 4];
        for (line, layout) in lines.iter_mut().zip(&prepared.layouts) {
            if layout.ratio != ((1, 1), (1, 1)) {
                *line = vec![0; width];
            }
        }
        Ok(Self {
            colour: header.colour,
            inverted: header.adobe.is_some(),
            conversion: header.colour,
            progressive: header.progressive,
            width,
            height,
            strip: header.sampling().1 * scale.block(),
            tables,
            passes,
            planes: prepared.layouts.iter().map(Plane::new).collect(),
            coefficients,
            lines,
            turn: Turn::default(),
            waits: prepared.layouts.iter().any(|layout| layout.ratio.1 == (2, 1)),
            layouts: prepared.layouts,
            strips: 0,
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
        self.layouts.iter_mut().for_each(|layout| layout.will_be_turned(turn));
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
        self.planes.iter_mut().for_each(Plane::advance);
        self.coefficients.iter_mut().for_each(Coefficients::clear);
        for pass in &mut self.passes {
            if self.progressive {
                progressive::read_strip(pass, &self.layouts, &self.tables, &mut self.coefficients)?;
            } else {
                sequential::read_strip(pass, &self.layouts, &self.tables, &mut self.planes)?;
            }
        }
        let parts = self.coefficients.iter().zip(&self.layouts).zip(&mut self.planes);
        parts.for_each(|((coefficients, layout), plane)| coefficients.write(layout, plane));
        self.strips += 1;
        let end = self.strips * self.strip;
        self.ready = if end >= self.height { self.height } else { end - usize::from(self.waits) };
        Ok(())
    }

    fn write_row(&mut self, out: &mut [u8]) {
        let last = self.strips - 1;
        let components = self.layouts.iter().zip(&self.planes).zip(&mut self.lines);
        for ((layout, plane), line) in components {
            if !line.is_empty() {
                upsample::row(layout, plane, self.turn, (self.row, last), line);
            }
        }
        let mut rows: [&[u8]; 4] = [&[]; 4];
        let components = self.layouts.iter().zip(&self.planes).zip(&self.lines);
        for (row, ((layout, plane), line)) in rows.iter_mut().zip(components) {
            *row =
                if line.is_empty() { plane.row(self.row + 1 - last * layout.rows()) } else { line };
        }
        colour::convert(self.conversion, self.inverted, rows, out);
    }
}
