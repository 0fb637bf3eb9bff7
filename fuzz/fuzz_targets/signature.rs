//! No segment verifies but the one that `sign` makes, and none makes `verify` panic; not one
//! that differs in a byte or in its length either.
#![no_main]
use libfuzzer_sys::fuzz_target;
use picosite::facade::thumbs::Key;
use picosite::facade::thumbs::sign;
use picosite::facade::thumbs::verify;

fuzz_target!(|input: (&[u8], &[u8], &[u8], u8, u8, u8)| {
    let (secret, segment, message, bytes, place, byte) = input;
    let Ok(key) = Key::parse(secret) else { return };
    let bytes = 6 + usize::from(bytes % 27);
    let right = sign(&key, &[message], bytes);
    let right = right.as_str().as_bytes();
    let (front, back) = right.split_at(usize::from(place) % right.len());
    let changed = [front, &[byte], &back[1..]].concat();
    for segment in [segment, &changed, front, &[right, &[byte]].concat(), right] {
        let holds = verify([key], segment, &[message], bytes).is_ok();
        assert_eq!(holds, segment == right);
    }
});
