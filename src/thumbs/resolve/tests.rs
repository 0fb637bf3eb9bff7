#![expect(clippy::disallowed_macros, clippy::disallowed_types, reason = "tests may use the heap")]

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::string::String;
use std::{format, fs, vec};

use tempfile::TempDir;

use crate::error::RequestError;
use crate::http::conditional::Conditions;
use crate::settings::keys::{Secrets, Settings};
use crate::sys::clock::Now;
use crate::thumbs::address::signature::{Key, sign};
use crate::thumbs::address::transform::TransformError;
use crate::thumbs::resolve;
use crate::thumbs::resolve::{Resolved, Thumbnail};

/// A time when the clock is set.
const NOW: Now = Now(u64::MAX / 2);
const SECRETS: &[u8] = b"a:one b:two";

fn galleries() -> TempDir {
    let folder = TempDir::new().unwrap();
    fs::create_dir_all(folder.path().join("g/h")).unwrap();
    fs::write(folder.path().join("g/h/beach day.jpg"), "photo").unwrap();
    folder
}

fn settings(galleries: &Path) -> Settings<'_> {
    let galleries = galleries.as_os_str().as_bytes();
    Settings { galleries, secrets: Secrets::parse(SECRETS).unwrap(), ..Settings::default() }
}

/// The address with a signature by the key `id`.
fn signed(id: usize, rest: &str) -> String {
    let key = Key::parse(SECRETS.split(|&b| b == b' ').nth(id).unwrap()).unwrap();
    let message = format!("/thumb/{rest}");
    format!("/thumb/{}/{rest}", sign(&key, &[message.as_bytes()], 16).as_str())
}

#[track_caller]
fn asked(path: &str, settings: &Settings<'_>, now: Now) -> Result<Thumbnail, RequestError> {
    let asked = resolve::asked(path.as_bytes(), settings, &settings.secrets)?;
    let resolved = asked.resolve(settings, &Conditions::default(), Some(now));
    resolved.map(|(thumbnail, _)| thumbnail)
}

#[test]
fn a_signed_address_resolves_to_a_thumbnail() {
    let folder = galleries();
    let settings = settings(folder.path());
    for id in [0, 1] {
        let thumbnail = asked(&signed(id, "32x24/g/h/beach day.jpg"), &settings, NOW).unwrap();
        let stamp = &thumbnail.photo.stamp;
        assert_eq!((stamp.size, thumbnail.max_age_secs), (5, 31_536_000));
        assert_eq!(thumbnail.validators().modified, stamp.modified.0.try_into().unwrap());
        assert!(!thumbnail.immutable);
    }
}

#[test]
fn what_is_wrong_first_is_told_first() {
    let folder = galleries();
    let all = settings(folder.path());
    let none = Settings { secrets: Secrets::default(), ..all };
    let word = RequestError::Transform(TransformError::Word);
    let size = RequestError::Transform(TransformError::Size);
    let good = signed(0, "32x24/g/h/beach day.jpg");
    for (address, want) in [
        (good.replace("32x24", "32x25"), RequestError::Signature),
        (good.replace("beach", "beech"), RequestError::Signature),
        (good.replace("/thumb/a", "/thumb/b"), RequestError::Signature),
        (good.replace("/thumb/a", "/thumb/c"), RequestError::Signature),
        ("/thumb/".into(), RequestError::Signature),
        ("/thumb//32x24/g/a.jpg".into(), RequestError::Signature),
        ("/thumb/a".into(), RequestError::Signature),
        ("/thumb/32x24/g/h/beach day.jpg".into(), RequestError::Signature),
        (signed(0, "32x24,nonsense,exp1/nothing"), word),
        (signed(0, ""), size),
        (signed(0, "/g/h"), size),
        (signed(0, "3000x1,exp1/nothing"), RequestError::Side),
        (signed(0, "32x24,exp1/nothing"), RequestError::Expired),
        (signed(0, "32x24,exp1/g/h/beach day.jpg"), RequestError::Expired),
        (signed(0, "32x24"), RequestError::NoPhoto),
        (signed(0, "32x24/"), RequestError::NoPhoto),
        (signed(0, "32x24/g/h/nothing.jpg"), RequestError::NoPhoto),
        (signed(0, "32x24/g/h"), RequestError::NoPhoto),
        (signed(0, "32x24/beach day.jpg"), RequestError::NoPhoto),
    ] {
        assert_eq!(asked(&address, &all, NOW).unwrap_err(), want, "{address}");
        assert_eq!(asked(&address, &none, NOW).unwrap_err(), RequestError::Signature, "{address}");
    }
    let no_galleries = Settings { galleries: b"", ..all };
    assert_eq!(asked(&good, &no_galleries, NOW).unwrap_err(), RequestError::NoPhoto);
}

