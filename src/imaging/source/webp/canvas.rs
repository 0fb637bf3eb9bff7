//! An image on a larger, otherwise transparent canvas.

use core::ops::Range;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

use crate::imaging::Error;
use crate::imaging::source::webp::header::Image;
use crate::imaging::source::{Row, Shape, Source};

/// Yields the canvas's rows as RGBA.
pub(super) struct Canvas<'a> {
    image: Box<dyn Source + 'a>,
    /// Samples per pixel of the image.
    channels: usize,
    left: usize,
    /// The image's rows on the canvas.
    rows: Range<u32>,
    height: u32,
    row: Vec<u8>,
    y: u32,
}

impl<'a> Canvas<'a> {
    /// Places `source` where `image` says on a canvas of `shape`.
    pub(super) fn new(source: Box<dyn Source + 'a>, image: &Image<'a>, shape: Shape) -> Self {
        Self {
            image: source,
            channels: if image.alpha { 4 } else { 3 },
            left: image.left as usize,
            rows: image.top..image.top + image.height,
            height: shape.height,
            row: vec![0; shape.row_bytes() as usize],
            y: 0,
        }
    }
}

impl Source for Canvas<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        let y = self.y;
        if y == self.height {
            return Ok(None);
        }
        self.y += 1;
        if !self.rows.contains(&y) {
            self.row.fill(0);
        } else if let Some(row) = self.image.next_row()? {
            let (pixels, _) = self.row.as_chunks_mut::<4>();
            let row = row.samples.chunks_exact(self.channels);
            for (pixel, samples) in pixels[self.left..].iter_mut().zip(row) {
                pixel[3] = 255;
                pixel[..samples.len()].copy_from_slice(samples);
            }
        }
        Ok(Some(Row { y, x: 0, step: 1, samples: &self.row }))
    }
}
