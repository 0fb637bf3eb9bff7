//! Thumbnails in the cache: made once however many ask, never seen half made, and right
//! where nothing can be kept.

use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use crate::util::thumbnails::{PHOTO, Reply, Site, galleries, signed};
use crate::util::watch::Watch;
use rustix::fs::{FlockOperation, flock};

/// The site's cache, made before anybody asks.
fn cache(site: &Site) -> PathBuf {
    let cache = site.folder.join("cache");
    fs::create_dir_all(&cache).unwrap();
    cache
}

/// What all of these answer, in their order.
#[track_caller]
fn replies(children: Vec<Child>) -> Vec<Reply> {
    let wait = |child: Child| Reply::new(&child.wait_with_output().unwrap());
    children.into_iter().map(wait).collect()
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// Those of thumbnails while they are written.
fn parts(names: &[String]) -> Vec<&String> {
    names
        .iter()
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "part"))
        .collect()
}

/// If there is a cache, every thumbnail that is made is written to one temporary file.
#[test]
fn forty_at_once_cost_one_decode() {
    for workers in ["1", "4"] {
        let site = Site::new().with("WORKERS", workers);
        let made = Watch::made(&cache(&site));
        let replies = replies((0..40).map(|_| site.start(PHOTO)).collect());
        for reply in &replies {
            assert_eq!((reply.status, &reply.body), (200, &replies[0].body), "{}", reply.log);
        }
        let names = made.names();
        assert_eq!(parts(&names).len(), 1, "{names:?}");
        assert_eq!(site.kept().len(), 1);
    }
}

/// The second of two places is all they have: the test has the first.
#[test]
fn no_more_are_made_at_once_than_there_are_workers() {
    let site = Site::new().with("WORKERS", "2");
    let cache = cache(&site);
    let [first, second] = ["worker-0", "worker-1"].map(|name| {
        let file = File::create(cache.join(name)).unwrap();
        flock(&file, FlockOperation::LockExclusive).unwrap();
        file
    });
    let (opened, made) = (Watch::opened(&cache), Watch::made(&cache));
    let ask = |width| site.start(&format!("{width}x/Sea and sky/long coast.jpg"));
    let mut children: Vec<_> = (40..46).map(ask).collect();
    // Each has come to the last place and found it taken, and has come again.
    let mut tries = 0;
    while tries < 60 {
        tries += opened.names().iter().filter(|name| *name == "worker-1").count();
    }
    assert!(children.iter_mut().all(|child| child.try_wait().unwrap().is_none()));
    assert_eq!(site.kept().len(), 0);
    drop(second);
    assert!(replies(children).iter().all(|reply| reply.status == 200));
    assert_eq!(parts(&made.names()), ["worker-1.part"; 6]);
    drop(first);
}

#[test]
#[ignore = "waits for twenty seconds: CI does"]
fn who_has_waited_for_twenty_seconds_is_asked_to_come_again() {
    let site = Site::new();
    let place = File::create(cache(&site).join("worker-0")).unwrap();
    flock(&place, FlockOperation::LockExclusive).unwrap();
    let begun = Instant::now();
    let reply = site.get(PHOTO);
    assert!(begun.elapsed() >= Duration::from_secs(20));
    assert_eq!(reply.status, 503, "{}", reply.log);
    assert!(reply.field("Retry-After").parse::<u32>().unwrap() > 0);
    drop(place);
    assert_eq!(site.get(PHOTO).status, 200);
}

#[test]
fn many_at_once_all_get_it_and_it_is_kept_once() {
    let site = Site::new().with("WORKERS", "3");
    let replies = replies((0..10).map(|_| site.start(PHOTO)).collect());
    for reply in &replies {
        assert_eq!((reply.status, &reply.body), (200, &replies[0].body), "{}", reply.log);
    }
    let [kept] = &site.kept()[..] else { panic!("one file is kept: {:?}", site.kept()) };
    let written = fs::metadata(kept).unwrap().ino();
    assert_eq!(site.get(PHOTO).body, replies[0].body);
    assert_eq!(fs::metadata(kept).unwrap().ino(), written);
}

