//! Between the source and the final filter: the mean of each box of samples.
//!
//! It makes the large step down, at the cost of an addition a sample. Rows in order need the
//! memory of one row of sums. Pixels that come in any order, as those of interlaced
//! files do, need sums for the whole shrunk picture: a mean does not care for order.
//! Colours are multiplied by their alpha first, so that the colour of a pixel that
//! nobody sees does not bleed into its neighbours.

use std::boxed::Box;
use std::vec;
use std::vec::Vec;

use crate::imaging::source::{Order, Row, Shape, Source};
use crate::imaging::{Error, Rows};

/// The longest side of a box: 4096² · 255 is less than 2³².
pub(crate) const MAX_SIDE: u32 = 1 << 12;

/// How many samples across and down make one.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Boxes {
    pub(crate) x: Tiling,
    pub(crate) y: Tiling,
}

impl Boxes {
    /// Bytes of a sum. Boxes of up to 256 samples have sums below 2¹⁶: half the memory.
    fn sum_bytes(self) -> u64 {
        if self.x.side * self.y.side <= 256 { 2 } else { 4 }
    }

    /// Whether there is nothing to do.
    pub(crate) fn are_samples(self) -> bool {
        (self.x.side, self.y.side) == (1, 1)
    }
}

/// How one side of the picture is cut into boxes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Tiling {
    /// Samples of a box, 1 to [`MAX_SIDE`].
    side: u32,
    /// Those of the first box.
    first: u32,
}

impl Tiling {
    /// Cuts `len` samples into boxes of `side`. The last as the picture is shown has what
    /// is left.
    pub(crate) fn new(len: u32, side: u32, mirrored: bool) -> Self {
        Self { side, first: if mirrored { (len - 1) % side + 1 } else { side } }
    }

    /// The box that a sample is in.
    fn index(self, sample: u32) -> u32 {
        (sample + self.side - self.first) / self.side
    }

    /// The first sample behind a box, of `len`.
    fn end(self, index: u32, len: u32) -> u32 {
        let end = u64::from(index) * u64::from(self.side) + u64::from(self.first);
        u32::try_from(end).map_or(len, |end| end.min(len))
    }

    /// How many of `len` samples a box has.
    fn extent(self, index: u32, len: u32) -> u32 {
        self.end(index, len) - index.checked_sub(1).map_or(0, |before| self.end(before, len))
    }
}

/// Bytes that a [`BoxFilter`] takes.
pub(crate) fn memory(shape: &Shape, boxes: Boxes) -> u64 {
    let channels = shape.layout.channels() as u64;
    let (width, height) = (shape.width.div_ceil(boxes.x.side), shape.height.div_ceil(boxes.y.side));
    let rows = match shape.order {
        Order::Sequential => 1,
        Order::Interlaced => u64::from(height),
    };
    let wide = u64::from(shape.width) * channels;
    wide + u64::from(width) * channels * (rows * boxes.sum_bytes() + 1)
}

/// Sums over boxes, and their means.
#[derive(Clone)]
pub(crate) struct Accumulator {
    shape: Shape,
    boxes: Boxes,
    sums: Sums,
    /// The shrunk row.
    row: Vec<u8>,
}

/// Sums over boxes: of one row of boxes, or of all.
#[derive(Clone)]
enum Sums {
    /// Boxes of up to 256 samples.
    Narrow(Vec<u16>),
    /// Larger ones.
    Wide(Vec<u32>),
}

impl Accumulator {
    /// Room for the sums of a picture.
    pub(crate) fn new(shape: Shape, boxes: Boxes) -> Self {
        let len = shape.width.div_ceil(boxes.x.side) as usize * shape.layout.channels();
        let rows = match shape.order {
            Order::Sequential => 1,
            Order::Interlaced => shape.height.div_ceil(boxes.y.side) as usize,
        };
        let sums = match boxes.sum_bytes() {
            2 => Sums::Narrow(vec![0; len * rows]),
            _ => Sums::Wide(vec![0; len * rows]),
        };
        Self { shape, boxes, sums, row: vec![0; len] }
    }

