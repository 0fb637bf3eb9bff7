//! Making a thumbnail takes at most the memory worked out from the photo's header, and if
//! that is more than the limit, next to none. A counting allocator checks.
#![allow(missing_docs, reason = "a test")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pictures are small and painted in bytes"
)]

use crate::pictures;
use std::io;

use crate::heap::peak;
use crate::paint::{Photo, photos, picture};
use crate::pictures::{COLOURS, Kind, PLAIN, SAMPLINGS, encode, gif, resized};
use crate::png::{Colour, Png};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use picosite::facade::imaging::{Error, LimitError, Limits};
use picosite::facade::jpeg::{Chroma, Decoder, Header, Orientation, Scale, Strips};
use picosite::facade::thumbs::Transform;
use picosite::facade::{imaging, jpeg};
use proptest::prelude::*;

/// The most bytes of heap that reading a header takes.
const HEADER: usize = 8 << 10;

fn render(photo: &[u8], transform: &str, memory: u64) -> (Result<(), Error>, usize) {
    let transform = Transform::parse(transform.as_bytes()).unwrap();
    let limits = Limits { memory, max_size: 2048 };
    peak(|| imaging::render(photo, &transform, &limits, &mut io::sink()).map(drop))
}

/// The least memory, in bytes, that the refusal of a smaller limit names.
#[track_caller]
fn needed(photo: &[u8], transform: &str) -> u64 {
    let (refused, taken) = render(photo, transform, 0);
    assert!(taken < HEADER, "{taken} bytes before it was refused");
    match refused {
        Err(Error::Limit(LimitError::Memory { needed })) => needed,
        other => panic!("{other:?} with no memory at all"),
    }
}

/// The memory needed, and taken with that limit. Checks that a byte less is refused.
#[track_caller]
fn needed_and_taken(photo: &[u8], transform: &str) -> (u64, u64) {
    let needed = needed(photo, transform);
    let (refused, taken) = render(photo, transform, needed - 1);
    assert!(matches!(refused, Err(Error::Limit(LimitError::Memory { .. }))), "{refused:?}");
    assert!(taken < HEADER, "{taken} bytes before it was refused");
    let (made, taken) = render(photo, transform, needed);
    assert!(made.is_ok(), "{made:?}");
    assert!(taken as u64 <= needed, "{taken} bytes, not {needed}");
    (needed, taken as u64)
}

/// Checks that the memory needed is enough and not far too much. A small picture doesn't
/// use what decoding and encoding a large one take.
#[track_caller]
fn assert_bounded(photo: &[u8], transform: &str) {
    let (needed, taken) = needed_and_taken(photo, transform);
    assert!(needed < 2 * taken + (1 << 20), "{taken}, {needed}");
    for memory in [needed + needed / 2, 1 << 30] {
        let (made, taken) = render(photo, transform, memory);
        assert!(made.is_ok(), "{made:?}");
        assert!(taken as u64 <= memory, "{taken} bytes, not {memory}");
    }
}

#[test]
fn output_is_bounded_too() {
    let noise = pictures::png((700, 700), (2, 8), false, false);
    let transform = "700x700,png";
    // 1.5 MB of incompressible pixels.
    let (refused, _) = render(&noise, transform, needed(&noise, transform));
    let Err(Error::Limit(LimitError::Memory { needed })) = refused else { panic!("{refused:?}") };
    assert!(render(&noise, transform, needed + (2 << 20)).0.is_ok());
}

fn transforms() -> impl Strategy<Value = String> {
    let words = ["", ",fill", ",stretch", ",r90", ",r180", ",png", ",q95", ",up", ",r270,png,up"];
    (1..200_u32, 1..200_u32, prop::sample::select(words.to_vec()))
        .prop_map(|(width, height, words)| format!("{width}x{height}{words}"))
}

fn jpegs() -> impl Strategy<Value = Kind> {
    let samplings = prop::sample::select(SAMPLINGS.to_vec());
    let colours = prop::sample::select(COLOURS.to_vec());
    (samplings, colours, any::<bool>()).prop_map(|(sampling, colour, progressive)| Kind {
        sampling,
        colour,
        progressive,
        ..PLAIN
    })
}

