//! From JPEG to JPEG component by component: luma, and chroma at half its resolution, each scaled
//! on its own.
//!
//! As pixels, chroma would be upsampled to luma's resolution, filtered there and halved again:
//! twice the samples, for detail that a 4:2:0 JPEG does not keep.
//!
//! A strip of the photo goes through all three components at once, so thumbnail rows are
//! produced in bursts and queued here. A thumbnail that must be reoriented is queued whole, 1.5
//! bytes per pixel, and reoriented on output.

use std::vec::Vec;

use crate::imaging::box_filter::Accumulator;
use crate::imaging::encode::ComponentRows;
use crate::imaging::plan::{Output, Reduction};
use crate::imaging::scale::Scaler;
use crate::imaging::source::jpeg::Planar;
use crate::imaging::source::{Layout, Order, Row, Shape, jpeg};
use crate::imaging::{Error, Orientation, box_filter, scale};
use crate::jpeg::{Extent, Strips};

/// Thumbnail rows queued in addition to a strip's: chroma needs six more source rows than luma,
/// produced in groups of eight by filters of its own.
const LAG: u64 = 24;

/// Upper bound in bytes for one component.
pub(crate) fn memory(extent: &Extent, reduction: &Reduction, output: &Output) -> u64 {
    box_filter::memory(&shape(extent), reduction.boxes)
        + scale::memory(&reduction.x, &reduction.y, 1, output.first_pass)
        + queue_rows(extent, reduction, output.orientation) * u64::from(reduction.x.out)
}

/// Upper bound of the thumbnail rows queued.
fn queue_rows(extent: &Extent, reduction: &Reduction, orientation: Orientation) -> u64 {
    let all = u64::from(reduction.y.out);
    // The softest plan leaves half as many samples as the thumbnail has.
    if orientation.is_upright() { all.min(2 * extent.rows as u64 + LAG) } else { all }
}

fn shape(extent: &Extent) -> Shape {
    let (width, height) = (extent.width as u32, extent.height as u32);
    Shape { width, height, layout: Layout::Grey, order: Order::Sequential }
}

/// Yields a thumbnail's components row by row.
pub(crate) struct PlanarRows<'a> {
    strips: Strips<'a>,
    components: [Component; 3],
    orientation: Orientation,
    /// Width in pixels of the thumbnail as shown.
    width: usize,
    next: usize,
    /// A reoriented row of one component.
    scratch: Vec<u8>,
}

impl<'a> PlanarRows<'a> {
    pub(crate) fn new(
        planar: &'a Planar<'_>,
        reductions: &[Reduction; 3],
        output: &Output,
    ) -> Result<Self, Error> {
        let extents = &planar.extents;
        let component = |n: usize| Component::new(&extents[n], &reductions[n], output);
        let cb = component(1);
        let is_alike = extents[1] == extents[2] && reductions[1] == reductions[2];
        // Sharing the weights saves 1 % of a small thumbnail's work.
        let cr = if is_alike {
            Component { queue: Vec::with_capacity(cb.queue.capacity()), ..cb.clone() }
        } else {
            component(2)
        };
        Ok(Self {
            strips: Strips::new(&planar.plan).map_err(jpeg::broken)?,
            components: [component(0), cb, cr],
            orientation: output.orientation,
            width: output.width as usize,
            next: 0,
            scratch: Vec::new(),
        })
    }

    /// Whether everything that a row consists of has been produced.
    fn is_ready(&self, row: usize) -> bool {
        let rows = [row, row / 2, row / 2];
        self.components.iter().zip(rows).all(|(component, row)| {
            let last = if self.orientation.is_upright() { row } else { component.height - 1 };
            component.has(last)
        })
    }

    /// Processes the photo's next strip, and drops rows before `row`.
    fn read_strip(&mut self, row: usize) -> Result<(), Error> {
        let is_read = self.strips.read().map_err(jpeg::broken)?;
        assert!(is_read, "no more rows are needed than the photo has");
        for (n, component) in self.components.iter_mut().enumerate() {
            component.drop_before(if n == 0 { row } else { row / 2 });
            component.push(self.strips.rows(n));
        }
        Ok(())
    }
}

impl ComponentRows for PlanarRows<'_> {
    fn next_row(&mut self, row: &mut [Vec<u8>]) -> Result<(), Error> {
        let y = self.next;
        while !self.is_ready(y) {
            self.read_strip(if self.orientation.is_upright() { y } else { 0 })?;
        }
        self.next += 1;
        let [luma, chroma @ ..] = &self.components;
        row[0].clear();
        row[0].extend_from_slice(luma.shown(y, self.orientation, &mut self.scratch));
        // Odd rows repeat the chroma of the row before.
        if y.is_multiple_of(2) {
            for (out, component) in row[1..].iter_mut().zip(chroma) {
                let samples = component.shown(y / 2, self.orientation, &mut self.scratch);
                out.resize(2 * samples.len(), 0);
                let (pairs, _) = out.as_chunks_mut();
                pairs.iter_mut().zip(samples).for_each(|(pair, &sample)| *pair = [sample; 2]);
                out.truncate(self.width);
            }
        }
        Ok(())
    }
}

