//! The sizes of a page's pictures, and where they are kept.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::util::thumbnails::{Site, galleries};
use crate::util::watch::Watch;

/// A site with one gallery, `g`, whose photos are copies of the demo's.
fn site(photos: &[(&str, &str)]) -> Site {
    let site = Site::new().with("GALLERY_PAGES", "on");
    let folder = site.folder.join("photos/g");
    fs::create_dir_all(&folder).unwrap();
    for (name, photo) in photos {
        fs::copy(galleries().join(photo), folder.join(name)).unwrap();
    }
    let root = site.folder.join("photos").display().to_string();
    site.with("GALLERIES", &root)
}

/// The page of the gallery `g`.
#[track_caller]
fn page(site: &Site) -> String {
    let page = site.ask("/gallery/g/", &[]);
    assert_eq!((page.status, page.log.as_str()), (200, ""));
    String::from_utf8(page.body).unwrap()
}

/// Name, width and height of each photo on a page.
fn sizes(page: &str) -> Vec<(String, u16, u16)> {
    let attribute = |text: &str, name: &str| {
        let (_, text) = text.split_once(&format!(" {name}=\"")).unwrap();
        text.split_once('"').unwrap().0.to_owned()
    };
    let photos = page.split("<li style").skip(1);
    let side = |photo, name| attribute(photo, name).parse().unwrap();
    photos.map(|p| (attribute(p, "alt"), side(p, "width"), side(p, "height"))).collect()
}

/// The files in the cache that hold sizes.
fn kept(site: &Site) -> Vec<PathBuf> {
    let is_sizes = |path: &PathBuf| fs::read(path).unwrap().starts_with(b"picosite sizes");
    site.kept().into_iter().filter(is_sizes).collect()
}

