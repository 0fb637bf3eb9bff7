//! Whatever a server passes on, the reply is complete and well formed and does not redirect to
//! another host. The input is an environment, `NAME=value` separated by NUL. In a path below
//! `/thumb/?/`, `?` stands for the valid signature.
#![no_main]

#[path = "../../tests/util/reply.rs"]
mod util;

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use picosite::facade::fast;
use picosite::facade::full::finish;
use picosite::facade::site::archive::Archive;
use picosite::facade::http::Extent;
use picosite::facade::cgi::Variables;
use picosite::facade::thumbs::Key;
use picosite::facade::thumbs::sign;
use util::{Memory, check};

/// The tests' site, which has rules and names of all kinds.
static SITE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let cdb = std::env::temp_dir().join(format!("picosite-fuzz-{}", std::process::id()));
    picosite::facade::pack::pack(&Path::new(TESTS).join("site"), &cdb, None).unwrap();
    let site = std::fs::read(&cdb).unwrap();
    std::fs::remove_file(cdb).unwrap();
    site
});

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests");

/// `images` there is a gallery of photos of a few pixels.
const SETTINGS: [&str; 4] = [
    "PICOSITE_SECRET=k",
    concat!("PICOSITE_GALLERIES=", env!("CARGO_MANIFEST_DIR"), "/../tests"),
    "PICOSITE_GALLERY_PAGES=images",
    "PICOSITE_MAX_SIZE=64",
];

fuzz_target!(|environment: &[u8]| {
    let entries: Vec<Vec<u8>> = environment.split(|&byte| byte == 0).map(signed).collect();
    let settings = SETTINGS.iter().map(|setting| setting.as_bytes());
    let environment = settings.chain(entries.iter().map(|entry| &entry[..]));
    let variables = Variables::gather(environment.clone());
    let mut out = Memory::default();
    fast::respond(&variables, environment, Ok(Archive::new(&SITE)), &mut out, finish).unwrap();
    let (status, location) = check(&out.0, variables.extent() == Extent::Header);
    assert_eq!(location.is_some(), (301..=308).contains(&status) && status != 304);
    if let Some(location) = location {
        let here = location.starts_with('/') && !location[1..].starts_with(['/', '\\']);
        assert!(here || location.starts_with("https://example.org/there"), "{location}");
    }
});

fn signed(entry: &[u8]) -> Vec<u8> {
    let Some(rest) = entry.strip_prefix(b"PATH_INFO=/thumb/?/") else { return entry.into() };
    let signature = sign(&Key::parse(b"k").unwrap(), &[b"/thumb/", rest], 16);
    [b"PATH_INFO=/thumb/", signature.as_str().as_bytes(), b"/", rest].concat()
}
