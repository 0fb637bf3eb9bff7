//! GIF (89a): the first picture of the file on its screen, row by row.
//!
//! The crate unpacks; this module finds the first picture, so that whatever lies in
//! front of it (comments, applications' data) is never read into memory. What the
//! picture leaves free of the screen is transparent, as browsers show it.
//!
//! The picture is unpacked whole, a byte a pixel: where it is asked for row by row, the
//! crate (0.14, with weezl 0.1) loses the end of every fourth picture of one colour, whose
//! codes stand for more than a row.

use std::boxed::Box;
use std::io::Read;
use std::vec;
use std::vec::Vec;

use gif::DecodeOptions;

use crate::imaging::orientation::Orientation;
use crate::imaging::source::{Decoding, Info, Kind, Layout, Order, Row, Shape, Source};
use crate::imaging::{Error, OriginalError};

/// What the crate takes whatever the picture's width, measured: 4,096 codes, a read
/// buffer, palettes.
const FIXED: u64 = 128 << 10;

/// First row and distance of the passes of an interlaced picture: 89a, appendix E.
const PASSES: [(u32, u32); 4] = [(0, 8), (4, 8), (2, 4), (1, 2)];

/// The screen, and where the first picture lies on it.
#[derive(Clone, Copy)]
struct Header<'a> {
    width: u32,
    height: u32,
    /// The file up to its first extension: signature, screen, palette.
    screen: &'a [u8],
    /// The file from its first picture on.
    picture: &'a [u8],
    left: u32,
    top: u32,
    picture_width: u32,
    picture_height: u32,
    interlaced: bool,
    /// The colour that is none.
    transparent: Option<u8>,
}

impl<'a> Header<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, Error> {
        Self::find(bytes).ok_or(Error::broken(Kind::Gif, "there is no picture in it"))
    }

    fn find(bytes: &'a [u8]) -> Option<Self> {
        let &[w0, w1, h0, h1, flags, _, _] = bytes.get(6..)?.first_chunk()?;
        let (screen, mut rest) = bytes.split_at_checked(13 + palette_len(flags))?;
        let mut transparent = None;
        loop {
            match rest {
                [0x21, label, blocks @ ..] => {
                    // A graphic control extension holds for the picture that follows.
                    if let (0xf9, [4, flags, _, _, colour, ..]) = (label, blocks) {
                        transparent = (flags & 1 != 0).then_some(*colour);
                    }
                    rest = skip_blocks(blocks)?;
                }
                [0x2c, l0, l1, t0, t1, pw0, pw1, ph0, ph1, flags, ..] => {
                    let word = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]));
                    return Some(Self {
                        width: word(w0, w1),
                        height: word(h0, h1),
                        screen,
                        picture: rest,
                        left: word(*l0, *l1),
                        top: word(*t0, *t1),
                        picture_width: word(*pw0, *pw1),
                        picture_height: word(*ph0, *ph1),
                        interlaced: flags & 0x40 != 0,
                        transparent,
                    });
                }
                _ => return None,
            }
        }
    }

    /// How many pixels the picture has.
    fn pixels(&self) -> u64 {
        u64::from(self.picture_width) * u64::from(self.picture_height)
    }

    /// The picture covers the whole screen.
    fn covers(&self) -> bool {
        (self.left, self.top) == (0, 0)
            && self.picture_width >= self.width
            && self.picture_height >= self.height
    }

    fn has_alpha(&self) -> bool {
        self.transparent.is_some() || !self.covers()
    }
}

/// Bytes of the palette that a packed field tells of.
fn palette_len(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// What follows a run of data blocks.
fn skip_blocks(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (&len, behind) = rest.split_first()?;
        rest = behind.get(usize::from(len)..)?;
        if len == 0 {
            return Some(rest);
        }
    }
}

/// See [`crate::imaging::source::probe`].
pub(super) fn probe(bytes: &[u8]) -> Result<Info, Error> {
    let header = Header::read(bytes)?;
    Ok(Info {
        kind: Kind::Gif,
        width: header.width,
        height: header.height,
        orientation: Orientation::default(),
        alpha: header.has_alpha(),
    })
}