/// Every colour type and bit depth: PNG, table 11.1.
const PNGS: [(u8, u8); 15] = [
    (0, 1),
    (0, 2),
    (0, 4),
    (0, 8),
    (0, 16),
    (2, 8),
    (2, 16),
    (3, 1),
    (3, 2),
    (3, 4),
    (3, 8),
    (4, 8),
    (4, 16),
    (6, 8),
    (6, 16),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn of_a_jpeg(
        kind in jpegs(), width in 1..700_u16, height in 1..300_u16, transform in transforms(),
    ) {
        assert_bounded(&encode(width, height, kind), &transform);
    }

    #[test]
    fn of_a_png(
        kind in prop::sample::select(PNGS.to_vec()), interlaced: bool, transparent: bool,
        width in 1..700_u32, height in 1..300_u32, transform in transforms(),
    ) {
        let transparent = transparent && kind.0 < 4;
        assert_bounded(&pictures::png((width, height), kind, interlaced, transparent), &transform);
    }

    #[test]
    fn of_a_gif(
        width in 1..700_u16, height in 1..300_u16, interlaced: bool, margin in 0..40_u16,
        transform in transforms(),
    ) {
        assert_bounded(&gif(width, height, interlaced, margin), &transform);
    }

    #[test]
    fn of_the_decoder_alone(kind in jpegs(), width in 1..700_u16, height in 1..100_u16) {
        let file = encode(width, height, kind);
        let header = Header::parse(&file).unwrap();
        for scale in [Scale::Eighth, Scale::Quarter, Scale::ThreeEighths, Scale::Half, Scale::Full] {
            let plan = |chroma| header.plan(scale, chroma, Orientation::default()).unwrap();
            let (whole, taken) = peak(|| plan(Chroma::Full));
            prop_assert!(taken < HEADER);
            let needed = Decoder::memory(&whole);
            let mut row = vec![0; Decoder::new(&whole).unwrap().row_bytes()];
            let (read, taken) = peak(|| {
                let plan = plan(Chroma::Full);
                let mut decoder = Decoder::new(&plan)?;
                while decoder.next_row(&mut row)? {}
                Ok::<_, jpeg::Error>(())
            });
            prop_assert_eq!(read, Ok(()));
            prop_assert!(taken <= needed && needed <= 2 * taken, "{} of {}", taken, needed);
            let needed = Strips::memory(&plan(Chroma::Half));
            let (read, taken) = peak(|| {
                let plan = plan(Chroma::Half);
                let mut strips = Strips::new(&plan)?;
                while strips.read()? {}
                Ok::<_, jpeg::Error>(())
            });
            prop_assert_eq!(read, Ok(()));
            prop_assert!(taken <= needed && needed <= 2 * taken, "{} of {}", taken, needed);
        }
    }
}

/// A whole GIF was called truncated: its rows are shorter than what its last code stands for.
#[test]
fn of_a_narrow_gif() {
    for height in [17, 18, 19] {
        assert_bounded(&gif(2, height, false, 0), "1x1");
        assert_bounded(&gif(2, height, true, 0), "1x1");
    }
}

/// The longest sides, with scans in any order: 800x600 in less than 6 MB. The file ends long
/// before such a picture does, but not before the memory is taken.
#[test]
fn of_the_largest_jpegs() {
    let kinds = SAMPLINGS.into_iter().flat_map(|sampling| {
        COLOURS.into_iter().flat_map(move |colour| {
            [false, true].map(|progressive| Kind { sampling, colour, progressive, ..PLAIN })
        })
    });
    let mut files: Vec<_> = kinds.map(|kind| encode(64, 64, kind)).collect();
    files.push(include_bytes!("../images/separate-scans-420.jpg").to_vec());
    for file in files {
        let file = resized(file, 65_500, 65_500);
        let (made, taken) = render(&file, "800x600", 6_000_000);
        assert!(matches!(made, Err(Error::Original(_))), "{made:?}");
        assert!(taken < 2_000_000, "{taken} bytes");
    }
}

/// A photo of 12 megapixels taken in portrait, at the largest size of a thumbnail, within the
/// default limit.
#[test]
fn of_a_rotated_photo() {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 90);
    encoder.set_sampling_factor(SamplingFactor::F_2_2);
    let orientation = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    encoder.add_exif_metadata(orientation).unwrap();
    encoder.encode(&pictures::paint(512, 384, 3), 512, 384, ColorType::Rgb).unwrap();
    assert!(needed(&resized(file.clone(), 4032, 3024), "1536x2048") <= 8 << 20);
    assert_bounded(&file, "200x300");
}

/// A PNG takes less than 5 MB, interlaced less than 8 MB.
#[test]
fn of_a_png_of_12_megapixels() {
    for (interlaced, most) in [(false, 5_000_000), (true, 8_000_000)] {
        let mut file = pictures::png((64, 64), (2, 8), interlaced, false);
        file[16..24].copy_from_slice(&[0, 0, 0x0f, 0xc0, 0, 0, 0x0b, 0xd0]);
        assert!(needed(&file, "200x200") < most);
        assert!(needed(&file, "800x600") < most);
    }
}

const TRANSFORMS: [&str; 6] =
    ["60x60", "60x60,png", "19x,r90", "300x300,up", "300x300,up,r270,q95", "2000x10,fill,up,r180"];

#[test]
fn of_every_format() {
    let mut tightest = (0, String::new());
    // Rows of 40 KB too: buffers double as they grow, each from another size.
    let wide = [(600, 8), (600, 16), (5000, 8), (5000, 16)].map(|(width, depth)| {
        let png = Png { colour: Colour::Rgba, depth, interlaced: false, chunks: &[] };
        Photo { name: "wide.png", file: png.write(&picture(width, 120_000 / width)) }
    });
    for Photo { name, file } in photos().into_iter().chain(wide) {
        let transforms = if name == "wide.png" { &TRANSFORMS[..2] } else { &TRANSFORMS };
        for transform in transforms {
            let (needed, taken) = needed_and_taken(&file, transform);
            let share = 100 * taken / needed;
            if share > tightest.0 {
                tightest = (share, format!("{name} {transform}: {taken} of {needed}"));
            }
        }
    }
    // A loose bound would prove nothing.
    assert!(tightest.0 >= 50, "{tightest:?}");
}

/// More memory may be spent on sharper steps, but never more than the limit.
#[test]
fn any_limit_is_kept() {
    for Photo { name, file } in photos() {
        for transform in TRANSFORMS {
            for memory in (16..=22).map(|power| 1 << power) {
                if let (Ok(()), taken) = render(&file, transform, memory) {
                    assert!(taken as u64 <= memory, "{name} {transform}: {taken} of {memory}");
                }
            }
        }
    }
}
