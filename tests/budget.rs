//! The memory that a thumbnail takes is at most what was worked out from its photo's
//! header, and so never more than the setting `memory`.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pictures are small, and painted in bytes"
)]

#[path = "util/heap.rs"]
mod heap;
#[path = "pixels/paint.rs"]
mod paint;
#[path = "pixels/png.rs"]
mod png;

use std::io;

use paint::{Photo, photos, picture};
use picosite::imaging;
use picosite::imaging::{Error, LimitError, Limits};
use picosite::thumbs::address::transform::Transform;
use png::{Colour, Png};

/// Bytes of heap that a thumbnail took at its peak, with this budget.
fn peak(file: &[u8], transform: &str, memory: u64) -> Result<usize, Error> {
    let transform = Transform::parse(transform.as_bytes()).unwrap();
    let limits = Limits { memory, max_size: 2048 };
    let (rendered, peak) =
        heap::peak(|| imaging::render(file, &transform, &limits, &mut io::sink()).map(drop));
    rendered.map(|()| peak)
}

/// Bytes that are said to be needed at least.
#[track_caller]
fn needed(file: &[u8], transform: &str) -> u64 {
    match peak(file, transform, 0) {
        Err(Error::Limit(LimitError::Memory { needed })) => needed,
        other => panic!("with no memory at all: {other:?}"),
    }
}

const TRANSFORMS: [&str; 6] =
    ["60x60", "60x60,png", "19x,r90", "300x300,up", "300x300,up,r270,q95", "2000x10,fill,up,r180"];

#[test]
fn no_thumbnail_takes_more_than_was_worked_out() {
    let mut tightest = (0, String::new());
    // Rows of 40 KB too: buffers grow by doubling, each at another size.
    let wide = [(600, 8), (600, 16), (5000, 8), (5000, 16)].map(|(width, depth)| {
        let png = Png { colour: Colour::Rgba, depth, interlaced: false, chunks: &[] };
        Photo { name: "wide.png", file: png.write(&picture(width, 120_000 / width)) }
    });
    for Photo { name, file } in photos().into_iter().chain(wide) {
        let transforms = if name == "wide.png" { &TRANSFORMS[..2] } else { &TRANSFORMS };
        for transform in transforms {
            let needed = needed(&file, transform);
            let took = peak(&file, transform, needed).unwrap() as u64;
            assert!(took <= needed, "{name} {transform} took {took} of {needed} bytes");
            let share = 100 * took / needed;
            if share > tightest.0 {
                tightest = (share, format!("{name} {transform}: {took} of {needed}"));
            }
            // One byte less, and nothing is done.
            assert!(matches!(peak(&file, transform, needed - 1), Err(Error::Limit(_))));
        }
    }
    // Else the bound says nothing.
    assert!(tightest.0 >= 50, "{tightest:?}");
}

/// With more memory it may take sharper steps, and keeps to that, too.
#[test]
fn whatever_the_budget_it_is_kept() {
    for Photo { name, file } in photos() {
        for transform in TRANSFORMS {
            for budget in (16..=22).map(|power| 1 << power) {
                if let Ok(took) = peak(&file, transform, budget) {
                    assert!(took as u64 <= budget, "{name} {transform} took {took} of {budget}");
                }
            }
        }
    }
}

/// A refusal takes next to nothing: what a progressive file's scans hold, looked through.
#[test]
fn what_is_refused_takes_no_memory() {
    for Photo { name, file } in photos() {
        let (refused, took) = heap::peak(|| peak(&file, "60x60", 1000));
        assert!(refused.is_err());
        assert!(took < 8192, "{name} took {took} bytes");
    }
}
