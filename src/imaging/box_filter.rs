//! The box filter between source and Lanczos: the mean of each box of samples.
//!
//! It makes the large step down for one addition per sample. Sequential rows take one row of
//! sums. Interlaced pixels take sums for the whole reduced image, which works because a mean
//! does not depend on order. Colours are premultiplied by alpha first, so that invisible colours
//! do not bleed into their neighbours.

use std::boxed::Box;
use std::vec;
use std::vec::Vec;

use crate::imaging::source::{Order, Row, Shape, Source};
use crate::imaging::{Error, Rows};

/// Longest side of a box in samples: 4096² · 255 < 2³².
pub(crate) const MAX_SIDE: u32 = 1 << 12;

/// How both axes are divided into boxes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Boxes {
    pub(crate) x: Tiling,
    pub(crate) y: Tiling,
}

impl Boxes {
    /// Bytes per sum: up to 256 samples add up to less than 2¹⁶.
    fn sum_bytes(self) -> u64 {
        if self.x.side * self.y.side <= 256 { 2 } else { 4 }
    }

    /// Whether each box is a single sample, so that there is nothing to do.
    pub(crate) fn are_samples(self) -> bool {
        (self.x.side, self.y.side) == (1, 1)
    }
}

/// How one axis is divided into boxes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Tiling {
    /// Samples per box, 1 to [`MAX_SIDE`].
    side: u32,
    /// Samples of the first box.
    first: u32,
}

impl Tiling {
    /// Divides `len` samples into boxes of `side`. The box shown last gets the remainder.
    pub(crate) fn new(len: u32, side: u32, mirrored: bool) -> Self {
        Self { side, first: if mirrored { (len - 1) % side + 1 } else { side } }
    }

    /// The box that contains a sample.
    fn index(self, sample: u32) -> u32 {
        (sample + self.side - self.first) / self.side
    }

    /// The end of a box, at most `len`.
    fn end(self, index: u32, len: u32) -> u32 {
        let end = u64::from(index) * u64::from(self.side) + u64::from(self.first);
        u32::try_from(end).map_or(len, |end| end.min(len))
    }

    /// How many of `len` samples a box contains.
    fn extent(self, index: u32, len: u32) -> u32 {
        self.end(index, len) - index.checked_sub(1).map_or(0, |before| self.end(before, len))
    }
}

/// Upper bound in bytes of a [`BoxFilter`].
pub(crate) fn memory(shape: &Shape, boxes: Boxes) -> u64 {
    let channels = shape.layout.channels() as u64;
    let (width, height) = (shape.width.div_ceil(boxes.x.side), shape.height.div_ceil(boxes.y.side));
    let rows = if shape.order == Order::Interlaced { u64::from(height) } else { 1 };
    let stored = u64::from(shape.width) * channels;
    stored + u64::from(width) * channels * (rows * boxes.sum_bytes() + 1)
}

/// Accumulates rows into boxes and averages them.
#[derive(Clone)]
pub(crate) struct Accumulator {
    shape: Shape,
    boxes: Boxes,
    sums: Sums,
    row: Vec<u8>,
}

/// The sums of one row of boxes, or of all.
#[derive(Clone)]
enum Sums {
    /// For boxes of up to 256 samples.
    Narrow(Vec<u16>),
    Wide(Vec<u32>),
}

impl Accumulator {
    pub(crate) fn new(shape: Shape, boxes: Boxes) -> Self {
        let len = shape.width.div_ceil(boxes.x.side) as usize * shape.layout.channels();
        let height = shape.height.div_ceil(boxes.y.side) as usize;
        let rows = if shape.order == Order::Interlaced { height } else { 1 };
        let sums = match boxes.sum_bytes() {
            2 => Sums::Narrow(vec![0; len * rows]),
            _ => Sums::Wide(vec![0; len * rows]),
        };
        Self { shape, boxes, sums, row: vec![0; len] }
    }

    /// Where the sums of a row of boxes start.
    fn first_sum(&self, row: u32) -> usize {
        if self.shape.order == Order::Interlaced { row as usize * self.row.len() } else { 0 }
    }

    pub(crate) fn add(&mut self, row: &Row<'_>) {
        let at = self.first_sum(self.boxes.y.index(row.y));
        let (len, channels) = (self.row.len(), self.shape.layout.channels());
        match &mut self.sums {
            Sums::Narrow(sums) => add(row, self.boxes.x, channels, &mut sums[at..at + len]),
            Sums::Wide(sums) => add(row, self.boxes.x, channels, &mut sums[at..at + len]),
        }
    }

    /// How many source rows a row of boxes averages.
    pub(crate) fn rows(&self, row: u32) -> u32 {
        self.boxes.y.extent(row, self.shape.height)
    }

    /// Averages one row of boxes and resets its sums.
    pub(crate) fn average(&mut self, row: u32) -> &[u8] {
        let at = self.first_sum(row);
        let channels = self.shape.layout.channels();
        let high = self.rows(row);
        let boxes = self.row.len() / channels;
        let last = (boxes - 1).max(1);
        // The first and last box may be smaller.
        for part in [0..1, 1..last, last..boxes].into_iter().filter(|part| !part.is_empty()) {
            let count = high * self.boxes.x.extent(part.start as u32, self.shape.width);
            let (from, to) = (part.start * channels, part.end * channels);
            let means = &mut self.row[from..to];
            match &mut self.sums {
                Sums::Narrow(sums) => average(&mut sums[at + from..at + to], count, means),
                Sums::Wide(sums) => average(&mut sums[at + from..at + to], count, means),
            }
        }
        &self.row
    }
}

