//! Each format, in each way to put it into a box, is what a full decode and Lanczos make.

use crate::oracle::{Asked, Method, premultiplied, psnr, thumbnail};
use crate::paint::{HEIGHT, WIDTH, photos};

/// In dB. Scaling alone, so the thumbnail is asked for as PNG.
const BAR: f64 = 40.0;

/// Steps of 4, of 2 to 3 and of a fraction, up, and parts of the picture.
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
fn every_format_and_geometry_is_near_to_a_full_decode_and_lanczos() {
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
