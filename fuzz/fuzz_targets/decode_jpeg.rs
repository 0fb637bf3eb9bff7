//! No file makes the decoder panic, take more than its budget, or give fewer rows than it said.
#![no_main]
use picosite::jpeg::{Decoder, Header, Scale};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Ok(header) = Header::parse(file) else { return };
    let _ = (header.exif(), header.colour_profile().count());
    for scale in [Scale::Eighth, Scale::Quarter, Scale::Half, Scale::Full] {
        let Ok(mut decoder) = Decoder::new(&header, scale, 1 << 20) else { continue };
        let mut row = vec![0; decoder.row_length()];
        let rows = (0..).map_while(|_| decoder.next_row(&mut row).ok()).take_while(|&row| row);
        assert!(rows.count() <= decoder.height());
    }
});
