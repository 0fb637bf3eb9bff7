//! Photos are shown upright, however they are stored.

use std::fmt::Debug;

use image::imageops::{flip_horizontal, flip_vertical, rotate90, rotate180, rotate270};
use image::{DynamicImage, RgbaImage};

use crate::coefficients::Kind;
use crate::oracle::{premultiplied, psnr, render, thumbnail};
use crate::paint::{Jpeg, jpeg, picture, webp};
use crate::png::{Colour, Png};

/// EXIF data with one entry, the orientation: CIPA DC-008, 4.6.4.
pub(crate) fn exif(value: u8) -> Vec<u8> {
    [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[value, 0, 0, 0]].concat()
}

/// The image as stored with EXIF orientation 1 to 8: the inverse of what brings it upright.
fn stored(upright: &RgbaImage) -> [RgbaImage; 8] {
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

/// Reductions by all steps, enlargements and crops.
const TRANSFORMS: [&str; 12] = [
    "5x5",
    "12x12",
    "x17",
    "24x24,r90",
    "31x31",
    "48x48",
    "100x,r180",
    "13x13,fill",
    "50x20,fill",
    "33x44,stretch",
    "90x15,stretch,r270",
    "230x,up",
];

/// The stored orientation must not change a byte of the thumbnail.
#[track_caller]
fn assert_equal(files: &[impl AsRef<[u8]>; 8], kind: impl Debug) {
    for transform in TRANSFORMS {
        for format in ["png", "jpg", "q95,jpg"] {
            let transform = format!("{transform},{format}");
            let made = |file: &_| render(AsRef::as_ref(file), &transform).unwrap().0;
            let first = made(&files[0]);
            for (file, value) in files.iter().zip(1..) {
                let same = made(file) == first;
                assert!(same, "{kind:?}, orientation {value} at {transform}");
            }
        }
    }
}

/// An image of 96x64, whole MCUs of 16x16, reoriented by jpegtran 2.1.
#[test]
fn a_file_reoriented_by_jpegtran_gives_the_same_thumbnail() {
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
    assert_equal(&files, "jpegtran");
}

#[test]
fn reoriented_coefficients_give_the_same_thumbnail() {
    let colours = [(1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2)];
    for sampling in colours.map(Some).into_iter().chain([None]) {
        for progressive in [false, true] {
            let kind = Kind { sampling, progressive };
            assert_equal(&kind.eight_files(), kind);
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

/// Lossless formats: only the order of pixels differs.
#[test]
fn png_and_webp_have_orientations_too() {
    // Not a multiple of any box.
    let upright = picture(53, 38);
    let whole = DynamicImage::from(upright.clone());
    let exifs = [1, 2, 3, 4, 5, 6, 7, 8].map(exif);
    let files = |write: &dyn Fn(&RgbaImage, &[u8]) -> Vec<u8>| {
        let mut exifs = exifs.iter();
        stored(&upright).map(|stored| write(&stored, exifs.next().unwrap()))
    };
    let png = |interlaced| {
        move |picture: &_, exif: &_| {
            let chunks = [(b"eXIf", exif)];
            Png { colour: Colour::Rgba, depth: 8, interlaced, chunks: &chunks }.write(picture)
        }
    };
    for (kind, files) in [
        ("PNG", files(&png(false))),
        ("interlaced PNG", files(&png(true))),
        ("WebP", files(&|picture, exif| webp(picture, true, exif, &[]))),
    ] {
        let near = psnr(&premultiplied(&thumbnail(&files[0], "53x53")), &premultiplied(&whole));
        assert!(near > 50.0, "{kind}: {near:.1} dB");
        assert_equal(&files, kind);
    }
}
