//! Photos from cameras, in the folder that `PICOSITE_CORPUS` names.

use std::path::PathBuf;
use std::{env, fs};

use image::imageops::{flip_horizontal, flip_vertical};
use image::{DynamicImage, ImageDecoder, ImageReader};

use crate::oracle::{Asked, Method, premultiplied, psnr, thumbnail};

fn photos() -> Vec<PathBuf> {
    let folder = env::var_os("PICOSITE_CORPUS").expect("PICOSITE_CORPUS names a folder of photos");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut photos: Vec<_> =
        paths.filter(|path| path.extension().is_some_and(|it| it == "jpg")).collect();
    photos.sort();
    photos
}

#[test]
#[ignore = "needs PICOSITE_CORPUS"]
fn photos_match_a_full_decode_and_lanczos() {
    assert!(!photos().is_empty());
    for path in photos() {
        let file = fs::read(&path).unwrap();
        let mut decoder = ImageReader::open(&path).unwrap().into_decoder().unwrap();
        let orientation = decoder.orientation().unwrap();
        let mut whole = DynamicImage::from_decoder(decoder).unwrap();
        whole.apply_orientation(orientation);
        for side in [100, 320] {
            let (width, height) = (Some(side), Some(side));
            let asked = Asked { width, height, method: Method::Fit, turns: 0, up: false };
            let ours = premultiplied(&thumbnail(&file, &format!("{asked},png")));
            let near = psnr(&ours, &asked.apply(&whole));
            assert!(near >= 40.0, "{} {asked}: {near:.1} dB", path.display());
        }
    }
}

/// Eight encodings of one scene, each stored in a different orientation.
#[test]
#[ignore = "needs PICOSITE_CORPUS"]
fn photos_in_all_eight_orientations_look_alike() {
    let is_one = |path: &PathBuf| path.display().to_string().contains("orientation-");
    let files: Vec<_> =
        photos().into_iter().filter(is_one).map(|it| fs::read(it).unwrap()).collect();
    assert_eq!(files.len(), 8);
    // Not cropped: the centres of the files themselves differ by 29.9 dB.
    for transform in ["320x320", "320x320,png"] {
        let first = thumbnail(&files[0], transform);
        // The scene is not symmetrical, so a wrong orientation would show.
        let [mirrored, flipped] = [flip_horizontal(&first), flip_vertical(&first)];
        for other in [mirrored, flipped] {
            assert!(psnr(&premultiplied(&other.into()), &premultiplied(&first)) < 25.0);
        }
        for file in &files {
            let near = psnr(&premultiplied(&thumbnail(file, transform)), &premultiplied(&first));
            assert!(near >= 30.0, "{transform}: {near:.1} dB");
        }
    }
}
