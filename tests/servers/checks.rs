//! The checks of an installation: requests and replies as clients see them. If a server does
//! not pass something on, the reply to what remains.

use std::fs;

use super::curl::{self, Reply};
use super::folder::Folder;
use super::installation::Takes;
use super::pages::{PAGES, Want, content, media_type};
use super::visit::Visit;

/// The number of requests, as many at once as the listen queue holds.
const CROWD: usize = 100;

pub(crate) fn every_address_has_its_page(visit: &Visit) {
    for (address, want) in PAGES.iter().filter(|(address, _)| visit.reaches(address)) {
        let reply = visit.request(address, &[]);
        let (status, file) = match *want {
            Want::File(file) => (200, file),
            Want::Error(status, file) => (status, file),
            Want::Redirect(status, target) => {
                assert_redirects(&reply, status, &below(visit, target), address);
                continue;
            }
        };
        assert_eq!(reply.status, status, "{address}");
        assert_body(&reply, file, address);
        assert_eq!(reply.header("Content-Type"), Some(media_type(file)), "{address}");
        assert_eq!(reply.header("X-Content-Type-Options"), Some("nosniff"), "{address}");
        if status != 200 {
            assert_eq!(reply.header("Cache-Control"), Some("no-store"), "{address}");
        }
    }
}

pub(crate) fn the_mount_point_redirects_to_its_slash(visit: &Visit) {
    for query in ["", "?x=1&y=%20", "?-h"] {
        if !visit.mount().is_empty() {
            let reply = visit.request(query, &[]);
            assert_redirects(&reply, 301, &below(visit, &format!("/{query}")), query);
        }
    }
}

pub(crate) fn a_malformed_address_gives_no_page(visit: &Visit) {
    // Some servers refuse these themselves, others resolve them first.
    for address in ["/%", "/%zz", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/a%00"] {
        let reply = visit.request(address, &[]);
        assert!(matches!(reply.status, 400 | 403 | 404), "{address}: {reply:?}");
    }
}

pub(crate) fn head_is_get_without_a_body(visit: &Visit) {
    const RAW: [&str; 5] =
        ["--request", "HEAD", "--ignore-content-length", "--header", "Connection: close"];
    for address in ["/", "/about", "/style.css", "/large.bin", "/missing"] {
        if visit.reaches(address) {
            let (get, head) = (visit.request(address, &[]), visit.request(address, &RAW));
            assert_eq!(head.status, get.status, "{address}");
            assert_eq!(head.body.len(), 0, "{address}: {head:?}");
            for name in ["Content-Type", "ETag", "Last-Modified", "Vary", "Cache-Control"] {
                assert_eq!(head.header(name), get.header(name), "{address}: {name}");
            }
        }
    }
}

pub(crate) fn other_methods_are_refused(visit: &Visit) {
    let folder = Folder::new();
    let large = folder.join("large");
    fs::write(&large, vec![b'x'; 100_000]).expect("the folder is ours");
    let large = format!("@{}", large.display());
    let (address, _) = visit.asset();
    for body in ["", "name=value", &large] {
        let mut options = vec!["--data-binary", body];
        if body != large && visit.lacks(Takes::BodyWithHeader) {
            options.extend(["--header", "Expect: 100-continue", "--expect100-timeout", "0.05"]);
        }
        let reply = visit.request(address, &options);
        assert_eq!(reply.status, 405, "{body}: {reply:?}");
        assert_eq!(reply.header("Allow"), Some("GET, HEAD, OPTIONS"), "{body}: {reply:?}");
        assert_eq!(reply.header("Cache-Control"), Some("no-store"), "{body}: {reply:?}");
        assert!(!reply.body.is_empty(), "{body}: {reply:?}");
    }
}

pub(crate) fn options_names_the_methods(visit: &Visit) {
    if !visit.lacks(Takes::Options) {
        let reply = visit.request(visit.asset().0, &["--request", "OPTIONS"]);
        assert_eq!(reply.status, 204, "{reply:?}");
        assert_eq!(reply.header("Allow"), Some("GET, HEAD, OPTIONS"), "{reply:?}");
        assert_eq!(reply.body.len(), 0, "{reply:?}");
    }
}

pub(crate) fn what_the_client_has_is_not_sent_again(visit: &Visit) {
    let (address, file) = visit.asset();
    let first = visit.request(address, &[]);
    let etag = first.header("ETag").expect("every asset has one");
    let modified = first.header("Last-Modified").expect("every asset has one");
    let kept = [
        (format!("If-None-Match: {etag}"), Takes::IfNoneMatch),
        (format!("If-None-Match: \"another\", W/{etag}"), Takes::IfNoneMatch),
        ("If-None-Match: *".to_owned(), Takes::IfNoneMatch),
        (format!("If-Modified-Since: {modified}"), Takes::IfModifiedSince),
    ];
    for (header, takes) in kept {
        let reply = visit.request(address, &["--header", &header]);
        if visit.lacks(takes) {
            assert_eq!(reply.status, 200, "{header}: {reply:?}");
            assert_body(&reply, file, &header);
        } else {
            assert_eq!(reply.status, 304, "{header}: {reply:?}");
            assert_eq!(reply.body.len(), 0, "{header}: {reply:?}");
            assert_eq!(reply.header("ETag"), Some(etag), "{header}: {reply:?}");
        }
    }
    let old = "If-Modified-Since: Sat, 01 Jan 2000 00:00:00 GMT";
    for header in ["If-None-Match: \"another\"", old] {
        let reply = visit.request(address, &["--header", header]);
        assert_eq!(reply.status, 200, "{header}: {reply:?}");
        assert_body(&reply, file, header);
    }
}

