//! Signed thumbnails, asked of the executable as a web server does.
#![allow(missing_docs, reason = "a test")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::util::thumbnails::{PHOTO, Reply, Site, galleries, signed};

#[test]
fn a_signed_address_gives_a_thumbnail_and_keeps_it() {
    let site = Site::new();
    let first = site.get(PHOTO);
    assert_eq!(first.status, 200, "{}", first.log);
    assert_eq!(first.field("Content-Type"), "image/jpeg");
    assert_eq!(first.field("Content-Length"), first.body.len().to_string());
    assert_eq!(first.field("Cache-Control"), "public, max-age=31536000");
    assert_eq!(first.field("X-Content-Type-Options"), "nosniff");
    assert_eq!(first.jpeg_size().0, 64);
    assert_eq!(site.kept().len(), 1);
    let again = site.get(PHOTO);
    assert_eq!((again.header, again.body), (first.header, first.body));
    assert_eq!(first.log + &again.log, "");
}

#[test]
fn conditions_ranges_and_head_are_honoured() {
    let site = Site::new();
    let whole = site.get(PHOTO);
    let (etag, date) = (whole.field("ETag"), whole.field("Last-Modified"));
    for kept in [true, false] {
        if !kept {
            fs::remove_dir_all(site.folder.join("cache")).unwrap();
        }
        let ask = |name, value| site.ask(&signed(PHOTO), &[(name, value)]);
        let known = ask("HTTP_IF_NONE_MATCH", etag);
        assert_eq!((known.status, known.body.len(), known.field("ETag")), (304, 0, etag));
        assert_eq!(known.field("Content-Length"), "");
        assert_eq!(site.kept().is_empty(), !kept, "a known tag needs no thumbnail");
        assert_eq!(ask("HTTP_IF_NONE_MATCH", "\"other\"").status, 200);
        assert_eq!(ask("HTTP_IF_MODIFIED_SINCE", date).status, 304);
        let part = ask("HTTP_RANGE", "bytes=2-5");
        assert_eq!((part.status, &part.body[..]), (206, &whole.body[2..=5]));
        assert_eq!(part.field("Content-Range"), format!("bytes 2-5/{}", whole.body.len()));
        let beyond = ask("HTTP_RANGE", "bytes=9999999-");
        assert_eq!(beyond.field("Content-Range"), format!("bytes */{}", whole.body.len()));
        assert_eq!(beyond.status, 416);
        let head = ask("REQUEST_METHOD", "HEAD");
        assert_eq!((head.header, head.body.len()), (whole.header.clone(), 0));
    }
}

/// The files are jpegtran's, of one picture of whole MCUs.
#[test]
fn a_photo_turned_without_loss_gives_the_same_bytes() {
    let tests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests");
    let site = Site::new().with("GALLERIES", tests).without("MEMORY").without("CACHE");
    for transform in [
        "9x9",
        "24x24,r90",
        "31x,png",
        "48x48",
        "x50,png",
        "41x27,fill",
        "60x20,stretch",
        "200x,up",
    ] {
        let reply = |value| site.get(&format!("{transform}/pixels/orientation-{value}.jpg"));
        let upright = reply(1);
        assert_eq!(upright.status, 200, "{}", upright.log);
        for value in 2..=8 {
            assert!(reply(value).body == upright.body, "orientation {value} at {transform}");
        }
    }
}

#[test]
fn every_wrong_signature_gets_the_same_reply() {
    let site = Site::new();
    let right = signed(PHOTO);
    let (_, rest) = right[7..].split_once('/').unwrap();
    let signature = &right[7..30];
    let replies: Vec<Reply> = [
        format!("/thumb/x/{rest}"),
        format!("/thumb/{}/{rest}", &signature[..22]),
        format!("/thumb/{signature}A/{rest}"),
        format!("/thumb/1{}/{rest}", &signature[1..]),
        right.replace("64x64", "65x64"),
        format!("/thumb/x/65x64,nonsense/{}", "nothing"),
    ]
    .iter()
    .map(|path| site.ask(path, &[]))
    .collect();
    for reply in &replies {
        assert_eq!(reply.status, 403);
        assert_eq!((&reply.header, &reply.body), (&replies[0].header, &replies[0].body));
    }
    let no_secret = Site::new().with("GALLERIES", "/nowhere").with("SECRET", "other");
    assert_eq!(no_secret.get(PHOTO).status, 403);
}

