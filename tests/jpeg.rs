//! The JPEG decoder against another decoder, digests of libjpeg's pixels, and damaged files.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "pictures are small and painted in bytes"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::util::pictures::{COLOURS, Kind, PLAIN, SAMPLINGS, encode, resized};
use jpeg_encoder::{ColorType, Encoder, SamplingFactor};
use picosite::facade::jpeg::{
    Chroma, Colour, Decoder, Error, Feature, Header, Orientation, Pixels, Plan, Scale, Strips,
};
use proptest::prelude::*;

const SCALES: [Scale; 5] =
    [Scale::Eighth, Scale::Quarter, Scale::ThreeEighths, Scale::Half, Scale::Full];

#[derive(Debug, PartialEq)]
struct Picture {
    width: usize,
    height: usize,
    pixels: Pixels,
    bytes: Vec<u8>,
}

fn plan(file: &[u8], scale: Scale, chroma: Chroma) -> Result<Plan<'_>, Error> {
    Header::parse(file)?.plan(scale, chroma, Orientation::default())
}

fn decode(file: &[u8], scale: Scale) -> Result<Picture, Error> {
    let plan = plan(file, scale, Chroma::Full)?;
    let mut decoder = Decoder::new(&plan)?;
    let (width, height, pixels) = (decoder.width, decoder.height, decoder.pixels());
    let mut bytes = Vec::new();
    let mut row = vec![0; decoder.row_bytes()];
    while decoder.next_row(&mut row)? {
        bytes.extend_from_slice(&row);
    }
    assert_eq!(bytes.len(), width * height * pixels.channels());
    Ok(Picture { width, height, pixels, bytes })
}

#[track_caller]
fn assert_near(ours: &[u8], theirs: &[u8], mean: f64, most: u8) {
    assert_eq!(ours.len(), theirs.len());
    let differences = ours.iter().zip(theirs).map(|(a, b)| a.abs_diff(*b));
    assert!(differences.clone().max() <= Some(most), "maximum {:?}", differences.max());
    let sum: f64 = differences.map(f64::from).sum();
    assert!(sum <= mean * ours.len() as f64, "mean {}", sum / ours.len() as f64);
}

/// By `jpeg-decoder`, which inverts ink.
fn decode_elsewhere(file: &[u8], pixels: Pixels) -> Option<Vec<u8>> {
    let theirs = jpeg_decoder::Decoder::new(file).decode().ok()?;
    Some(match pixels {
        Pixels::Cmyk => theirs.iter().map(|ink| 255 - ink).collect(),
        _ => theirs,
    })
}

