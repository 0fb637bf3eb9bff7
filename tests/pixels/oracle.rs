//! What a thumbnail should be: sizes as specified, in fractions; pixels by a full decode,
//! premultiplied, rotated, cropped and scaled by `image`'s Lanczos.

use std::fmt;

use image::imageops::{self, FilterType};
use image::{DynamicImage, Rgba, Rgba32FImage};
use picosite::facade::imaging;
use picosite::facade::imaging::{Error, Limits, Rendered};
use picosite::facade::thumbs::Transform;

/// How an image is fitted to the requested box.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Method {
    Fit,
    Fill,
    Stretch,
}

/// A transform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) width: Option<u32>,
    pub(crate) height: Option<u32>,
    pub(crate) method: Method,
    /// Clockwise quarter turns.
    pub(crate) turns: u32,
    pub(crate) up: bool,
}

impl Asked {
    /// The thumbnail's width and height for an upright `picture`.
    pub(crate) fn size(&self, picture: (u32, u32)) -> (u32, u32) {
        let (width, height) =
            if self.turns.is_multiple_of(2) { picture } else { (picture.1, picture.0) };
        if self.method != Method::Fit {
            let side = |asked: Option<u32>, has: u32| {
                if self.up { asked.unwrap() } else { asked.unwrap().min(has) }
            };
            return (side(self.width, width), side(self.height, height));
        }
        // The scale is the smaller fraction.
        let scales = [(self.width, width), (self.height, height)];
        let scales = scales.iter().filter_map(|&(asked, has)| Some((asked?, has)));
        let (above, below) = scales
            .min_by(|a, b| {
                (u64::from(a.0) * u64::from(b.1)).cmp(&(u64::from(b.0) * u64::from(a.1)))
            })
            .unwrap();
        let (above, below) = if above > below && !self.up { (1, 1) } else { (above, below) };
        let side = |has: u32| {
            let (above, below) = (u64::from(above), u64::from(below));
            // Rounds half up: n + 1/2, rounded down.
            let rounded = (2 * u64::from(has) * above + below) / (2 * below);
            u32::try_from(rounded.max(1)).unwrap()
        };
        (side(width), side(height))
    }

    /// The thumbnail of an upright image.
    pub(crate) fn apply(&self, picture: &DynamicImage) -> Rgba32FImage {
        let mut picture = premultiplied(picture);
        for _ in 0..self.turns {
            picture = imageops::rotate90(&picture);
        }
        let (width, height) = picture.dimensions();
        let out = Self { turns: 0, ..*self }.size((width, height));
        if self.method == Method::Fill {
            // The crop has the thumbnail's aspect ratio and, unless enlarging is allowed, at
            // least `out` pixels.
            let scale = f64::max(
                f64::from(self.width.unwrap()) / f64::from(width),
                f64::from(self.height.unwrap()) / f64::from(height),
            );
            let scale = if self.up { scale } else { scale.min(1.0) };
            let (w, h) = (f64::from(out.0) / scale, f64::from(out.1) / scale);
            let (x, y) = ((f64::from(width) - w) / 2.0, (f64::from(height) - h) / 2.0);
            let whole = [x, y, w, h].map(|side| {
                assert!(
                    (side - side.round()).abs() < 1e-6,
                    "this oracle crops to whole pixels only"
                );
                side.round() as u32
            });
            picture =
                imageops::crop_imm(&picture, whole[0], whole[1], whole[2], whole[3]).to_image();
        }
        imageops::resize(&picture, out.0, out.1, FilterType::Lanczos3)
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |side: Option<u32>| side.map_or_else(String::new, |side| side.to_string());
        write!(out, "{}x{}", side(self.width), side(self.height))?;
        match self.method {
            Method::Fit => {}
            Method::Fill => out.write_str(",fill")?,
            Method::Stretch => out.write_str(",stretch")?,
        }
        if self.turns > 0 {
            write!(out, ",r{}", 90 * self.turns)?;
        }
        out.write_str(if self.up { ",up" } else { "" })
    }
}

/// As floats from 0 to 1, premultiplied by alpha.
pub(crate) fn premultiplied(picture: &DynamicImage) -> Rgba32FImage {
    let mut picture = picture.to_rgba32f();
    for Rgba([red, green, blue, alpha]) in picture.pixels_mut() {
        for colour in [red, green, blue] {
            *colour *= *alpha;
        }
    }
    picture
}

/// PSNR in dB of two premultiplied images, composited onto grey.
#[track_caller]
pub(crate) fn psnr(ours: &Rgba32FImage, theirs: &Rgba32FImage) -> f64 {
    assert_eq!(ours.dimensions(), theirs.dimensions());
    let shown = |&Rgba([red, green, blue, alpha]): &Rgba<f32>| {
        [red, green, blue].map(|colour| f64::from(colour + (1.0 - alpha) / 2.0))
    };
    let pixels = ours.pixels().zip(theirs.pixels());
    let squares = pixels.flat_map(|(ours, theirs)| {
        let (ours, theirs) = (shown(ours), shown(theirs));
        [0, 1, 2].map(|n| (ours[n] - theirs[n]).powi(2))
    });
    let mean = squares.sum::<f64>() / f64::from(3 * ours.width() * ours.height());
    -10.0 * mean.log10()
}

/// Default of the setting `memory`, in bytes.
pub(crate) const DEFAULT_MEMORY: u64 = 8 << 20;

/// Renders with ample memory: the thumbnail's file.
pub(crate) fn render(file: &[u8], transform: &str) -> Result<(Vec<u8>, Rendered), Error> {
    render_within(64 << 20, file, transform)
}

/// Renders within `memory` bytes.
pub(crate) fn render_within(
    memory: u64,
    file: &[u8],
    transform: &str,
) -> Result<(Vec<u8>, Rendered), Error> {
    let transform = Transform::parse(transform.as_bytes()).unwrap();
    let mut out = Vec::new();
    let limits = Limits { memory, max_size: 2048 };
    let rendered = imaging::render(file, &transform, &limits, &mut out)?;
    Ok((out, rendered))
}

/// Renders with ample memory and decodes the result.
#[track_caller]
pub(crate) fn thumbnail(file: &[u8], transform: &str) -> DynamicImage {
    let (out, rendered) = render(file, transform).unwrap();
    let picture = image::load_from_memory(&out).unwrap();
    assert_eq!((picture.width(), picture.height()), (rendered.width, rendered.height));
    picture
}