#[test]
fn what_cannot_be_given_gets_its_status() {
    let site = Site::new();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for (rest, status) in [
        ("64x64,nonsense/Sea and sky/long coast.jpg", 400),
        ("4000x1/Sea and sky/long coast.jpg", 400),
        ("64x64,exp1000/Sea and sky/long coast.jpg", 410),
        ("64x64/Sea and sky/nothing.jpg", 404),
        ("64x64/Sea and sky", 404),
        ("64x64/long coast.jpg", 404),
    ] {
        let reply = site.get(rest);
        assert_eq!(reply.status, status, "{rest}");
        assert_eq!(reply.field("Cache-Control"), "no-store");
        assert_eq!(reply.log.lines().count(), 1, "{}", reply.log);
    }
    let missing = site.get("64x64/Sea and sky/nothing.jpg");
    assert_eq!(missing.body, site.ask("/nowhere", &[]).body, "the site's own page");
    let soon = site.get(&format!("64x64,v1,exp{}/Sea and sky/long coast.jpg", now + 50));
    let age: u32 = soon.field("Cache-Control")["public, max-age=".len()..].parse().unwrap();
    assert!((1..=50).contains(&age));
    let version = site.get("64x64,v1/Sea and sky/long coast.jpg");
    assert_eq!(version.field("Cache-Control"), "public, max-age=31536000, immutable");
    assert_eq!(site.kept().len(), 1, "exp and v change no pixel");
}

#[test]
fn a_file_that_is_not_a_photo_is_reported() {
    let site = Site::new();
    let own = site.folder.join("own");
    fs::create_dir_all(own.join("g")).unwrap();
    fs::write(own.join("g/text.jpg"), "not a picture").unwrap();
    fs::write(own.join("g/empty.jpg"), "").unwrap();
    symlink("/etc/passwd", own.join("g/out.jpg")).unwrap();
    let site = site.with("GALLERIES", own.to_str().unwrap());
    for name in ["text", "empty"] {
        let reply = site.get(&format!("64x64/g/{name}.jpg"));
        assert_eq!(reply.status, 415);
        let page = String::from_utf8(reply.body).unwrap();
        let said = page.split_once("<p>").and_then(|(_, rest)| rest.split_once("</p>"));
        let (said, _) = said.expect("the page says how");
        assert!(reply.log.contains(said), "{} has {said}", reply.log);
    }
    assert_eq!(site.get("64x64/g/out.jpg").status, 404);
    assert_eq!(site.kept().len(), 0);
}

#[test]
fn memory_that_is_said_to_be_needed_is_enough() {
    // For the work; and then for what is written, of which nobody knows before.
    for (photo, refusals) in [(PHOTO, 1), ("1280x,png/Sea and sky/swell.jpg", 2)] {
        let mut memory = "1K".to_string();
        for _ in 0..refusals {
            let refused = Site::new().with("MEMORY", &memory).get(photo);
            assert_eq!(refused.status, 413, "{photo}: {memory}");
            let (_, said) = refused.log.split_once("this takes ").expect("it is logged");
            memory = said.split_once(" KiB").expect("in KiB").0.to_string() + "K";
        }
        let site = Site::new().with("MEMORY", &memory);
        assert_eq!(site.get(photo).status, 200, "{photo}: {memory}");
    }
}

