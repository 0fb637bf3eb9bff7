//! The header of a thumbnail.

use crate::encoding::decimal::Digits;
use crate::http::block::Composer;
use crate::http::date;
use crate::thumbs::address::transform::Format;
use crate::thumbs::resolve::Thumbnail;

/// Composes the header block of a thumbnail of `len` bytes.
pub fn compose(header: &mut Composer, thumbnail: &Thumbnail, format: Format, len: usize) {
    let validators = thumbnail.validators();
    let date = date::format(validators.modified);
    let max_age = Digits::new(thumbnail.max_age_secs as usize);
    let immutable = if thumbnail.immutable { &IMMUTABLE[..] } else { &END[..2] };
    let fields =
        [&ETAG[..], validators.etag, &MODIFIED, &date, &MAX_AGE, max_age.as_bytes(), immutable];
    let content: &[u8] = match format {
        Format::Jpeg => &JPEG,
        Format::Png => b"Content-Type: image/png\r\n",
    };
    header.compose(&OK, &fields, &[content], &[&LENGTH, Digits::new(len).as_bytes(), &END]);
}

/// Statics by name, which src/sys/image.ld places next to the code: a constant elsewhere is a
/// page fault.
macro_rules! texts {
    ($($name:ident = $text:literal;)+) => {
        $(#[used] static $name: [u8; $text.len()] = *$text;)+
    };
}

texts! {
    OK = b"Status: 200 OK\r\n";
    ETAG = b"X-Content-Type-Options: nosniff\r\nETag: ";
    MODIFIED = b"\r\nLast-Modified: ";
    MAX_AGE = b"\r\nCache-Control: public, max-age=";
    IMMUTABLE = b", immutable\r\n";
    JPEG = b"Content-Type: image/jpeg\r\n";
    LENGTH = b"Content-Length: ";
    END = b"\r\n\r\n";
}
