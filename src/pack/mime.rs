//! Media types by file extension, in the table `mime.types` that web servers read too.

use std::borrow::ToOwned;
use std::format;
use std::string::String;

/// The `Content-Type` of the file `name`. Text is UTF-8, and says so: browsers guess the
/// charset otherwise.
pub(super) fn content_type(name: &str) -> String {
    let media_type = media_type(name);
    if media_type.starts_with("text/") {
        format!("{media_type}; charset=utf-8")
    } else {
        media_type.to_owned()
    }
}

/// The media type of the file `name`, whatever the case of its extension.
fn media_type(name: &str) -> &'static str {
    let file = name.rsplit('/').next().unwrap_or(name);
    let extension = file.rsplit_once('.').map_or("", |(_, end)| end);
    let is_known = |known: &str| known.eq_ignore_ascii_case(extension);
    let mut types = types().filter(|(_, extensions)| extensions.split(' ').any(is_known));
    types.next().map_or("application/octet-stream", |(media_type, _)| media_type)
}

/// Media types, each with its extensions.
fn types() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("mime.types").lines().filter_map(|line| line.split_once('\t'))
}

/// Whether files with this extension are compressed already. Another compression would not
/// save a tenth, except for a few that nobody puts on the web.
pub(super) fn is_compressed(name: &str) -> bool {
    let kind = media_type(name);
    let plain = ["image/svg+xml", "image/bmp", "image/tiff", "image/vnd.microsoft.icon"];
    ["image/", "audio/", "video/", "font/woff", "application/pdf", "application/zip"]
        .iter()
        .any(|packed| kind.starts_with(packed) && !plain.contains(&kind))
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::{content_type, types};

    #[test]
    fn an_extension_has_one_type() {
        let mut extensions: Vec<_> = types().flat_map(|(_, all)| all.split(' ')).collect();
        assert_eq!(extensions.len(), 122);
        extensions.sort_unstable();
        for pair in extensions.windows(2) {
            assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
        }
    }

    #[test]
    fn text_has_a_charset_and_nothing_else_does() {
        for extension in types().flat_map(|(_, all)| all.split(' ')) {
            let value = content_type(&std::format!("a.{extension}"));
            let (media, parameters) = value.split_once(';').unwrap_or((&value, ""));
            let charset = if media.starts_with("text/") { " charset=utf-8" } else { "" };
            assert_eq!(parameters, charset, "{extension}");
        }
    }

    #[track_caller]
    fn check(name: &str, want: &str) {
        assert_eq!(content_type(name), want, "{name}");
    }

    #[test]
    fn the_last_extension_of_the_last_segment_counts() {
        check("index.html", "text/html; charset=utf-8");
        check("a.b/style.min.css", "text/css; charset=utf-8");
        check("PHOTO.JPG", "image/jpeg");
        check("site.tar.gz", "application/gzip");
        check("a.html/b", "application/octet-stream");
    }

    #[test]
    fn an_unknown_extension_is_an_octet_stream() {
        check("README", "application/octet-stream");
        check("x.unheard-of", "application/octet-stream");
        check("dot.", "application/octet-stream");
        check("html", "application/octet-stream");
    }
}
