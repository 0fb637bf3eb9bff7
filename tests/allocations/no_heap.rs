//! The fast path does not allocate: a counting allocator around it sees nothing.

use crate::heap;
use crate::sink::Sink;
use picosite::facade::cgi::Variables;
use picosite::facade::fast;
use picosite::facade::fast::Work;
use picosite::facade::full::finish;
use picosite::facade::site::find;
use picosite::facade::thumbs::{Key, sign};

/// Counts the allocations of a request with these variables.
#[track_caller]
fn allocations(environment: &[&[u8]]) -> usize {
    let ((), count) = heap::allocations(|| {
        let environment = environment.iter().copied();
        let variables = Variables::gather(environment.clone());
        let (site, mut sink) = (find::find(b"", None), Sink::default());
        let rest = |_: Work<'_, '_, '_, _>| panic!("this takes more than system calls");
        let outcome = fast::respond(&variables, environment, site, &mut sink, rest);
        assert!(outcome.is_ok() && sink.0 > 0);
    });
    count
}

#[test]
fn the_allocator_counts() {
    let work = || drop(std::hint::black_box(Box::new(1)));
    assert_eq!(heap::allocations(work).1, 1);
}

#[test]
fn a_page_a_304_a_part_and_an_error_allocate_nothing() {
    for environment in [
        &[&b"PATH_INFO=/"[..]][..],
        &[b"PATH_INFO=/", b"HTTP_ACCEPT_ENCODING=br"],
        &[b"PATH_INFO=/", b"REQUEST_METHOD=HEAD"],
        &[b"PATH_INFO=/", b"HTTP_IF_NONE_MATCH=*"],
        &[b"PATH_INFO=/", b"HTTP_RANGE=bytes=1-2"],
        &[b"PATH_INFO=/", b"HTTP_RANGE=bytes=999999-"],
        &[b"PATH_INFO=/nothing/here"],
        &[b"REQUEST_URI=/%6eothing?q=1"],
        &[b"PATH_INFO=//a//b", b"SCRIPT_NAME=/x", b"QUERY_STRING=q"],
        &[b"PATH_INFO=/", b"REQUEST_METHOD=POST"],
        &[b"PATH_INFO=/../"],
    ] {
        let shown = environment.iter().map(|entry| entry.escape_ascii().to_string());
        assert_eq!(allocations(environment), 0, "{:?}", shown.collect::<Vec<_>>());
    }
}

#[test]
fn a_finished_thumbnail_and_one_that_is_refused_allocate_nothing() {
    let folder = tempfile::TempDir::new().unwrap();
    let galleries = concat!("PICOSITE_GALLERIES=", env!("CARGO_MANIFEST_DIR"), "/demo/galleries");
    let cache = format!("PICOSITE_CACHE={}", folder.path().display());
    let rest = b"16x16/Sea and sky/beacon.jpg";
    let signature = sign(&Key::parse(b"hush").unwrap(), &[b"/thumb/", rest], 16);
    let path = [b"PATH_INFO=/thumb/", signature.as_bytes(), b"/", rest].concat();
    let settings: [&[u8]; 4] =
        [b"PICOSITE_SECRET=hush", b"PICOSITE_MEMORY=64M", galleries.as_bytes(), cache.as_bytes()];
    let environment = [&settings[..], &[&path[..]]].concat();
    let entries = environment.iter().copied();
    let (variables, site) = (Variables::gather(entries.clone()), find::find(b"", None));
    let made = fast::respond(&variables, entries, site, &mut Sink::default(), finish);
    assert_eq!(made, Ok(None));
    for more in ["A=", "REQUEST_METHOD=HEAD", "HTTP_IF_NONE_MATCH=*", "HTTP_RANGE=bytes=1-2"] {
        assert_eq!(allocations(&[&environment[..], &[more.as_bytes()]].concat()), 0, "{more}");
    }
    let wrong = [b"PATH_INFO=/thumb/x", &path[b"PATH_INFO=/thumb/".len()..]].concat();
    assert_eq!(allocations(&[&settings[..], &[&wrong[..]]].concat()), 0);
}
