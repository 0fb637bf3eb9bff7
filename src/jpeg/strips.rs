//! The components strip by strip, each at its own resolution. A strip is a row of MCUs.

use std::vec::Vec;

use crate::jpeg::huffman::HuffmanTable;
use crate::jpeg::layout::{Extent, Layout};
use crate::jpeg::plane::{Coefficients, Plane};
use crate::jpeg::scan::Scan;
use crate::jpeg::scan_reader::ScanReader;
use crate::jpeg::{Error, Plan, progressive, sequential};

/// Decodes strips, from top to bottom.
pub struct Strips<'a> {
    pub(super) plan: &'a Plan<'a>,
    tables: Vec<HuffmanTable>,
    scans: Vec<ScanReader<'a>>,
    pub(super) planes: Vec<Plane>,
    /// Empty unless progressive.
    coefficients: Vec<Coefficients>,
    /// Strips in the picture.
    count: usize,
    /// Strips read so far.
    pub(super) read: usize,
}

impl<'a> Strips<'a> {
    /// Bytes of heap that `plan` and its strips take. [`Self::new`] allocates all of it.
    #[must_use]
    pub fn memory(plan: &Plan<'_>) -> usize {
        let layouts = plan.layouts.iter().enumerate();
        let strips: usize = layouts
            .map(|(component, layout)| {
                let coefficients = Coefficients::size(layout, plan.has_histories(component));
                Plane::size(layout) + if plan.header.progressive { coefficients } else { 0 }
            })
            .sum();
        let scans = plan.scans.capacity() * (size_of::<Scan<'_>>() + size_of::<ScanReader<'_>>());
        let layouts = plan.layouts.capacity()
            * (size_of::<Layout>() + size_of::<Plane>() + size_of::<Coefficients>());
        strips + scans + layouts + plan.tables.size()
    }

    /// Builds the Huffman tables and allocates the strip.
    ///
    /// # Errors
    ///
    /// [`Error::Table`]: a Huffman table that is needed is malformed.
    pub fn new(plan: &'a Plan<'a>) -> Result<Self, Error> {
        let tables = plan.tables.build()?;
        let open = |scan| ScanReader::new(scan, &plan.layouts, &plan.tables);
        let mut coefficients = Vec::new();
        if plan.header.progressive {
            let new =
                |(component, layout)| Coefficients::new(layout, plan.has_histories(component));
            coefficients = plan.layouts.iter().enumerate().map(new).collect();
        }
        Ok(Self {
            plan,
            tables,
            scans: plan.scans.iter().map(open).collect(),
            planes: plan.layouts.iter().map(Plane::new).collect(),
            coefficients,
            count: usize::from(plan.header.height).div_ceil(8 * plan.header.max_sampling().1),
            read: 0,
        })
    }

    /// Decodes the next strip; false after the last.
    ///
    /// # Errors
    ///
    /// The strip's data is corrupt or missing.
    pub fn read(&mut self) -> Result<bool, Error> {
        if self.read == self.count {
            return Ok(false);
        }
        self.planes.iter_mut().for_each(Plane::advance);
        self.coefficients.iter_mut().for_each(Coefficients::clear);
        let layouts = &self.plan.layouts;
        for scan in &mut self.scans {
            if self.plan.header.progressive {
                progressive::read_strip(scan, layouts, &self.tables, &mut self.coefficients)?;
            } else {
                sequential::read_strip(scan, layouts, &self.tables, &mut self.planes)?;
            }
        }
        let components = self.coefficients.iter().zip(layouts).zip(&mut self.planes);
        components.for_each(|((coefficients, layout), plane)| coefficients.write(layout, plane));
        self.read += 1;
        Ok(true)
    }

    /// A component's rows in the strip read last, cropped to the picture's width; none if
    /// there is no such component.
    pub fn rows(&self, component: usize) -> impl Iterator<Item = &[u8]> {
        let component = self.plan.layouts.get(component).zip(self.planes.get(component));
        component.into_iter().flat_map(|(layout, plane)| {
            let Extent { width, height, rows, .. } = layout.extent;
            let before = self.read.saturating_sub(1) * rows;
            let rows = height.saturating_sub(before).min(rows);
            (1..=rows).map(move |row| &plane.row(row)[..width])
        })
    }
}
