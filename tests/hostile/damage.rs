//! Files truncated anywhere, and files with corrupt bytes.

use picosite::facade::imaging;
use picosite::facade::imaging::{Error, Limits, OriginalError};
use picosite::facade::thumbs::Transform;

use super::Gallery;
use crate::paint::{Jpeg, Photo, gif, jpeg, picture, webp};
use crate::png::{Colour, Png};

/// A small file of each format.
fn photos() -> Vec<Photo> {
    let picture = picture(40, 24);
    let png = |colour, interlaced| {
        let chunks = [(b"tEXt", &b"k\0v"[..])];
        Png { colour, depth: 8, interlaced, chunks: &chunks }.write(&picture)
    };
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0";
    let jpeg = |progressive| jpeg(&picture, Jpeg { progressive, exif, ..Jpeg::default() });
    let photo = |name, file| Photo { name, file };
    vec![
        photo("baseline.jpg", jpeg(false)),
        photo("progressive.jpg", jpeg(true)),
        photo("plain.png", png(Colour::Rgba, false)),
        photo("palette-interlaced.png", png(Colour::PaletteAlpha, true)),
        photo("plain.gif", gif(&picture, false, false)),
        photo("interlaced.gif", gif(&picture, true, true)),
        photo("lossless.webp", webp(&picture, true, exif, &[7; 40])),
        photo("lossy.webp", include_bytes!("../pixels/lossy.webp").into()),
        photo("lossy-alpha.webp", include_bytes!("../pixels/lossy-alpha.webp").into()),
        photo("animation.webp", include_bytes!("../pixels/animation.webp").into()),
    ]
}

fn render(file: &[u8], transform: &str) -> Result<imaging::Rendered, Error> {
    let transform = Transform::parse(transform.as_bytes()).unwrap();
    let limits = Limits { memory: 8 << 20, max_size: 2048 };
    imaging::render(file, &transform, &limits, &mut Vec::new())
}

/// A length below which the picture is incomplete: what a thumbnail doesn't need may be
/// missing.
fn needed(photo: &Photo) -> usize {
    let file = &photo.file;
    match photo.name.rsplit_once('.').unwrap().1 {
        // EOI.
        "jpg" => file.len() - 2,
        // IEND, the CRC, then Adler-32 and the end of the deflate stream.
        "png" => file.len() - 12 - 4 - 6,
        // The end code, the block terminator, the trailer.
        "gif" => file.len() - 5,
        // EXIF data or more frames may follow.
        _ => {
            let picture = [&b"VP8L"[..], b"VP8 "]
                .iter()
                .find_map(|name| file.windows(4).position(|bytes| bytes == *name));
            let at = picture.unwrap() + 8;
            let len = u32::from_le_bytes(*file[at - 4..].first_chunk().unwrap()) as usize;
            // The last few bits may be unused.
            at + len - 4
        }
    }
}

#[test]
fn a_file_truncated_anywhere_is_refused() {
    for photo in photos() {
        assert!(render(&photo.file, "16x16").is_ok(), "{photo:?}");
        for len in 0..needed(&photo) {
            match render(&photo.file[..len], "16x16") {
                Err(Error::Original(
                    OriginalError::Truncated(_)
                    | OriginalError::Broken(..)
                    | OriginalError::Unrecognised,
                )) => {}
                other => panic!("{photo:?} truncated to {len}: {other:?}"),
            }
        }
    }
}

/// The CRC of a PNG's last IDAT chunk is checked too.
#[test]
fn a_png_with_a_wrong_crc_is_broken() {
    for photo in photos().iter().filter(|photo| photo.file.starts_with(b"\x89PNG")) {
        let mut file = photo.file.clone();
        let crc = file.len() - 12 - 1;
        file[crc] ^= 1;
        for transform in ["16x16", "16x16,fill"] {
            let broken =
                matches!(render(&file, transform), Err(Error::Original(OriginalError::Broken(..))));
            assert!(broken, "{photo:?} {transform}");
        }
    }
}

#[test]
fn the_executable_refuses_truncated_files() {
    let gallery = Gallery::new();
    for photo in photos() {
        for eighths in 0..8 {
            gallery.refuses(photo.name, &photo.file[..needed(&photo) * eighths / 8]);
        }
        gallery.refuses(photo.name, &photo.file[..needed(&photo) - 1]);
    }
}

/// Xorshift32.
fn noise(seed: u32) -> impl FnMut() -> u32 {
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state
    }
}

/// Corrupt bytes give a picture or an error that blames the file, within the limits.
#[test]
fn corrupt_bytes_are_survived() {
    for photo in photos() {
        let mut next = noise(photo.file.len() as u32);
        for _ in 0..400 {
            let mut file = photo.file.clone();
            for _ in 0..=next() % 4 {
                let at = next() as usize % file.len();
                file[at] = next() as u8;
            }
            match render(&file, "16x16") {
                Ok(_) | Err(Error::Original(_) | Error::Limit(_)) => {}
                Err(error) => panic!("{photo:?}: {error}"),
            }
        }
    }
}

#[test]
fn the_executable_survives_corrupt_bytes() {
    let gallery = Gallery::new();
    for photo in photos() {
        let mut next = noise(7);
        for _ in 0..3 {
            let mut file = photo.file.clone();
            for byte in file.iter_mut().skip(12) {
                if next().is_multiple_of(16) {
                    *byte = next() as u8;
                }
            }
            gallery.survives(photo.name, &file);
            // Only the magic number is right.
            file[12..].fill_with(|| next() as u8);
            gallery.refuses(photo.name, &file);
        }
    }
}