/// Whatever a process left when it was killed, the next reply is whole.
#[test]
fn what_is_half_made_is_never_seen() {
    let site = Site::new();
    let whole = site.get(PHOTO);
    let kept = site.kept().remove(0);
    let bytes = fs::read(&kept).unwrap();
    for len in [0, 1, 47, 48, 49, bytes.len() / 2, bytes.len() - 1] {
        fs::write(&kept, &bytes[..len]).unwrap();
        assert_eq!(site.get(PHOTO).body, whole.body, "cut to {len}");
        assert_eq!(fs::read(&kept).unwrap(), bytes, "put right");
    }
    let part = site.folder.join("cache/worker-0.part");
    fs::write(&part, &bytes[..99]).unwrap();
    fs::remove_file(&kept).unwrap();
    assert_eq!(site.get(PHOTO).body, whole.body);
    assert!(!part.exists() && fs::read(&kept).unwrap() == bytes);
}

/// From the first instruction to the last, as long as one takes that is not killed.
#[test]
fn two_hundred_that_are_killed_leave_nothing_to_be_seen() {
    let site = Site::new();
    let begun = Instant::now();
    let whole = site.get(PHOTO);
    let life = begun.elapsed();
    let kept = site.kept().remove(0);
    let bytes = fs::read(&kept).unwrap();
    let mut half_made = 0;
    for moment in 0..200 {
        let _ = fs::remove_file(&kept);
        let begun = Instant::now();
        let mut child = site.start(PHOTO);
        while begun.elapsed() < life * moment / 200 {
            std::hint::spin_loop();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        half_made += u32::from(!kept.exists());
        let reply = site.get(PHOTO);
        assert_eq!((reply.status, &reply.body), (200, &whole.body), "{moment}: {}", reply.log);
        assert_eq!(fs::read(&kept).unwrap(), bytes);
    }
    assert!(half_made > 20, "{half_made} were killed before they had finished");
    assert_eq!(site.kept(), std::slice::from_ref(&kept));
    let cache = site.folder.join("cache");
    let folder = kept.parent().unwrap().file_name().unwrap().to_str().unwrap();
    let mut left = names(&cache);
    left.retain(|name| name != "worker-0.part");
    assert_eq!(left, [folder, "lock", "worker-0"]);
    // Whatever the killed have counted and not kept is forgotten when room is made.
    let site = site.with("CACHE_MAX", "20K");
    for width in 40..50 {
        assert_eq!(site.get(&format!("{width}x/Sea and sky/long coast.jpg")).status, 200);
    }
    assert!(site.kept().len() > 2, "{:?}", site.kept());
    assert_eq!(parts(&names(&cache)), [""; 0]);
}

#[test]
fn without_a_cache_that_can_be_written_there_are_thumbnails_too() {
    let whole = Site::new().get(PHOTO);
    let file = Site::new();
    fs::write(file.folder.join("cache"), "no folder").unwrap();
    for site in [Site::new().with("CACHE", ""), Site::new().with("CACHE", "/proc/no"), file] {
        let reply = site.get(PHOTO);
        assert_eq!((reply.status, reply.body), (200, whole.body.clone()), "{}", reply.log);
    }
}

/// A file may have no byte: as on a full disk, but the names.
#[test]
fn what_cannot_be_written_whole_is_not_kept() {
    let whole = Site::new().get(PHOTO);
    let site = Site::new();
    // Without the signal, a write beyond the limit fails.
    let limited = ["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\""];
    for _ in 0..2 {
        let mut program = site.program_in("sh");
        program.args(limited).arg(env!("CARGO_BIN_EXE_picosite"));
        program.env("REQUEST_METHOD", "GET").env("PATH_INFO", signed(PHOTO));
        let reply = Reply::new(&program.output().unwrap());
        assert_eq!((reply.status, &reply.body), (200, &whole.body), "{}", reply.log);
        assert_eq!(names(&site.folder.join("cache")), ["lock", "worker-0"]);
    }
    assert_eq!(site.get(PHOTO).body, whole.body);
    assert_eq!(site.kept().len(), 1);
}

#[test]
fn a_gallery_that_has_vanished_is_not_found() {
    let site = Site::new();
    let root = site.folder.join("photos");
    fs::create_dir_all(root.join("g")).unwrap();
    fs::copy(galleries().join("Sea and sky/swell.jpg"), root.join("g/a.jpg")).unwrap();
    let site = site.with("GALLERIES", root.to_str().unwrap());
    assert_eq!(site.get("64x64/g/a.jpg").status, 200);
    for gone in [root.join("g/a.jpg"), root.join("g"), root.clone()] {
        let removed = fs::remove_file(&gone).or_else(|_| fs::remove_dir(&gone));
        removed.unwrap();
        let reply = site.get("64x64/g/a.jpg");
        assert_eq!(reply.status, 404, "{}: {}", gone.display(), reply.log);
    }
    assert_eq!(site.kept().len(), 1, "nobody sees it");
}

/// On a disk of its own, mounted where nobody else sees it.
#[track_caller]
fn on_disk(site: &Site, mount: &str, rest: &str) -> Reply {
    let script = format!("cache=$1; {mount} && shift && exec \"$0\"");
    let mut program = site.program_in("unshare");
    program.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
    program.arg(env!("CARGO_BIN_EXE_picosite")).arg(site.folder.join("cache"));
    program.env("REQUEST_METHOD", "GET").env("PATH_INFO", signed(rest));
    Reply::new(&program.output().unwrap())
}

#[test]
#[ignore = "mounts disks, where the kernel lets users do so: CI does"]
fn full_and_read_only_disks_do_without_a_cache() {
    let site = Site::new();
    cache(&site);
    let whole = Site::new().get(PHOTO);
    // Room for names and no byte; room for a lock alone; for nothing.
    for options in ["size=4k,nr_inodes=1k", "size=4k,nr_inodes=2", "size=4k,nr_inodes=1"] {
        let full = format!(
            "mount -t tmpfs -o {options} none \"$cache\" &&
             {{ head -c 8k /dev/zero >\"$cache\"/filled; true; }} 2>/dev/null"
        );
        let reply = on_disk(&site, &full, PHOTO);
        assert_eq!((reply.status, &reply.body), (200, &whole.body), "{options}: {}", reply.log);
    }
    let read_only = "mount --bind \"$cache\" \"$cache\" && mount -o remount,bind,ro \"$cache\"";
    let reply = on_disk(&site, read_only, PHOTO);
    assert_eq!((reply.status, &reply.body), (200, &whole.body), "{}", reply.log);
    assert_eq!(site.kept().len(), 0);
    site.get(PHOTO);
    let kept = site.kept();
    let used = fs::metadata(&kept[0]).unwrap().atime();
    let reply = on_disk(&site, read_only, PHOTO);
    assert_eq!((reply.status, &reply.body), (200, &whole.body), "{}", reply.log);
    assert_eq!((site.kept(), fs::metadata(&kept[0]).unwrap().atime()), (kept, used));
}

#[test]
fn the_cache_stays_below_its_limit() {
    let site = Site::new().with("CACHE_MAX", "20K");
    for width in 40..50 {
        assert_eq!(site.get(&format!("{width}x/Sea and sky/long coast.jpg")).status, 200);
        let sizes = site.kept().into_iter().map(|path| fs::metadata(path).unwrap().blocks() * 512);
        assert!(sizes.sum::<u64>() <= 20 << 10);
    }
    assert!(site.kept().len() > 2);
}
