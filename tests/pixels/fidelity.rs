//! Thumbnails of every format and geometry match a full decode and Lanczos.

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use crate::oracle::{Asked, DEFAULT_MEMORY, Method, premultiplied, psnr, render_within, thumbnail};
use crate::paint::{HEIGHT, Jpeg, WIDTH, jpeg, photos};

/// Lowest PSNR in dB. Thumbnails are PNG, so it measures scaling alone.
const BAR: f64 = 40.0;

/// Reductions by 4, by 2 to 3 and by a fraction, enlargements, and crops.
fn geometries() -> Vec<Asked> {
    let asked = |width, height, method, turns, up| {
        let side = |side| (side > 0).then_some(side);
        Asked { width: side(width), height: side(height), method, turns, up }
    };
    vec![
        asked(60, 60, Method::Fit, 0, false),
        asked(19, 0, Method::Fit, 0, false),
        asked(0, 75, Method::Fit, 1, false),
        asked(150, 150, Method::Fit, 2, false),
        asked(300, 300, Method::Fit, 3, true),
        asked(30, 30, Method::Fill, 0, false),
        asked(20, 80, Method::Fill, 1, false),
        asked(300, 300, Method::Fill, 0, true),
        asked(45, 50, Method::Stretch, 0, false),
        asked(100, 320, Method::Stretch, 3, true),
    ]
}

#[test]
fn every_format_and_geometry_matches_a_full_decode_and_lanczos() {
    let mut worst = (f64::INFINITY, String::new());
    for photo in photos() {
        let whole = image::load_from_memory(&photo.file).unwrap();
        assert_eq!((whole.width(), whole.height()), (WIDTH, HEIGHT));
        for asked in geometries() {
            let ours = thumbnail(&photo.file, &format!("{asked},png"));
            assert_eq!((ours.width(), ours.height()), asked.size((WIDTH, HEIGHT)), "{asked}");
            let near = psnr(&premultiplied(&ours), &asked.apply(&whole));
            eprintln!("{photo:?} {asked}: {near:.1} dB");
            if near < worst.0 {
                worst = (near, format!("{photo:?} {asked}"));
            }
        }
    }
    assert!(worst.0 >= BAR, "{}: {:.1} dB", worst.1, worst.0);
}

/// Something like a photo: detail at several scales, each with half the contrast of twice its
/// size, edges between light and dark, and colours that change more slowly.
fn landscape() -> RgbaImage {
    let lattice = |x: u32, y: u32, seed: u32| {
        let mixed = x
            .wrapping_mul(374_761_393)
            .wrapping_add(y.wrapping_mul(668_265_263))
            .wrapping_add(seed.wrapping_mul(974_634_541));
        let mixed = (mixed ^ mixed >> 13).wrapping_mul(1_274_126_177);
        f64::from((mixed ^ mixed >> 16) & 0xffff) / 65535.0 - 0.5
    };
    let smooth = |x: u32, y: u32, size: u32, seed: u32| {
        let ease = |part: u32| {
            let t = f64::from(part) / f64::from(size);
            t * t * (3.0 - 2.0 * t)
        };
        let (u, v) = (ease(x % size), ease(y % size));
        let (x, y) = (x / size, y / size);
        let above = lattice(x, y, seed) * (1.0 - u) + lattice(x + 1, y, seed) * u;
        let below = lattice(x, y + 1, seed) * (1.0 - u) + lattice(x + 1, y + 1, seed) * u;
        above * (1.0 - v) + below * v
    };
    RgbaImage::from_fn(1000, 750, |x, y| {
        let shape = smooth(x, y, 300, 1) + smooth(x, y, 100, 2) / 2.0;
        let detail: f64 = (0..6).map(|n| smooth(x, y, 64 >> n, 10 + n) / f64::from(1 << n)).sum();
        let light = 120.0 + 90.0 * shape + if shape > 0.1 { 60.0 } else { 0.0 } + 40.0 * detail;
        let [red, green, blue] = [0, 1, 2].map(|channel| {
            let tint = 60.0 * smooth(x, y, 128, 20 + channel);
            (light + tint).clamp(0.0, 255.0) as u8
        });
        Rgba([red, green, blue, 255])
    })
}