fn kinds() -> impl Strategy<Value = Kind> {
    (
        prop::sample::select(SAMPLINGS.to_vec()),
        prop::sample::select(COLOURS.to_vec()),
        any::<bool>(),
        prop_oneof![Just(0), 1..20_u16],
        10..=100_u8,
    )
        .prop_map(|(sampling, colour, progressive, restart_interval, quality)| Kind {
            sampling,
            colour,
            progressive,
            restart_interval,
            quality,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn agrees_with_another_decoder(width in 1..90_u16, height in 1..70_u16, kind in kinds()) {
        let file = encode(width, height, kind);
        let ours = decode(&file, Scale::Full).unwrap();
        let theirs = decode_elsewhere(&file, ours.pixels).unwrap();
        prop_assert_eq!((ours.width, ours.height), (width.into(), height.into()));
        let plain = matches!(kind.colour, ColorType::Luma)
            || kind.sampling == SamplingFactor::F_1_1;
        // It interpolates every ratio but 2 in its own way.
        if plain {
            assert_near(&ours.bytes, &theirs, 0.6, 6);
        } else {
            assert_near(&ours.bytes, &theirs, 9.0, 255);
        }
    }

    #[test]
    fn a_progressive_file_gives_the_pixels_of_a_baseline_one(
        width in 1..90_u16, height in 1..70_u16, kind in kinds(), scale in 0..4_usize,
    ) {
        let [baseline, progressive] =
            [false, true].map(|progressive| encode(width, height, Kind { progressive, ..kind }));
        prop_assert_eq!(decode(&baseline, SCALES[scale]), decode(&progressive, SCALES[scale]));
    }

    #[test]
    fn restarts_change_nothing(
        width in 1..90_u16, height in 1..70_u16, kind in kinds(), restart_interval in 1..9_u16,
    ) {
        let with = encode(width, height, Kind { restart_interval, ..kind });
        let without = encode(width, height, Kind { restart_interval: 0, ..kind });
        prop_assert_eq!(decode(&with, Scale::Half), decode(&without, Scale::Half));
    }

    #[test]
    fn damage_is_an_error_or_a_picture(
        kind in kinds(), damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut file = encode(40, 30, kind);
        for (place, byte) in damage {
            let place = place.index(file.len());
            file[place] = byte;
        }
        for scale in SCALES {
            let Ok(header) = Header::parse(&file) else { continue };
            let Ok(plan) = plan(&file, scale, Chroma::Full) else { continue };
            let pixels = u32::from(header.width) * u32::from(header.height);
            if Decoder::memory(&plan) < 1 << 20 && pixels < 1 << 20 {
                let _ = decode(&file, scale);
            }
        }
    }

    #[test]
    fn chroma_has_at_least_half_the_resolution(
        kind in kinds(), width in 1..70_u16, height in 1..70_u16, scale in prop::sample::select(&SCALES[..]),
    ) {
        let file = encode(width, height, kind);
        prop_assert!(components(&file, scale, Chroma::Half).is_ok());
        let header = Header::parse(&file).unwrap();
        let scaled = header.size_at(scale);
        for (n, extent) in plan(&file, scale, Chroma::Half).unwrap().extents().enumerate() {
            // Unless the file has less.
            let own = header.components()[n];
            let all = [8 * usize::from(own.horizontal), 8 * usize::from(own.vertical)];
            let part = if n > 0 { 2 } else { 1 };
            if header.colour == Colour::YCbCr {
                prop_assert!(part * extent.width >= scaled.0.into() || extent.pixels[0].1 == all[0]);
                prop_assert!(part * extent.height >= scaled.1.into() || extent.pixels[1].1 == all[1]);
            }
            // All of the picture's pixels count, the last sample's padded.
            let sides = [(extent.width, width), (extent.height, height)];
            for ((of, by), (samples, side)) in extent.pixels.into_iter().zip(sides) {
                prop_assert_eq!(samples, (usize::from(side) * by).div_ceil(of));
            }
        }
    }

    #[test]
    fn a_truncated_file_is_an_error(kind in kinds(), cut in any::<prop::sample::Index>()) {
        let file = encode(40, 30, kind);
        let end = file.len() - 2;
        let cut = cut.index(end - 1);
        prop_assert!(decode(&file[..end], Scale::Full).is_ok());
        prop_assert!(decode(&file[..cut], Scale::Full).is_err());
    }
}

#[test]
fn a_sample_at_an_eighth_is_the_mean_of_64() {
    let kind = Kind { colour: ColorType::Luma, ..PLAIN };
    let file = encode(64, 40, kind);
    let full = decode(&file, Scale::Full).unwrap();
    for (scale, size) in [(Scale::Eighth, 8), (Scale::Quarter, 4)] {
        let small = decode(&file, scale).unwrap();
        assert_eq!((small.width, small.height), (64 / size, 40 / size));
        let mean = |index: usize| {
            let (x, y) = (index % small.width * size, index / small.width * size);
            let rows = full.bytes.chunks(64).skip(y).take(size);
            let sum: usize =
                rows.flat_map(|row| &row[x..x + size]).map(|&it| usize::from(it)).sum();
            ((sum + size * size / 2) / (size * size)) as u8
        };
        let means: Vec<_> = (0..small.bytes.len()).map(mean).collect();
        let most = if scale == Scale::Eighth { 1 } else { 8 };
        assert_near(&small.bytes, &means, 2.0, most);
    }
}

#[test]
fn keeps_ycbcr_on_request() {
    let file = encode(40, 30, PLAIN);
    let rgb = decode(&file, Scale::Full).unwrap();
    let full = plan(&file, Scale::Full, Chroma::Full).unwrap();
    let mut decoder = Decoder::new(&full).unwrap();
    assert!(decoder.keep_ycbcr());
    assert_eq!(decoder.pixels(), Pixels::YCbCr);
    let (mut row, mut converted) = (vec![0; decoder.row_bytes()], Vec::new());
    while decoder.next_row(&mut row).unwrap() {
        for pixel in row.chunks(3) {
            let [y, cb, cr] = [pixel[0], pixel[1], pixel[2]].map(f64::from);
            let (cb, cr) = (cb - 128.0, cr - 128.0);
            let colours = [y + 1.402 * cr, y - 0.344_136 * cb - 0.714_136 * cr, y + 1.772 * cb];
            converted.extend(colours.map(|colour| colour.round() as u8));
        }
    }
    assert_near(&converted, &rgb.bytes, 0.1, 1);
    for colour in [ColorType::Luma, ColorType::Cmyk, ColorType::CmykAsYcck] {
        let file = encode(8, 8, Kind { colour, ..PLAIN });
        let full = plan(&file, Scale::Full, Chroma::Full).unwrap();
        let mut decoder = Decoder::new(&full).unwrap();
        let pixels = decoder.pixels();
        assert!(!decoder.keep_ycbcr() && decoder.pixels() == pixels);
    }
}

/// All rows of each component.
fn components(file: &[u8], scale: Scale, chroma: Chroma) -> Result<Vec<Vec<u8>>, Error> {
    let plan = plan(file, scale, chroma)?;
    let extents: Vec<_> = plan.extents().collect();
    let mut strips = Strips::new(&plan)?;
    let mut components = vec![Vec::new(); extents.len()];
    while strips.read()? {
        for (n, component) in components.iter_mut().enumerate() {
            let rows = strips.rows(n).inspect(|it| assert_eq!(it.len(), extents[n].width));
            component.extend(rows.flatten());
        }
    }
    for (component, extent) in components.iter().zip(&extents) {
        assert_eq!(component.len(), extent.width * extent.height);
    }
    Ok(components)
}

#[test]
fn pixels_are_made_of_the_components() {
    let file = encode(45, 37, Kind { sampling: SamplingFactor::F_1_1, ..PLAIN });
    for scale in SCALES {
        let components = components(&file, scale, Chroma::Full).unwrap();
        let plan = plan(&file, scale, Chroma::Full).unwrap();
        let mut decoder = Decoder::new(&plan).unwrap();
        assert!(decoder.keep_ycbcr());
        let mut row = vec![0; decoder.row_bytes()];
        let mut at = 0;
        while decoder.next_row(&mut row).unwrap() {
            for pixel in row.as_chunks::<3>().0 {
                assert_eq!(*pixel, [0, 1, 2].map(|n| components[n][at]), "{scale:?}");
                at += 1;
            }
        }
        assert_eq!(at, components[0].len());
    }
}

#[test]
fn every_size_up_to_three_mcus() {
    let kind = Kind { sampling: SamplingFactor::F_2_2, ..PLAIN };
    for side in 1..=48 {
        for (width, height) in [(side, 1), (1, side), (side, side)] {
            let file = encode(width, height, kind);
            for (scale, eighths) in SCALES.into_iter().zip([1, 2, 3, 4, 8]) {
                let picture = decode(&file, scale).unwrap();
                let expected = [width, height].map(|it| (usize::from(it) * eighths).div_ceil(8));
                assert_eq!([picture.width, picture.height], expected);
            }
        }
    }
}

/// FNV-1a.
fn digest(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|it| it == "jpg"));
    files.sort();
    files
}

