//! Output files: the right format, and nothing but pixels.

use std::fmt::Write;

use image::{DynamicImage, Rgba, RgbaImage};
use picosite::facade::thumbs::{Format, PIXELS};

use crate::oracle::{render, thumbnail};
use crate::paint::{HEIGHT, Jpeg, WIDTH, gif, jpeg, photos, picture, webp};
use crate::png::{Colour, Png};

/// A JPEG's markers up to its scan (T.81, B.1), or a PNG's chunk names.
fn parts(file: &[u8]) -> Vec<String> {
    let mut parts = Vec::new();
    if file.starts_with(b"\x89PNG") {
        let mut rest = &file[8..];
        while !rest.is_empty() {
            let len = u32::from_be_bytes(*rest.first_chunk().unwrap()) as usize;
            parts.push(String::from_utf8(rest[4..8].to_vec()).unwrap());
            rest = &rest[12 + len..];
        }
    } else {
        let mut rest = &file[2..];
        while rest[1] != 0xda {
            let len = usize::from(u16::from_be_bytes([rest[2], rest[3]]));
            parts.push(format!("{:x}", rest[1]));
            rest = &rest[2 + len..];
        }
    }
    parts.dedup();
    parts
}

#[test]
fn metadata_is_dropped() {
    let picture = picture(96, 64);
    let place = b"II*\0\x08\0\0\0\0\0 51.5N 0.1W";
    let text = b"Comment\0a secret place";
    let packed = [&b"Comment\0\0"[..], &miniz_oxide::deflate::compress_to_vec_zlib(place, 6)];
    let chunks = [
        (b"tEXt", &text[..]),
        (b"zTXt", &packed.concat()),
        (b"eXIf", place),
        (b"tIME", &[7, 231, 1, 1, 0, 0, 0]),
    ];
    let mut with_comment =
        jpeg(&picture, Jpeg { exif: place, profile: &[7; 600], ..Jpeg::default() });
    with_comment.splice(2..2, *b"\xff\xfe\0\x10a secret place");
    for file in [
        with_comment,
        Png { colour: Colour::Rgba, depth: 8, interlaced: false, chunks: &chunks }.write(&picture),
        webp(&picture, true, place, &[7; 600]),
    ] {
        let (png, _) = render(&file, "48x48,png").unwrap();
        assert_eq!(parts(&png), ["IHDR", "IDAT", "IEND"]);
        let (jpeg, _) = render(&file, "48x48,jpg").unwrap();
        // APP0, SOF0, DQT, DHT.
        assert_eq!(parts(&jpeg), ["e0", "c0", "db", "c4"]);
        for out in [png, jpeg] {
            assert!(!out.windows(6).any(|bytes| bytes == b"secret" || bytes == b" 51.5N"));
        }
    }
}

#[test]
fn only_transparency_defaults_to_png() {
    for photo in photos() {
        let (_, rendered) = render(&photo.file, "24x24").unwrap();
        let transparent = ["alpha", "rgba", "transparent"].iter().any(|it| photo.name.contains(it));
        let format = if transparent { Format::Png } else { Format::Jpeg };
        assert_eq!(rendered.format, format, "{photo:?}");
        assert_eq!(render(&photo.file, "24x24,png").unwrap().1.format, Format::Png);
        assert_eq!(render(&photo.file, "24x24,jpg").unwrap().1.format, Format::Jpeg);
    }
}

#[test]
fn a_jpeg_is_composited_onto_white() {
    let glass = RgbaImage::from_fn(64, 64, |x, _| Rgba([200, 0, 0, if x < 32 { 0 } else { 128 }]));
    for file in [
        Png { colour: Colour::Rgba, depth: 8, interlaced: true, chunks: &[] }.write(&glass),
        webp(&glass, true, &[], &[]),
    ] {
        let ours = thumbnail(&file, "64x64,jpg,q100").to_rgb8();
        for (at, want) in [((8, 30), [255, 255, 255]), ((56, 30), [227, 127, 127])] {
            let pixel = ours.get_pixel(at.0, at.1).0;
            let apart = pixel.iter().zip(want).map(|(&a, b): (&u8, u8)| a.abs_diff(b)).max();
            assert!(apart <= Some(2), "{pixel:?} at {at:?}");
        }
    }
}

#[test]
fn invisible_colours_do_not_bleed() {
    let picture = RgbaImage::from_fn(64, 64, |x, y| {
        if (x / 8 + y / 8) % 2 == 0 { Rgba([0, 255, 0, 0]) } else { Rgba([250, 0, 0, 255]) }
    });
    for interlaced in [false, true] {
        let png = Png { colour: Colour::Rgba, depth: 8, interlaced, chunks: &[] }.write(&picture);
        for pixel in thumbnail(&png, "20x20").to_rgba8().pixels() {
            let Rgba([red, green, blue, alpha]) = *pixel;
            let seen = u16::from(green.max(blue)) * u16::from(alpha) / 255;
            assert!(seen <= 1 && (alpha < 16 || red > 225), "{pixel:?}");
        }
    }
}

