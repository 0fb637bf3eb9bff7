//! Signatures of addresses.
//!
//! A signature is the ID of a secret (one of `0-9A-Za-z`), then the first bytes of the
//! HMAC-SHA256 (RFC 2104) of a message in unpadded base64url (RFC 4648, 5). The verifier
//! decides how many bytes, never the signature. Nothing here copies or prints a secret, takes
//! heap, or touches anything but its arguments.

use core::fmt;
use ctutils::CtEq;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::encoding::base64url;

/// Bytes of an HMAC-SHA256.
pub const MAC_BYTES: usize = 32;

/// Characters of the longest signature.
pub const MAX_LEN: usize = 1 + base64url::encoded_len(MAC_BYTES);

/// A secret with its ID.
#[derive(Clone, Copy)]
pub struct Key<'a> {
    /// The first character of every signature made with this key.
    /// INVARIANT: an ASCII letter or digit.
    pub(crate) id: u8,
    /// INVARIANT: not empty.
    text: &'a [u8],
}

/// Why a text is not a [`Key`]; the messages explain each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyError {
    Empty,
    Id,
}

impl<'a> Key<'a> {
    /// Parses `ID:TEXT` (one character, then a colon), or `TEXT` alone, whose ID is `0`.
    ///
    /// # Errors
    ///
    /// [`KeyError`]; an empty text would be no secret.
    pub fn parse(text: &'a [u8]) -> Result<Self, KeyError> {
        let (id, text) = match first_character(text) {
            Some(len) if text.get(len) == Some(&b':') => (text[0], &text[len + 1..]),
            _ => (b'0', text),
        };
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if id.is_ascii_alphanumeric() { Ok(Self { id, text }) } else { Err(KeyError::Id) }
    }

    /// An upper bound of the secret's entropy in bits: as if every character were drawn from
    /// those that occur. One signed address is enough to test guesses against.
    pub(crate) fn bits(&self) -> usize {
        let mut occurs = [false; 256];
        self.text.iter().for_each(|&byte| occurs[usize::from(byte)] = true);
        let characters = occurs.iter().filter(|&&occurs| occurs).count() as u64;
        // In quarters of a bit: 256 to the fourth power fits in 64 bits.
        self.text.len() * characters.pow(4).ilog2() as usize / 4
    }
}

/// Keeps the key out of log lines and panic messages.
impl fmt::Debug for Key<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Key(..)")
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Empty => "a secret is empty",
            Self::Id => "the ID of a secret, before its colon, must be one of 0-9, A-Z, a-z",
        })
    }
}

/// Bytes of the first character, if `text` starts with UTF-8.
fn first_character(text: &[u8]) -> Option<usize> {
    if text.first()?.is_ascii() {
        return Some(1);
    }
    text.utf8_chunks().next()?.valid().chars().next().map(char::len_utf8)
}

/// A signature, as it appears in addresses.
#[derive(Clone, Copy)]
pub struct Signature {
    /// INVARIANT: ASCII.
    text: [u8; MAX_LEN],
    /// INVARIANT: at most [`MAX_LEN`].
    len: usize,
}

impl Signature {
    /// The signature as ASCII; no character needs percent-encoding.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text[..self.len]
    }

    /// The signature as text.
    ///
    /// # Panics
    ///
    /// Never: a signature is ASCII.
    pub fn as_str(&self) -> &str {
        str::from_utf8(self.as_bytes()).expect("a signature is ASCII")
    }

    fn push(&mut self, character: u8) {
        self.text[self.len] = character;
        self.len += 1;
    }
}

/// The message has not been signed with any of the keys. The reason is not revealed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SignatureError;

/// Signs the concatenation of `parts`. The signature has the first `bytes` bytes of the HMAC,
/// at most [`MAC_BYTES`].
///
/// # Panics
///
/// Never: an HMAC takes keys of any length.
#[must_use]
pub fn sign(key: &Key<'_>, parts: &[&[u8]], bytes: usize) -> Signature {
    let mut hmac =
        Hmac::<Sha256>::new_from_slice(key.text).expect("an HMAC takes keys of any length");
    for part in parts {
        hmac.update(part);
    }
    let mac: [u8; MAC_BYTES] = hmac.finalize().into_bytes().into();
    let mut signature = Signature { text: [0; MAX_LEN], len: 0 };
    signature.push(key.id);
    base64url::encode(&mac[..bytes.min(MAC_BYTES)], |character| signature.push(character));
    signature
}

