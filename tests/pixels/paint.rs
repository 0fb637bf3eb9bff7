//! The test image in every supported format.
//!
//! It has what photos have and scaling may spoil: gradients, waves of falling length and
//! amplitude, an edge, and alpha from 0 to 255.

use std::fmt;
use std::io::Cursor;

use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder, Rgba, RgbaImage};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

use crate::png::{Colour, Png};

/// Sides in pixels: whole blocks, with many divisors.
pub(crate) const WIDTH: u32 = 240;
pub(crate) const HEIGHT: u32 = 160;

/// A file and its name.
pub(crate) struct Photo {
    pub(crate) name: &'static str,
    pub(crate) file: Vec<u8>,
}

impl fmt::Debug for Photo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name)
    }
}

/// The test image at any size.
pub(crate) fn picture(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
        let radius = ((x - 0.6).powi(2) + (y - 0.4).powi(2)).sqrt();
        let disc = if radius < 0.22 { 40.0 } else { 0.0 };
        let colour = |phase: f64| {
            let waves: f64 = (1..=5)
                .map(|octave| {
                    let frequency = f64::from(1 << octave);
                    let turned = x * (frequency + phase) + y * (frequency - 2.0 * phase);
                    (6.0 * turned + phase).sin() / frequency
                })
                .sum();
            (110.0 + 70.0 * (x - y) + 60.0 * waves + disc).clamp(0.0, 255.0)
        };
        let alpha = (255.0 * (1.4 - 2.0 * radius)).clamp(0.0, 255.0);
        let [red, green, blue, alpha] =
            [colour(0.0), colour(0.7), colour(1.3), alpha].map(|value| value.round() as u8);
        Rgba([red, green, blue, alpha])
    })
}

/// The test image in every format.
pub(crate) fn photos() -> Vec<Photo> {
    let picture = picture(WIDTH, HEIGHT);
    let photo = |name, file| Photo { name, file };
    let mut photos = vec![
        photo("baseline.jpg", jpeg(&picture, Jpeg::default())),
        photo("full-colour.jpg", jpeg(&picture, Jpeg { quality: 95, ..Jpeg::default() })),
        photo("progressive.jpg", jpeg(&picture, Jpeg { progressive: true, ..Jpeg::default() })),
        photo("grey.jpg", jpeg(&picture, Jpeg { colour: ColorType::Luma, ..Jpeg::default() })),
        photo("cmyk.jpg", jpeg(&picture, Jpeg { colour: ColorType::Cmyk, ..Jpeg::default() })),
        photo(
            "ycck.jpg",
            jpeg(&picture, Jpeg { colour: ColorType::CmykAsYcck, ..Jpeg::default() }),
        ),
    ];
    for (plain, interlaced, colour, depth) in [
        ("rgb.png", "rgb-interlaced.png", Colour::Rgb, 8),
        ("rgb-16.png", "rgb-16-interlaced.png", Colour::Rgb, 16),
        ("rgba.png", "rgba-interlaced.png", Colour::Rgba, 8),
        ("rgba-16.png", "rgba-16-interlaced.png", Colour::Rgba, 16),
        ("grey.png", "grey-interlaced.png", Colour::Grey, 8),
        ("grey-4.png", "grey-4-interlaced.png", Colour::Grey, 4),
        ("grey-1.png", "grey-1-interlaced.png", Colour::Grey, 1),
        ("grey-alpha.png", "grey-alpha-interlaced.png", Colour::GreyAlpha, 8),
        ("palette.png", "palette-interlaced.png", Colour::Palette, 8),
        ("palette-alpha.png", "palette-alpha-interlaced.png", Colour::PaletteAlpha, 8),
    ] {
        for (name, interlaced) in [(plain, false), (interlaced, true)] {
            let file = Png { colour, depth, interlaced, chunks: &[] }.write(&picture);
            photos.push(photo(name, file));
        }
    }
    for (name, interlaced, transparent) in [
        ("plain.gif", false, false),
        ("interlaced.gif", true, false),
        ("transparent.gif", false, true),
    ] {
        photos.push(photo(name, gif(&picture, interlaced, transparent)));
    }
    photos.push(photo("lossless.webp", webp(&picture, false, &[], &[])));
    photos.push(photo("lossless-alpha.webp", webp(&picture, true, &[], &[])));
    // Written by libwebp 1.5 from this image at quality 80: no Rust crate writes them.
    photos.push(photo("lossy.webp", include_bytes!("lossy.webp").into()));
    photos.push(photo("lossy-alpha.webp", include_bytes!("lossy-alpha.webp").into()));
    photos
}