/// A photographic image at widths from 1/20 to more than half its size, with the default memory.
#[test]
fn photographic_detail_matches_a_full_decode_and_lanczos() {
    let landscape = landscape();
    let mut all = Vec::new();
    for (name, kind) in [
        ("4:2:0", Jpeg::default()),
        ("4:2:0 progressive", Jpeg { progressive: true, ..Jpeg::default() }),
        ("4:4:4", Jpeg { quality: 90, ..Jpeg::default() }),
    ] {
        let file = jpeg(&landscape, kind);
        let whole = image::load_from_memory(&file).unwrap();
        for width in [50, 80, 120, 200, 300, 600] {
            let asked = Asked {
                width: Some(width),
                height: None,
                method: Method::Fit,
                turns: 0,
                up: false,
            };
            let (out, _) = render_within(DEFAULT_MEMORY, &file, &format!("{asked},png")).unwrap();
            let ours = image::load_from_memory(&out).unwrap();
            let near = psnr(&premultiplied(&ours), &asked.apply(&whole));
            eprintln!("{name}, {width} wide: {near:.1} dB");
            assert!(near >= BAR, "{name}, {width} wide: {near:.1} dB");
            all.push(near);
        }
    }
    let mean = all.iter().sum::<f64>() / f64::from(u32::try_from(all.len()).unwrap());
    assert!(mean >= 45.0, "{mean:.1} dB");
}

/// The planar pipeline. Encoding the exact image shows what the encoder alone loses.
#[test]
fn from_jpeg_to_jpeg_little_is_lost_beyond_encoding() {
    let photos = photos();
    let mut compared = 0;
    for photo in photos.iter().filter(|photo| photo.name.strip_suffix(".jpg").is_some()) {
        let whole = image::load_from_memory(&photo.file).unwrap();
        for asked in geometries() {
            let ours = thumbnail(&photo.file, &format!("{asked},jpg,q89"));
            let exact = asked.apply(&whole);
            let encoded = jpeg(&bytes(&exact), Jpeg { quality: 89, ..Jpeg::default() });
            let encoded = image::load_from_memory_with_format(&encoded, ImageFormat::Jpeg).unwrap();
            let near = psnr(&premultiplied(&ours), &exact);
            let possible = psnr(&premultiplied(&encoded), &exact);
            eprintln!("{photo:?} {asked}: {near:.1} dB of {possible:.1}");
            assert!(near > possible - 0.5, "{photo:?} {asked}: {near:.1} dB of {possible:.1}");
            compared += 1;
        }
    }
    assert!(compared >= 40, "{compared} compared");
}

fn bytes(picture: &image::Rgba32FImage) -> RgbaImage {
    DynamicImage::from(picture.clone()).to_rgba8()
}

/// With an odd size, the last chroma sample covers one pixel: what lies beyond it must not count
/// for more than it does for luma.
#[test]
fn chroma_at_the_edge_is_what_is_shown() {
    let blue = |x: u32, y: u32| if 4 * x.max(y) >= 3 * 100 { 250 } else { 90 };
    let corner = RgbaImage::from_fn(100, 100, |x, y| Rgba([80, 80, blue(x, y), 255]));
    // Cropped to its middle third.
    let band = RgbaImage::from_fn(135, 135, |x, _| {
        if (45..90).contains(&x) { Rgba([230, 60, 40, 255]) } else { Rgba([40, 60, 230, 255]) }
    });
    let cases = [
        (&corner, "1x1", 6),
        (&corner, "1x1,fill", 6),
        (&band, "1x3,fill", 6),
        (&band, "15x45,fill", 30),
    ];
    for (whole, transform, most) in cases {
        let file = jpeg(whole, Jpeg { quality: 95, ..Jpeg::default() });
        let [ours, exact] = ["jpg,q89", "png"].map(|format| {
            let picture = thumbnail(&file, &format!("{transform},{format}")).to_rgb8();
            *picture.get_pixel(picture.width() - 1, picture.height() / 2)
        });
        let off = ours.0.iter().zip(exact.0).map(|(&a, b)| a.abs_diff(b)).max().unwrap();
        assert!(off <= most, "{transform}: {ours:?}, not {exact:?}");
    }
}
