//! One axis of a photo and the part of it that a thumbnail shows: how far it may be reduced, and
//! what that leaves to Lanczos.

use crate::imaging::box_filter::Tiling;
use crate::imaging::lanczos::{POSITION_BITS, Resampling};
use crate::imaging::source::Info;
use crate::imaging::{Orientation, box_filter};
use crate::thumbs::address::geometry::{Crop, Geometry};

const _: () = assert!(Crop::PIXEL == 1 << POSITION_BITS, "resampling counts in a crop's units");

/// One axis of the image and the part of it that is shown.
///
/// Everything is computed and rounded as shown, and mapped to the stored image last, so that a
/// photo makes the same thumbnail in any stored orientation. Close to the memory limit it may
/// not: reorienting takes a canvas, and what remains may only allow a softer plan.
#[derive(Clone, Copy)]
pub(crate) struct Axis {
    /// The photo's side in pixels.
    pixels: u32,
    /// Start and length of the crop, in units of [`Crop::PIXEL`].
    start: u64,
    span: u64,
    /// Upper bound for the centre of the thumbnail's last sample.
    end: u64,
    /// Samples of the thumbnail.
    out: u32,
    /// Whether the first stored pixel is shown last.
    mirrored: bool,
}

/// The horizontal and vertical axes as stored, for a geometry as shown.
pub(crate) fn axes(info: &Info, orientation: Orientation, geometry: &Geometry) -> (Axis, Axis) {
    let Geometry { crop, width, height } = *geometry;
    let (shown_width, shown_height) = orientation.apply(info.width, info.height);
    let axis = |pixels, start, span, out, mirrored| Axis {
        pixels,
        start,
        span,
        end: start + span,
        out,
        mirrored,
    };
    let x = axis(shown_width, crop.left, crop.width, width, orientation.mirrored);
    let y = axis(shown_height, crop.top, crop.height, height, orientation.flipped);
    orientation.apply(x, y)
}

impl Axis {
    /// Whether decoding at `eighths` / 8 leaves at least `headroom` / 20 samples for each of the
    /// thumbnail's.
    pub(crate) fn keeps(self, eighths: u32, headroom: u64) -> bool {
        let samples = 20 * self.span * u64::from(eighths);
        samples >= u64::from(self.out) * 8 * headroom * Crop::PIXEL
    }

    /// The 4:2:0 chroma axis. With an odd luma size, the last chroma sample covers one pixel and
    /// is centred on it; what lies beyond is not shown.
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

    /// Splits the reduction of `len` decoded samples, each `pixels` / `samples` of the photo's
    /// pixels long, into boxes that leave `headroom` / 20 and the resampling after them.
    pub(crate) fn reduce(
        self,
        len: u32,
        (pixels, samples): (u64, u64),
        headroom: u64,
    ) -> (Resampling, Tiling) {
        let per_box =
            20 * self.span * samples / (u64::from(self.out) * pixels * headroom * Crop::PIXEL);
        let side = u32::try_from(per_box).unwrap_or(u32::MAX).clamp(1, box_filter::MAX_SIDE);
        let to_boxes = |length: u64| length * samples / (pixels * u64::from(side));
        // Decoders reduce from the first stored pixel on and pad the last sample. Mirrored, that
        // padding comes first.
        let decoded = u64::from(len) * pixels * Crop::PIXEL / samples;
        let padding = decoded.saturating_sub(u64::from(self.pixels) * Crop::PIXEL);
        let before = if self.mirrored { padding } else { 0 };
        let resampling = Resampling {
            source: len.div_ceil(side),
            start: to_boxes(self.start + before),
            end: to_boxes(self.end + before),
            span: to_boxes(self.span).max(1),
            out: self.out,
            mirrored: self.mirrored,
        };
        (resampling, Tiling::new(len, side, self.mirrored))
    }
}