#[test]
fn a_changed_photo_gives_a_new_thumbnail() {
    let site = Site::new();
    let own = site.folder.join("own/g");
    fs::create_dir_all(&own).unwrap();
    let (first, second) = (galleries().join("Sea and sky/swell.jpg"), own.join("a.jpg"));
    fs::copy(first, &second).unwrap();
    let site = site.with("GALLERIES", own.parent().unwrap().to_str().unwrap());
    let before = site.get("64x64/g/a.jpg");
    fs::copy(galleries().join("Sea and sky/beacon.jpg"), &second).unwrap();
    let after = site.get("64x64/g/a.jpg");
    assert_eq!((before.status, after.status), (200, 200));
    assert_ne!(before.body, after.body);
    assert_ne!(before.field("ETag"), after.field("ETag"));
}

#[test]
fn an_error_in_the_settings_is_reported_in_the_log_alone() {
    let secret = Site::new();
    let path = secret.folder.join("secret");
    fs::write(&path, "b:exposed").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let secret = secret.with("SECRET_FILE", path.to_str().unwrap());
    let config = Site::new();
    let path = config.folder.join("config");
    fs::write(&path, "\ncolour = red").unwrap();
    let config = config.with("CONFIG", path.to_str().unwrap());
    for (site, reason) in [
        (Site::new().with("WORKERS", "many"), "PICOSITE_WORKERS"),
        (secret, "others can read"),
        (config, "`colour`: there is no such setting"),
    ] {
        let reply = site.get(PHOTO);
        assert_eq!(reply.status, 500);
        assert!(reply.log.starts_with("S51 ") && reply.log.contains(reason), "{}", reply.log);
        assert!(!String::from_utf8(reply.body).unwrap().contains("picosite"));
        assert_eq!(site.ask("/", &[]).status, 200, "a page needs no setting");
    }
}

#[test]
fn an_asset_or_a_rule_comes_first() {
    let site = Site::new();
    assert_eq!(site.ask("/thumb/", &[]).status, 403);
    assert_eq!(site.ask("/thumb", &[]).status, 404);
    assert_eq!(site.ask("/thumb/a", &[("REQUEST_METHOD", "POST")]).status, 405);
    assert_eq!(site.ask("/thumb/a", &[("REQUEST_METHOD", "OPTIONS")]).status, 204);
    let sources = site.folder.join("assets");
    fs::create_dir_all(sources.join("thumb")).unwrap();
    fs::write(sources.join("thumb/asset.txt"), "asset").unwrap();
    fs::write(sources.join("_redirects"), "/thumb/rule /elsewhere\n").unwrap();
    let cdb = site.folder.join("site.cdb");
    picosite::facade::pack::pack(&sources, &cdb, None).unwrap();
    let site = site.with("SITE", cdb.to_str().unwrap());
    assert_eq!(site.ask("/thumb/asset.txt", &[]).body, b"asset");
    assert_eq!(site.ask("/thumb/rule", &[]).status, 301);
    assert_eq!(site.get(PHOTO).status, 200);
}