/// Costs the same work as a key, and signs with an ID that none can have.
const NO_KEY: Key<'_> = Key { id: b'!', text: b"no such key" };

/// Checks that `segment` is what [`sign`] makes with one of `keys`.
///
/// Takes one HMAC, even for an ID that no key has, so the time reveals nothing. The right
/// signature is compared as text, in constant time, so only its canonical spelling is
/// accepted: no padding, no other alphabet, no spare bits.
///
/// # Errors
///
/// [`SignatureError`].
pub fn verify<'a>(
    keys: impl IntoIterator<Item = Key<'a>>,
    segment: &[u8],
    parts: &[&[u8]],
    bytes: usize,
) -> Result<(), SignatureError> {
    let id = segment.first().copied();
    let key = keys.into_iter().find(|key| Some(key.id) == id);
    let right = sign(&key.unwrap_or(NO_KEY), parts, bytes);
    if right.as_bytes().ct_eq(segment).to_bool() && key.is_some() {
        Ok(())
    } else {
        Err(SignatureError)
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, KeyError, MAC_BYTES, SignatureError, sign, verify};
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use std::vec::Vec;
    use std::{format, vec};

    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    fn key(text: &[u8]) -> Key<'_> {
        Key::parse(text).unwrap()
    }

    /// The bits of a signature after its ID.
    fn bits(signature: &[u8]) -> Vec<bool> {
        let six = |c: &u8| ALPHABET.iter().position(|a| a == c).unwrap();
        let bits = |c| (0..6).rev().map(move |bit| six(c) >> bit & 1 == 1);
        signature[1..].iter().flat_map(bits).collect()
    }

    #[track_caller]
    fn check(secret: &[u8], message: &[u8], hex: &str) {
        let signature = sign(&key(secret), &[message], hex.len() / 2);
        let nibble = |c: char| c.to_digit(16).unwrap();
        let mut want: Vec<bool> = hex
            .chars()
            .flat_map(|c| (0..4).rev().map(move |bit| nibble(c) >> bit & 1 == 1))
            .collect();
        want.resize(want.len().next_multiple_of(6), false);
        assert_eq!(bits(signature.as_bytes()), want);
    }

    /// RFC 4231, 4.2 to 4.8. No key there starts with an ID and a colon.
    #[test]
    #[rustfmt::skip]
    fn agrees_with_the_vectors_of_rfc_4231() {
        let counting: Vec<u8> = (1..=25).collect();
        let long = b"Test Using Larger Than Block-Size Key - Hash Key First";
        let longer = b"This is a test using a larger than block-size key and a larger than \
            block-size data. The key needs to be hashed before being used by the HMAC algorithm.";
        let cases: [(&[u8], &[u8], &str); 7] = [
            (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
            (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
            (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
            (&counting, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
            (&[0x0c; 20], b"Test With Truncation", "a3b6167473100ee06e0c796c2955552b"),
            (&[0xaa; 131], long, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
            (&[0xaa; 131], longer, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
        ];
        for (secret, message, hex) in cases {
            check(secret, message, hex);
        }
    }

    #[test]
    fn entropy_depends_on_length_and_distinct_characters() {
        for (text, bits) in [("a", 0), ("aaaaaaaaaaaaaaaa", 0), ("abab", 4), ("abcabc", 9)] {
            assert_eq!(key(text.as_bytes()).bits(), bits, "{text}");
        }
        assert_eq!(key(b"x:correct horse").bits(), 39);
        let every: Vec<u8> = (0..=255).collect();
        assert_eq!(key(&every).bits(), 8 * 256);
    }

    #[test]
    fn parses_secrets_with_and_without_an_id() {
        for (text, want) in [
            ("a:b", Ok((b'a', "b"))),
            ("Z::", Ok((b'Z', ":"))),
            ("long", Ok((b'0', "long"))),
            ("ab:c", Ok((b'0', "ab:c"))),
            ("x", Ok((b'0', "x"))),
            (":x", Ok((b'0', ":x"))),
            ("", Err(KeyError::Empty)),
            ("a:", Err(KeyError::Empty)),
            ("-:x", Err(KeyError::Id)),
            ("::x", Err(KeyError::Id)),
            ("é:x", Err(KeyError::Id)),
        ] {
            let got = Key::parse(text.as_bytes()).map(|key| (key.id, key.text));
            assert_eq!(got, want.map(|(id, text)| (id, text.as_bytes())), "{text}");
        }
    }

    #[test]
    fn debug_hides_the_key() {
        assert_eq!(format!("{:?}", key(b"a:hush")), "Key(..)");
    }

    #[test]
    fn each_key_verifies_its_own_signatures() {
        let (a, b, other) = (key(b"a:one"), key(b"b:two"), key(b"a:two"));
        let by = |key: &Key<'_>| sign(key, &[b"m"], 16);
        for signed in [&a, &b] {
            assert_eq!(verify([a, b], by(signed).as_bytes(), &[b"m"], 16), Ok(()));
        }
        assert_eq!(verify([a, b], by(&other).as_bytes(), &[b"m"], 16), Err(SignatureError));
        assert_eq!(verify([b], by(&a).as_bytes(), &[b"m"], 16), Err(SignatureError));
        assert_eq!(verify([], by(&a).as_bytes(), &[b"m"], 16), Err(SignatureError));
    }

    /// Nor does the signature that an unknown ID is compared with.
    #[test]
    fn an_unknown_id_never_verifies() {
        let dummy = sign(&super::NO_KEY, &[b"m"], 16);
        assert_eq!(verify([key(b"a:one")], dummy.as_bytes(), &[b"m"], 16), Err(SignatureError));
        assert_eq!(verify([], dummy.as_bytes(), &[b"m"], 16), Err(SignatureError));
    }

    #[test]
    fn spare_bits_padding_and_other_lengths_are_refused() {
        let key = key(b"k");
        let right = sign(&key, &[b"m"], 16);
        let mut spare = right.as_bytes().to_vec();
        let last = ALPHABET.iter().position(|c| c == spare.last().unwrap()).unwrap();
        *spare.last_mut().unwrap() = ALPHABET[last | 1];
        let standard = right.as_str().replace('-', "+").replace('_', "/").into_bytes();
        let mut segments = vec![Vec::new(), vec![b'0'], spare];
        segments.push([right.as_bytes(), b"=="].concat());
        segments.push([right.as_bytes(), b"A"].concat());
        segments.push(right.as_bytes()[..right.as_bytes().len() - 1].to_vec());
        segments.extend((standard != right.as_bytes()).then_some(standard));
        segments.push(sign(&key, &[b"m"], 15).as_bytes().to_vec());
        segments.push(sign(&key, &[b"m"], 32).as_bytes().to_vec());
        for segment in segments {
            assert_eq!(verify([key], &segment, &[b"m"], 16), Err(SignatureError), "{segment:?}");
        }
    }

    proptest! {
        #[test]
        fn a_signature_verifies_however_the_message_is_split(
            secret: [u8; 9], message: Vec<u8>, cut: usize, bytes in 6..=MAC_BYTES,
        ) {
            let secret = [b"a:s", &secret[..]].concat();
            let key = key(&secret);
            let signature = sign(&key, &[&message], bytes);
            prop_assert_eq!(signature.as_bytes().len(), 1 + (bytes * 8).div_ceil(6));
            let (front, back) = message.split_at(cut % (message.len() + 1));
            prop_assert!(verify([key], signature.as_bytes(), &[front, back], bytes).is_ok());
        }

        #[test]
        fn one_changed_bit_is_refused(
            secret: [u8; 9], message: Vec<u8>, bytes in 6..=MAC_BYTES, at: usize, bit in 0..8,
        ) {
            let secret = [b"a:s", &secret[..]].concat();
            let key = key(&secret);
            let mut segment = sign(&key, &[&message], bytes).as_bytes().to_vec();
            let mut other = message.clone();
            other.push(0);
            prop_assert_eq!(verify([key], &segment, &[&other], bytes), Err(SignatureError));
            let at = at % segment.len();
            segment[at] ^= 1u8 << bit;
            prop_assert_eq!(verify([key], &segment, &[&message], bytes), Err(SignatureError));
        }
    }
}
