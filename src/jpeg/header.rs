//! What comes before the first scan: the frame (T.81 B.2.2), the restart interval,
//! and the application segments that tell colour and orientation.

use crate::jpeg::marker::{
    APP0, APP1, APP2, APP14, APP15, DRI, EOI, SOF0, SOF1, SOF2, SOS, Segments,
};
use crate::jpeg::{Error, Feature, Scale};

/// One component of a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// The name by which scans call it.
    pub id: u8,
    /// Horizontal sampling factor, 1 to 4.
    pub horizontal: u8,
    /// Vertical sampling factor, 1 to 4.
    pub vertical: u8,
    /// Which quantisation table, 0 to 3.
    pub(super) quantisation: u8,
}

/// How the components make a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One component.
    Grey,
    /// Luminance and two colour differences: JFIF.
    YCbCr,
    /// Red, green, blue as they are.
    Rgb,
    /// Four inks as they are.
    Cmyk,
    /// Three inks as luminance and colour differences, and black: Adobe.
    Ycck,
}

/// What a file says of itself before its first scan. Borrows the file; allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    pub(super) file: &'a [u8],
    /// Width in pixels, at least 1.
    pub width: u16,
    /// Height in pixels, at least 1.
    pub height: u16,
    /// Whether the frame is progressive.
    pub progressive: bool,
    /// The restart interval that the first scan begins with, 0 for none.
    pub restart_interval: u16,
    /// How the components make a colour.
    pub colour: Colour,
    /// The transform that an Adobe segment states.
    pub adobe: Option<u8>,
    components: [Component; 4],
    /// INVARIANT: 1, 3 or 4.
    count: u8,
}

impl<'a> Header<'a> {
    /// Reads as far as the first scan's header.
    ///
    /// # Errors
    ///
    /// The file is no JPEG, is broken before its first scan, or is of a kind that the
    /// decoder leaves out.
    pub fn parse(file: &'a [u8]) -> Result<Self, Error> {
        let mut segments = Segments::new(file)?;
        let (mut frame, mut jfif, mut adobe, mut restart_interval) = (None, false, None, 0);
        while let Some(segment) = segments.next()? {
            match segment.code {
                SOF0 | SOF1 | SOF2 if frame.is_some() => return Err(Error::Segment),
                SOF0 | SOF1 | SOF2 => frame = Some((segment.code, segment.body)),
                DRI => restart_interval = parse_restart_interval(segment.body)?,
                APP0 => jfif |= segment.body.starts_with(b"JFIF\0"),
                APP14 if segment.body.starts_with(b"Adobe") => {
                    adobe = segment.body.get(11).copied();
                }
                SOS => {
                    let (code, body) = frame.ok_or(Error::Segment)?;
                    let mut header = Self::parse_frame(file, body)?;
                    header.progressive = code == SOF2;
                    header.restart_interval = restart_interval;
                    header.adobe = adobe;
                    header.colour = header.guess_colour(jfif);
                    return Ok(header);
                }
                EOI => return Err(Error::Segment),
                code => unsupported(code).map_or(Ok(()), |it| Err(Error::Unsupported(it)))?,
            }
        }
        Err(Error::Truncated)
    }

    /// T.81 B.2.2.
    fn parse_frame(file: &'a [u8], body: &[u8]) -> Result<Self, Error> {
        let (&[precision, h1, h0, w1, w0, count], rest) =
            body.split_first_chunk().ok_or(Error::Segment)?;
        let (height, width) = (u16::from_be_bytes([h1, h0]), u16::from_be_bytes([w1, w0]));
        if precision != 8 {
            return Err(Error::Unsupported(Feature::Precision));
        }
        if rest.len() != 3 * usize::from(count) || width == 0 {
            return Err(Error::Segment);
        }
        if height == 0 {
            return Err(Error::Unsupported(Feature::Lines));
        }
        if !matches!(count, 1 | 3 | 4) {
            return Err(Error::Unsupported(Feature::Components));
        }
        let mut components = [Component::default(); 4];
        for (component, spec) in components.iter_mut().zip(rest.chunks_exact(3)) {
            let (horizontal, vertical) = (spec[1] >> 4, spec[1] & 15);
            let quantisation = spec[2];
            if !matches!((horizontal, vertical, quantisation), (1..=4, 1..=4, 0..=3)) {
                return Err(Error::Segment);
            }
            *component = Component { id: spec[0], horizontal, vertical, quantisation };
        }
        Ok(Self {
            file,
            width,
            height,
            progressive: false,
            restart_interval: 0,
            colour: Colour::Grey,
            adobe: None,
            components,
            count,
        })
    }