/// At full size the digests are those of libjpeg-turbo's djpeg.
#[test]
fn pixels_have_not_changed() {
    let mut lines = String::new();
    for path in files("tests/images") {
        let file = fs::read(&path).unwrap();
        for scale in SCALES {
            let name = path.file_name().unwrap().to_str().unwrap();
            let Picture { width, height, bytes, .. } = decode(&file, scale).unwrap();
            writeln!(lines, "{name} {scale:?} {width}x{height} {:016x}", digest(&bytes)).unwrap();
        }
    }
    assert_eq!(lines, include_str!("images/digests.txt"), "got\n{lines}");
}

/// The fuzzer's seeds and findings.
#[test]
fn no_fuzzer_input_panics() {
    for path in ["tests/crashtest", "fuzz/seeds/decode_jpeg"].iter().flat_map(|it| files(it)) {
        let file = fs::read(path).unwrap();
        for scale in SCALES {
            let _ = decode(&file, scale);
        }
    }
}

/// libjpeg writes what `jpeg-encoder` doesn't: successive approximation, non-interleaved
/// scans, other sampling ratios, optimised Huffman tables.
#[test]
fn agrees_with_another_decoder_on_files_by_libjpeg() {
    let mut compared = 0;
    for path in ["tests/images", "fuzz/seeds/decode_jpeg"].iter().flat_map(|it| files(it)) {
        let file = fs::read(&path).unwrap();
        let Ok(ours) = decode(&file, Scale::Full) else { continue };
        let Some(theirs) = decode_elsewhere(&file, ours.pixels) else { continue };
        let differences = ours.bytes.iter().zip(&theirs).map(|(a, b)| u64::from(a.abs_diff(*b)));
        let mean = differences.sum::<u64>() as f64 / theirs.len() as f64;
        assert!(mean < 9.0, "{}: {mean} off on average", path.display());
        compared += 1;
    }
    assert!(compared >= 45, "{compared} files");
}

