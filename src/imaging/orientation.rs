//! Turning and mirroring, of the small result and never of the large source.
//!
//! A picture that stands upright as it is stored goes through row by row. Any other is
//! scaled as it is stored, and its rows put down turned on a [`Canvas`] of the thumbnail's
//! size. For a JPEG with its colours at half the resolution the canvas holds
//! just that, 1.5 bytes a pixel, so that 2048x1536 turned takes 4.7 MB, not 9.4.

use std::vec;
use std::vec::Vec;

use crate::imaging::chroma::Chroma420;
use crate::imaging::{Error, Rows};

/// One of the eight ways to put a picture down: transposed or not, then mirrored.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Orientation {
    /// Rows become columns, first.
    transposed: bool,
    /// Left becomes right.
    mirrored: bool,
    /// Top becomes bottom.
    flipped: bool,
}

impl Orientation {
    /// What EXIF's orientation 1 to 8 asks for (CIPA DC-008, 4.6.4): where the stored
    /// picture's first row and first column are to be seen.
    #[must_use]
    pub const fn from_exif(value: u8) -> Self {
        let (transposed, mirrored, flipped) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self { transposed, mirrored, flipped }
    }

    /// Then turned clockwise by so many quarters.
    #[must_use]
    pub const fn turned(self, quarters: u8) -> Self {
        let mut this = self;
        let mut left = quarters % 4;
        while left > 0 {
            this = Self {
                transposed: !this.transposed,
                mirrored: !this.flipped,
                flipped: this.mirrored,
            };
            left -= 1;
        }
        this
    }

    /// The two sides as they are shown, from those that are stored; and the other way round.
    #[must_use]
    pub fn apply<T>(self, width: T, height: T) -> (T, T) {
        if self.transposed { (height, width) } else { (width, height) }
    }

    /// Whether rows become columns.
    pub(crate) const fn transposes(self) -> bool {
        self.transposed
    }

    /// Whether left and right, top and bottom, change places, as the picture is shown.
    pub(crate) const fn mirrors(self) -> (bool, bool) {
        (self.mirrored, self.flipped)
    }

    /// Whether the picture is shown as it is stored.
    #[must_use]
    pub fn is_upright(self) -> bool {
        self == Self::default()
    }
}

/// What a canvas holds of each pixel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Storage {
    /// So many samples.
    Interleaved(usize),
    /// Lightness, and for each square of four pixels the mean of two colour differences.
    Ycbcr420,
}

/// A picture of the thumbnail's size that rows are put down on in any orientation.
pub(crate) struct Canvas {
    orientation: Orientation,
    /// Width and height as shown.
    width: usize,
    height: usize,
    storage: Storage,
    /// All samples, or luma alone.
    samples: Vec<u8>,
    /// Colour differences, where samples are luma alone.
    colours: Chroma420,
    row: Vec<u8>,
    given: usize,
}

impl Canvas {
    /// Bytes that a canvas takes.
    pub(crate) fn memory(width: u32, height: u32, storage: Storage) -> u64 {
        let (wide, high) = (u64::from(width), u64::from(height));
        match storage {
            Storage::Interleaved(channels) => wide * (high + 1) * channels as u64,
            Storage::Ycbcr420 => wide * (high + 3) + Chroma420::memory(width, height),
        }
    }

    /// Takes all of `stored`, `rows` rows of what is to be `width` pixels wide when shown.
    pub(crate) fn take(
        stored: &mut impl Rows,
        orientation: Orientation,
        (width, height): (u32, u32),
        storage: Storage,
    ) -> Result<Self, Error> {
        let (width, height) = (width as usize, height as usize);
        let (samples, channels, colours) = match storage {
            Storage::Interleaved(channels) => (channels, channels, Chroma420::default()),
            Storage::Ycbcr420 => (1, 3, Chroma420::new(width, height)),
        };
        let mut canvas = Self {
            orientation,
            width,
            height,
            storage,
            samples: vec![0; width * height * samples],
            colours,
            row: vec![0; width * channels],
            given: 0,
        };
        for y in 0..orientation.apply(width, height).1 {
            let row = stored.next_row()?;
            match storage {
                Storage::Interleaved(channels) => canvas.put(y, row, channels),
                Storage::Ycbcr420 => canvas.put_halved(y, row),
            }
        }
        Ok(canvas)
    }

    /// Where pixel `x` of stored row `y` is shown.
    fn place(&self, x: usize, y: usize) -> (usize, usize) {
        let (x, y) = self.orientation.apply(x, y);
        let x = if self.orientation.mirrored { self.width - 1 - x } else { x };
        let y = if self.orientation.flipped { self.height - 1 - y } else { y };
        (x, y)
    }

    fn put(&mut self, y: usize, row: &[u8], channels: usize) {
        for (x, pixel) in row.chunks_exact(channels).enumerate() {
            let (x, y) = self.place(x, y);
            let at = (y * self.width + x) * channels;
            self.samples[at..at + channels].copy_from_slice(pixel);
        }
    }

    fn put_halved(&mut self, y: usize, row: &[u8]) {
        let (pixels, _) = row.as_chunks();
        for (along, &[luma, blue, red]) in pixels.iter().enumerate() {
            let (x, y) = self.place(along, y);
            self.samples[y * self.width + x] = luma;
            self.colours.put((x, y), self.orientation.apply(x, y).0, [blue, red]);
        }
    }
}

impl Rows for Canvas {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        let y = self.given;
        self.given += 1;
        if let Storage::Interleaved(channels) = self.storage {
            let len = self.width * channels;
            return Ok(&self.samples[y * len..][..len]);
        }
        let luma = &self.samples[y * self.width..][..self.width];
        for (x, (pixel, &luma)) in self.row.chunks_exact_mut(3).zip(luma).enumerate() {
            pixel[0] = luma;
            pixel[1..].copy_from_slice(&self.colours.get((x, y)));
        }
        Ok(&self.row)
    }
}