    /// Adds a row to the sums.
    pub(crate) fn add(&mut self, row: &Row<'_>) {
        let at = match self.shape.order {
            Order::Sequential => 0,
            Order::Interlaced => self.boxes.y.index(row.y) as usize * self.row.len(),
        };
        let (len, channels) = (self.row.len(), self.shape.layout.channels());
        match &mut self.sums {
            Sums::Narrow(sums) => add(row, self.boxes.x, channels, &mut sums[at..at + len]),
            Sums::Wide(sums) => add(row, self.boxes.x, channels, &mut sums[at..at + len]),
        }
    }

    /// How many rows make a row of boxes.
    pub(crate) fn rows(&self, row: u32) -> u32 {
        self.boxes.y.extent(row, self.shape.height)
    }

    /// Turns one row of sums into means.
    pub(crate) fn average(&mut self, row: u32) -> &[u8] {
        let at = match self.shape.order {
            Order::Sequential => 0,
            Order::Interlaced => row as usize * self.row.len(),
        };
        let channels = self.shape.layout.channels();
        let high = self.rows(row);
        let boxes = self.row.len() / channels;
        let last = (boxes - 1).max(1);
        // The first and the last may be smaller.
        for part in [0..1, 1..last, last..boxes].into_iter().filter(|part| !part.is_empty()) {
            let count = high * self.boxes.x.extent(part.start as u32, self.shape.width);
            let (from, to) = (part.start * channels, part.end * channels);
            let means = &mut self.row[from..to];
            match &mut self.sums {
                Sums::Narrow(sums) => mean(&mut sums[at + from..at + to], count, means),
                Sums::Wide(sums) => mean(&mut sums[at + from..at + to], count, means),
            }
        }
        &self.row
    }
}

/// Hands out the rows of the shrunk picture.
pub(crate) struct BoxFilter<'a> {
    source: Box<dyn Source + 'a>,
    shape: Shape,
    boxes: Boxes,
    sums: Accumulator,
    /// A row with its colours multiplied by alpha.
    multiplied: Vec<u8>,
    /// Rows handed out.
    given: u32,
}

impl<'a> BoxFilter<'a> {
    /// Shrinks what `source` hands out.
    pub(crate) fn new(source: Box<dyn Source + 'a>, shape: Shape, boxes: Boxes) -> Self {
        let sums = Accumulator::new(shape, boxes);
        Self { source, shape, boxes, sums, multiplied: Vec::new(), given: 0 }
    }

    /// Takes one row from the source and adds it to the sums; false after the last.
    fn take(&mut self) -> Result<bool, Error> {
        let Some(row) = self.source.next_row()? else { return Ok(false) };
        self.sums.add(&multiply(row, &self.shape, &mut self.multiplied));
        Ok(true)
    }
}

impl Rows for BoxFilter<'_> {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        let row = self.given;
        self.given += 1;
        match self.shape.order {
            Order::Sequential if self.boxes.are_samples() => {
                let row = self.source.next_row()?.expect("the filter asks for rows that are there");
                return Ok(multiply(row, &self.shape, &mut self.multiplied).samples);
            }
            Order::Sequential => {
                for _ in 0..self.sums.rows(row) {
                    self.take()?;
                }
            }
            Order::Interlaced if row == 0 => while self.take()? {},
            Order::Interlaced => {}
        }
        Ok(self.sums.average(row))
    }
}

/// The row with its colours multiplied by their alpha, where there is one.
fn multiply<'a>(row: Row<'a>, shape: &Shape, buffer: &'a mut Vec<u8>) -> Row<'a> {
    let channels = shape.layout.channels();
    if !shape.layout.has_alpha() {
        return row;
    }
    buffer.clear();
    buffer.extend_from_slice(row.samples);
    for pixel in buffer.chunks_exact_mut(channels) {
        if let Some((&mut alpha, colours)) = pixel.split_last_mut() {
            for colour in colours {
                *colour = divide_by_255(u32::from(*colour) * u32::from(alpha));
            }
        }
    }
    Row { samples: buffer, ..row }
}

