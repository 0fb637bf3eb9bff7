//! Addresses on a page, of galleries and signed thumbnails: percent-encoded, but not escaped
//! for HTML, which the template does.

use core::convert::Infallible;
use core::fmt::{self, Display};
use std::format;
use std::string::String;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use crate::cgi::target::Mount;
use crate::site::location;
use crate::thumbs::address::signature;
use crate::thumbs::address::signature::Key;

/// Everything but the unreserved characters (RFC 3986, 2.3) and the slash between names.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'/').remove(b'_').remove(b'~');

/// Percent-encodes a path or a name.
pub(super) fn encoded(path: &[u8]) -> impl Display {
    percent_encode(path, ENCODED)
}

/// The mount point, which precedes every address.
pub(super) fn mount(mount: Mount<'_>) -> String {
    let mut text = String::new();
    let Ok(()) = location::write_mount(mount, &mut |piece| {
        // Percent-encoded, so ASCII.
        text.extend(piece.iter().copied().map(char::from));
        Ok::<_, Infallible>(())
    });
    text
}

/// The part of a thumbnail's address between the mount point and the photo's path: the transform
/// `size`, with the photo's mtime as its `v`, signed for the photo at `path` below the galleries.
pub(super) fn thumb(
    key: &Key<'_>,
    signature_bytes: usize,
    size: &str,
    seconds: i64,
    path: &[u8],
) -> String {
    let transform = format!("{size},v{}", Base36(seconds));
    let message = [&b"/thumb/"[..], transform.as_bytes(), b"/", path];
    let signature = signature::sign(key, &message, signature_bytes);
    format!("/thumb/{}/{transform}/", signature.as_str())
}

/// Displays a time in seconds in base 36, at most 13 characters. Times before 1970 are
/// reinterpreted as unsigned.
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
    use super::{Base36, encoded, mount, thumb};
    use crate::cgi::target::Mount;
    use crate::thumbs::address::signature::{Key, verify};
    use std::string::ToString;

    #[test]
    fn times_are_in_base_36() {
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
    fn names_are_percent_encoded() {
        let name = "a/b c%,ü\"'<&>#?;=+@~-_.jpg".as_bytes();
        let want = "a/b%20c%25%2C%C3%BC%22%27%3C%26%3E%23%3F%3B%3D%2B%40~-_.jpg";
        assert_eq!(encoded(name).to_string(), want);
        assert_eq!(encoded(b"\xff\n").to_string(), "%FF%0A");
    }

    #[test]
    fn the_mount_point_starts_with_one_slash_or_is_empty() {
        assert_eq!(mount(Mount::Raw(b"")), "");
        assert_eq!(mount(Mount::Raw(b"/cgi-bin/my%20site.cgi")), "/cgi-bin/my%20site.cgi");
        assert_eq!(mount(Mount::Decoded(b"/my site")), "/my%20site");
        assert_eq!(mount(Mount::Raw(b"//evil.example/<\xff")), "/evil.example/%3C%FF");
    }

    #[test]
    fn the_signature_covers_the_address_as_written() {
        let key = Key::parse(b"a:secret").unwrap();
        let address = thumb(&key, 16, "480x320,fill", 36, b"g/a b.jpg");
        let (_, rest) = address.split_once("/thumb/").unwrap();
        let (signature, transform) = rest.split_once('/').unwrap();
        assert_eq!(transform, "480x320,fill,v10/");
        let message: [&[u8]; 2] = [b"/thumb/480x320,fill,v10/", b"g/a b.jpg"];
        assert_eq!(verify([key], signature.as_bytes(), &message, 16), Ok(()));
    }
}
