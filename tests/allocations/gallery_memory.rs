//! A gallery page stays within the setting `memory`, however many photos there are: an
//! allocator that counts is around it.

use crate::heap;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::sink::Sink;
use picosite::facade::cgi::target::{Mount, Target};
use picosite::facade::gallery;
use picosite::facade::gallery::Gallery;
use picosite::facade::http::{Extent, Reply};
use picosite::facade::settings::{Pages, Secrets, Settings};

/// Bytes of the reply with a page of the gallery `g`, and the most that it took.
#[track_caller]
fn cost(root: &Path, memory: usize, query: &str) -> (usize, usize) {
    let settings = Settings {
        galleries: root.as_os_str().as_bytes(),
        gallery_pages: Pages::On,
        memory_bytes: memory as u64,
        ..Settings::default()
    };
    let target = Target {
        path: b"/gallery/g/",
        has_runs: false,
        mount: Mount::Raw(b"/cgi-bin/site.cgi"),
        query: query.as_bytes(),
    };
    let secrets = Secrets::parse(b"a:hush").unwrap();
    heap::peak(|| {
        let mut sink = Sink::default();
        match gallery::answer(&target, None, &settings, &secrets, |_| Some((4000, 3000))).unwrap() {
            Gallery::Page(page) => {
                Reply::Whole(page.representation()).send(Extent::Whole, &mut sink).unwrap();
            }
            Gallery::Moved => panic!("the address ends in a slash"),
        }
        sink.0
    })
}

#[test]
fn five_thousand_photos_take_no_more_than_is_allowed() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("g");
    fs::create_dir(&folder).unwrap();
    let first = folder.join("first.jpg");
    File::create(&first).unwrap();
    let long = "ü".repeat(120);
    for number in 0..5000 {
        fs::hard_link(&first, folder.join(format!("{number:04}{long}.jpg"))).unwrap();
    }
    for (memory, query) in
        [(8 << 20, ""), (8 << 20, "page=51"), (1 << 20, ""), (1 << 20, "page=50")]
    {
        let (len, peak) = cost(root.path(), memory, query);
        // Of eight shares the names of photos take one, those of galleries another.
        assert!(peak < memory / 2, "{memory} {query}: {peak}");
        assert!(peak > 10_000, "{memory} {query}: the allocator counts");
        // Three addresses and more, of a name that is percent-encoded; the last page has
        // `first.jpg` alone.
        let least = if query == "page=51" { 1000 } else { 100 * 3 * 720 };
        assert!(len > least, "{memory} {query}: {len}");
        println!("{memory} {query}: {peak} bytes, a page of {len}");
    }
}