/// How a JPEG is written.
#[derive(Clone, Copy)]
pub(crate) struct Jpeg<'a> {
    pub(crate) colour: ColorType,
    pub(crate) quality: u8,
    pub(crate) progressive: bool,
    pub(crate) exif: &'a [u8],
    pub(crate) profile: &'a [u8],
}

impl Default for Jpeg<'_> {
    fn default() -> Self {
        Self { colour: ColorType::Rgb, quality: 88, progressive: false, exif: &[], profile: &[] }
    }
}

/// 4:2:0 below quality 90.
pub(crate) fn jpeg(picture: &RgbaImage, kind: Jpeg<'_>) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, kind.quality);
    encoder.set_progressive(kind.progressive);
    encoder.set_sampling_factor(match kind.colour {
        ColorType::Rgb if kind.quality < 90 => SamplingFactor::F_2_2,
        _ => SamplingFactor::F_1_1,
    });
    if !kind.exif.is_empty() {
        encoder.add_exif_metadata(kind.exif).unwrap();
    }
    if !kind.profile.is_empty() {
        encoder.add_icc_profile(kind.profile).unwrap();
    }
    let samples: Vec<u8> = picture
        .pixels()
        .flat_map(|&Rgba([red, green, blue, _])| match kind.colour {
            ColorType::Luma => vec![grey(red, green, blue)],
            ColorType::Rgb => vec![red, green, blue],
            // CMYK with full black generation.
            _ => {
                let black = 255 - red.max(green).max(blue);
                let ink = |colour| {
                    let share = u16::from(colour) * 255 / u16::from(255 - black).max(1);
                    255 - u8::try_from(share.min(255)).unwrap()
                };
                vec![ink(red), ink(green), ink(blue), black]
            }
        })
        .collect();
    let side = |side: u32| u16::try_from(side).unwrap();
    encoder.encode(&samples, side(picture.width()), side(picture.height()), kind.colour).unwrap();
    file
}

pub(crate) fn grey(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 3 + u32::from(green) * 6 + u32::from(blue)) / 10) as u8
}

/// A GIF with 6 steps of each colour; where alpha is below the half, transparent.
pub(crate) fn gif(picture: &RgbaImage, interlaced: bool, transparent: bool) -> Vec<u8> {
    let palette: Vec<u8> =
        (0..216).flat_map(|n| [n / 36 * 51, n / 6 % 6 * 51, n % 6 * 51]).collect();
    let rows = picture.rows().map(|row| {
        row.map(|&Rgba([red, green, blue, alpha])| {
            let step = |colour: u8| (colour + 25).min(254) / 51;
            let colour = step(red.min(230)) * 36 + step(green.min(230)) * 6 + step(blue.min(230));
            if transparent && alpha < 128 { 216 } else { colour }
        })
        .collect::<Vec<u8>>()
    });
    let mut rows: Vec<(usize, Vec<u8>)> = rows.enumerate().collect();
    if interlaced {
        // Every 8th row, then those between, twice as many each time: GIF 89a, appendix E.
        rows.sort_by_key(|(y, _)| match y % 8 {
            0 => (0, *y),
            4 => (1, *y),
            2 | 6 => (2, *y),
            _ => (3, *y),
        });
    }
    let side = |side: u32| u16::try_from(side).unwrap();
    let frame = gif::Frame {
        width: side(picture.width()),
        height: side(picture.height()),
        interlaced,
        transparent: transparent.then_some(216),
        buffer: rows.into_iter().flat_map(|(_, row)| row).collect(),
        ..gif::Frame::default()
    };
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, frame.width, frame.height, &palette).unwrap();
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    file
}

/// A lossless WebP.
pub(crate) fn webp(picture: &RgbaImage, alpha: bool, exif: &[u8], profile: &[u8]) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let mut encoder = WebPEncoder::new_lossless(&mut file);
    if !exif.is_empty() {
        encoder.set_exif_metadata(exif.into()).unwrap();
    }
    if !profile.is_empty() {
        encoder.set_icc_profile(profile.into()).unwrap();
    }
    let picture = DynamicImage::from(picture.clone());
    let picture = if alpha { picture } else { picture.to_rgb8().into() };
    picture.write_with_encoder(encoder).unwrap();
    file.into_inner()
}