/// See [`crate::imaging::source::decoding`].
pub(super) fn decoding(bytes: &[u8]) -> Result<Decoding, Error> {
    let header = Header::read(bytes)?;
    let shape = Shape {
        width: header.width,
        height: header.height,
        layout: if header.has_alpha() { Layout::Rgba } else { Layout::Rgb },
        order: if header.interlaced { Order::Interlaced } else { Order::Sequential },
    };
    let memory = FIXED + header.pixels() + shape.row_bytes();
    Ok(Decoding { shape, eighths: 8, memory })
}

/// A GIF that is being read.
struct Gif<'a> {
    header: Header<'a>,
    shape: Shape,
    palette: Vec<u8>,
    /// The picture's pixels, in the order of the file.
    colours: Vec<u8>,
    /// How many of them have been handed out.
    painted: usize,
    row: Vec<u8>,
    pass: usize,
    /// The row of the screen, or of the pass, that comes next.
    line: u32,
}

/// See [`crate::imaging::source::open`].
pub(super) fn open<'a>(bytes: &'a [u8], shape: Shape) -> Result<Box<dyn Source + 'a>, Error> {
    let header = Header::read(bytes)?;
    let input = header.screen.chain(header.picture);
    let mut decoder = DecodeOptions::new().read_info(input).map_err(broken)?;
    decoder.next_frame_info().map_err(broken)?;
    let palette = decoder.palette().map_err(broken)?.to_vec();
    let mut colours = vec![0; header.pixels() as usize];
    if !decoder.fill_buffer(&mut colours).map_err(broken)? {
        return Err(Error::Original(OriginalError::Truncated(Kind::Gif)));
    }
    Ok(Box::new(Gif {
        header,
        shape,
        palette,
        colours,
        painted: 0,
        row: vec![0; shape.row_bytes() as usize],
        pass: 0,
        line: 0,
    }))
}

impl Gif<'_> {
    /// The screen's row that comes next, and whether the picture has it too.
    fn place(&mut self) -> Option<(u32, bool)> {
        let Header { top, picture_height, .. } = self.header;
        if self.shape.order == Order::Sequential {
            let y = self.line;
            self.line += 1;
            return (y < self.shape.height).then_some((y, y >= top && y - top < picture_height));
        }
        loop {
            let &(first, distance) = PASSES.get(self.pass)?;
            let y = first + self.line * distance;
            if y < picture_height {
                self.line += 1;
                return Some((top + y, true));
            }
            (self.pass, self.line) = (self.pass + 1, 0);
        }
    }

    /// Puts the colours of the picture's next row where they belong.
    fn paint(&mut self) {
        let channels = self.shape.layout.channels();
        let row = self.row.chunks_exact_mut(channels).skip(self.header.left as usize);
        let colours = &self.colours[self.painted..][..self.header.picture_width as usize];
        self.painted += colours.len();
        for (pixel, &colour) in row.zip(colours) {
            // A colour that the palette does not have is black, as giflib has it.
            let at = 3 * usize::from(colour);
            pixel[..3].copy_from_slice(self.palette.get(at..at + 3).unwrap_or(&[0; 3]));
            if let Some(alpha) = pixel.get_mut(3) {
                *alpha = if self.header.transparent == Some(colour) { 0 } else { 255 };
            }
        }
    }
}

impl Source for Gif<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        loop {
            let Some((y, painted)) = self.place() else { return Ok(None) };
            if painted {
                self.paint();
            } else {
                self.row.fill(0);
            }
            // An interlaced picture may hang over the screen's lower side.
            if y < self.shape.height {
                return Ok(Some(Row { y, x: 0, step: 1, samples: &self.row }));
            }
        }
    }
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn broken(error: gif::DecodingError) -> Error {
    Error::from_decoder(Kind::Gif, &error)
}
