//! A picture on a canvas that is larger and otherwise transparent.

use std::borrow::Cow;
use std::boxed::Box;
use std::vec;
use std::vec::Vec;

use crate::imaging::Error;
use crate::imaging::source::webp::header::Header;
use crate::imaging::source::{Row, Shape, Source};

/// Hands out the rows of the canvas, red, green, blue and alpha.
pub(super) struct Canvas<'a> {
    picture: Box<dyn Source + 'a>,
    /// Samples of the picture's pixels.
    channels: usize,
    left: usize,
    top: u32,
    /// The row behind the picture's last.
    bottom: u32,
    height: u32,
    row: Vec<u8>,
    line: u32,
}

impl<'a> Canvas<'a> {
    /// Puts the picture where the header says, on a canvas of `shape`.
    pub(super) fn new(picture: Box<dyn Source + 'a>, header: &Header<'a>, shape: Shape) -> Self {
        let place = &header.picture;
        Self {
            picture,
            channels: if place.alpha { 4 } else { 3 },
            left: place.left as usize,
            top: place.top,
            bottom: place.top + place.height,
            height: shape.height,
            row: vec![0; shape.row_bytes() as usize],
            line: 0,
        }
    }
}

impl Source for Canvas<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        let y = self.line;
        if y == self.height {
            return Ok(None);
        }
        self.line += 1;
        if y < self.top || y >= self.bottom {
            self.row.fill(0);
        } else if let Some(row) = self.picture.next_row()? {
            let (pixels, _) = self.row.as_chunks_mut::<4>();
            let row = row.samples.chunks_exact(self.channels);
            for (pixel, samples) in pixels[self.left..].iter_mut().zip(row) {
                pixel[3] = 255;
                pixel[..samples.len()].copy_from_slice(samples);
            }
        }
        Ok(Some(Row { y, x: 0, step: 1, samples: &self.row }))
    }

    fn profile(&self) -> Option<Cow<'_, [u8]>> {
        self.picture.profile()
    }
}
