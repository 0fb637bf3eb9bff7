//! A photo that is truncated while it is read, as in-place uploads do.

use std::fs::{self, File};
use std::process::Stdio;

use rustix::fs::{FlockOperation, flock};

use crate::paint::{Jpeg, jpeg, picture};
use crate::util::thumbnails::{Reply, Site, signed};
use crate::util::watch::Watch;

#[test]
fn a_photo_truncated_while_it_is_read_is_logged() {
    let site = Site::new();
    let (own, cache) = (site.folder.join("own"), site.folder.join("cache"));
    fs::create_dir_all(own.join("g")).unwrap();
    fs::create_dir(&cache).unwrap();
    let site = site.with("GALLERIES", own.to_str().unwrap());
    let photo = own.join("g/a.jpg");
    let bytes = jpeg(&picture(640, 480), Jpeg::default());
    for method in ["GET", "HEAD"] {
        fs::write(&photo, &bytes).unwrap();
        // The test takes the only worker slot, so the photo is opened but not read.
        let slot = File::create(cache.join("worker-0")).unwrap();
        flock(&slot, FlockOperation::LockExclusive).unwrap();
        let opened = Watch::opened(&cache);
        let mut program = site.program();
        program.env("REQUEST_METHOD", method).env("PATH_INFO", signed("64x64/g/a.jpg"));
        let waiting = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while !opened.names().iter().any(|name| name == "worker-0") {}
        File::options().write(true).open(&photo).unwrap().set_len(0).unwrap();
        drop(slot);
        let reply = Reply::new(&waiting.wait_with_output().unwrap());
        assert_eq!(reply.status, 415);
        assert_eq!(reply.field("Cache-Control"), "no-store");
        let len: usize = reply.field("Content-Length").parse().unwrap();
        assert_eq!(reply.body.len(), if method == "GET" { len } else { 0 });
        assert!(reply.log.starts_with("T15 ") && reply.log.lines().count() == 1, "{}", reply.log);
        assert_eq!(site.kept().len(), 0);
    }
    fs::write(&photo, &bytes).unwrap();
    assert_eq!(site.get("64x64/g/a.jpg").status, 200);
}
