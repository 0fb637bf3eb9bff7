//! Small images of every kind, made at run time.
#![allow(dead_code, reason = "each test uses its share")]

use jpeg_encoder::{ColorType, Encoder, SamplingFactor};

/// Gradients, an edge and some noise.
pub(crate) fn paint(width: u16, height: u16, channels: usize) -> Vec<u8> {
    let mut noise = 1_u32;
    let mut bytes = Vec::new();
    for y in 0..u32::from(height) {
        for x in 0..u32::from(width) {
            for channel in 0..channels as u32 {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let slope = (x * (3 + channel) + y * (5 - channel)) % 400;
                let edge = if x + 2 * y > 60 { 30 } else { 0 };
                bytes.push((20 + slope.min(400 - slope) * 3 / 4 + edge + (noise >> 28)) as u8);
            }
        }
    }
    bytes
}

/// The parameters of a JPEG.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    pub(crate) sampling: SamplingFactor,
    pub(crate) colour: ColorType,
    pub(crate) progressive: bool,
    pub(crate) restart_interval: u16,
    pub(crate) quality: u8,
}

pub(crate) const PLAIN: Kind = Kind {
    sampling: SamplingFactor::F_1_1,
    colour: ColorType::Rgb,
    progressive: false,
    restart_interval: 0,
    quality: 90,
};

pub(crate) const SAMPLINGS: [SamplingFactor; 8] = [
    SamplingFactor::F_1_1,
    SamplingFactor::F_2_1,
    SamplingFactor::F_1_2,
    SamplingFactor::F_2_2,
    SamplingFactor::F_4_1,
    SamplingFactor::F_4_2,
    SamplingFactor::F_1_4,
    SamplingFactor::F_2_4,
];

pub(crate) const COLOURS: [ColorType; 4] =
    [ColorType::Luma, ColorType::Rgb, ColorType::Cmyk, ColorType::CmykAsYcck];

pub(crate) fn channels(colour: ColorType) -> usize {
    match colour {
        ColorType::Luma => 1,
        ColorType::Rgb => 3,
        _ => 4,
    }
}

pub(crate) fn encode(width: u16, height: u16, kind: Kind) -> Vec<u8> {
    jpeg(width, height, &paint(width, height, channels(kind.colour)), kind)
}

pub(crate) fn jpeg(width: u16, height: u16, pixels: &[u8], kind: Kind) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, kind.quality);
    encoder.set_sampling_factor(kind.sampling);
    encoder.set_progressive(kind.progressive);
    encoder.set_restart_interval(kind.restart_interval);
    encoder.encode(pixels, width, height, kind.colour).unwrap();
    file
}

/// The file with another size in its frame header.
pub(crate) fn resized(mut file: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let is_frame = |it: &[u8]| it[0] == 0xff && matches!(it[1], 0xc0..=0xc2);
    let frame = file.windows(2).position(is_frame).unwrap();
    file[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    file[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    file
}

/// A PNG of noise, of any colour type and bit depth.
pub(crate) fn png(
    (width, height): (u32, u32),
    (colour, depth): (u8, u8),
    interlaced: bool,
    transparent: bool,
) -> Vec<u8> {
    let samples = [1, 0, 3, 1, 2, 0, 4][usize::from(colour)];
    let mut noise = 1_u32;
    let mut rows = Vec::new();
    let passes: &[(u32, u32, u32, u32)] = if interlaced { &ADAM7 } else { &[(0, 1, 0, 1)] };
    for &(x, across, y, down) in passes {
        let wide = width.saturating_sub(x).div_ceil(across);
        let high = height.saturating_sub(y).div_ceil(down);
        let len = (wide * samples * u32::from(depth)).div_ceil(8);
        for row in 0..if wide == 0 { 0 } else { high } {
            // Cycles through the filter types (PNG, section 9.2).
            rows.push((row % 5) as u8);
            rows.extend((0..len).map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (noise >> 24) as u8
            }));
        }
    }
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    let header = [&sides[..], &[depth, colour, 0, 0, interlaced.into()]].concat();
    chunk(&mut file, *b"IHDR", &header);
    if colour == 3 {
        chunk(&mut file, *b"PLTE", &vec![99; 3 << depth.min(8)]);
    }
    if transparent {
        let key = if colour == 3 { vec![7; 1 << depth] } else { vec![0; 2 * samples as usize] };
        chunk(&mut file, *b"tRNS", &key);
    }
    chunk(&mut file, *b"IDAT", &miniz_oxide::deflate::compress_to_vec_zlib(&rows, 1));
    chunk(&mut file, *b"IEND", b"");
    file
}

/// Each pass: first column and column step, first row and row step.
const ADAM7: [(u32, u32, u32, u32); 7] = [
    (0, 8, 0, 8),
    (4, 8, 0, 8),
    (0, 4, 4, 8),
    (2, 4, 0, 4),
    (0, 2, 2, 4),
    (1, 2, 0, 2),
    (0, 1, 1, 2),
];

fn chunk(file: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    file.extend((data.len() as u32).to_be_bytes());
    let start = file.len();
    file.extend(name);
    file.extend(data);
    let crc = file[start..].iter().fold(!0_u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            crc >> 1 ^ if crc & 1 == 0 { 0 } else { 0xedb8_8320 }
        })
    });
    file.extend((!crc).to_be_bytes());
}

/// A GIF of noise whose first frame lies `margin` pixels inside the logical screen.
pub(crate) fn gif(width: u16, height: u16, interlaced: bool, margin: u16) -> Vec<u8> {
    let mut file = Vec::new();
    let palette = [[10, 20, 30], [200, 100, 50], [0, 90, 0], [255, 255, 255]].concat();
    let mut encoder =
        gif::Encoder::new(&mut file, width + margin, height + margin, &palette).unwrap();
    let mut noise = 1_u32;
    let pixels = (0..u32::from(width) * u32::from(height)).map(|_| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (noise >> 30) as u8
    });
    let frame = gif::Frame {
        width,
        height,
        left: margin,
        top: margin,
        interlaced,
        buffer: pixels.collect::<Vec<_>>().into(),
        ..gif::Frame::default()
    };
    encoder.write_frame(&frame).unwrap();
    drop(encoder);
    file
}
