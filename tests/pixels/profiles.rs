//! Embedded ICC profiles are converted to sRGB as `moxcms` does.

use image::{DynamicImage, RgbImage, RgbaImage};
use miniz_oxide::deflate::compress_to_vec_zlib;
use moxcms::{ColorProfile, Layout, TransformOptions};

use crate::oracle::{Asked, Method, premultiplied, psnr, thumbnail};
use crate::paint::{HEIGHT, Jpeg, WIDTH, jpeg, picture, webp};
use crate::png::{Colour, Png};

/// A PNG's `iCCP` chunk: name, method, compressed profile.
fn iccp(profile: &[u8]) -> Vec<u8> {
    [&b"profile\0\0"[..], &compress_to_vec_zlib(profile, 6)].concat()
}

/// The test image in each format that has profiles.
fn photos(profile: &[u8]) -> Vec<Vec<u8>> {
    let picture = picture(WIDTH, HEIGHT);
    let png = |colour| {
        let chunks = [(b"iCCP", &iccp(profile)[..])];
        Png { colour, depth: 8, interlaced: false, chunks: &chunks }.write(&picture)
    };
    vec![
        png(Colour::Rgb),
        webp(&picture, false, &[], profile),
        jpeg(&picture, Jpeg { profile, quality: 95, ..Jpeg::default() }),
    ]
}

/// Converts an image from a profile to sRGB.
fn converted(picture: &DynamicImage, profile: &ColorProfile) -> RgbImage {
    let mut picture = picture.to_rgb8();
    let source = picture.clone();
    let srgb = ColorProfile::new_srgb();
    let options = TransformOptions::default();
    let transform =
        profile.create_transform_8bit(Layout::Rgb, &srgb, Layout::Rgb, options).unwrap();
    transform.transform(&source, &mut picture).unwrap();
    picture
}

#[test]
fn rgb_profiles_are_converted_to_srgb() {
    for (name, profile) in [
        ("Display P3", ColorProfile::new_display_p3()),
        ("Adobe RGB", ColorProfile::new_adobe_rgb()),
        ("ProPhoto", ColorProfile::new_pro_photo_rgb()),
    ] {
        for file in photos(&profile.encode().unwrap()) {
            let plain = image::load_from_memory(&file).unwrap();
            let whole = DynamicImage::from(converted(&plain, &profile));
            let near =
                psnr(&premultiplied(&thumbnail(&file, "240x240,png")), &premultiplied(&whole));
            assert!(near >= 45.0, "{name}: {near:.1} dB");
            let unconverted = psnr(&premultiplied(&plain), &premultiplied(&whole));
            assert!(unconverted < 35.0, "{name} is too near to sRGB to tell: {unconverted:.1} dB");
            // Here colours are converted after scaling, in the oracle before it.
            let asked = Asked {
                width: Some(75),
                height: Some(75),
                method: Method::Fit,
                turns: 1,
                up: false,
            };
            let ours = thumbnail(&file, &format!("{asked},png"));
            let near = psnr(&premultiplied(&ours), &asked.apply(&whole));
            assert!(near >= 40.0, "{name} {asked}: {near:.1} dB");
        }
    }
}

#[test]
fn grey_profiles_are_converted() {
    let picture = picture(96, 64);
    // 128 is half the light, not 0.22 as in sRGB.
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let chunks = [(b"iCCP", &iccp(&linear)[..])];
    let png = Png { colour: Colour::Grey, depth: 8, interlaced: false, chunks: &chunks };
    let file = png.write(&picture);
    let plain = image::load_from_memory(&file).unwrap().to_luma8();
    let ours = thumbnail(&file, "96x96,png").to_luma8();
    for (&before, &after) in plain.iter().zip(ours.iter()) {
        let light = f64::from(before) / 255.0;
        let value = if light <= 0.003_130_8 {
            12.92 * light
        } else {
            1.055 * light.powf(1.0 / 2.4) - 0.055
        };
        assert!((255.0 * value - f64::from(after)).abs() <= 1.0, "{before} became {after}");
    }
}

#[test]
fn srgb_and_invalid_profiles_change_nothing() {
    let srgb = ColorProfile::new_srgb().encode().unwrap();
    let p3 = ColorProfile::new_display_p3().encode().unwrap();
    for profile in [&srgb[..], &p3[..200], &[0x41; 500], b"x"] {
        for file in photos(profile) {
            let plain = thumbnail(&file, "240x240,png");
            let whole = image::load_from_memory(&file).unwrap();
            let near = psnr(&premultiplied(&plain), &premultiplied(&whole));
            assert!(near >= 45.0, "{near:.1} dB");
        }
    }
}

/// A profile that decompresses to more than any matrix profile has is ignored.
#[test]
fn a_decompression_bomb_of_a_profile_is_ignored() {
    let picture: RgbaImage = picture(96, 64);
    let bomb = iccp(&vec![0; 50 << 20]);
    let chunks = [(b"iCCP", &bomb[..])];
    let png = Png { colour: Colour::Rgb, depth: 8, interlaced: false, chunks: &chunks };
    let file = png.write(&picture);
    let plain = Png { chunks: &[], ..png }.write(&picture);
    assert_eq!(thumbnail(&file, "60x60,png"), thumbnail(&plain, "60x60,png"));
}
