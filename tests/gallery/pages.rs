//! Gallery pages as a visitor gets them.

use std::fs;
use std::path::Path;

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use crate::util::thumbnails::{Reply, Site};

fn site() -> Site {
    Site::new().with("GALLERY_PAGES", "on")
}

/// The addresses in a page's `src`, `srcset` and `href` that are thumbnails', decoded.
fn thumbnails(page: &Reply) -> Vec<String> {
    let text = str::from_utf8(&page.body).expect("a page is UTF-8");
    let addresses = text.split(['"', ' ']).filter(|word| word.contains("/thumb/"));
    addresses
        .map(|word| word.replace("&amp;", "&").replace("&#39;", "'"))
        .map(|word| String::from_utf8(percent_decode_str(&word).collect()).expect("UTF-8"))
        .collect()
}

/// Whether all signatures hold.
#[track_caller]
fn holds(site: &Site, addresses: &[String]) {
    for address in addresses {
        let encoded = percent_encode(address.as_bytes(), NON_ALPHANUMERIC).to_string();
        let (_, status, complaint) = site.command(&["verify", &encoded.replace("%2F", "/")]);
        assert_eq!(status, Some(0), "{address}: {complaint}");
    }
}

#[test]
fn without_leave_there_are_none() {
    for path in ["/gallery", "/gallery/", "/gallery/Sea and sky/"] {
        assert_eq!(Site::new().ask(path, &[]).status, 404, "{path}");
    }
    let some = Site::new().with("GALLERY_PAGES", "Sea%20and%20sky");
    assert_eq!(some.ask("/gallery/Sea and sky/", &[]).status, 200);
    assert_eq!(some.ask("/gallery/Hills & woods/", &[]).status, 404);
}

#[test]
fn a_gallery_without_its_slash_is_sent_to_it() {
    for path in ["/gallery", "/gallery/Sea and sky"] {
        let mount = [("SCRIPT_NAME", "/cgi-bin/site.cgi"), ("QUERY_STRING", "page=1")];
        let reply = site().ask(path, &mount);
        assert_eq!(reply.status, 301);
        let to = format!("/cgi-bin/site.cgi{}/?page=1", path.replace(' ', "%20"));
        assert_eq!(reply.field("Location"), to);
    }
}

#[test]
fn every_thumbnail_of_a_page_is_there() {
    let site = site();
    for path in ["/gallery/", "/gallery/Sea and sky/", "/gallery/Hills & woods/Night/"] {
        let page = site.ask(path, &[("SCRIPT_NAME", "/m")]);
        assert_eq!((page.status, page.field("Content-Type")), (200, "text/html; charset=utf-8"));
        let addresses = thumbnails(&page);
        assert!(addresses.len() >= 3, "{path}: {addresses:?}");
        holds(&site, &addresses);
        for address in addresses.iter().filter(|address| address.contains("/480x320,")) {
            let address = address.strip_prefix("/m").expect("the mount point is in front");
            let reply = site.ask(address, &[]);
            assert_eq!(reply.status, 200, "{address}: {}", reply.log);
            assert!(reply.field("Cache-Control").contains("immutable"), "{address}");
        }
    }
}

#[test]
fn head_and_the_entity_tag_are_as_a_pages() {
    let page = site().ask("/gallery/", &[]);
    let head = site().ask("/gallery/", &[("REQUEST_METHOD", "HEAD")]);
    assert_eq!((head.header, head.body.len()), (page.header.clone(), 0));
    let again = site().ask("/gallery/", &[("HTTP_IF_NONE_MATCH", page.field("ETag"))]);
    assert_eq!((again.status, again.body.len()), (304, 0));
}

#[test]
fn what_is_no_gallery_is_not_found() {
    for path in [
        "/gallery/nothing/",
        "/gallery/Sea and sky/beacon.jpg/",
        "/gallery/Sea and sky/nothing/",
        "/galleryx",
        "/gallery/.hidden/",
    ] {
        assert_eq!(site().ask(path, &[]).status, 404, "{path}");
    }
    assert_eq!(site().ask("/gallery/../", &[]).status, 400);
}

/// A gallery of `count` photos, each a link to one of the demo's, with `more` names.
fn many(root: &Path, count: usize, more: &[&str]) {
    let photo = crate::util::thumbnails::galleries().join("Sea and sky/beacon.jpg");
    let folder = root.join("many");
    fs::create_dir_all(&folder).unwrap();
    let first = folder.join("0000.jpg");
    fs::copy(photo, &first).unwrap();
    let names = (1..count).map(|number| format!("{number:04}.jpg"));
    for name in names.chain(more.iter().map(|&name| name.to_owned())) {
        fs::hard_link(&first, folder.join(name)).unwrap();
    }
}

