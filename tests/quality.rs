//! The pixels of thumbnails against the best there are: the whole picture decoded by another
//! decoder, and Lanczos in floating point on values as they are stored.
#![allow(missing_docs, reason = "a test")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "samples and sides are small numbers"
)]

#[path = "util/pictures.rs"]
mod pictures;

use std::f64::consts::PI;

use jpeg_encoder::SamplingFactor;
use picosite::imaging::{Limits, render};
use picosite::thumbs::address::transform::Transform;
use pictures::{Kind, PLAIN};

const WIDTH: usize = 1000;
const HEIGHT: usize = 750;

/// Red, green and blue, row by row.
struct Picture {
    width: usize,
    height: usize,
    samples: Vec<f64>,
}

/// Something like a photo: at each of several sizes half as much contrast as at twice the
/// size, edges between light and dark, colours that change more slowly.
fn photo() -> Vec<u8> {
    let lattice = |x: usize, y: usize, seed: usize| {
        let mixed = (x * 374_761_393 + y * 668_265_263 + seed * 974_634_541) as u32;
        let mixed = (mixed ^ mixed >> 13).wrapping_mul(1_274_126_177);
        f64::from((mixed ^ mixed >> 16) & 0xffff) / 65535.0 - 0.5
    };
    let smooth = |x: usize, y: usize, size: usize, seed: usize| {
        let ease = |part: usize| {
            let t = part as f64 / size as f64;
            t * t * (3.0 - 2.0 * t)
        };
        let (u, v) = (ease(x % size), ease(y % size));
        let (x, y) = (x / size, y / size);
        let above = lattice(x, y, seed) * (1.0 - u) + lattice(x + 1, y, seed) * u;
        let below = lattice(x, y + 1, seed) * (1.0 - u) + lattice(x + 1, y + 1, seed) * u;
        above * (1.0 - v) + below * v
    };
    let mut pixels = Vec::with_capacity(3 * WIDTH * HEIGHT);
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let shape = smooth(x, y, 300, 1) + smooth(x, y, 100, 2) / 2.0;
            let detail: f64 =
                (0..6).map(|n| smooth(x, y, 64 >> n, 10 + n) / f64::from(1 << n)).sum();
            let light = 120.0 + 90.0 * shape + if shape > 0.1 { 60.0 } else { 0.0 } + 40.0 * detail;
            for channel in 0..3 {
                let tint = 60.0 * smooth(x, y, 128, 20 + channel);
                pixels.push((light + tint).clamp(0.0, 255.0) as u8);
            }
        }
    }
    pixels
}

/// Lanczos with three lobes, one dimension after the other.
fn lanczos(picture: &Picture, width: usize, height: usize) -> Picture {
    let turned = across(picture, width);
    across(&turned, height)
}

/// Scales the rows to `to` pixels and turns the picture on its side.
fn across(picture: &Picture, to: usize) -> Picture {
    let Picture { width, height, samples } = picture;
    let scale = *width as f64 / to as f64;
    let mut out = vec![0.0; 3 * to * height];
    for place in 0..to {
        let centre = (place as f64 + 0.5) * scale;
        let first = (centre - 3.0 * scale).max(0.0) as usize;
        let last = ((centre + 3.0 * scale) as usize).min(*width);
        let weights: Vec<f64> =
            (first..last).map(|n| kernel((n as f64 + 0.5 - centre) / scale)).collect();
        let sum: f64 = weights.iter().sum();
        for row in 0..*height {
            for (weight, pixel) in
                weights.iter().zip(samples[3 * (row * width + first)..].chunks(3))
            {
                for (out, sample) in out[3 * (place * height + row)..].iter_mut().zip(pixel) {
                    *out += weight / sum * sample;
                }
            }
        }
    }
    Picture { width: *height, height: to, samples: out }
}

fn kernel(x: f64) -> f64 {
    let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
    if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 }
}

/// Peak signal to noise of a thumbnail that is `width` pixels wide.
fn decibels(file: &[u8], whole: &Picture, width: usize) -> f64 {
    let transform = Transform::parse(format!("{width}x,png").as_bytes()).unwrap();
    let mut thumbnail = Vec::new();
    render(file, &transform, &Limits { memory: 8 << 20, max_size: 2048 }, &mut thumbnail).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(thumbnail)).read_info().unwrap();
    let mut ours = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut ours).unwrap();
    let expected = lanczos(whole, info.width as usize, info.height as usize);
    let squares = ours
        .iter()
        .zip(&expected.samples)
        .map(|(&ours, expected)| (f64::from(ours) - expected.round().clamp(0.0, 255.0)).powi(2));
    10.0 * (255.0 * 255.0 / (squares.sum::<f64>() / ours.len() as f64)).log10()
}

/// From 1/8 to more than half of the picture's size.
const WIDTHS: [usize; 6] = [50, 80, 120, 200, 300, 600];

#[test]
fn a_thumbnail_is_what_lanczos_makes_of_the_whole_picture() {
    let pixels = photo();
    let halved = Kind { sampling: SamplingFactor::F_2_2, ..PLAIN };
    let mut all = Vec::new();
    for (name, kind) in [
        ("4:2:0", halved),
        ("4:2:0 progressive", Kind { progressive: true, ..halved }),
        ("4:4:4", PLAIN),
    ] {
        let file = pictures::jpeg(WIDTH as u16, HEIGHT as u16, &pixels, kind);
        let samples = jpeg_decoder::Decoder::new(&file[..]).decode().unwrap();
        let samples = samples.into_iter().map(f64::from).collect();
        let whole = Picture { width: WIDTH, height: HEIGHT, samples };
        for width in WIDTHS {
            let decibels = decibels(&file, &whole, width);
            println!("{name}, {width} wide: {decibels:.1} dB");
            assert!(decibels >= 40.0, "{name}, {width} wide: {decibels:.1} dB");
            all.push(decibels);
        }
    }
    let mean = all.iter().sum::<f64>() / all.len() as f64;
    assert!(mean >= 45.0, "{mean:.1} dB");
}
