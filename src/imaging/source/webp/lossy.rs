//! The planes of a lossy picture, row by row as red, green and blue.

use std::borrow::Cow;
use std::vec;
use std::vec::Vec;

use image_webp::vp8::Frame;

use crate::imaging::Error;
use crate::imaging::source::{Row, Source};

/// A lossy picture as planes.
pub(super) struct Lossy<'a> {
    frame: Frame,
    profile: Option<&'a [u8]>,
    /// The two colour differences of the row, weighted from two rows of the planes.
    blend: [Vec<u16>; 2],
    row: Vec<u8>,
    line: usize,
}

impl<'a> Lossy<'a> {
    /// Hands out the rows of `frame`.
    pub(super) fn new(frame: Frame, profile: Option<&'a [u8]>) -> Self {
        let width = usize::from(frame.width);
        let halved = width.div_ceil(2);
        let blend = [vec![0; halved], vec![0; halved]];
        Self { frame, profile, blend, row: vec![0; 3 * width], line: 0 }
    }

    /// Weights the two rows of colour differences around this one 3 to 1, as all
    /// decoders do.
    fn blend(&mut self) {
        let stride = usize::from(self.frame.width).div_ceil(16) * 8;
        let last = usize::from(self.frame.height).div_ceil(2) - 1;
        let near = self.line / 2;
        let far =
            if self.line.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) };
        for (blend, plane) in self.blend.iter_mut().zip([&self.frame.ubuf, &self.frame.vbuf]) {
            let (near, far) = (&plane[near * stride..], &plane[far * stride..]);
            for ((blend, &near), &far) in blend.iter_mut().zip(near).zip(far) {
                *blend = 3 * u16::from(near) + u16::from(far);
            }
        }
    }
}

impl Source for Lossy<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        if self.line == usize::from(self.frame.height) {
            return Ok(None);
        }
        self.blend();
        let stride = usize::from(self.frame.width).next_multiple_of(16);
        let lightness = &self.frame.ybuf[self.line * stride..];
        let last = self.blend[0].len() - 1;
        for (x, (pixel, &y)) in self.row.chunks_exact_mut(3).zip(lightness).enumerate() {
            let near = x / 2;
            let far = if x % 2 == 0 { near.saturating_sub(1) } else { (near + 1).min(last) };
            let [u, v] = [0, 1].map(|n| {
                let blend: &[u16] = &self.blend[n];
                i32::from((3 * blend[near] + blend[far] + 8) >> 4)
            });
            pixel.copy_from_slice(&to_rgb(i32::from(y), u, v));
        }
        self.line += 1;
        let y = self.line as u32 - 1;
        Ok(Some(Row { y, x: 0, step: 1, samples: &self.row }))
    }

    fn profile(&self) -> Option<Cow<'_, [u8]>> {
        self.profile.map(Cow::Borrowed)
    }
}

/// BT.601 in the range 16 to 235, with 14 binary places: RFC 9649, 2.5 leaves it to
/// libwebp, whose constants these are.
fn to_rgb(y: i32, u: i32, v: i32) -> [u8; 3] {
    let y = 19077 * y;
    let red = y + 26149 * v - (14234 << 8);
    let green = y - 6419 * u - 13320 * v + (8708 << 8);
    let blue = y + 33050 * u - (17685 << 8);
    [red, green, blue].map(|sum| (sum >> 14).clamp(0, 255) as u8)
}
