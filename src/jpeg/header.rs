//! Everything ahead of the first scan: the frame header (T.81 B.2.2), and the application
//! segments that give colour space, colour profile and orientation.

use core::iter;

use crate::jpeg::marker::{
    APP0, APP1, APP2, APP14, EOI, SOF0, SOF1, SOF2, SOS, Segment, Segments, unsupported,
};
use crate::jpeg::{Error, Feature, Scale};

/// A component's parameters in the frame header (T.81 B.2.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Component {
    /// Component identifier, Ci: how scan headers refer to it.
    pub(super) id: u8,
    /// Horizontal sampling factor, Hi: 1 to 4.
    pub horizontal: u8,
    /// Vertical sampling factor, Vi: 1 to 4.
    pub vertical: u8,
    /// Quantisation table destination, Tqi: 0 to 3.
    pub(super) quantisation: u8,
}

/// The colour space of the components.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// One component.
    Grey,
    /// Luma and two chroma components, as in JFIF.
    YCbCr,
    /// Red, green, blue.
    Rgb,
    /// Four inks.
    Cmyk,
    /// Adobe's YCCK: CMY stored as `YCbCr`, and black.
    Ycck,
}

/// What a file says ahead of its first scan. Borrows the file and allocates nothing.
#[derive(Clone, Copy, Debug)]
pub struct Header<'a> {
    pub(super) file: &'a [u8],
    /// Width in pixels, at least 1.
    pub width: u16,
    /// Height in pixels, at least 1.
    pub height: u16,
    /// The colour space of the components.
    pub colour: Colour,
    pub(super) progressive: bool,
    /// The colour transform of an Adobe APP14 segment.
    pub(super) adobe: Option<u8>,
    components: [Component; 4],
    /// INVARIANT: 1, 3 or 4.
    count: u8,
}

impl<'a> Header<'a> {
    /// Parses `file` up to the header of its first scan.
    ///
    /// # Errors
    ///
    /// The file is not a JPEG, is malformed ahead of its first scan, or uses a [`Feature`]
    /// that the decoder doesn't support.
    pub fn parse(file: &'a [u8]) -> Result<Self, Error> {
        let mut segments = Segments::new(file)?;
        let (mut frame, mut jfif, mut adobe) = (None, false, None);
        while let Some(segment) = segments.next()? {
            match segment.code {
                SOF0 | SOF1 | SOF2 if frame.is_some() => return Err(Error::Segment),
                SOF0 | SOF1 | SOF2 => frame = Some((segment.code, segment.body)),
                APP0 => jfif |= segment.body.starts_with(b"JFIF\0"),
                APP14 if segment.body.starts_with(b"Adobe") => {
                    adobe = segment.body.get(11).copied();
                }
                SOS => {
                    let (code, body) = frame.ok_or(Error::Segment)?;
                    let mut header = Self::parse_frame(file, body)?;
                    header.progressive = code == SOF2;
                    header.adobe = adobe;
                    header.colour = header.colour_space(jfif);
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
            let (horizontal, vertical, quantisation) = (spec[1] >> 4, spec[1] & 15, spec[2]);
            if !matches!((horizontal, vertical, quantisation), (1..=4, 1..=4, 0..=3)) {
                return Err(Error::Segment);
            }
            *component = Component { id: spec[0], horizontal, vertical, quantisation };
        }
        Ok(Self {
            file,
            width,
            height,
            colour: Colour::Grey,
            progressive: false,
            adobe: None,
            components,
            count,
        })
    }

    /// The frame's components, in its order.
    #[must_use]
    pub fn components(&self) -> &[Component] {
        &self.components[..usize::from(self.count)]
    }

    /// Hmax and Vmax, the largest sampling factors of any component: T.81 A.1.1.
    pub(super) fn max_sampling(&self) -> (usize, usize) {
        self.components().iter().fold((1, 1), |(h, v), component| {
            (h.max(component.horizontal.into()), v.max(component.vertical.into()))
        })
    }

    /// Width and height in pixels at a scale, rounded up as libjpeg does.
    #[must_use]
    pub fn size_at(&self, scale: Scale) -> (u16, u16) {
        let scaled = |side: u16| (u32::from(side) * scale.block_size() as u32).div_ceil(8) as u16;
        (scaled(self.width), scaled(self.height))
    }

    /// The segments ahead of the first scan.
    fn segments(&self) -> impl Iterator<Item = Segment<'a>> + use<'a> {
        let mut segments = Segments::new(self.file).ok();
        let next = move || segments.as_mut()?.next().ok()?;
        iter::from_fn(next).take_while(|segment| segment.code != SOS)
    }

    /// The EXIF data: a TIFF header and what follows it.
    #[must_use]
    pub fn exif(&self) -> Option<&'a [u8]> {
        let mut segments = self.segments().filter(|segment| segment.code == APP1);
        segments.find_map(|segment| segment.body.strip_prefix(b"Exif\0")?.get(1..))
    }

    /// The chunks of the ICC profile: the number of each, counted from 1, how many there are,
    /// and the data (ICC.1 B.4).
    pub fn colour_profile(&self) -> impl Iterator<Item = (u8, u8, &'a [u8])> + use<'a> {
        let segments = self.segments().filter(|segment| segment.code == APP2);
        segments.filter_map(|segment| match segment.body.strip_prefix(b"ICC_PROFILE\0")? {
            [number, count, chunk @ ..] => Some((*number, *count, chunk)),
            _ => None,
        })
    }

    /// Guesses as libjpeg does, which other decoders follow.
    fn colour_space(&self, jfif: bool) -> Colour {
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
