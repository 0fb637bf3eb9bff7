//! Any EXIF data yields an orientation, and the same one inside a PNG and a JPEG.
#![no_main]
use libfuzzer_sys::fuzz_target;
use picosite::facade::imaging::{Orientation, exif, probe};

/// What precedes the data's length and what follows the data, in files of one grey pixel.
const PNG: [&[u8]; 2] =
    [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0CRC.", b"CRC.\0\0\0\0IDAT"];
const JPEG: [&[u8]; 2] = [
    b"\xff\xd8\xff\xe1",
    b"\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xda\0\x08\x01\x01\0\0\x3f\0",
];

fuzz_target!(|data: &[u8]| {
    let data = &data[..data.len().min(60_000)];
    let value = exif::orientation(data);
    assert!((1..=8).contains(&value));
    let len = (data.len() as u32).to_be_bytes();
    let png = [PNG[0], &len, b"eXIf", data, PNG[1]].concat();
    let len = (data.len() as u16 + 8).to_be_bytes();
    let jpeg = [JPEG[0], &len, b"Exif\0\0", data, JPEG[1]].concat();
    for file in [png, jpeg] {
        assert_eq!(probe(&file).unwrap().orientation, Orientation::from_exif(value));
    }
});
