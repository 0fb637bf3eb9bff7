//! A picture's components strip by strip, each at a rate of its own: a strip is a row of MCUs.

use std::vec::Vec;

use crate::jpeg::header::{Colour, Header};
use crate::jpeg::huffman::Table;
use crate::jpeg::orientation::Turn;
use crate::jpeg::pass::{Pass, Tables};
use crate::jpeg::plan::Layout;
use crate::jpeg::plane::{Coefficients, Plane};
use crate::jpeg::scan::Scan;
use crate::jpeg::{Error, Scale, plan, progressive, scan, sequential};

/// At what rate the two colour differences of a picture are wanted, if it has such.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chroma {
    /// As many samples as there are pixels.
    Whole,
    /// Half as many, across and down: for a JPEG that keeps no more.
    Halved,
}

/// All that is settled before anything of size is allocated.
pub(super) struct Prepared<'a> {
    pub(super) layouts: Vec<Layout>,
    scans: Vec<Scan<'a>>,
    tables: Tables<'a>,
    progressive: bool,
    strips: usize,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(header: &Header<'a>, scale: Scale, chroma: Chroma) -> Result<Self, Error> {
        let in_halves = chroma == Chroma::Halved && header.colour == Colour::YCbCr;
        let new =
            |(n, &component)| Layout::new(header, component, scale.block(), in_halves && n > 0);
        let mut layouts: Vec<_> = header.components().iter().enumerate().map(new).collect();
        let mut needed = [0; 4];
        layouts.iter().zip(&mut needed).for_each(|(layout, needed)| *needed = layout.needed());
        let scans = scan::relevant(header, needed, scale.refinements())?;
        plan::set_quantisation(&mut layouts, &scans)?;
        let with_skips = layouts.iter().any(|layout| layout.kept < 64);
        let tables = Tables::collect(&scans, header.progressive, with_skips)?;
        let strips = usize::from(header.height).div_ceil(8 * header.sampling().1);
        Ok(Self { layouts, scans, tables, progressive: header.progressive, strips })
    }

    /// Whether a scan has to know which of a component's coefficients are not zero.
    fn histories(&self, component: usize) -> bool {
        let mut scans = self.scans.iter();
        scans.any(|it| it.first > 0 && it.refines() && it.members()[0].component == component)
    }

    /// Bytes that [`Strips`] take.
    pub(super) fn memory(&self) -> usize {
        let layouts = self.layouts.iter().enumerate();
        let strips: usize = layouts
            .map(|(component, layout)| {
                let coefficients = Coefficients::size(layout, self.histories(component));
                layout.plane_size() + if self.progressive { coefficients } else { 0 }
            })
            .sum();
        let scans = self.scans.capacity() * (size_of::<Scan<'_>>() + size_of::<Pass<'_>>());
        let layouts = self.layouts.capacity()
            * (size_of::<Layout>() + size_of::<Plane>() + size_of::<Coefficients>());
        strips + scans + layouts + self.tables.size()
    }

    /// Makes the tables and opens the scans.
    pub(super) fn open(self) -> Result<Strips<'a>, Error> {
        let tables = self.tables.make()?;
        let passes = self.tables.open(&self.scans, &self.layouts);
        let mut coefficients = Vec::new();
        if self.progressive {
            let new = |(component, layout)| Coefficients::new(layout, self.histories(component));
            coefficients = self.layouts.iter().enumerate().map(new).collect();
        }
        Ok(Strips {
            progressive: self.progressive,
            tables,
            passes,
            planes: self.layouts.iter().map(Plane::new).collect(),
            coefficients,
            layouts: self.layouts,
            count: self.strips,
            read: 0,
        })
    }
}

/// One component's part of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Samples across.
    pub width: usize,
    /// Samples down.
    pub height: usize,
    /// How many of the picture's pixels make a sample, across and down, as fractions.
    pub pixels: [(usize, usize); 2],
    /// Rows of a strip, at most.
    pub rows: usize,
}

/// What reading a picture's components takes and gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extents {
    /// For each component, in the frame's order.
    pub components: Vec<Extent>,
    /// Bytes that [`Strips`] allocate.
    pub memory: usize,
}

impl Extents {
    /// Works them out from the header.
    ///
    /// # Errors
    ///
    /// As for [`Strips::new`], but for the budget.
    pub fn new(header: &Header<'_>, scale: Scale, chroma: Chroma) -> Result<Self, Error> {
        let prepared = Prepared::new(header, scale, chroma)?;
        let components = prepared.layouts.iter().map(|layout| layout.extent(header)).collect();
        Ok(Self { components, memory: prepared.memory() })
    }
}

/// Reads strips, one after the other.
pub struct Strips<'a> {
    progressive: bool,
    pub(super) layouts: Vec<Layout>,
    tables: Vec<Table>,
    passes: Vec<Pass<'a>>,
    pub(super) planes: Vec<Plane>,
    /// Empty unless progressive.
    coefficients: Vec<Coefficients>,
    /// How many there are, and how many have been read.
    count: usize,
    pub(super) read: usize,
}

impl<'a> Strips<'a> {
    /// Finds the scans that matter at this scale, and allocates `budget` bytes at the most.
    ///
    /// # Errors
    ///
    /// What is needed is broken, missing or unsupported, or the budget too small.
    pub fn new(
        header: &Header<'a>,
        scale: Scale,
        chroma: Chroma,
        budget: usize,
    ) -> Result<Self, Error> {
        let prepared = Prepared::new(header, scale, chroma)?;
        let needed = prepared.memory();
        if needed > budget {
            return Err(Error::Memory { needed });
        }
        prepared.open()
    }

    /// Rounds as if the picture were stored as it will be shown, and still gives it as it is
    /// stored: to the bit what an upright file gives whose coefficients have been turned. To
    /// be called before the first strip, and once.
    pub fn will_be_turned(&mut self, turn: Turn) {
        self.layouts.iter_mut().for_each(|layout| layout.will_be_turned(turn));
    }

    /// Reads the next strip; false when there is none.
    ///
    /// # Errors
    ///
    /// The file's data for it is broken or missing.
    pub fn read(&mut self) -> Result<bool, Error> {
        if self.read == self.count {
            return Ok(false);
        }
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
        self.read += 1;
        Ok(true)
    }

    /// The rows of a component in the strip that was read last, as long as the picture is
    /// wide; none where there is no such component.
    pub fn rows(&self, component: usize) -> impl Iterator<Item = &[u8]> {
        let parts = self.layouts.get(component).zip(self.planes.get(component));
        parts.into_iter().flat_map(|(layout, plane)| {
            let (width, height) = layout.samples;
            let before = self.read.saturating_sub(1) * layout.rows();
            let rows = height.saturating_sub(before).min(layout.rows());
            (1..=rows).map(move |row| &plane.row(row)[..width])
        })
    }
}
