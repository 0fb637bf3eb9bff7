//! No file makes the decoder panic, take more than its budget, or give fewer rows than it said.
#![no_main]
use picosite::jpeg::Chroma;
use picosite::jpeg::Decoder;
use picosite::jpeg::Extents;
use picosite::jpeg::Header;
use picosite::jpeg::Scale;
use picosite::jpeg::Strips;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    let Ok(header) = Header::parse(file) else { return };
    let _ = (header.exif(), header.colour_profile().count());
    for scale in [Scale::Eighth, Scale::Quarter, Scale::ThreeEighths, Scale::Half, Scale::Full] {
        read_components(&header, scale);
        let Ok(mut decoder) = Decoder::new(&header, scale, 1 << 20) else { continue };
        let mut row = vec![0; decoder.row_length()];
        let rows = (0..).map_while(|_| decoder.next_row(&mut row).ok()).take_while(|&row| row);
        assert!(rows.count() <= decoder.height());
    }
});

fn read_components(header: &Header<'_>, scale: Scale) {
    let Ok(extents) = Extents::new(header, scale, Chroma::Halved) else { return };
    let Ok(mut strips) = Strips::new(header, scale, Chroma::Halved, 1 << 20) else { return };
    let mut rows = vec![0; extents.components.len()];
    while let Ok(true) = strips.read() {
        for (n, (rows, extent)) in rows.iter_mut().zip(&extents.components).enumerate() {
            *rows += strips.rows(n).inspect(|row| assert_eq!(row.len(), extent.width)).count();
            assert!(*rows <= extent.height);
        }
    }
}
