//! The cdb format (<https://cr.yp.to/cdb/cdb.txt>).

/// Two 32-bit little-endian numbers: the lengths of a key and its value, or a hash and a position.
#[expect(clippy::cast_possible_truncation, reason = "each half is one number")]
pub(crate) fn words(pair: [u8; 8]) -> (u32, u32) {
    let pair = u64::from_le_bytes(pair);
    (pair as u32, (pair >> 32) as u32)
}

/// The hash of a key: h = 33 h ^ c, starting with 5381.
pub(crate) fn hash(key: &[u8]) -> u32 {
    key.iter().fold(5381, |hash: u32, &byte| hash.wrapping_mul(33) ^ u32::from(byte))
}
