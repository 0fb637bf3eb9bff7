//! GIF (89a): the file's first frame on its logical screen, row by row.
//!
//! The crate decompresses; this module locates the frame, so that preceding comments and
//! application extensions are never buffered. The part of the screen that the frame leaves
//! uncovered is transparent, as in browsers.
//!
//! The whole frame is decompressed at once, a byte per pixel: decompressing by rows, the crate
//! (0.14 with weezl 0.1) loses the end of every fourth single-coloured frame, whose codes
//! expand to more than a row.

use std::boxed::Box;
use std::io::Read;
use std::vec;
use std::vec::Vec;

use gif::DecodeOptions;

use crate::imaging::source::{Decoding, Info, Kind, Layout, Order, Row, Shape, Source};
use crate::imaging::{Error, Orientation, OriginalError};

/// Measured memory of the crate that does not depend on the width: 4,096 codes, a read buffer
/// and palettes.
const FIXED: u64 = 128 << 10;

/// First row and row step of each interlacing pass: appendix E.
const PASSES: [(u32, u32); 4] = [(0, 8), (4, 8), (2, 4), (1, 2)];

/// The logical screen and the first frame's place on it.
#[derive(Clone, Copy)]
pub(crate) struct Header<'a> {
    pub(super) info: Info,
    /// The file up to its first extension: signature, screen descriptor, palette.
    screen: &'a [u8],
    /// The file from its first image descriptor.
    frame: &'a [u8],
    left: u32,
    top: u32,
    frame_width: u32,
    frame_height: u32,
    interlaced: bool,
    /// Palette index of transparent pixels.
    transparent: Option<u8>,
}

impl<'a> Header<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::find(bytes).ok_or(Error::broken(Kind::Gif, "it contains no image"))
    }

    fn find(bytes: &'a [u8]) -> Option<Self> {
        let &[w0, w1, h0, h1, flags, _, _] = bytes.get(6..)?.first_chunk()?;
        let (screen, mut rest) = bytes.split_at_checked(13 + palette_len(flags))?;
        let mut transparent = None;
        loop {
            match rest {
                [0x21, label, blocks @ ..] => {
                    // A graphic control extension applies to the next frame.
                    if let (0xf9, [4, flags, _, _, colour, ..]) = (label, blocks) {
                        transparent = (flags & 1 != 0).then_some(*colour);
                    }
                    rest = skip_blocks(blocks)?;
                }
                [0x2c, l0, l1, t0, t1, pw0, pw1, ph0, ph1, flags, ..] => {
                    let word = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]));
                    let (width, height) = (word(w0, w1), word(h0, h1));
                    let (left, top) = (word(*l0, *l1), word(*t0, *t1));
                    let (frame_width, frame_height) = (word(*pw0, *pw1), word(*ph0, *ph1));
                    let covers_screen =
                        (left, top) == (0, 0) && frame_width >= width && frame_height >= height;
                    let alpha = transparent.is_some() || !covers_screen;
                    return Some(Self {
                        info: Info { width, height, orientation: Orientation::default(), alpha },
                        screen,
                        frame: rest,
                        left,
                        top,
                        frame_width,
                        frame_height,
                        interlaced: flags & 0x40 != 0,
                        transparent,
                    });
                }
                _ => return None,
            }
        }
    }

    fn frame_pixels(&self) -> u64 {
        u64::from(self.frame_width) * u64::from(self.frame_height)
    }

    pub(super) fn decoding(&self) -> Decoding<'a> {
        let shape = Shape {
            width: self.info.width,
            height: self.info.height,
            layout: if self.info.alpha { Layout::Rgba } else { Layout::Rgb },
            order: if self.interlaced { Order::Interlaced } else { Order::Sequential },
        };
        let memory = FIXED + self.frame_pixels() + shape.row_bytes();
        Decoding { shape, eighths: 8, memory, profile: None, jpeg: None }
    }

    pub(super) fn decode(&self, shape: Shape) -> Result<Box<dyn Source + 'a>, Error> {
        let input = self.screen.chain(self.frame);
        let mut decoder = DecodeOptions::new().read_info(input).map_err(broken)?;
        decoder.next_frame_info().map_err(broken)?;
        let palette = decoder.palette().map_err(broken)?.to_vec();
        let mut indices = vec![0; self.frame_pixels() as usize];
        if !decoder.fill_buffer(&mut indices).map_err(broken)? {
            return Err(Error::Original(OriginalError::Truncated(Kind::Gif)));
        }
        let row = vec![0; shape.row_bytes() as usize];
        Ok(Box::new(Gif { header: *self, shape, palette, indices, used: 0, row, pass: 0, line: 0 }))
    }
}

/// Bytes of the palette that a packed field announces.
fn palette_len(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// What follows a sequence of data sub-blocks.
fn skip_blocks(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (&len, data) = rest.split_first()?;
        rest = data.get(usize::from(len)..)?;
        if len == 0 {
            return Some(rest);
        }
    }
}

struct Gif<'a> {
    header: Header<'a>,
    shape: Shape,
    palette: Vec<u8>,
    /// Palette indices of the frame's pixels in file order.
    indices: Vec<u8>,
    /// How many of them have been converted.
    used: usize,
    row: Vec<u8>,
    pass: usize,
    /// The next row of the screen or, if interlaced, of the pass.
    line: u32,
}

impl Gif<'_> {
    /// The next screen row, and whether the frame reaches it.
    fn advance(&mut self) -> Option<(u32, bool)> {
        let Header { top, frame_height, .. } = self.header;
        if self.shape.order == Order::Sequential {
            let y = self.line;
            self.line += 1;
            return (y < self.shape.height).then_some((y, y >= top && y - top < frame_height));
        }
        loop {
            let &(first, step) = PASSES.get(self.pass)?;
            let y = first + self.line * step;
            if y < frame_height {
                self.line += 1;
                return Some((top + y, true));
            }
            (self.pass, self.line) = (self.pass + 1, 0);
        }
    }

    /// Converts the frame's next row into its place in `row`.
    fn convert(&mut self) {
        let channels = self.shape.layout.channels();
        let row = self.row.chunks_exact_mut(channels).skip(self.header.left as usize);
        let indices = &self.indices[self.used..][..self.header.frame_width as usize];
        self.used += indices.len();
        for (pixel, &index) in row.zip(indices) {
            // An index outside the palette is black, as in giflib.
            let at = 3 * usize::from(index);
            pixel[..3].copy_from_slice(self.palette.get(at..at + 3).unwrap_or(&[0; 3]));
            if let Some(alpha) = pixel.get_mut(3) {
                *alpha = if self.header.transparent == Some(index) { 0 } else { 255 };
            }
        }
    }
}

impl Source for Gif<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        loop {
            let Some((y, in_frame)) = self.advance() else { return Ok(None) };
            if in_frame {
                self.convert();
            } else {
                self.row.fill(0);
            }
            // An interlaced frame may extend below the screen.
            if y < self.shape.height {
                return Ok(Some(Row { y, x: 0, step: 1, samples: &self.row }));
            }
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "the signature `map_err` wants")]
fn broken(error: gif::DecodingError) -> Error {
    Error::from_decoder(Kind::Gif, &error)
}