/// One component on its way from strip to thumbnail.
#[derive(Clone)]
struct Component {
    /// `None` if each box is a single sample.
    boxes: Option<Accumulator>,
    /// The row of boxes being summed, and the source rows it still lacks.
    box_row: u32,
    missing: u32,
    scaler: Scaler,
    /// Columns and rows of the thumbnail's component as stored.
    width: usize,
    height: usize,
    /// Thumbnail rows, concatenated.
    queue: Vec<u8>,
    /// Rows dropped from the front of the queue.
    dropped: usize,
}

impl Component {
    fn new(extent: &Extent, reduction: &Reduction, output: &Output) -> Self {
        let (width, height) = (reduction.x.out as usize, reduction.y.out as usize);
        let boxes = (!reduction.boxes.are_samples())
            .then(|| Accumulator::new(shape(extent), reduction.boxes));
        let queue_rows = queue_rows(extent, reduction, output.orientation) as usize;
        Self {
            missing: boxes.as_ref().map_or(0, |boxes| boxes.rows(0)),
            boxes,
            box_row: 0,
            scaler: Scaler::new(&reduction.x, &reduction.y, 1, output.first_pass),
            width,
            height,
            queue: Vec::with_capacity(queue_rows * width),
            dropped: 0,
        }
    }

    /// Receives the rows of a strip and queues the thumbnail rows that they complete.
    fn push<'r>(&mut self, rows: impl Iterator<Item = &'r [u8]>) {
        for samples in rows {
            match &mut self.boxes {
                None => self.scaler.push(samples),
                Some(boxes) => {
                    boxes.add(&Row { y: 0, x: 0, step: 1, samples });
                    self.missing -= 1;
                    if self.missing > 0 {
                        continue;
                    }
                    self.scaler.push(boxes.average(self.box_row));
                    self.box_row += 1;
                    self.missing = boxes.rows(self.box_row);
                }
            }
            self.scaler.pull_groups(&mut self.queue);
        }
    }

    /// Whether a row is queued.
    fn has(&self, row: usize) -> bool {
        (row + 1 - self.dropped) * self.width <= self.queue.len()
    }

    fn drop_before(&mut self, row: usize) {
        self.queue.drain(..(row - self.dropped) * self.width);
        self.dropped = row;
    }

    /// A row as shown, assembled in `scratch` unless it is contiguous. INVARIANT: all rows of a
    /// thumbnail that must be reoriented are queued.
    fn shown<'r>(
        &'r self,
        row: usize,
        orientation: Orientation,
        scratch: &'r mut Vec<u8>,
    ) -> &'r [u8] {
        if orientation.is_upright() {
            return &self.queue[(row - self.dropped) * self.width..][..self.width];
        }
        let (wide, high) = orientation.apply(self.width, self.height);
        let row = if orientation.flipped { high - 1 - row } else { row };
        // Distances in the queue between neighbours as shown.
        let (across, down) = orientation.apply(1, self.width);
        scratch.clear();
        scratch.extend((0..wide).map(|x| self.queue[x * across + row * down]));
        if orientation.mirrored {
            scratch.reverse();
        }
        scratch
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

    /// Produces all rows; each component's queue must stay within its planned capacity.
    fn check(photo: &[u8], transform: &str) {
        let transform = Transform::parse(transform.as_bytes()).unwrap();
        let photo = Opened::new(photo).unwrap();
        let limits = Limits { memory: 1 << 30, max_size: 2000 };
        let plan = Plan::new(&photo, &transform, &limits).unwrap();
        let Pipeline::Planar { planar, reductions } = &plan.pipeline else {
            return assert!(transform.may_enlarge, "{transform:?}");
        };
        let mut rows = PlanarRows::new(planar, reductions, &plan.output).unwrap();
        let planned = rows.components.each_ref().map(|component| component.queue.capacity());
        let mut row = vec![Vec::new(); 3];
        for _ in 0..plan.output.height {
            rows.next_row(&mut row).unwrap();
            assert!(row.iter().all(|component| component.len() == plan.output.width as usize));
        }
        let taken = rows.components.each_ref().map(|component| component.queue.capacity());
        assert_eq!(taken, planned, "{:?} {transform:?}", photo.info());
    }

    #[test]
    fn queues_stay_within_their_planned_capacity() {
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
                    for options in ["", ",r90", ",r180", ",fill", ",stretch"] {
                        check(&photo, &format!("{side}x{side}{options}"));
                    }
                }
            }
        }
    }
}
