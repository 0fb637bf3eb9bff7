//! Alpha, colour profile and YCbCr, on the thumbnail's few pixels only.

use std::vec::Vec;

use jpeg_encoder::rgb_to_ycbcr;

use crate::imaging::colour::Conversion;
use crate::imaging::source::Layout;
use crate::imaging::{Error, Rows};
use crate::thumbs::address::transform::Format;

/// Samples per pixel after post-processing. JPEG has no alpha.
pub(crate) fn channels(layout: Layout, format: Format) -> usize {
    match (format, layout.is_grey()) {
        (Format::Png, _) => layout.channels(),
        (Format::Jpeg, true) => 1,
        (Format::Jpeg, false) => 3,
    }
}

/// Converts rows to what the encoder takes.
pub(crate) struct PostProcess<S> {
    pub(crate) rows: S,
    pub(crate) layout: Layout,
    pub(crate) format: Format,
    pub(crate) conversion: Option<Conversion>,
    /// Whether rows arrive as YCbCr. INVARIANT: if so, there is neither alpha nor a conversion.
    pub(crate) is_ycbcr: bool,
    pub(crate) row: Vec<u8>,
}

impl<S: Rows> Rows for PostProcess<S> {
    fn next_row(&mut self) -> Result<&[u8], Error> {
        let row = self.rows.next_row()?;
        let in_colour = self.format == Format::Jpeg && !self.layout.is_grey();
        if !self.layout.has_alpha() && self.conversion.is_none() {
            if !in_colour || self.is_ycbcr {
                return Ok(row);
            }
            let (pixels, _) = row.as_chunks();
            self.row.resize(row.len(), 0);
            let (out, _) = self.row.as_chunks_mut();
            for (out, &pixel) in out.iter_mut().zip(pixels) {
                *out = ycbcr(pixel);
            }
            return Ok(&self.row);
        }
        self.row.clear();
        let (layout, kept) = (self.layout, channels(self.layout, self.format));
        let colours = layout.channels() - usize::from(layout.has_alpha());
        for pixel in row.chunks_exact(layout.channels()) {
            let mut copy = [0; 4];
            copy[..pixel.len()].copy_from_slice(pixel);
            let alpha = layout.has_alpha().then_some(copy[pixel.len() - 1]);
            let colours = &mut copy[..colours];
            if let Some(alpha) = alpha {
                unpremultiply(colours, alpha);
            }
            if let Some(conversion) = &self.conversion {
                conversion.apply(colours);
            }
            if let (Format::Jpeg, Some(alpha)) = (self.format, alpha) {
                blend_with_white(colours, alpha);
            }
            self.row.extend_from_slice(&copy[..kept]);
        }
        if in_colour {
            let (pixels, _) = self.row.as_chunks_mut();
            for pixel in pixels {
                *pixel = ycbcr(*pixel);
            }
        }
        Ok(&self.row)
    }
}

#[inline(always)]
fn ycbcr([red, green, blue]: [u8; 3]) -> [u8; 3] {
    rgb_to_ycbcr(red, green, blue).into()
}

/// Undoes the box filter's premultiplication.
fn unpremultiply(colours: &mut [u8], alpha: u8) {
    let alpha = u32::from(alpha);
    for colour in colours {
        // Lanczos may leave a colour brighter than its alpha.
        let whole = (u32::from(*colour) * 255 + alpha / 2).checked_div(alpha);
        *colour = whole.unwrap_or(0).min(255) as u8;
    }
}

/// Composites onto an empty page.
fn blend_with_white(colours: &mut [u8], alpha: u8) {
    let alpha = u32::from(alpha);
    for colour in colours {
        *colour = ((u32::from(*colour) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
    }
}
