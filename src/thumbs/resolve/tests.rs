#![expect(clippy::disallowed_macros, clippy::disallowed_types, reason = "tests may use the heap")]

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::string::String;
use std::{format, fs, vec};

use tempfile::TempDir;

use crate::error::Failure;
use crate::settings::keys::{Secrets, Settings};
use crate::sys::clock::Now;
use crate::thumbs::address::signature::{Key, sign};
use crate::thumbs::address::transform::TransformError;
use crate::thumbs::resolve::{Order, order};

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
fn asked(path: &str, settings: &Settings<'_>, now: Now) -> Result<Order, Failure> {
    order(path.as_bytes(), settings, &settings.secrets, Some(now))
}

#[test]
fn a_signed_address_is_an_order() {
    let folder = galleries();
    let settings = settings(folder.path());
    for id in [0, 1] {
        let order = asked(&signed(id, "32x24/g/h/beach day.jpg"), &settings, NOW).unwrap();
        assert_eq!((order.photo.stamp.size, order.tags.max_age), (5, 31_536_000));
        assert_eq!(order.tags.modified, order.photo.stamp.modified.0.try_into().unwrap());
        assert!(!order.tags.immutable);
    }
}

#[test]
fn what_is_wrong_first_is_told_first() {
    let folder = galleries();
    let all = settings(folder.path());
    let none = Settings { secrets: Secrets::default(), ..all };
    let word = Failure::Transform(TransformError::Word);
    let size = Failure::Transform(TransformError::Size);
    let good = signed(0, "32x24/g/h/beach day.jpg");
    for (address, want) in [
        (good.replace("32x24", "32x25"), Failure::Signature),
        (good.replace("beach", "beech"), Failure::Signature),
        (good.replace("/thumb/a", "/thumb/b"), Failure::Signature),
        (good.replace("/thumb/a", "/thumb/c"), Failure::Signature),
        ("/thumb/".into(), Failure::Signature),
        ("/thumb//32x24/g/a.jpg".into(), Failure::Signature),
        ("/thumb/a".into(), Failure::Signature),
        ("/thumb/32x24/g/h/beach day.jpg".into(), Failure::Signature),
        (signed(0, "32x24,nonsense,exp1/nothing"), word),
        (signed(0, ""), size),
        (signed(0, "/g/h"), size),
        (signed(0, "3000x1,exp1/nothing"), Failure::Side),
        (signed(0, "32x24,exp1/nothing"), Failure::Expired),
        (signed(0, "32x24,exp1/g/h/beach day.jpg"), Failure::Expired),
        (signed(0, "32x24"), Failure::NoPhoto),
        (signed(0, "32x24/"), Failure::NoPhoto),
        (signed(0, "32x24/g/h/nothing.jpg"), Failure::NoPhoto),
        (signed(0, "32x24/g/h"), Failure::NoPhoto),
        (signed(0, "32x24/beach day.jpg"), Failure::NoPhoto),
    ] {
        assert_eq!(asked(&address, &all, NOW).unwrap_err(), want, "{address}");
        assert_eq!(asked(&address, &none, NOW).unwrap_err(), Failure::Signature, "{address}");
    }
    let no_galleries = Settings { galleries: b"", ..all };
    assert_eq!(asked(&good, &no_galleries, NOW).unwrap_err(), Failure::NoPhoto);
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
        let tags = asked(&address, &settings, NOW).unwrap().tags;
        got.push((tags.max_age, tags.immutable));
    }
    let year = 31_536_000;
    assert_eq!(got, [(year, true), (0, false), (60, false), (year, false), (year, false)]);
    let late = signed(0, &format!("32x24,exp{}/g/h/beach day.jpg", now - 1));
    assert_eq!(asked(&late, &settings, NOW).unwrap_err(), Failure::Expired);
}

#[test]
fn without_a_clock_nothing_has_expired() {
    let folder = galleries();
    let settings = settings(folder.path());
    for clock in [Now(0), Now(Now::BUILT - 1)] {
        let address = signed(0, &format!("32x24,exp{}/g/h/beach day.jpg", Now::BUILT - 2));
        let tags = asked(&address, &settings, clock).unwrap().tags;
        assert_eq!(tags.max_age, 0, "nobody knows how long it may be kept");
    }
    let address = signed(0, &format!("32x24,exp{}/g/h/beach day.jpg", Now::BUILT - 2));
    assert_eq!(asked(&address, &settings, Now(Now::BUILT)).unwrap_err(), Failure::Expired);
}

#[test]
fn a_clock_is_asked_for_where_there_is_an_end_and_only_there() {
    let folder = galleries();
    let settings = settings(folder.path());
    let without =
        |rest: &str| order(signed(0, rest).as_bytes(), &settings, &settings.secrets, None);
    assert!(without("32x24/g/h/beach day.jpg").is_ok());
    assert_eq!(without("32x24,exp5/g/h/beach day.jpg").unwrap_err(), Failure::Clock);
    assert_eq!(without("32x24,exp5,no/g").unwrap_err(), Failure::Transform(TransformError::Word));
}
