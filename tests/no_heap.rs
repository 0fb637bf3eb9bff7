//! The fast path allocates nothing: a counting allocator around it sees 0.
#![allow(unsafe_code, reason = "an allocator is unsafe by nature")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use picosite::respond::respond;
use picosite::serve::output::Output;
use picosite::serve::request::Variables;
use picosite::serve::{early, site};
use picosite::sign::{Key, sign};
use rustix::io::Errno;

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: it is the system's allocator, which keeps the contract; counting adds nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the pointer came from `alloc` above, with this layout.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Counts bytes and keeps none.
struct Sink(usize);

impl Output for Sink {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        self.0 += pieces.iter().map(|piece| piece.len()).sum::<usize>();
        Ok(())
    }
}

/// How often a request with these variables allocates.
#[track_caller]
fn allocations(environment: &[&[u8]]) -> usize {
    let before = ALLOCATIONS.get();
    let environment = environment.iter().copied();
    let variables = Variables::gather(environment.clone());
    let mut sink = Sink(0);
    let outcome = early::respond(&variables, environment, site::find(b"", None), &mut sink);
    assert!(matches!(outcome, Some(Ok(_))) && sink.0 > 0);
    ALLOCATIONS.get() - before
}

#[test]
fn the_allocator_counts() {
    let before = ALLOCATIONS.get();
    drop(std::hint::black_box(Box::new(1)));
    assert_eq!(ALLOCATIONS.get() - before, 1);
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
    let variables = Variables::gather(environment.iter().copied());
    let made =
        respond(&variables, environment.iter().copied(), site::find(b"", None), &mut Sink(0));
    assert_eq!(made, Ok(None));
    for more in ["A=", "REQUEST_METHOD=HEAD", "HTTP_IF_NONE_MATCH=*", "HTTP_RANGE=bytes=1-2"] {
        assert_eq!(allocations(&[&environment[..], &[more.as_bytes()]].concat()), 0, "{more}");
    }
    let wrong = [b"PATH_INFO=/thumb/x", &path[b"PATH_INFO=/thumb/".len()..]].concat();
    assert_eq!(allocations(&[&settings[..], &[&wrong[..]]].concat()), 0);
}