/// n / 255, rounded, for n up to 255², without a division.
fn divide_by_255(n: u32) -> u8 {
    ((n + 128 + ((n + 128) >> 8)) >> 8) as u8
}

/// A sum of samples that does not overflow.
trait Sum: Copy + Default + core::ops::AddAssign + From<u8> + Into<u32> {}
impl Sum for u16 {}
impl Sum for u32 {}

/// Adds a row to the sums of its boxes.
fn add<T: Sum>(row: &Row<'_>, cut: Tiling, channels: usize, sums: &mut [T]) {
    if row.step > 1 {
        return add_scattered(row, cut, channels, sums);
    }
    let first = (cut.first as usize * channels).min(row.samples.len());
    let (first, others) = row.samples.split_at(first);
    let (sum, sums) = sums.split_at_mut(channels);
    add_boxes(first, cut.side, channels, sum);
    add_boxes(others, cut.side, channels, sums);
}

/// Adds pixels that begin with a box.
fn add_boxes<T: Sum>(pixels: &[u8], wide: u32, channels: usize, sums: &mut [T]) {
    match channels {
        1 => add_1(pixels, wide as usize, sums),
        2 => add_2(pixels, wide as usize, sums),
        3 => add_3(pixels, wide as usize, sums),
        _ => add_4(pixels, wide as usize, sums),
    }
}

/// Adds the pixels of an interlaced row, which lie apart.
fn add_scattered<T: Sum>(row: &Row<'_>, cut: Tiling, channels: usize, sums: &mut [T]) {
    for (n, pixel) in (0..).zip(row.samples.chunks_exact(channels)) {
        let at = cut.index(row.x + n * row.step);
        for (sum, &sample) in sums[at as usize * channels..].iter_mut().zip(pixel) {
            *sum += T::from(sample);
        }
    }
}

/// Adds a whole row of pixels with so many samples. A macro for the reason that the
/// filter has one: 4 instructions a sample, not 12.
macro_rules! add {
    ($name:ident, $channels:literal, $(($sample:ident $of:ident $sum:ident))+) => {
        fn $name<T: Sum>(row: &[u8], wide: usize, sums: &mut [T]) {
            let (pixels, _) = row.as_chunks::<$channels>();
            let (sums, _) = sums.as_chunks_mut::<$channels>();
            for ([$($sum),+], pixels) in sums.iter_mut().zip(pixels.chunks(wide)) {
                // In registers, not in memory.
                $(let mut $of = *$sum;)+
                for &[$($sample),+] in pixels {
                    $($of += T::from($sample);)+
                }
                $(*$sum = $of;)+
            }
        }
    };
}

add!(add_1, 1, (a of_a sum_a));
add!(add_2, 2, (a of_a sum_a) (b of_b sum_b));
add!(add_3, 3, (a of_a sum_a) (b of_b sum_b) (c of_c sum_c));
add!(add_4, 4, (a of_a sum_a) (b of_b sum_b) (c of_c sum_c) (d of_d sum_d));

/// Divides sums of `count` samples, rounds, and sets them back to 0.
fn mean<T: Sum>(sums: &mut [T], count: u32, out: &mut [u8]) {
    // Rounded up, and exact: a sum is at most 255 · count, far below 2³² / count · 2⁸.
    let reciprocal = (1u64 << 40).div_ceil(u64::from(count));
    for (sum, sample) in sums.iter_mut().zip(out) {
        let whole = Into::<u32>::into(*sum) + count / 2;
        *sample = ((u64::from(whole) * reciprocal) >> 40) as u8;
        *sum = T::default();
    }
}
