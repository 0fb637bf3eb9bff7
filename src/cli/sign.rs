//! `picosite sign`: signed addresses, percent-encoded for a page.

use core::convert::Infallible;
use std::borrow::ToOwned;
use std::format;
use std::string::String;
use std::vec::Vec;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::cgi::target::Mount;
use crate::encoding::decimal;
use crate::site::location::write_mount;
use crate::sys::clock::Now;
use crate::thumbs::address::transform::Transform;
use crate::thumbs::address::{geometry, signature};

use crate::cli::call::{Call, CommandError};

/// Everything but what a path (RFC 3986, 3.3), an HTML attribute and `srcset` all take
/// literally. `srcset` takes a comma inside an address.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/').remove(b',');

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let mount = percent_encoded(call.arguments.value("--mount").unwrap_or_default())?;
    let (settings, secrets) = call.secrets()?;
    let no_secret = "there is no secret to sign with: see picosite secret";
    let key = secrets.keys().next().ok_or_else(|| CommandError::failed(no_secret))?;
    let now = Now::from_clock().0;
    // Nothing is printed if any of them is wrong.
    let check = |path: &&str| check(path, now, settings.max_side_pixels);
    let paths: Vec<String> = call.arguments.operands.iter().map(check).collect::<Result<_, _>>()?;
    for path in paths {
        let message = [b"/thumb/", path.as_bytes()];
        let signature = signature::sign(&key, &message, settings.signature_bytes);
        let path = utf8_percent_encode(&path, ENCODED);
        writeln!(call.out, "{mount}/thumb/{}/{path}", signature.as_str())?;
    }
    Ok(())
}

/// A mount point (a path, perhaps after `https://HOST`), percent-encoded. Existing escapes
/// stay.
fn percent_encoded(mount: &str) -> Result<String, CommandError> {
    let (host, path) = match mount.find("://") {
        Some(at) => mount.split_at(mount[at + 3..].find('/').map_or(mount.len(), |to| at + 3 + to)),
        None => ("", mount),
    };
    if !path.is_empty() && !path.starts_with('/') || path.contains(['?', '#']) {
        let text = format!("--mount {mount}: must begin with / or https:// and have no query");
        return Err(CommandError::Usage(text));
    }
    let mut encoded = Vec::from(host);
    let written = write_mount(Mount::Raw(path.as_bytes()), &mut |piece| {
        encoded.extend_from_slice(piece);
        Ok::<(), Infallible>(())
    });
    let Ok(()) = written;
    Ok(String::from_utf8(encoded).expect("percent-encoding keeps UTF-8 valid"))
}

/// The path to sign, with `exp+7d` made absolute. Refuses one that would be answered with
/// an error whatever photos exist.
fn check(path: &str, now: u64, max_size: u32) -> Result<String, CommandError> {
    let wrong = |what: &str| CommandError::Usage(format!("{path}: {what}"));
    let (words, photo) = path.split_once('/').ok_or_else(|| wrong("no / after the transform"))?;
    let words: Result<Vec<String>, CommandError> = words
        .split(',')
        .map(|word| match word.strip_prefix("exp+") {
            None => Ok(word.to_owned()),
            Some(time) => match seconds(time).and_then(|seconds| now.checked_add(seconds)) {
                Some(time) => Ok(format!("exp{time}")),
                None => Err(wrong("exp+ takes a number and m, h or d, as in exp+7d")),
            },
        })
        .collect();
    let words = words?.join(",");
    let transform = Transform::parse(words.as_bytes()).map_err(|bad| wrong(bad.as_str()))?;
    geometry::check_asked(&transform, max_size)
        .map_err(|geometry::SizeError| wrong("a side is longer than the setting max-size"))?;
    let mut names = photo.split('/');
    if names.clone().count() < 2 || names.any(|name| name.is_empty() || name.starts_with('.')) {
        return Err(wrong(
            "GALLERY/IMAGE follows the transform; no name is empty or begins with a .",
        ));
    }
    Ok(format!("{words}/{photo}"))
}

/// The seconds in `7d`.
fn seconds(text: &str) -> Option<u64> {
    let unit = match text.chars().last()? {
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let digits = &text[..text.len() - 1];
    decimal::parse(digits.as_bytes())?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::{CommandError, check};

    #[track_caller]
    fn checked(path: &str) -> Result<std::string::String, bool> {
        check(path, 1000, 2048).map_err(|error| matches!(error, CommandError::Usage(_)))
    }

    #[test]
    fn a_relative_expiry_becomes_absolute() {
        for (path, want) in [
            ("9x9/g/a.jpg", "9x9/g/a.jpg"),
            ("9x9,exp+1m,up/g/a.jpg", "9x9,exp1060,up/g/a.jpg"),
            ("9x9,exp+2h/g/a.jpg", "9x9,exp8200/g/a.jpg"),
            ("9x9,exp+7d/g/h/a.jpg", "9x9,exp605800/g/h/a.jpg"),
            ("9x9,exp5/g/a.jpg", "9x9,exp5/g/a.jpg"),
        ] {
            assert_eq!(checked(path), Ok(want.into()));
        }
    }

    #[test]
    fn does_not_sign_what_would_always_fail() {
        for path in [
            "",
            "9x9",
            "9x9/",
            "9x9/a.jpg",
            "/g/a.jpg",
            "9/g/a.jpg",
            "9x9,exp+7/g/a.jpg",
            "9x9,exp+d/g/a.jpg",
            "9x9,exp+7w/g/a.jpg",
            "9x9,exp++7d/g/a.jpg",
            "9x9,exp+7é/g/a.jpg",
            "9x9,exp+99999999999999999999d/g/a.jpg",
            "9x9,exp+1d,exp+2d/g/a.jpg",
            "2049x1/g/a.jpg",
            "9x9/g//a.jpg",
            "9x9/g/../a.jpg",
            "9x9/.g/a.jpg",
            "9x9/g/a.jpg/",
        ] {
            assert_eq!(checked(path), Err(true), "{path}");
        }
    }
}
