//! One side of a photo, and the part of it that a thumbnail shows: how far it may be reduce,
//! and what is then left for the filter.

use crate::imaging::box_filter;
use crate::imaging::box_filter::Tiling;
use crate::imaging::lanczos::{POSITION_BITS, Resampling};
use crate::imaging::orientation::Orientation;
use crate::imaging::source::Info;
use crate::thumbs::address::geometry::{Crop, Geometry};

const _: () = assert!(Crop::PIXEL == 1 << POSITION_BITS, "the filter takes a crop's units");

/// One side of the picture, and the part of it that is shown.
///
/// All is counted and rounded as the picture is shown, and put on the stored one at the very
/// end, so that a photo makes the same thumbnail however it lies. Near the limit of memory it
/// may not: turning takes a canvas, and what is left may be enough for softer steps only.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    /// Pixels.
    len: u32,
    /// In units of a [`Crop`].
    start: u64,
    span: u64,
    /// Where the thumbnail's last pixel has its middle, at most.
    end: u64,
    /// Pixels of the thumbnail.
    out: u32,
    /// Whether the first pixel that is stored is the last that is shown.
    mirrored: bool,
}

/// Both axes of the stored picture, of a geometry that is that of the shown one.
pub(crate) fn axes(info: &Info, orientation: Orientation, geometry: &Geometry) -> (Axis, Axis) {
    let Geometry { crop, width, height } = *geometry;
    let (shown_width, shown_height) = orientation.apply(info.width, info.height);
    let (mirrored, flipped) = orientation.mirrors();
    let side = |len, start, span, out, mirrored| Axis {
        len,
        start,
        span,
        end: start + span,
        out,
        mirrored,
    };
    let across = side(shown_width, crop.left, crop.width, width, mirrored);
    let down = side(shown_height, crop.top, crop.height, height, flipped);
    orientation.apply(across, down)
}

impl Axis {
    /// Whether there are at least `step` / 20 samples for one of the thumbnail, where the
    /// decoder hands out `eighths` / 8 of them.
    pub(crate) fn keeps(self, eighths: u32, step: u64) -> bool {
        let samples = 20 * self.span * u64::from(eighths);
        samples >= u64::from(self.out) * 8 * step * Crop::PIXEL
    }

    /// The same of what has half as many pixels. Where they are odd in number, the last of
    /// them is that of one pixel, and has its middle there: further on is what is not shown.
    pub(crate) fn chroma420(self) -> Self {
        match self.out {
            1 => self,
            out if out.is_multiple_of(2) => Self { out: out / 2, ..self },
            out => Self {
                out: out / 2 + 1,
                span: self.span * u64::from(out + 1) / u64::from(out),
                end: self.start + self.span - self.span / u64::from(2 * out),
                ..self
            },
        }
    }

    /// How many samples, of `of` / `by` pixels each, may become one.
    fn box_side(self, (of, by): (u64, u64), step: u64) -> u32 {
        let fits = 20 * self.span * by / (u64::from(self.out) * of * step * Crop::PIXEL);
        u32::try_from(fits).unwrap_or(u32::MAX).clamp(1, box_filter::MAX_SIDE)
    }

    /// The filter's side, and the boxes, of `len` samples of `of` / `by` pixels each.
    pub(crate) fn reduce(self, len: u32, (of, by): (u64, u64), step: u64) -> (Resampling, Tiling) {
        let boxed = self.box_side((of, by), step);
        let positions = |pixels: u64| pixels * by / (of * u64::from(boxed));
        // A decoder reduces from the stored picture's first pixel, and fills up the last
        // sample: mirrored, what it has filled up comes first.
        let reached = u64::from(len) * of * Crop::PIXEL / by;
        let filled_up = reached.saturating_sub(u64::from(self.len) * Crop::PIXEL);
        let before = if self.mirrored { filled_up } else { 0 };
        let axis = Resampling {
            source: len.div_ceil(boxed),
            start: positions(self.start + before),
            end: positions(self.end + before),
            span: positions(self.span).max(1),
            out: self.out,
            mirrored: self.mirrored,
        };
        (axis, Tiling::new(len, boxed, self.mirrored))
    }
}
