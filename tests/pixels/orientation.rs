//! A photo stands upright, however it is stored.

use image::DynamicImage;
use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};

use crate::oracle::{premultiplied, psnr, thumbnail};
use crate::paint::{Jpeg, jpeg, picture, webp};
use crate::png::{Colour, Png};

/// EXIF data with one entry, the orientation (CIPA DC-008, 4.6.4).
fn exif(value: u8) -> Vec<u8> {
    [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[value, 0, 0, 0]].concat()
}

/// How a picture is stored whose EXIF orientation is 1, 2, …: what makes it upright, undone.
fn stored(upright: &image::RgbaImage) -> [image::RgbaImage; 8] {
    let transposed = rotate90(&flip_vertical(upright));
    [
        upright.clone(),
        flip_horizontal(upright),
        rotate180(upright),
        flip_vertical(upright),
        transposed.clone(),
        rotate270(upright),
        rotate180(&transposed),
        rotate90(upright),
    ]
}

/// The greatest difference of any two samples at the same place.
#[track_caller]
fn apart(ours: &DynamicImage, theirs: &DynamicImage) -> u8 {
    assert_eq!((ours.width(), ours.height()), (theirs.width(), theirs.height()));
    let samples = ours.as_bytes().iter().zip(theirs.as_bytes());
    samples.map(|(&a, &b)| a.abs_diff(b)).max().unwrap()
}

/// The same coefficients turned by jpegtran, a picture of 96 x 64, whole blocks of 16 x 16.
///
/// Mirrored, all sums are the same sums. Turned by a quarter, rows are added up where columns
/// were, and both round what they have in between: one step in a colour, and one more where
/// the colours are spread to full resolution.
#[test]
fn a_turned_file_gives_the_same_thumbnail() {
    let files: [&[u8]; 8] = [
        include_bytes!("orientation-1.jpg"),
        include_bytes!("orientation-2.jpg"),
        include_bytes!("orientation-3.jpg"),
        include_bytes!("orientation-4.jpg"),
        include_bytes!("orientation-5.jpg"),
        include_bytes!("orientation-6.jpg"),
        include_bytes!("orientation-7.jpg"),
        include_bytes!("orientation-8.jpg"),
    ];
    for (transform, mirrored, turned) in [
        ("12x12,png", 0, 1),
        ("24x24,png", 0, 1),
        ("24x24,r90,png", 0, 1),
        ("12x12,fill,png", 0, 1),
        ("48x48,png", 1, 2),
    ] {
        let first = thumbnail(files[0], transform);
        for (file, value) in files.iter().zip(1..) {
            let apart = apart(&thumbnail(file, transform), &first);
            let most = if value <= 4 { mirrored } else { turned };
            assert!(apart <= most, "orientation {value}, {transform}: {apart}");
        }
    }
}

#[test]
fn eight_encodings_come_out_upright() {
    let upright = picture(240, 160);
    let files: Vec<_> = (1..)
        .zip(stored(&upright))
        .map(|(value, stored)| jpeg(&stored, Jpeg { exif: &exif(value), ..Jpeg::default() }))
        .collect();
    for (transform, size) in
        [("90x90", (90, 60)), ("100x,r90,png", (100, 150)), ("50x50,fill", (50, 50))]
    {
        let first = thumbnail(&files[0], transform);
        assert_eq!((first.width(), first.height()), size);
        for (file, value) in files.iter().zip(1..) {
            let near = psnr(&premultiplied(&thumbnail(file, transform)), &premultiplied(&first));
            assert!(near >= 30.0, "orientation {value}, {transform}: {near:.1} dB");
        }
    }
}

/// Without loss nothing but the place of a pixel can differ.
#[test]
fn png_and_webp_have_orientations_too() {
    let upright = picture(48, 32);
    let whole = DynamicImage::from(upright.clone());
    for (value, stored) in (1..).zip(stored(&upright)) {
        let chunks = [(b"eXIf", &exif(value)[..])];
        for interlaced in [false, true] {
            let png = Png { colour: Colour::Rgba, depth: 8, interlaced, chunks: &chunks };
            let ours = thumbnail(&png.write(&stored), "48x48");
            let near = psnr(&premultiplied(&ours), &premultiplied(&whole));
            assert!(near > 50.0, "orientation {value}: {near:.1} dB");
        }
        let webp = webp(&stored, true, &exif(value), &[]);
        let near = psnr(&premultiplied(&thumbnail(&webp, "48x48")), &premultiplied(&whole));
        assert!(near > 50.0, "WebP, orientation {value}: {near:.1} dB");
    }
}