#[test]
fn non_interleaved_scans_give_the_same_pixels() {
    let [together, separate] = [
        &include_bytes!("images/baseline-420.jpg")[..],
        include_bytes!("images/separate-scans-420.jpg"),
    ];
    for scale in SCALES {
        assert_eq!(decode(together, scale), decode(separate, scale));
    }
}

#[test]
fn names_the_unsupported_feature() {
    let arithmetic = include_bytes!("crashtest/arithmetic.jpg");
    let unsupported = |feature| Some(Error::Unsupported(feature));
    assert_eq!(Header::parse(arithmetic).err(), unsupported(Feature::Arithmetic));
    let mut file = encode(8, 8, PLAIN);
    let frame = file.windows(2).position(|it| it == [0xff, 0xc0]).unwrap();
    file[frame + 5..frame + 7].fill(0);
    assert_eq!(Header::parse(&file).err(), unsupported(Feature::Lines));
    file[frame + 4] = 12;
    assert_eq!(Header::parse(&file).err(), unsupported(Feature::Precision));
    assert_eq!(Header::parse(b"GIF89a").err(), Some(Error::NotJpeg));
}

#[test]
fn a_smaller_scale_takes_less_memory() {
    let file = encode(640, 64, PLAIN);
    let memory = |scale| Decoder::memory(&plan(&file, scale, Chroma::Full).unwrap());
    assert!(memory(Scale::Eighth) < memory(Scale::Full));
}

#[test]
fn a_bomb_ends_with_its_data() {
    // A progressive file of 64x64 pixels that claims 65,000x65,000.
    let file = resized(encode(64, 64, Kind { progressive: true, ..PLAIN }), 65_000, 65_000);
    let plan = plan(&file, Scale::Eighth, Chroma::Full).unwrap();
    assert!(Decoder::memory(&plan) <= 1 << 20);
    let mut decoder = Decoder::new(&plan).unwrap();
    let mut row = vec![0; decoder.row_bytes()];
    assert_eq!(decoder.next_row(&mut row), Err(Error::Truncated));
}

#[test]
fn a_restart_marker_out_of_order_is_an_error() {
    let kind = Kind { restart_interval: 1, ..PLAIN };
    let mut file = encode(64, 64, kind);
    let marker = file.windows(2).position(|it| it == [0xff, 0xd1]).unwrap();
    file[marker + 1] = 0xd2;
    assert_eq!(decode(&file, Scale::Eighth), Err(Error::Restart));
}

#[test]
fn finds_exif_and_colour_profile() {
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, 80);
    encoder.add_exif_metadata(b"II*\0 exif").unwrap();
    encoder.add_icc_profile(&vec![7; 70_000]).unwrap();
    encoder.encode(&[0; 3], 1, 1, ColorType::Rgb).unwrap();
    let header = Header::parse(&file).unwrap();
    assert_eq!(header.exif(), Some(&b"II*\0 exif"[..]));
    let chunks: Vec<_> = header.colour_profile().collect();
    assert_eq!(chunks.iter().map(|it| (it.0, it.1)).collect::<Vec<_>>(), [(1, 2), (2, 2)]);
    assert_eq!(chunks.iter().map(|it| it.2.len()).sum::<usize>(), 70_000);
}
