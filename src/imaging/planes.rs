//! One JPEG made into another component by component: luma, and two colour chroma
//! at half the resolution, each scaled on its own.
//!
//! As pixels the chroma would be brought to the resolution of luma first_pass, filtered
//! there, and halved again at the end: twice the samples for what a JPEG does not keep.
//!
//! A strip of the photo is put through all three at once, so rows of the thumbnail come in
//! lumps, and wait here. A picture that has to be turned is turned as it is handed out, and
//! all of it waits: 1.5 bytes a pixel.

use std::vec::Vec;

use crate::imaging::box_filter::Accumulator;
use crate::imaging::encode::ComponentRows;
use crate::imaging::orientation::Orientation;
use crate::imaging::plan::Reduction;
use crate::imaging::scale::{FirstPass, Scaler};
use crate::imaging::source::jpeg::Planar;
use crate::imaging::source::{Layout, Order, Row, Shape, jpeg};
use crate::imaging::{Error, box_filter, scale};
use crate::jpeg::{Extent, Strips};

/// Rows of the thumbnail that wait at most, beside those of a strip: the chroma are made
/// from six rows further down than luma, in groups of eight, by filters of their own.
const BEHIND: u64 = 24;

/// Bytes that one component takes.
pub(crate) fn memory(
    extent: &Extent,
    reduction: &Reduction,
    first_pass: FirstPass,
    orientation: Orientation,
) -> u64 {
    let shape = shape(extent);
    box_filter::memory(&shape, reduction.boxes)
        + scale::memory(&reduction.x, &reduction.y, 1, first_pass)
        + waiting(extent, reduction, orientation) * u64::from(reduction.x.out)
}

/// Rows of the thumbnail that wait, at most.
fn waiting(extent: &Extent, reduction: &Reduction, orientation: Orientation) -> u64 {
    let all = u64::from(reduction.y.out);
    // The softest steps leave half as many samples as the thumbnail has.
    if orientation.is_upright() { all.min(2 * extent.rows as u64 + BEHIND) } else { all }
}

fn shape(extent: &Extent) -> Shape {
    let (width, height) = (extent.width as u32, extent.height as u32);
    Shape { width, height, layout: Layout::Grey, order: Order::Sequential }
}

/// A thumbnail's luma and colour chroma, row by row.
pub(crate) struct PlanarRows<'a> {
    strips: Strips<'a>,
    components: [Component; 3],
    orientation: Orientation,
    /// Width of the thumbnail as it is shown.
    width: usize,
    /// Rows handed out.
    given: usize,
    /// A row of one component, turned.
    turned: Vec<u8>,
}

impl<'a> PlanarRows<'a> {
    pub(crate) fn new(
        planar: &Planar<'a>,
        reductions: &[Reduction; 3],
        first_pass: FirstPass,
        orientation: Orientation,
    ) -> Result<Self, Error> {
        let extents = &planar.extents;
        let strips = planar.decode(orientation)?;
        let component = |n: usize| {
            let (extent, reduction) = (&extents.components[n], &reductions[n]);
            Component::new(extent, reduction, first_pass, waiting(extent, reduction, orientation))
        };
        let second = component(1);
        let is_alike =
            extents.components[1] == extents.components[2] && reductions[1] == reductions[2];
        // With the same weights: 1 % of a small thumbnail's work.
        let third = if is_alike {
            let rows = Vec::with_capacity(second.rows.capacity());
            Component { rows, ..second.clone() }
        } else {
            component(2)
        };
        let components = [component(0), second, third];
        let (width, _) = orientation.apply(reductions[0].x.out, reductions[0].y.out);
        let width = width as usize;
        Ok(Self { strips, components, orientation, width, given: 0, turned: Vec::new() })
    }

    /// Whether all has been made that a row is put together from.
    fn is_made(&self, row: usize) -> bool {
        let rows = [row, row / 2, row / 2];
        self.components.iter().zip(rows).all(|(component, row)| {
            let last = if self.orientation.is_upright() { row } else { component.height - 1 };
            component.has(last)
        })
    }

    /// Puts the next strip of the photo through. Rows before `row` are gone.
    fn take(&mut self, row: usize) -> Result<(), Error> {
        let is_read = self.strips.read().map_err(jpeg::broken)?;
        assert!(is_read, "the filter asks for rows that are there");
        for (n, component) in self.components.iter_mut().enumerate() {
            component.forget(if n == 0 { row } else { row / 2 });
            component.take(self.strips.rows(n));
        }
        Ok(())
    }
}

impl ComponentRows for PlanarRows<'_> {
    fn next_row(&mut self, line: &mut [Vec<u8>]) -> Result<(), Error> {
        let row = self.given;
        while !self.is_made(row) {
            self.take(if self.orientation.is_upright() { row } else { 0 })?;
        }
        self.given += 1;
        let [luma, chroma @ ..] = &self.components;
        line[0].clear();
        line[0].extend_from_slice(luma.shown(row, self.orientation, &mut self.turned));
        // Those of an odd row are the same as before.
        if row.is_multiple_of(2) {
            for (line, component) in line[1..].iter_mut().zip(chroma) {
                let samples = component.shown(row / 2, self.orientation, &mut self.turned);
                line.resize(2 * samples.len(), 0);
                let (pairs, _) = line.as_chunks_mut();
                pairs.iter_mut().zip(samples).for_each(|(pair, &sample)| *pair = [sample; 2]);
                line.truncate(self.width);
            }
        }
        Ok(())
    }
}

