//! No segment verifies but the one that `sign` makes, and none makes `verify` panic.
#![no_main]
use libfuzzer_sys::fuzz_target;
use picosite::sign::{Key, sign, verify};

fuzz_target!(|input: (&[u8], &[u8], &[u8], u8)| {
    let (secret, segment, message, bytes) = (input.0, input.1, input.2, 6 + usize::from(input.3 % 27));
    let Ok(key) = Key::parse(secret) else { return };
    let right = sign(&key, &[message], bytes);
    let holds = verify([key], segment, &[message], bytes).is_ok();
    assert_eq!(holds, segment == right.as_bytes());
});
