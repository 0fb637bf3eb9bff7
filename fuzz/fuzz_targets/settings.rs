//! Any text is settings, or has a mistake in a line that it has.
#![no_main]
use libfuzzer_sys::fuzz_target;
use picosite::facade::settings::Settings;
use picosite::facade::settings::Source;

fuzz_target!(|text: &[u8]| {
    let mut settings = Settings::default();
    match settings.read(text, Source::File) {
        Ok(()) => assert!((6..=32).contains(&settings.signature_bytes) && settings.workers > 0),
        Err(mistake) => assert!(text.split(|&b| b == b'\n').count() >= mistake.line),
    }
    let _ = (settings.gallery_pages.allow(text), settings.secrets.and_file(text));
});