pub(crate) fn a_range_is_sent_alone(visit: &Visit) {
    let (address, file) = visit.asset();
    let whole = content(file);
    let len = whole.len();
    let etag = visit.request(address, &[]).header("ETag").expect("every asset has one").to_owned();
    let same = format!("If-Range: {etag}");
    let ranges = [
        ("Range: bytes=2-5", "X-None: 0", Some((2, 5))),
        ("Range: bytes=10-", "X-None: 0", Some((10, len - 1))),
        ("Range: bytes=-7", "X-None: 0", Some((len - 7, len - 1))),
        ("Range: bytes=2-5", &same, Some((2, 5))),
        ("Range: bytes=2-5", "If-Range: \"another\"", None),
    ];
    for (range, condition, want) in ranges {
        let reply = visit.request(address, &["--header", range, "--header", condition]);
        let place = format!("{range}, {condition}: {reply:?}");
        match want {
            Some((first, last)) if !visit.lacks(Takes::Range) => {
                assert_eq!(reply.status, 206, "{place}");
                assert!(reply.body == whole[first..=last], "{place}");
                let part = format!("bytes {first}-{last}/{len}");
                assert_eq!(reply.header("Content-Range"), Some(&*part), "{place}");
            }
            _ => {
                assert_eq!(reply.status, 200, "{place}");
                assert_body(&reply, file, &place);
            }
        }
    }
    if !visit.lacks(Takes::Range) {
        let reply = visit.request(address, &["--header", &format!("Range: bytes={len}-")]);
        assert_eq!(reply.status, 416, "{reply:?}");
        assert_eq!(reply.header("Content-Range"), Some(&*format!("bytes */{len}")), "{reply:?}");
    }
}

pub(crate) fn the_encoding_is_the_preferred_one(visit: &Visit) {
    let (address, file) = visit.asset();
    let mut etags = Vec::new();
    for (accepted, coding) in [
        ("br", Some("br")),
        ("gzip", Some("gzip")),
        ("gzip, deflate, br", Some("br")),
        ("gzip, br;q=0", Some("gzip")),
        ("identity", None),
        ("", None),
    ] {
        let coding = coding.filter(|_| !visit.lacks(Takes::AcceptEncoding));
        let accept = format!("Accept-Encoding: {accepted}");
        let reply = visit.request(address, &["--compressed", "--header", &accept]);
        assert_eq!(reply.status, 200, "{accepted}: {reply:?}");
        assert_eq!(reply.header("Content-Encoding"), coding, "{accepted}: {reply:?}");
        assert_eq!(reply.header("Vary"), Some("Accept-Encoding"), "{accepted}: {reply:?}");
        assert_body(&reply, file, accepted);
        etags.push((reply.header("ETag").map(str::to_owned), coding));
    }
    for (etag, coding) in &etags {
        for (other_etag, other) in &etags {
            assert_eq!(etag == other_etag, coding == other, "one a coding: {etags:?}");
        }
    }
}

pub(crate) fn a_crowd_gets_whole_pages(visit: &Visit) {
    let (address, file) = visit.asset();
    let folder = Folder::new();
    let at_once = visit.queue().min(CROWD).to_string();
    let url = visit.url(&format!("{address}?[1-{CROWD}]"));
    let mut curl = curl::curl(&url);
    // The last option wins: here `[1-…]` is expanded.
    curl.args(["--no-globoff", "--fail", "--parallel", "--parallel-immediate"]);
    curl.args(["--parallel-max", &at_once, "--output", "#1"]).current_dir(&*folder);
    let output = curl.output().expect("curl is installed");
    assert!(output.status.success(), "{output:?}");
    for visitor in 1..=CROWD {
        let body = fs::read(folder.join(visitor.to_string())).expect("curl wrote it");
        assert!(body == content(file), "visitor {visitor} got {} bytes", body.len());
    }
}

/// A target, below the mount point unless it is on another host.
fn below(visit: &Visit, target: &str) -> String {
    let mount = if target.starts_with('/') { visit.mount() } else { "" };
    format!("{mount}{target}")
}

#[track_caller]
fn assert_redirects(reply: &Reply, status: u16, target: &str, asked: &str) {
    assert_eq!(reply.status, status, "{asked}: {reply:?}");
    assert_eq!(reply.header("Location"), Some(target), "{asked}: {reply:?}");
}

#[track_caller]
fn assert_body(reply: &Reply, file: &str, asked: &str) {
    // Bodies can be large, so only lengths are shown.
    let want = content(file);
    assert!(reply.body == want, "{asked}: {} bytes, not {}", reply.body.len(), want.len());
}