/// Yields the rows of the reduced image.
pub(crate) struct BoxFilter<'a> {
    source: Box<dyn Source + 'a>,
    boxes: Accumulator,
    /// A row premultiplied by alpha.
    premultiplied: Vec<u8>,
    next: u32,
}

impl<'a> BoxFilter<'a> {
    pub(crate) fn new(source: Box<dyn Source + 'a>, shape: Shape, boxes: Boxes) -> Self {
        let boxes = Accumulator::new(shape, boxes);
        Self { source, boxes, premultiplied: Vec::new(), next: 0 }
    }

    /// Adds one source row to the sums; false after the last.
    fn add_row(&mut self) -> Result<bool, Error> {
        let Some(row) = self.source.next_row()? else { return Ok(false) };
        self.boxes.add(&premultiply(row, &self.boxes.shape, &mut self.premultiplied));
        Ok(true)
    }
}

impl Rows for BoxFilter<'_> {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        let row = self.next;
        self.next += 1;
        let Accumulator { shape, boxes, .. } = &self.boxes;
        match shape.order {
            Order::Sequential if boxes.are_samples() => {
                let row = self.source.next_row()?.expect("callers stop at the last row");
                return Ok(premultiply(row, shape, &mut self.premultiplied).samples);
            }
            Order::Sequential => {
                for _ in 0..self.boxes.rows(row) {
                    self.add_row()?;
                }
            }
            Order::Interlaced if row == 0 => while self.add_row()? {},
            Order::Interlaced => {}
        }
        Ok(self.boxes.average(row))
    }
}

/// The row premultiplied by alpha, if it has any.
fn premultiply<'a>(row: Row<'a>, shape: &Shape, buffer: &'a mut Vec<u8>) -> Row<'a> {
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

/// n / 255, rounded, for n up to 255²; no division.
fn divide_by_255(n: u32) -> u8 {
    ((n + 128 + ((n + 128) >> 8)) >> 8) as u8
}

/// An accumulator wide enough not to overflow.
trait Sum: Copy + Default + core::ops::AddAssign + From<u8> + Into<u32> {}
impl Sum for u16 {}
impl Sum for u32 {}

fn add<T: Sum>(row: &Row<'_>, cut: Tiling, channels: usize, sums: &mut [T]) {
    if row.step > 1 {
        return add_interlaced(row, cut, channels, sums);
    }
    let first = (cut.first as usize * channels).min(row.samples.len());
    let (first, others) = row.samples.split_at(first);
    let (sum, sums) = sums.split_at_mut(channels);
    add_boxes(first, cut.side, channels, sum);
    add_boxes(others, cut.side, channels, sums);
}

/// Adds pixels that start at the edge of a box.
fn add_boxes<T: Sum>(pixels: &[u8], wide: u32, channels: usize, sums: &mut [T]) {
    match channels {
        1 => add_1(pixels, wide as usize, sums),
        2 => add_2(pixels, wide as usize, sums),
        3 => add_3(pixels, wide as usize, sums),
        _ => add_4(pixels, wide as usize, sums),
    }
}

/// Adds the pixels of an interlacing pass, which lie apart.
fn add_interlaced<T: Sum>(row: &Row<'_>, cut: Tiling, channels: usize, sums: &mut [T]) {
    for (n, pixel) in (0..).zip(row.samples.chunks_exact(channels)) {
        let at = cut.index(row.x + n * row.step);
        for (sum, &sample) in sums[at as usize * channels..].iter_mut().zip(pixel) {
            *sum += T::from(sample);
        }
    }
}

/// Adds a whole row of pixels with a fixed number of samples. A macro, because opt-level "s"
/// does not unroll a loop over the samples: 4 instructions per sample instead of 12.
macro_rules! add {
    ($name:ident, $channels:literal, $(($sample:ident $of:ident $sum:ident))+) => {
        fn $name<T: Sum>(row: &[u8], wide: usize, sums: &mut [T]) {
            let (pixels, _) = row.as_chunks::<$channels>();
            let (sums, _) = sums.as_chunks_mut::<$channels>();
            for ([$($sum),+], pixels) in sums.iter_mut().zip(pixels.chunks(wide)) {
                // Keeps the sums in registers.
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

/// Averages sums of `count` samples, rounded, and resets them.
fn average<T: Sum>(sums: &mut [T], count: u32, out: &mut [u8]) {
    // Rounded up, and still exact: a sum is at most 255 · count, far below 2³² / count · 2⁸.
    let reciprocal = (1u64 << 40).div_ceil(u64::from(count));
    for (sum, sample) in sums.iter_mut().zip(out) {
        let whole = Into::<u32>::into(*sum) + count / 2;
        *sample = ((u64::from(whole) * reciprocal) >> 40) as u8;
        *sum = T::default();
    }
}