#[test]
fn warm_fills_the_cache_and_tells_what_it_cannot_read() {
    let site = Site::new();
    let own = site.folder.join("own");
    for gallery in ["g/h", ".hidden"] {
        fs::create_dir_all(own.join(gallery)).unwrap();
    }
    for name in ["g/a.JPG", "g/h/b.jpg", ".hidden/c.jpg", "g/.d.jpg", "top.jpg"] {
        fs::copy(galleries().join("Sea and sky/beacon.jpg"), own.join(name)).unwrap();
    }
    fs::write(own.join("g/notes.txt"), "no photo").unwrap();
    let site = site.with("GALLERIES", own.to_str().unwrap());
    let (out, status, _) = site.command(&["warm", "32x32", "24x24,png", "g"]);
    assert_eq!((&*out, status), ("4 thumbnails of 2 photos; 4 made now\n", Some(0)));
    assert_eq!(site.kept().len(), 4);
    let (out, status, _) = site.command(&["warm", "32x32", "24x24,png", "16x16"]);
    assert_eq!((&*out, status), ("6 thumbnails of 2 photos; 2 made now\n", Some(0)));
    assert_eq!(site.get("16x16/g/h/b.jpg").status, 200);
    assert_eq!(site.kept().len(), 6, "what is asked for had been made");
    fs::write(own.join("g/broken.jpg"), "not a picture").unwrap();
    // What visitors cannot see either is no photo.
    symlink("/etc/passwd", own.join("g/out.jpg")).unwrap();
    fs::create_dir(own.join("g/folder.jpg")).unwrap();
    let (out, status, errors) = site.command(&["warm", "32x32", "24x24", "g"]);
    assert_eq!((&*out, status), ("4 thumbnails of 3 photos; 2 made now\n", Some(1)));
    assert!(
        errors.starts_with("picosite: g/broken.jpg: ") && errors.lines().count() == 1,
        "{errors}"
    );
    for words in [&["warm"][..], &["warm", "g"]] {
        assert_eq!(site.command(words).1, Some(2));
    }
    for gallery in ["nothing", ".", "../own", "g/../g", ".hidden"] {
        let (out, status, errors) = site.command(&["warm", "32x32", gallery]);
        assert_eq!((&*out, status, errors.lines().count()), ("", Some(1), 1), "{gallery}");
    }
    let site = site.with("CACHE", "");
    assert_eq!(site.command(&["warm", "32x32"]).1, Some(1));
}

#[test]
fn warm_tells_when_the_cache_is_too_small() {
    let site = Site::new().with("CACHE_MAX", "40K");
    let (out, status, errors) = site.command(&["warm", "300x300", "200x200,png"]);
    assert!(out.ends_with(" made now\n"), "{out}");
    let kept = site.kept().len();
    assert!(kept > 0, "{out}");
    let want =
        format!("picosite: the cache holds only {kept} of them: raise the setting cache-max\n");
    assert_eq!((&*errors, status), (&*want, Some(1)));
    let site = site.with("CACHE_MAX", "1M");
    assert_eq!(site.command(&["warm", "300x300", "200x200,png"]).1, Some(0));
}

#[test]
fn the_command_thumb_makes_the_same_picture() {
    let site = Site::new();
    let photo = galleries().join("Sea and sky/long coast.jpg");
    let out = site.folder.join("out.jpg");
    let (photo, to) = (photo.to_str().unwrap(), out.to_str().unwrap());
    assert_eq!(
        site.command(&["thumb", "64x64", photo, to]),
        (String::new(), Some(0), String::new())
    );
    assert_eq!(fs::read(&out).unwrap(), site.get(PHOTO).body);
    let png = site.folder.join("out.PNG");
    assert_eq!(site.command(&["thumb", "64x64", photo, png.to_str().unwrap()]).1, Some(0));
    assert!(fs::read(png).unwrap().starts_with(b"\x89PNG"));
    for (words, status) in [
        (&["thumb", "64x64", photo][..], 2),
        (&["thumb", "64y64", photo, to], 2),
        (&["thumb", "64x64,png", photo, to], 2),
        (&["thumb", "64x64", photo, "/tmp/a.gif"], 2),
        (&["thumb", "64x64", "/nowhere", to], 1),
        (&["thumb", "64x64", photo, "/nowhere/a.jpg"], 1),
        (&["thumb", "64x64", "/dev/null", to], 1),
    ] {
        let (_, got, complaint) = site.command(words);
        assert_eq!((got, complaint.lines().count()), (Some(status), 1), "{complaint}");
    }
}

#[test]
fn get_shows_a_thumbnail_too() {
    let site = Site::new();
    let (thumbnail, address) = (site.get(PHOTO), signed(PHOTO));
    let output = site.program().args(["get", &address]).output().unwrap();
    assert_eq!((output.status.code(), output.stdout), (Some(0), thumbnail.body));
    assert_eq!(site.command(&["get", &address[..30]]).1, Some(1));
}