#[test]
fn expiry_bounds_how_long_a_thumbnail_may_be_kept() {
    let folder = galleries();
    let settings = settings(folder.path());
    let now = NOW.0;
    let mut got = vec![];
    for words in [
        "v1".into(),
        format!("exp{now}"),
        format!("exp{},v1", now + 60),
        format!("exp{}", now + 31_536_001),
        format!("exp{}", u64::MAX),
    ] {
        let address = signed(0, &format!("32x24,{words}/g/h/beach day.jpg"));
        let thumbnail = asked(&address, &settings, NOW).unwrap();
        got.push((thumbnail.max_age_secs, thumbnail.immutable));
    }
    let year = 31_536_000;
    assert_eq!(got, [(year, true), (0, false), (60, false), (year, false), (year, false)]);
    let late = signed(0, &format!("32x24,exp{}/g/h/beach day.jpg", now - 1));
    assert_eq!(asked(&late, &settings, NOW).unwrap_err(), RequestError::Expired);
}

#[test]
fn without_a_clock_nothing_has_expired() {
    let folder = galleries();
    let settings = settings(folder.path());
    for clock in [Now(0), Now(Now::BUILT - 1)] {
        let address = signed(0, &format!("32x24,exp{}/g/h/beach day.jpg", Now::BUILT - 2));
        let thumbnail = asked(&address, &settings, clock).unwrap();
        assert_eq!(thumbnail.max_age_secs, 0, "nobody knows how long it may be kept");
    }
    let address = signed(0, &format!("32x24,exp{}/g/h/beach day.jpg", Now::BUILT - 2));
    assert_eq!(asked(&address, &settings, Now(Now::BUILT)).unwrap_err(), RequestError::Expired);
}

#[test]
fn only_an_address_that_expires_needs_the_clock() {
    let folder = galleries();
    let settings = settings(folder.path());
    let expires = |rest: &str| {
        let address = signed(0, rest);
        let asked = resolve::asked(address.as_bytes(), &settings, &settings.secrets)?;
        assert_eq!(asked.check_expiry(None).is_err(), asked.expires());
        Ok(asked.expires())
    };
    assert_eq!(expires("32x24/g/h/beach day.jpg"), Ok(false));
    assert_eq!(expires("32x24,exp5/g/h/beach day.jpg"), Ok(true));
    assert_eq!(expires("32x24,exp5,no/g"), Err(RequestError::Transform(TransformError::Word)));
}

#[test]
fn a_photo_dated_in_the_future_was_modified_when_that_was_set() {
    let folder = galleries();
    let photo = folder.path().join("g/h/beach day.jpg");
    // Before 2038: on 32-bit machines, std sets no later times.
    let future = std::time::SystemTime::now() + std::time::Duration::from_secs(1 << 25);
    fs::File::open(photo).unwrap().set_modified(future).unwrap();
    let settings = settings(folder.path());
    let thumbnail = asked(&signed(0, "32x24/g/h/beach day.jpg"), &settings, NOW).unwrap();
    assert!(thumbnail.validators().modified <= Now::from_clock().0);
}

#[test]
fn a_thumbnail_is_known_to_the_visitor_or_has_to_be_made() {
    let folder = galleries();
    let settings = settings(folder.path());
    let address = signed(0, "32x24/g/h/beach day.jpg");
    let asked = resolve::asked(address.as_bytes(), &settings, &settings.secrets).unwrap();
    let resolve = |conditions: &Conditions<'_>| asked.resolve(&settings, conditions, None);
    let (thumbnail, resolved) = resolve(&Conditions::default()).unwrap();
    assert!(matches!(resolved, Resolved::ToMake));
    let etag = thumbnail.validators().etag;
    let known = resolve(&Conditions { if_none_match: etag, ..Conditions::default() }).unwrap().1;
    assert!(matches!(known, Resolved::Known));
    let other = Conditions { if_match: b"\"other\"", ..Conditions::default() };
    assert_eq!(resolve(&other).unwrap_err(), RequestError::Precondition);
}
