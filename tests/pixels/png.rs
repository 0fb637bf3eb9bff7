//! Writes PNG (third edition) of any colour type and depth, chunk by chunk, and interlaced,
//! which the crate does not.

use image::RgbaImage;
use miniz_oxide::deflate::compress_to_vec_zlib;

use crate::paint::grey;

/// The colour types: 11.2.1.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Colour {
    Grey,
    Rgb,
    Palette,
    /// A palette with a `tRNS`.
    PaletteAlpha,
    GreyAlpha,
    Rgba,
}

/// How a PNG is written.
pub(crate) struct Png<'a> {
    pub(crate) colour: Colour,
    /// Bits per sample.
    pub(crate) depth: u8,
    pub(crate) interlaced: bool,
    /// Chunks before the image data.
    pub(crate) chunks: &'a [(&'a [u8; 4], &'a [u8])],
}

/// First column, column step, first row and row step of each pass: 8.1.
const ADAM7: [[u32; 4]; 7] = [
    [0, 8, 0, 8],
    [4, 8, 0, 8],
    [0, 4, 4, 8],
    [2, 4, 0, 4],
    [0, 2, 2, 4],
    [1, 2, 0, 2],
    [0, 1, 1, 2],
];

impl Png<'_> {
    pub(crate) fn write(&self, picture: &RgbaImage) -> Vec<u8> {
        let (width, height) = picture.dimensions();
        let passes = if self.interlaced { &ADAM7[..] } else { &[[0, 1, 0, 1]] };
        let mut rows = Vec::new();
        for &[left, across, top, down] in passes {
            let columns: Vec<u32> = (left..width).step_by(across as usize).collect();
            // A pass without columns has no rows.
            let lines = (top..height).step_by(down as usize).filter(|_| !columns.is_empty());
            for y in lines {
                let samples = columns.iter().flat_map(|&x| self.samples(picture.get_pixel(x, y).0));
                rows.push(0);
                rows.extend(self.packed(&samples.collect::<Vec<u16>>()));
            }
        }
        let mut chunks = vec![(b"IHDR", self.header(width, height))];
        chunks.extend(self.chunks.iter().map(|&(name, data)| (name, data.to_vec())));
        if matches!(self.colour, Colour::Palette | Colour::PaletteAlpha) {
            let palette =
                (0..=255_u8).flat_map(|n| [n >> 5, n >> 2 & 7, n % 4 * 2].map(|step| step * 36));
            chunks.push((b"PLTE", palette.collect()));
        }
        if self.colour == Colour::PaletteAlpha {
            chunks.push((b"tRNS", (0..=255).collect()));
        }
        chunks.push((b"IDAT", compress_to_vec_zlib(&rows, 6)));
        chunks.push((b"IEND", Vec::new()));
        file(&chunks)
    }

    fn header(&self, width: u32, height: u32) -> Vec<u8> {
        let colour = match self.colour {
            Colour::Grey => 0,
            Colour::Rgb => 2,
            Colour::Palette | Colour::PaletteAlpha => 3,
            Colour::GreyAlpha => 4,
            Colour::Rgba => 6,
        };
        header(width, height, self.depth, colour, self.interlaced)
    }

    /// A pixel's samples at the file's depth.
    fn samples(&self, [red, green, blue, alpha]: [u8; 4]) -> Vec<u16> {
        let samples = match self.colour {
            Colour::Grey => vec![grey(red, green, blue)],
            Colour::GreyAlpha => vec![grey(red, green, blue), alpha],
            Colour::Rgb => vec![red, green, blue],
            Colour::Rgba => vec![red, green, blue, alpha],
            Colour::Palette | Colour::PaletteAlpha => {
                return vec![u16::from(red >> 5 << 5 | green >> 5 << 2 | blue >> 6)];
            }
        };
        samples.into_iter().map(|sample| (u16::from(sample) * 257) >> (16 - self.depth)).collect()
    }

    fn packed(&self, samples: &[u16]) -> Vec<u8> {
        match self.depth {
            16 => samples.iter().flat_map(|sample| sample.to_be_bytes()).collect(),
            depth => samples
                .chunks(8 / usize::from(depth))
                .map(|byte| {
                    let filled = byte.iter().fold(0, |byte, sample| byte << depth | *sample);
                    (filled << (8 - usize::from(depth) * byte.len())) as u8
                })
                .collect(),
        }
    }
}

/// The data of an `IHDR`.
pub(crate) fn header(width: u32, height: u32, depth: u8, colour: u8, interlaced: bool) -> Vec<u8> {
    let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
    [&sides[..], &[depth, colour, 0, 0, interlaced.into()]].concat()
}

/// A file of these chunks.
pub(crate) fn file(chunks: &[(&[u8; 4], Vec<u8>)]) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, data) in chunks {
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let start = file.len();
        file.extend(*name);
        file.extend(data);
        let sum = crc(&file[start..]);
        file.extend(sum.to_be_bytes());
    }
    file
}

/// Annex D.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum: u32, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    })
}