#[test]
fn extreme_sizes_and_aspect_ratios() {
    for (size, asked, want) in [
        ((1, 1), "9x9", (1, 1)),
        ((1, 1), "9x9,up", (9, 9)),
        ((1, 1), "5x3,fill,up,r90", (5, 3)),
        ((3000, 1), "100x100", (100, 1)),
        ((1, 3000), "100x100", (1, 100)),
        ((1, 3000), "100x100,r90", (100, 1)),
        ((3000, 1), "7x7,fill", (7, 1)),
        ((2, 3000), "x2000", (1, 2000)),
        ((3000, 2), "64x64,stretch,up", (64, 64)),
    ] {
        let picture = RgbaImage::from_pixel(size.0, size.1, Rgba([204, 102, 51, 255]));
        let png = |interlaced| {
            Png { colour: Colour::Rgba, depth: 8, interlaced, chunks: &[] }.write(&picture)
        };
        for file in [
            jpeg(&picture, Jpeg::default()),
            jpeg(&picture, Jpeg { progressive: true, ..Jpeg::default() }),
            png(false),
            png(true),
            gif(&picture, false, false),
            gif(&picture, true, true),
            webp(&picture, false, &[], &[]),
            webp(&picture, true, &[], &[]),
        ] {
            for format in ["png", "jpg"] {
                let ours = thumbnail(&file, &format!("{asked},{format}"));
                assert_eq!((ours.width(), ours.height()), want, "{size:?} {asked}");
                for pixel in ours.to_rgb8().pixels() {
                    let apart = pixel.0.iter().zip([204_u8, 102, 51]).map(|(a, b)| a.abs_diff(b));
                    assert!(apart.max() <= Some(4), "{size:?} {asked}: {pixel:?}");
                }
            }
        }
    }
}

/// An animation yields its first frame at its place on the canvas.
#[test]
fn an_animation_yields_its_first_frame_on_its_canvas() {
    let ours = thumbnail(include_bytes!("animation.webp"), "40x30,png").to_rgba8();
    assert_eq!(ours.dimensions(), (40, 30));
    assert_eq!(ours.get_pixel(1, 1)[3], 0);
    assert_eq!(ours.get_pixel(39, 29)[3], 0);
    let Rgba([red, green, blue, alpha]) = *ours.get_pixel(20, 15);
    assert!(red > 200 && green < 60 && blue < 60 && alpha == 255);
}

/// FNV-1a.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Painted in integers, so that it is the same on every machine.
fn integer_picture() -> RgbaImage {
    RgbaImage::from_fn(WIDTH, HEIGHT, |x, y| {
        let value = |n: u32| ((x * (3 + n) + y * (5 - n) + ((x * y) >> 5)) % 256) as u8;
        Rgba([value(0), value(1), value(2), (x + y).min(255) as u8])
    })
}

/// The first line of `digests.txt` is the version that the others belong to.
#[test]
fn pixels_match_their_digests() {
    let picture = integer_picture();
    let png =
        |colour, interlaced| Png { colour, depth: 8, interlaced, chunks: &[] }.write(&picture);
    let files: [(&str, Vec<u8>); 9] = [
        ("baseline.jpg", include_bytes!("../images/baseline-420.jpg").into()),
        ("progressive.jpg", include_bytes!("../images/progressive-444.jpg").into()),
        ("cmyk.jpg", include_bytes!("../images/cmyk.jpg").into()),
        ("turned.jpg", include_bytes!("orientation-6.jpg").into()),
        ("rgba.png", png(Colour::Rgba, false)),
        ("interlaced.png", png(Colour::Palette, true)),
        ("plain.gif", gif(&picture, false, true)),
        ("lossy.webp", include_bytes!("lossy.webp").into()),
        ("lossless.webp", webp(&picture, true, &[], &[])),
    ];
    let mut lines = format!("PIXELS {PIXELS}\n");
    for (name, file) in files {
        for transform in ["31x31,png", "12x12,fill,r90,png", "25x,q70,jpg"] {
            let (out, _) = render(&file, transform).unwrap();
            // JPEG output is compared encoded: decoders round differently.
            let picture = if out.starts_with(b"\x89PNG") {
                DynamicImage::into_bytes(image::load_from_memory(&out).unwrap())
            } else {
                out
            };
            writeln!(lines, "{name} {transform} {:016x}", digest(&picture)).unwrap();
        }
    }
    assert!(
        lines == include_str!("digests.txt"),
        "pixels changed: raise `cache::entry::PIXELS` and replace digests.txt by\n{lines}"
    );
}
