//! No file makes the decoder panic, or give more rows than it announced.
#![no_main]
use libfuzzer_sys::fuzz_target;
use picosite::facade::jpeg::{Chroma, Decoder, Header, Orientation, Plan, Scale, Strips};

const MEMORY: usize = 1 << 20;

fuzz_target!(|file: &[u8]| {
    let Ok(header) = Header::parse(file) else { return };
    let orientation = Orientation::from_exif(file.len() as u8 % 9);
    let _ = (header.exif(), header.colour_profile().count());
    for scale in [Scale::Eighth, Scale::Quarter, Scale::ThreeEighths, Scale::Half, Scale::Full] {
        if let Ok(plan) = header.plan(scale, Chroma::Half, orientation) {
            read_components(&plan);
        }
        let Ok(plan) = header.plan(scale, Chroma::Full, orientation) else { continue };
        if Decoder::memory(&plan) > MEMORY {
            continue;
        }
        let Ok(mut decoder) = Decoder::new(&plan) else { continue };
        let mut row = vec![0; decoder.row_bytes()];
        let rows = (0..).map_while(|_| decoder.next_row(&mut row).ok()).take_while(|&row| row);
        assert!(rows.count() <= decoder.height);
    }
});

fn read_components(plan: &Plan<'_>) {
    if Strips::memory(plan) > MEMORY {
        return;
    }
    let Ok(mut strips) = Strips::new(plan) else { return };
    let extents: Vec<_> = plan.extents().collect();
    let mut rows = vec![0; extents.len()];
    while let Ok(true) = strips.read() {
        for (n, (rows, extent)) in rows.iter_mut().zip(&extents).enumerate() {
            *rows += strips.rows(n).inspect(|row| assert_eq!(row.len(), extent.width)).count();
            assert!(*rows <= extent.height);
        }
    }
}