fn set_time(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[test]
fn are_those_of_the_thumbnails() {
    let site = Site::new().with("GALLERY_PAGES", "on");
    let page = site.ask("/gallery/Sea and sky/", &[]);
    let sizes = sizes(str::from_utf8(&page.body).unwrap());
    assert_eq!(sizes.len(), 5);
    for (name, width, height) in sizes {
        if name == "paper boat" {
            // A PNG of 640 x 512.
            assert_eq!((width, height), (400, 320));
            continue;
        }
        let thumbnail = site.get(&format!("480x320/Sea and sky/{name}.jpg"));
        assert_eq!(thumbnail.jpeg_size(), (width, height), "{name}");
    }
}

#[test]
fn follow_exif_and_the_setting_max_size() {
    let site = site(&[("upright.jpg", "Sea and sky/long coast.jpg")]);
    // SOI, then EXIF with one entry: orientation 6, a quarter turn.
    let exif = b"\xff\xd8\xff\xe1\0\x22Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\
        \0\0\0\x01\0\x06\0\0\0\0\0\0";
    let folder = site.folder.join("photos/g");
    let photo = fs::read(folder.join("upright.jpg")).unwrap();
    fs::write(folder.join("turned.jpg"), [&exif[..], &photo[2..]].concat()).unwrap();
    let own = |name: &str, width, height| (name.to_owned(), width, height);
    assert_eq!(sizes(&page(&site)), [own("turned", 112, 320), own("upright", 480, 168)]);
    let site = site.with("MAX_SIZE", "100").with("CACHE", "");
    let page = page(&site);
    assert_eq!(sizes(&page), [own("turned", 35, 100), own("upright", 100, 35)]);
    assert!(!page.contains("960x"), "{page}");
    assert_eq!(site.get("100x100/g/turned.jpg").jpeg_size(), (35, 100));
}

#[test]
fn are_kept_in_the_cache_until_the_photo_changes() {
    let site = site(&[("a.jpg", "Sea and sky/beacon.jpg"), ("b.jpg", "Sea and sky/swell.jpg")]);
    let first = page(&site);
    let [kept] = &kept(&site)[..] else { panic!("one file of sizes") };
    let text = fs::read_to_string(kept).unwrap();
    let lie = text.replace("800 1200 ", "900 1200 ");
    assert_ne!(lie, text);
    fs::write(kept, &lie).unwrap();
    assert_eq!(page(&site), first, "a file with another sum is none");
    assert_eq!(fs::read_to_string(kept).unwrap(), text, "it is written anew");

    let photo = site.folder.join("photos/g/a.jpg");
    fs::copy(galleries().join("Sea and sky/long coast.jpg"), &photo).unwrap();
    set_time(&photo, 1_000_000_000);
    assert_eq!(sizes(&page(&site))[0], ("a".to_owned(), 480, 168));
    assert_ne!(fs::read_to_string(kept).unwrap(), text);
    fs::remove_file(photo).unwrap();
    assert_eq!(sizes(&page(&site)).len(), 1);
    assert!(!fs::read_to_string(kept).unwrap().contains("a%2Ejpg"));
}

#[test]
fn a_photos_time_is_its_version() {
    let site = site(&[("a.jpg", "Sea and sky/beacon.jpg")]);
    let photo = site.folder.join("photos/g/a.jpg");
    for (seconds, version) in [(36, ",v10/"), (1_700_000_000, ",vs44we8/")] {
        set_time(&photo, seconds);
        let page = page(&site);
        let addresses = page.split(['"', ' ']).filter(|word| word.starts_with("/thumb/"));
        let addresses: Vec<&str> = addresses.collect();
        assert_eq!(addresses.len(), 4);
        assert!(addresses.iter().all(|address| address.contains(version)), "{addresses:?}");
    }
}

#[test]
fn what_cannot_be_read_is_shown_by_its_name() {
    let site = site(&[("fine.jpg", "Sea and sky/beacon.jpg")]);
    let folder = site.folder.join("photos/g");
    fs::write(folder.join("broken.jpg"), "no picture").unwrap();
    fs::write(folder.join("empty.png"), "").unwrap();
    let names: Vec<String> = sizes(&page(&site)).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(names, ["broken", "empty", "fine"]);
    assert_eq!(page(&site), page(&site));
    assert!(page(&site).contains(">Yet to be made: 1. "), "no other ever will be");
    assert_eq!(site.get("480x320/g/broken.jpg").status, 415);
}

#[test]
fn a_page_tells_how_many_thumbnails_are_yet_to_be_made() {
    let site = site(&[("a.jpg", "Sea and sky/beacon.jpg"), ("b.jpg", "Sea and sky/swell.jpg")]);
    assert!(page(&site).contains(">Yet to be made: 2. "));
    assert_eq!(site.get("480x320,vx/g/a.jpg").status, 200);
    assert!(page(&site).contains(">Yet to be made: 1. "));
    assert_eq!(site.get("960x640/g/b.jpg").status, 200);
    assert!(!page(&site).contains("Yet to be"), "a visitor's screen takes one of the two sizes");
    fs::remove_dir_all(site.folder.join("cache")).unwrap();
    assert!(page(&site).contains(">Yet to be made: 2. "));
    let (_, status, complaint) = site.command(&["warm", "480x320"]);
    assert_eq!(status, Some(0), "{complaint}");
    assert!(!page(&site).contains("Yet to be"));
    assert!(!page(&site.with("CACHE", "")).contains("Yet to be"));
}

#[test]
fn a_view_opens_what_has_changed_since_the_last_one() {
    let site = site(&[("a.jpg", "Sea and sky/beacon.jpg")]);
    let folder = site.folder.join("photos/g");
    for number in 0..5000 {
        fs::hard_link(folder.join("a.jpg"), folder.join(format!("b{number:04}.jpg"))).unwrap();
    }
    let changed = folder.join("b0150.jpg");
    fs::remove_file(&changed).unwrap();
    fs::copy(folder.join("a.jpg"), &changed).unwrap();
    let watch = Watch::opened(&folder);
    let ask = |page: &str| site.ask("/gallery/g/", &[("QUERY_STRING", page)]);
    let first = ask("page=2");
    let opened = watch.names();
    assert_eq!((first.status, opened.len()), (200, 100));
    let expected: Vec<String> = (99..199).map(|number| format!("b{number:04}.jpg")).collect();
    assert_eq!(opened, expected);
    assert_eq!(ask("page=2").body, first.body);
    assert_eq!(watch.names(), [""; 0], "all sizes come from the cache");
    fs::copy(galleries().join("Sea and sky/swell.jpg"), &changed).unwrap();
    watch.names();
    assert_ne!(ask("page=2").body, first.body);
    assert_eq!(watch.names(), ["b0150.jpg"]);
    ask("page=51");
    assert_eq!(watch.names(), ["b4999.jpg"]);
}
