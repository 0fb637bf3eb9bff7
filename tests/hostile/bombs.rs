//! Small files that claim to be large, or that decompress to something large.

use miniz_oxide::deflate::compress_to_vec_zlib;

use super::Gallery;
use crate::paint::{Jpeg, gif, jpeg, picture, webp};
use crate::png::{Colour, Png, file, header};

/// The JPEG with another size in its frame header (T.81 B.2.2).
fn claim(mut jpeg: Vec<u8>, width: u16, height: u16) -> Vec<u8> {
    let frame = jpeg.windows(2).position(|it| matches!(it, [0xff, 0xc0 | 0xc2])).unwrap();
    jpeg[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
    jpeg[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
    jpeg
}

#[test]
fn a_jpeg_that_claims_to_be_huge() {
    let gallery = Gallery::new();
    for progressive in [false, true] {
        let small = jpeg(&picture(64, 48), Jpeg { progressive, ..Jpeg::default() });
        for (width, height) in [(65_535, 65_535), (65_535, 48), (64, 65_535), (16_000, 16_000)] {
            gallery.refuses("huge.jpg", &claim(small.clone(), width, height));
        }
    }
}

/// A PNG of `raw` zero bytes, compressed.
fn zeros(width: u32, height: u32, depth: u8, colour: u8, interlaced: bool, raw: usize) -> Vec<u8> {
    file(&[
        (b"IHDR", header(width, height, depth, colour, interlaced)),
        (b"IDAT", compress_to_vec_zlib(&vec![0; raw], 1)),
        (b"IEND", Vec::new()),
    ])
}

#[test]
fn a_png_that_claims_to_be_huge() {
    let gallery = Gallery::new();
    let side = i32::MAX.unsigned_abs();
    for (width, height, depth, colour) in [
        (side, side, 16, 6),
        (side, 1, 1, 0),
        (1, side, 8, 2),
        (u32::MAX, u32::MAX, 1, 0),
        (side + 1, 1, 8, 0),
        (60_000, 60_000, 1, 0),
        (5_000_000, 9, 8, 6),
    ] {
        for interlaced in [false, true] {
            gallery.refuses("huge.png", &zeros(width, height, depth, colour, interlaced, 64 << 10));
        }
    }
    gallery.refuses("nothing.png", &zeros(0, 9, 8, 0, false, 99));
    gallery.refuses("no-palette.png", &zeros(64, 48, 8, 3, false, 65 * 48));
}

/// 32 KiB that decompress to 32 MiB, within the limit on pixels, are decoded in time.
#[test]
fn a_png_that_decompresses_to_a_thousand_times_its_size() {
    let gallery = Gallery::new();
    gallery.survives("bomb.png", &zeros(16_384, 16_384, 1, 0, false, 2049 * 16_384));
    gallery.survives("interlaced.png", &zeros(8192, 8192, 1, 0, true, 1200 * 8192));
    // More data follows the picture.
    gallery.survives("more.png", &zeros(64, 48, 8, 0, false, 64 << 20));
}

#[test]
fn chunks_that_decompress_to_a_thousand_times_their_size_are_ignored() {
    let gallery = Gallery::new();
    let bomb = [&b"name\0\0"[..], &compress_to_vec_zlib(&vec![0; 64 << 20], 6)].concat();
    let international = [&b"name\0\x01\0\0\0"[..], &bomb[6..]].concat();
    for (name, data) in [(b"iCCP", &bomb), (b"zTXt", &bomb), (b"iTXt", &international)] {
        let picture = picture(64, 48);
        let chunks: Vec<_> = (0..20).map(|_| (name, &data[..])).collect();
        let chunks = if name == b"iCCP" { &chunks[..1] } else { &chunks[..] };
        let png = Png { colour: Colour::Rgb, depth: 8, interlaced: false, chunks }.write(&picture);
        let path = gallery.0.folder.join("galleries/g/chunk.png");
        std::fs::write(path, png).unwrap();
        assert_eq!(gallery.ask("chunk.png", "64x64").status, 200);
    }
}

#[test]
fn a_gif_with_a_small_frame_on_a_giant_screen() {
    let gallery = Gallery::new();
    for interlaced in [false, true] {
        let small = gif(&picture(8, 8), interlaced, false);
        for (width, height, refused) in
            [(65_535_u16, 65_535_u16, true), (60_000, 16, false), (16_000, 16_000, false)]
        {
            let mut giant = small.clone();
            giant[6..8].copy_from_slice(&width.to_le_bytes());
            giant[8..10].copy_from_slice(&height.to_le_bytes());
            if refused {
                gallery.refuses("screen.gif", &giant);
            } else {
                gallery.survives("screen.gif", &giant);
            }
            // The frame claims the same size.
            let descriptor = giant.windows(5).rposition(|it| it == [0x2c, 0, 0, 0, 0]).unwrap();
            giant.copy_within(6..10, descriptor + 5);
            gallery.refuses("giant.gif", &giant);
        }
        let mut aside = small.clone();
        let descriptor = aside.windows(5).rposition(|it| it == [0x2c, 0, 0, 0, 0]).unwrap();
        aside[descriptor + 1..descriptor + 5].fill(0xff);
        gallery.survives("aside.gif", &aside);
    }
    // 4 MiB of extensions and no frame.
    let mut extensions = gif(&picture(8, 8), false, false)[..13 + 3 * 256].to_vec();
    extensions.extend(b"!\xfe\x01c\0".repeat(800_000));
    gallery.refuses("extensions.gif", &extensions);
}

fn chunk(name: [u8; 4], data: &[u8]) -> Vec<u8> {
    let len = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&name, &len[..], data, &[0][..data.len() % 2]].concat()
}

/// A WebP of these chunks (RFC 9649 2.3).
fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
    let chunks = chunks.concat();
    let len = u32::try_from(chunks.len() + 4).unwrap().to_le_bytes();
    [&b"RIFF"[..], &len, b"WEBP", &chunks].concat()
}