    /// The components in the frame's order.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components[..usize::from(self.count)]
    }

    /// The greatest sampling factors of any component, which stand for the picture's
    /// full size: T.81 A.1.1.
    pub(super) fn sampling(&self) -> (usize, usize) {
        self.components().iter().fold((1, 1), |(h, v), component| {
            (h.max(component.horizontal.into()), v.max(component.vertical.into()))
        })
    }

    /// The picture's size at a scale, rounded up as libjpeg does.
    #[must_use]
    pub fn size_at(&self, scale: Scale) -> (u16, u16) {
        let scaled = |side: u16| (u32::from(side) * scale.block() as u32).div_ceil(8) as u16;
        (scaled(self.width), scaled(self.height))
    }

    /// The application segments before the first scan: the number of each, 0 to 15,
    /// and its body.
    pub fn application_segments(&self) -> impl Iterator<Item = (u8, &'a [u8])> + use<'a> {
        let mut segments = Segments::new(self.file).ok();
        core::iter::from_fn(move || {
            while let Ok(Some(segment)) = segments.as_mut()?.next() {
                match segment.code {
                    SOS => break,
                    code @ APP0..=APP15 => return Some((code - APP0, segment.body)),
                    _ => {}
                }
            }
            segments = None;
            None
        })
    }

    /// The EXIF data: a TIFF file in small.
    #[must_use]
    pub fn exif(&self) -> Option<&'a [u8]> {
        self.application_segments()
            .filter(|&(number, _)| number == APP1 - APP0)
            .find_map(|(_, body)| body.strip_prefix(b"Exif\0").and_then(|rest| rest.get(1..)))
    }

    /// The chunks of the colour profile, each with its number, from 1, and how many there are.
    pub fn colour_profile(&self) -> impl Iterator<Item = (u8, u8, &'a [u8])> + use<'a> {
        self.application_segments().filter(|&(number, _)| number == APP2 - APP0).filter_map(
            |(_, body)| match body.strip_prefix(b"ICC_PROFILE\0")? {
                [number, of, chunk @ ..] => Some((*number, *of, chunk)),
                _ => None,
            },
        )
    }

    /// By the rules of libjpeg, which everything else follows.
    fn guess_colour(&self, jfif: bool) -> Colour {
        let ids = [self.components[0].id, self.components[1].id, self.components[2].id];
        match (self.count, self.adobe) {
            (1, _) => Colour::Grey,
            (4, Some(2)) => Colour::Ycck,
            (4, _) => Colour::Cmyk,
            _ if jfif => Colour::YCbCr,
            (_, Some(0)) => Colour::Rgb,
            (_, None) if ids == *b"RGB" => Colour::Rgb,
            _ => Colour::YCbCr,
        }
    }
}

/// T.81 B.2.4.4.
pub(super) fn parse_restart_interval(body: &[u8]) -> Result<u16, Error> {
    body.try_into().map(u16::from_be_bytes).map_err(|_| Error::Segment)
}

/// What a marker says about processes that are left out: T.81 table B.1.
fn unsupported(code: u8) -> Option<Feature> {
    match code {
        0xc9 | 0xca | 0xcc => Some(Feature::Arithmetic),
        0xc3 | 0xcb => Some(Feature::Lossless),
        0xc5..=0xc7 | 0xcd..=0xcf | 0xde | 0xdf => Some(Feature::Hierarchical),
        _ => None,
    }
}