/// One component on its way.
#[derive(Clone)]
struct Component {
    /// None where every sample is a box of its own.
    means: Option<Accumulator>,
    /// The row of boxes that is being summed up, and how many rows it still takes.
    box_row: u32,
    missing: u32,
    scaler: Scaler,
    /// Columns and rows of the thumbnail as it is stored.
    width: usize,
    height: usize,
    /// Rows that wait, one after the other.
    rows: Vec<u8>,
    /// Rows that were there before those.
    gone: usize,
}

impl Component {
    fn new(extent: &Extent, reduction: &Reduction, first_pass: FirstPass, waiting: u64) -> Self {
        let (width, height) = (reduction.x.out as usize, reduction.y.out as usize);
        let means = (!reduction.boxes.are_samples())
            .then(|| Accumulator::new(shape(extent), reduction.boxes));
        Self {
            missing: means.as_ref().map_or(0, |means| means.rows(0)),
            means,
            box_row: 0,
            scaler: Scaler::new(&reduction.x, &reduction.y, 1, first_pass),
            width,
            height,
            rows: Vec::with_capacity(waiting as usize * width),
            gone: 0,
        }
    }

    /// Takes the rows of a strip, and makes what can be made then.
    fn take<'r>(&mut self, rows: impl Iterator<Item = &'r [u8]>) {
        for samples in rows {
            match &mut self.means {
                None => self.scaler.take(samples),
                Some(means) => {
                    means.add(&Row { y: 0, x: 0, step: 1, samples });
                    self.missing -= 1;
                    if self.missing > 0 {
                        continue;
                    }
                    self.scaler.take(means.average(self.box_row));
                    self.box_row += 1;
                    self.missing = means.rows(self.box_row);
                }
            }
            self.scaler.give_in_groups(&mut self.rows);
        }
    }

    /// Whether a row has been made.
    fn has(&self, row: usize) -> bool {
        (row + 1 - self.gone) * self.width <= self.rows.len()
    }

    /// Lets go of the rows before this one.
    fn forget(&mut self, row: usize) {
        self.rows.drain(..(row - self.gone) * self.width);
        self.gone = row;
    }

    /// A row as it is shown, in `turned` where it does not lie in one piece. INVARIANT: of
    /// a picture that is turned, all rows are there.
    fn shown<'r>(
        &'r self,
        row: usize,
        orientation: Orientation,
        turned: &'r mut Vec<u8>,
    ) -> &'r [u8] {
        if orientation.is_upright() {
            return &self.rows[(row - self.gone) * self.width..][..self.width];
        }
        let (wide, high) = orientation.apply(self.width, self.height);
        let (mirrored, flipped) = orientation.mirrors();
        let row = if flipped { high - 1 - row } else { row };
        // From one sample to the next, and from one row to the next.
        let (across, down) = orientation.apply(1, self.width);
        turned.clear();
        turned.extend((0..wide).map(|x| self.rows[x * across + row * down]));
        if mirrored {
            turned.reverse();
        }
        turned
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::Limits;
    use crate::imaging::plan::{Pipeline, Plan};
    use crate::imaging::source::Opened;
    use crate::thumbs::address::transform::Transform;
    use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
    use std::{format, vec};

    /// Makes all rows; how many bytes wait at most for each component was planned.
    fn check(photo: &[u8], transform: &str) {
        let transform = Transform::parse(transform.as_bytes()).unwrap();
        let photo = Opened::new(photo).unwrap();
        let limits = Limits { memory: 1 << 30, max_size: 2000 };
        let plan = Plan::new(&photo, &transform, &limits).unwrap();
        let Pipeline::Planar { planar, reductions } = &plan.pipeline else {
            return assert!(transform.may_enlarge, "{transform:?}");
        };
        let rows = PlanarRows::new(planar, reductions, plan.first_pass, plan.orientation);
        let mut planes = rows.unwrap();
        let planned = planes.components.each_ref().map(|component| component.rows.capacity());
        let mut line = vec![Vec::new(); 3];
        for _ in 0..plan.height {
            planes.next_row(&mut line).unwrap();
            assert!(line.iter().all(|line| line.len() == plan.width as usize));
        }
        let taken = planes.components.each_ref().map(|component| component.rows.capacity());
        assert_eq!(taken, planned, "{:?} {transform:?}", photo.info());
    }

    #[test]
    fn no_more_rows_wait_than_were_planned() {
        let samplings = [
            SamplingFactor::F_1_1,
            SamplingFactor::F_2_1,
            SamplingFactor::F_1_2,
            SamplingFactor::F_2_2,
            SamplingFactor::F_4_1,
            SamplingFactor::F_4_2,
        ];
        for sampling in samplings {
            for (width, height) in [(300, 200), (97, 333), (640, 17), (9, 400), (1, 1)] {
                let mut photo = Vec::new();
                let mut encoder = Encoder::new(&mut photo, 60);
                encoder.set_sampling_factor(sampling);
                let pixels = vec![90; usize::from(width) * usize::from(height) * 3];
                encoder.encode(&pixels, width, height, ColorType::Rgb).unwrap();
                for side in [1, 2, 7, 16, 31, 60, 90, 140, 200, 400] {
                    for how in ["", ",r90", ",r180", ",fill", ",stretch"] {
                        check(&photo, &format!("{side}x{side}{how}"));
                    }
                }
            }
        }
    }
}
