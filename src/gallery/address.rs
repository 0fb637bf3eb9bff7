//! The addresses on a page: of galleries, and of signed thumbnails. Percent-encoded; as an
//! attribute's value the template escapes them.

use core::convert::Infallible;
use core::fmt::{self, Display};
use std::format;
use std::string::String;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::cgi::target::Mount;
use crate::site::location;
use crate::thumbs::address::signature;
use crate::thumbs::address::signature::{Key, Signature};

/// All that has, or had once, a meaning somewhere. What is left is unreserved (RFC 3986,
/// 2.3), and the slash between names.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'/').remove(b'_').remove(b'~');

/// A path or a name as it stands in an address.
pub(super) fn encoded(path: &[u8]) -> impl Display {
    percent_encode(path, ENCODED)
}

/// The mount point, as it stands in front of every address.
pub(super) fn mount(mount: Mount<'_>) -> String {
    let mut text = String::new();
    let Ok(()) = location::write_mount(mount, &mut |piece| {
        // It is percent-encoded, thus ASCII.
        text.extend(piece.iter().copied().map(char::from));
        Ok::<_, Infallible>(())
    });
    text
}

/// What signs the thumbnails of a page.
pub(super) struct Signer<'a> {
    pub(super) key: Key<'a>,
    /// Bytes of a signature.
    pub(super) bytes: usize,
}

/// A thumbnail's transform, signed for one photo: the address from the mount point to the
/// photo's path.
pub(super) struct Thumb {
    transform: String,
    signature: Signature,
}

impl Signer<'_> {
    /// Signs a transform of the photo at `path` below the galleries: `size` with its words,
    /// and as `v` the photo's time.
    pub(super) fn thumb(&self, size: &str, seconds: i64, path: &[u8]) -> Thumb {
        let transform = format!("{size},v{}", Base36(seconds));
        let message = [&b"/thumb/"[..], transform.as_bytes(), b"/", path];
        Thumb { signature: signature::sign(&self.key, &message, self.bytes), transform }
    }
}

impl Display for Thumb {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "/thumb/{}/{}/", self.signature.as_str(), self.transform)
    }
}

/// A time in seconds as digits and lower-case letters, 13 at most; one before 1970 as the
/// number that has the same bits.
struct Base36(i64);

impl Display for Base36 {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [0; 13];
        let mut start = text.len();
        let mut left = self.0.cast_unsigned();
        loop {
            start -= 1;
            text[start] = b"0123456789abcdefghijklmnopqrstuvwxyz"[(left % 36) as usize];
            left /= 36;
            if left == 0 {
                break;
            }
        }
        text[start..].iter().try_for_each(|&digit| write!(out, "{}", char::from(digit)))
    }
}

#[cfg(test)]
mod tests {
    use super::{Base36, Signer, encoded, mount};
    use crate::cgi::target::Mount;
    use crate::thumbs::address::signature::{Key, verify};
    use std::string::ToString;

    #[test]
    fn times_become_digits_and_letters() {
        for (seconds, want) in [
            (0, "0"),
            (35, "z"),
            (36, "10"),
            (1_700_000_000, "s44we8"),
            (i64::MAX, "1y2p0ij32e8e7"),
            (-1, "3w5e11264sgsf"),
        ] {
            assert_eq!(Base36(seconds).to_string(), want);
        }
    }

    #[test]
    fn names_are_encoded_for_addresses() {
        let name = "a/b c%,ü\"'<&>#?;=+@~-_.jpg".as_bytes();
        let want = "a/b%20c%25%2C%C3%BC%22%27%3C%26%3E%23%3F%3B%3D%2B%40~-_.jpg";
        assert_eq!(encoded(name).to_string(), want);
        assert_eq!(encoded(b"\xff\n").to_string(), "%FF%0A");
    }

    #[test]
    fn the_mount_point_begins_with_one_slash_or_is_empty() {
        assert_eq!(mount(Mount::Raw(b"")), "");
        assert_eq!(mount(Mount::Raw(b"/cgi-bin/my%20site.cgi")), "/cgi-bin/my%20site.cgi");
        assert_eq!(mount(Mount::Decoded(b"/my site")), "/my%20site");
        assert_eq!(mount(Mount::Raw(b"//evil.example/<\xff")), "/evil.example/%3C%FF");
    }

    #[test]
    fn a_thumbnail_is_signed_as_its_address_says() {
        let key = Key::parse(b"a:secret").unwrap();
        let signer = Signer { key, bytes: 16 };
        let address = signer.thumb("480x320,fill", 36, b"g/a b.jpg").to_string();
        let (_, rest) = address.split_once("/thumb/").unwrap();
        let (signature, transform) = rest.split_once('/').unwrap();
        assert_eq!(transform, "480x320,fill,v10/");
        let message: [&[u8]; 2] = [b"/thumb/480x320,fill,v10/", b"g/a b.jpg"];
        assert_eq!(verify([key], signature.as_bytes(), &message, 16), Ok(()));
    }
}