#[test]
fn a_page_shows_a_hundred_by_name() {
    let site = site();
    let root = site.folder.join("photos");
    many(&root, 205, &[".hidden.jpg", "notes.txt"]);
    let site = site.with("GALLERIES", &root.display().to_string()).with("MEMORY", "8M");
    let names = |query: &str| {
        let page = site.ask("/gallery/many/", &[("QUERY_STRING", query)]);
        assert_eq!(page.status, 200, "{query}: {}", page.log);
        let mut names: Vec<String> = thumbnails(&page)
            .iter()
            .map(|address| address.rsplit('/').next().unwrap().to_owned())
            .collect();
        names.dedup();
        names
    };
    let numbered = |range: std::ops::Range<usize>| -> Vec<String> {
        range.map(|number| format!("{number:04}.jpg")).collect()
    };
    assert_eq!(names(""), numbered(0..100));
    assert_eq!(names("page=1"), numbered(0..100));
    assert_eq!(names("page=2"), numbered(100..200));
    assert_eq!(names("page=3"), numbered(200..205));
    for query in ["page=4", "page=0", "page=x", "page=-1", "page=99999999999999999999"] {
        let status = site.ask("/gallery/many/", &[("QUERY_STRING", query)]).status;
        assert!(matches!(status, 400 | 404), "{query}: {status}");
    }
}

#[test]
fn names_are_text_and_nothing_else() {
    let site = site();
    let root = site.folder.join("photos");
    let hostile = ["a&b.jpg", "<i>x.jpg", "q\"uote'.jpg", "100%.jpg", "ä ö.jpg", "a?b#c.jpg"];
    many(&root, 1, &hostile);
    let site = site.with("GALLERIES", &root.display().to_string());
    let page = site.ask("/gallery/many/", &[]);
    let text = str::from_utf8(&page.body).unwrap();
    assert!(!text.contains("<i>") && !text.contains("q\"uote"), "{text}");
    holds(&site, &thumbnails(&page));
    for name in hostile {
        assert!(thumbnails(&page).iter().any(|address| address.ends_with(name)), "{name}");
    }
}

#[test]
fn the_sites_own_template_is_taken() {
    let site = site();
    let (source, cdb) = (site.folder.join("site"), site.folder.join("site.cdb"));
    fs::create_dir(&source).unwrap();
    fs::write(source.join("_gallery.html"), "<h1>{{name}}</h1>").unwrap();
    picosite::facade::pack::pack(&source, &cdb, None).unwrap();
    let site = site.with("SITE", &cdb.display().to_string());
    let page = site.ask("/gallery/Sea and sky/", &[]);
    assert_eq!(str::from_utf8(&page.body), Ok("<h1>Sea and sky</h1>"));
}

#[test]
fn a_gallery_further_down_is_led_to_and_nothing_else_is_shown() {
    let site = site().with("GALLERY_PAGES", "Hills%20%26%20woods/Night");
    let list = site.ask("/gallery/", &[]);
    let above = site.ask("/gallery/Hills & woods/", &[]);
    assert_eq!((list.status, thumbnails(&list).len()), (200, 0), "no cover, no count");
    assert!(!String::from_utf8_lossy(&list.body).contains("Sea"));
    let shown = thumbnails(&above);
    assert!(!shown.is_empty() && shown.iter().all(|shown| shown.contains("/Night/")), "{shown:?}");
    assert!(!thumbnails(&site.ask("/gallery/Hills & woods/Night/", &[])).is_empty());
    assert_eq!(site.ask("/gallery/Sea and sky/", &[]).status, 404);
}

#[test]
fn galleries_come_a_hundred_a_page_too() {
    let site = site();
    let root = site.folder.join("photos");
    for number in 0..101 {
        fs::create_dir_all(root.join(format!("g{number:03}"))).unwrap();
    }
    let site = site.with("GALLERIES", &root.display().to_string());
    let pages = [("", 100, "href=\"/gallery/?page=2\""), ("page=2", 1, "href=\"/gallery/\"")];
    for (query, count, other) in pages {
        let page = site.ask("/gallery/", &[("QUERY_STRING", query)]);
        let text = String::from_utf8(page.body).unwrap();
        assert_eq!(text.matches("<li><a href=\"/gallery/g").count(), count, "{query}");
        assert!(text.contains(other), "{query}: {text}");
    }
    assert_eq!(site.ask("/gallery/", &[("QUERY_STRING", "page=3")]).status, 404);
}

#[test]
fn without_a_secret_the_owner_is_told_what_to_do() {
    let reply = site().without("SECRET").ask("/gallery/", &[]);
    assert_eq!(reply.status, 500);
    let want = "P65 GET /gallery/: no secret to sign thumbnails with; see picosite secret\n";
    assert_eq!(reply.log, want);
}

#[test]
fn what_the_site_has_or_a_rule_says_comes_first() {
    let site = site();
    let (source, cdb) = (site.folder.join("site"), site.folder.join("site.cdb"));
    fs::create_dir_all(source.join("gallery")).unwrap();
    fs::write(source.join("gallery/index.html"), "mine").unwrap();
    fs::write(source.join("_redirects"), "/gallery/old/* /gallery/\n").unwrap();
    picosite::facade::pack::pack(&source, &cdb, None).unwrap();
    let site = site.with("SITE", &cdb.display().to_string());
    assert_eq!(site.ask("/gallery/", &[]).body, b"mine");
    assert_eq!(site.ask("/gallery/old/", &[]).status, 301);
    assert_eq!(site.ask("/gallery/Sea and sky/", &[]).status, 200);
}
