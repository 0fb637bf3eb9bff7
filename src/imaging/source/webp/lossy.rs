//! A VP8 frame's planes, row by row as RGB.

use std::vec;
use std::vec::Vec;

use image_webp::vp8::Frame;

use crate::imaging::Error;
use crate::imaging::source::{Row, Source};

/// A decoded lossy image, still 4:2:0.
pub(super) struct Lossy {
    frame: Frame,
    /// U and V of the current row, each interpolated between two rows of its plane, times 4.
    chroma: [Vec<u16>; 2],
    row: Vec<u8>,
    y: usize,
}

impl Lossy {
    pub(super) fn new(frame: Frame) -> Self {
        let width = usize::from(frame.width);
        let chroma = [(); 2].map(|()| vec![0; width.div_ceil(2)]);
        Self { frame, chroma, row: vec![0; 3 * width], y: 0 }
    }

    /// Interpolates the two nearest chroma rows 3 : 1, as every decoder does.
    fn interpolate_chroma(&mut self) {
        let stride = usize::from(self.frame.width).div_ceil(16) * 8;
        let (near, far) = neighbours(self.y, usize::from(self.frame.height).div_ceil(2) - 1);
        for (out, plane) in self.chroma.iter_mut().zip([&self.frame.ubuf, &self.frame.vbuf]) {
            let (near, far) = (&plane[near * stride..], &plane[far * stride..]);
            for ((out, &near), &far) in out.iter_mut().zip(near).zip(far) {
                *out = 3 * u16::from(near) + u16::from(far);
            }
        }
    }
}

/// The nearest and second-nearest chroma sample, of `0..=last`, to luma sample `n`.
fn neighbours(n: usize, last: usize) -> (usize, usize) {
    let near = n / 2;
    (near, if n.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) })
}

impl Source for Lossy {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        let y = self.y;
        if y == usize::from(self.frame.height) {
            return Ok(None);
        }
        self.interpolate_chroma();
        let stride = usize::from(self.frame.width).next_multiple_of(16);
        let luma = &self.frame.ybuf[y * stride..];
        let last = self.chroma[0].len() - 1;
        for (x, (pixel, &y)) in self.row.chunks_exact_mut(3).zip(luma).enumerate() {
            let (near, far) = neighbours(x, last);
            let [u, v] =
                self.chroma.each_ref().map(|row| i32::from((3 * row[near] + row[far] + 8) >> 4));
            pixel.copy_from_slice(&to_rgb(i32::from(y), u, v));
        }
        self.y += 1;
        Ok(Some(Row { y: y as u32, x: 0, step: 1, samples: &self.row }))
    }
}

/// BT.601 with luma from 16 to 235, in 14-bit fixed point. RFC 9649, 2.5 leaves the conversion
/// to libwebp, whose constants these are.
fn to_rgb(y: i32, u: i32, v: i32) -> [u8; 3] {
    let y = 19077 * y;
    let red = y + 26149 * v - (14234 << 8);
    let green = y - 6419 * u - 13320 * v + (8708 << 8);
    let blue = y + 33050 * u - (17685 << 8);
    [red, green, blue].map(|sum| (sum >> 14).clamp(0, 255) as u8)
}
