//! What decoding takes and gives at a scale, known before anything large is allocated.

use std::vec::Vec;

use crate::jpeg::header::{Colour, Header};
use crate::jpeg::layout::{Extent, Layout};
use crate::jpeg::scan::Scan;
use crate::jpeg::tables::Tables;
use crate::jpeg::{Error, Orientation, Scale, scan};

/// The resolution that the chroma of a `YCbCr` picture is wanted at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chroma {
    /// A sample a pixel.
    Full,
    /// At least half as many across and down: enough for 4:2:0 output.
    Half,
}

/// The relevant scans and the layout of each component at a scale.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    pub(super) header: Header<'a>,
    pub(super) scale: Scale,
    pub(super) orientation: Orientation,
    pub(super) layouts: Vec<Layout>,
    pub(super) scans: Vec<Scan<'a>>,
    pub(super) tables: Tables<'a>,
}

impl<'a> Header<'a> {
    /// Walks the file's scans and works out what decoding at `scale` takes. Allocates a few
    /// hundred bytes for each scan.
    ///
    /// `orientation` is the one that the picture will be shown in: rows come as stored, but
    /// are rounded, to the bit, as if they were stored as shown.
    ///
    /// # Errors
    ///
    /// A scan or table that this scale needs is malformed, missing or unsupported.
    pub fn plan(
        &self,
        scale: Scale,
        chroma: Chroma,
        orientation: Orientation,
    ) -> Result<Plan<'a>, Error> {
        let header = *self;
        let halve = chroma == Chroma::Half && header.colour == Colour::YCbCr;
        let new =
            |(n, &component)| Layout::new(&header, component, scale.block_size(), halve && n > 0);
        let mut layouts: Vec<_> = header.components().iter().enumerate().map(new).collect();
        let mut needed = [0; 4];
        layouts.iter().zip(&mut needed).for_each(|(layout, needed)| *needed = layout.needed());
        let scans = scan::relevant(&header, needed, scale.refines_ac())?;
        for (index, layout) in layouts.iter_mut().enumerate() {
            // The table in effect at the component's first scan: T.81 B.2.4.1.
            let mut components = scans.iter().flat_map(Scan::components);
            let component = components.find(|it| it.index == index).ok_or(Error::Scan)?;
            layout.quantise(component.quantisation.ok_or(Error::Table)?, orientation);
        }
        let with_skips = layouts.iter().any(|layout| layout.kept < 64);
        let tables = Tables::collect(&scans, header.progressive, with_skips)?;
        Ok(Plan { header, scale, orientation, layouts, scans, tables })
    }
}

impl Plan<'_> {
    /// The components in the frame's order.
    #[must_use]
    pub fn extents(&self) -> impl ExactSizeIterator<Item = Extent> {
        self.layouts.iter().map(|layout| layout.extent)
    }

    /// Whether a scan has to know which of a component's coefficients are nonzero.
    pub(super) fn has_histories(&self, component: usize) -> bool {
        let mut scans = self.scans.iter();
        scans.any(|it| it.ss > 0 && it.is_refinement() && it.components()[0].index == component)
    }
}
