//! Reorienting the small result, never the large source.
//!
//! A photo stored upright passes through row by row. Any other is scaled as stored, and its rows
//! are written reoriented to a [`Canvas`] of the thumbnail's size. For a 4:2:0 JPEG the canvas
//! stores just that, 1.5 bytes per pixel: 4.7 MB for a rotated 2048x1536 instead of 9.4 MB.

use std::vec;
use std::vec::Vec;

use crate::imaging::chroma::Chroma420;
use crate::imaging::{Error, Orientation, Rows};

/// What a canvas stores.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Storage {
    /// This many samples for each pixel.
    Interleaved(usize),
    /// Luma for each pixel, and the mean chroma of each 2x2 square.
    Ycbcr420,
}

/// A thumbnail-sized image that is filled in stored order and read in shown order.
pub(crate) struct Canvas {
    orientation: Orientation,
    /// Width and height in pixels as shown.
    width: usize,
    height: usize,
    storage: Storage,
    /// All samples, or luma alone.
    samples: Vec<u8>,
    /// Empty unless `samples` is luma alone.
    chroma: Chroma420,
    row: Vec<u8>,
    next: usize,
}

impl Canvas {
    /// Upper bound in bytes.
    pub(crate) fn memory(width: u32, height: u32, storage: Storage) -> u64 {
        let (wide, high) = (u64::from(width), u64::from(height));
        match storage {
            Storage::Interleaved(channels) => wide * (high + 1) * channels as u64,
            Storage::Ycbcr420 => wide * (high + 3) + Chroma420::memory(width, height),
        }
    }

    /// Reads all rows of `stored`, which will be `width` x `height` pixels when shown.
    pub(crate) fn read(
        stored: &mut impl Rows,
        orientation: Orientation,
        (width, height): (u32, u32),
        storage: Storage,
    ) -> Result<Self, Error> {
        let (width, height) = (width as usize, height as usize);
        let (samples, channels, chroma) = match storage {
            Storage::Interleaved(channels) => (channels, channels, Chroma420::default()),
            Storage::Ycbcr420 => (1, 3, Chroma420::new(width, height)),
        };
        let mut canvas = Self {
            orientation,
            width,
            height,
            storage,
            samples: vec![0; width * height * samples],
            chroma,
            row: vec![0; width * channels],
            next: 0,
        };
        for y in 0..orientation.apply(width, height).1 {
            let row = stored.next_row()?;
            match storage {
                Storage::Interleaved(channels) => canvas.put(y, row, channels),
                Storage::Ycbcr420 => canvas.put_ycbcr(y, row),
            }
        }
        Ok(canvas)
    }

    /// Where pixel `x` of stored row `y` is shown.
    fn shown(&self, x: usize, y: usize) -> (usize, usize) {
        let (x, y) = self.orientation.apply(x, y);
        let x = if self.orientation.mirrored { self.width - 1 - x } else { x };
        let y = if self.orientation.flipped { self.height - 1 - y } else { y };
        (x, y)
    }

    fn put(&mut self, y: usize, row: &[u8], channels: usize) {
        for (x, pixel) in row.chunks_exact(channels).enumerate() {
            let (x, y) = self.shown(x, y);
            let at = (y * self.width + x) * channels;
            self.samples[at..at + channels].copy_from_slice(pixel);
        }
    }

    fn put_ycbcr(&mut self, y: usize, row: &[u8]) {
        let (pixels, _) = row.as_chunks();
        for (stored_x, &[luma, cb, cr]) in pixels.iter().enumerate() {
            let (x, y) = self.shown(stored_x, y);
            self.samples[y * self.width + x] = luma;
            self.chroma.put((x, y), self.orientation.apply(x, y).0, [cb, cr]);
        }
    }
}

impl Rows for Canvas {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        let y = self.next;
        self.next += 1;
        if let Storage::Interleaved(channels) = self.storage {
            let len = self.width * channels;
            return Ok(&self.samples[y * len..][..len]);
        }
        let luma = &self.samples[y * self.width..][..self.width];
        for (x, (pixel, &luma)) in self.row.chunks_exact_mut(3).zip(luma).enumerate() {
            pixel[0] = luma;
            pixel[1..].copy_from_slice(&self.chroma.get((x, y)));
        }
        Ok(&self.row)
    }
}