/// A `VP8X` chunk (RFC 9649 2.7.1).
fn extended(flags: u8, width: u32, height: u32) -> Vec<u8> {
    let [width, height] = [width - 1, height - 1].map(u32::to_le_bytes);
    chunk(*b"VP8X", &[&[flags, 0, 0, 0], &width[..3], &height[..3]].concat())
}

#[test]
fn a_webp_that_lies() {
    let gallery = Gallery::new();
    let small = webp(&picture(8, 8), true, &[], &[]);
    let lossless = &small[20..];
    let lossy = &include_bytes!("../pixels/lossy.webp")[20..];
    let side = 1 << 24;
    let mut wide = lossless.to_vec();
    wide[1..5].copy_from_slice(&[0xff, 0xff, 0xff, 0x1f]);
    gallery.refuses("wide-lossless.webp", &riff(&[chunk(*b"VP8L", &wide)]));
    let mut huge = lossy.to_vec();
    huge[6..10].copy_from_slice(&[0xff, 0x3f, 0xff, 0x3f]);
    gallery.refuses("wide-lossy.webp", &riff(&[chunk(*b"VP8 ", &huge)]));
    let mut none = lossy.to_vec();
    none[6..10].fill(0);
    gallery.refuses("nothing.webp", &riff(&[chunk(*b"VP8 ", &none)]));
    // The first partition, and so the others, end past the end of the file.
    let mut partitions = lossy.to_vec();
    partitions[0] |= 0xe0;
    partitions[1..3].fill(0xff);
    gallery.refuses("partitions.webp", &riff(&[chunk(*b"VP8 ", &partitions)]));
    for (name, file) in [
        ("canvas.webp", riff(&[extended(0, side, side), chunk(*b"VP8L", lossless)])),
        (
            "canvas-alpha.webp",
            riff(&[extended(0x10, side, 8), chunk(*b"ALPH", b"\0"), chunk(*b"VP8 ", lossy)]),
        ),
        ("small-canvas.webp", riff(&[extended(0, 2, 2), chunk(*b"VP8L", lossless)])),
        (
            "alpha.webp",
            riff(&[
                extended(0x10, 240, 160),
                chunk(*b"ALPH", b"\x01\xff\xff"),
                chunk(*b"VP8 ", lossy),
            ]),
        ),
        ("no-picture.webp", riff(&[extended(0, 8, 8), chunk(*b"EXIF", b"II*\0")])),
        ("nothing-at-all.webp", riff(&[])),
        ("two-canvases.webp", riff(&[extended(2, side, side), extended(0, 8, 8)])),
    ] {
        gallery.refuses(name, &file);
    }
    for (place, size) in [([0, 0], [8, 8]), ([0xff_ffff; 2], [8, 8]), ([0, 0], [side - 1; 2])] {
        let numbers = [place[0], place[1], size[0] - 1, size[1] - 1, 0];
        let fields = numbers.iter().flat_map(|number| number.to_le_bytes()[..3].to_vec());
        let mut frame: Vec<u8> = fields.collect();
        frame.push(0);
        frame.extend(chunk(*b"VP8L", lossless));
        gallery.refuses("frame.webp", &riff(&[extended(2, side, side), chunk(*b"ANMF", &frame)]));
    }
    let mut longer = small.clone();
    longer[16..20].fill(0xff);
    gallery.survives("longer.webp", &longer);
}
