//! Any text is a transform or none; one that is has a geometry within its limits.
#![no_main]
use libfuzzer_sys::fuzz_target;
use picosite::facade::thumbs::Crop;
use picosite::facade::thumbs::geometry;
use picosite::facade::thumbs::Transform;

fuzz_target!(|input: (u32, u32, u16, &[u8])| {
    let Ok(transform) = Transform::parse(input.3) else { return };
    let (width, height) = (input.0.max(1), input.1.max(1));
    let Ok(shape) = geometry(&transform, (width, height), input.2.into()) else { return };
    assert!((1..=u32::from(input.2)).contains(&shape.width.max(shape.height)));
    let (width, height) = if transform.turns % 2 == 0 { (width, height) } else { (height, width) };
    assert!(shape.crop.left + shape.crop.width <= u64::from(width) * Crop::PIXEL);
    assert!(shape.crop.top + shape.crop.height <= u64::from(height) * Crop::PIXEL);
});
