//! Thumbnail sizes are exactly as specified, for images and boxes of any shape.

use picosite::facade::imaging::Error;

use crate::oracle::{Asked, Method, render};
use crate::png;
use miniz_oxide::deflate::compress_to_vec_zlib;

/// A grey image with one bit per pixel.
fn picture(width: u32, height: u32) -> Vec<u8> {
    let rows = vec![0; (width.div_ceil(8) as usize + 1) * height as usize];
    png::file(&[
        (b"IHDR", png::header(width, height, 1, 0, false)),
        (b"IDAT", compress_to_vec_zlib(&rows, 1)),
        (b"IEND", Vec::new()),
    ])
}

#[test]
fn every_box_gives_the_specified_size() {
    let pictures =
        [(1, 1), (1, 7), (3, 2), (100, 100), (101, 67), (640, 480), (1, 5000), (7000, 2)];
    let sides = [None, Some(1), Some(2), Some(67), Some(100), Some(333)];
    let mut count = 0;
    for (picture, file) in pictures.map(|size| (size, picture(size.0, size.1))) {
        for (width, height) in sides.iter().flat_map(|&w| sides.iter().map(move |&h| (w, h))) {
            for method in [Method::Fit, Method::Fill, Method::Stretch] {
                // Only fit takes a single side.
                if width.or(height).is_none()
                    || method != Method::Fit && width.and(height).is_none()
                {
                    continue;
                }
                for (turns, up) in [(0, false), (1, false), (2, true), (3, true)] {
                    let asked = Asked { width, height, method, turns, up };
                    let want = asked.size(picture);
                    match render(&file, &format!("{asked},png")) {
                        Ok((_, rendered)) => {
                            assert_eq!(
                                (rendered.width, rendered.height),
                                want,
                                "{picture:?} {asked}"
                            );
                            assert!(want.0.max(want.1) <= 2048);
                        }
                        Err(Error::Request) => {
                            assert!(want.0.max(want.1) > 2048, "{picture:?} {asked}");
                        }
                        Err(error) => panic!("{picture:?} {asked}: {error}"),
                    }
                    count += 1;
                }
            }
        }
    }
    assert!(count > 2000);
}
