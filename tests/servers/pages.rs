//! What every installation must answer: the tests' site, path by path.

use std::fs;

use super::site;

/// What a path must give. Paths are below the mount point.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Want {
    /// 200 with this file of `tests/site`.
    File(&'static str),
    /// This status with this file of `tests/site`, and `no-store`.
    Error(u16, &'static str),
    /// This status and a `Location` below the mount point, or on another host.
    Redirect(u16, &'static str),
}

/// Paths as sent, and what they must give.
pub(crate) const PAGES: [(&str, Want); 60] = [
    ("/", Want::File("index.html")),
    ("/index.html", Want::File("index.html")),
    ("/?-h", Want::File("index.html")),
    ("/?--help", Want::File("index.html")),
    ("/?list", Want::File("index.html")),
    ("/?-i+/etc/passwd", Want::File("index.html")),
    ("/?--cache%3D/x", Want::File("index.html")),
    ("/about", Want::File("about.html")),
    ("/about?-h", Want::File("about.html")),
    ("/about?x=1&y=%20", Want::File("about.html")),
    ("/about/", Want::Error(404, "404.html")),
    // A forced rule precedes the file.
    ("/about.html", Want::Redirect(301, "/about")),
    ("/docs/", Want::File("docs/index.html")),
    ("/docs/?-h", Want::File("docs/index.html")),
    ("/docs/guide", Want::File("docs/guide.html")),
    ("/docs/guide.html", Want::File("docs/guide.html")),
    ("/docs", Want::Redirect(301, "/docs/")),
    ("/docs?x=1&y=a%20b+c", Want::Redirect(301, "/docs/?x=1&y=a%20b+c")),
    ("/style.css", Want::File("style.css")),
    ("/dot.png", Want::File("dot.png")),
    ("/echo.txt", Want::File("echo.txt")),
    ("/data.xyz", Want::File("data.xyz")),
    // Other rules follow it.
    ("/notes.txt", Want::File("notes.txt")),
    ("/hello%20world", Want::File("hello world.html")),
    ("/hello%20world.html", Want::File("hello world.html")),
    ("/hello%20folder/", Want::File("hello folder/index.html")),
    ("/hello%20folder", Want::Redirect(301, "/hello%20folder/")),
    ("/100%25%20sure/", Want::File("100% sure/index.html")),
    ("/100%25%20sure", Want::Redirect(301, "/100%25%20sure/")),
    ("/100%25.txt", Want::File("100%.txt")),
    ("/%2541.txt", Want::File("%41.txt")),
    ("/A.txt", Want::Error(404, "404.html")),
    ("/na%C3%AFve%20%E2%98%83.txt", Want::File("naïve ☃.txt")),
    ("/na%c3%afve%20%e2%98%83.txt", Want::File("naïve ☃.txt")),
    ("/a+b.txt", Want::File("a+b.txt")),
    ("/a%2Bb.txt", Want::File("a+b.txt")),
    ("/a%20b.txt", Want::File("a b.txt")),
    ("/~user/", Want::File("~user/index.html")),
    ("/%7Euser/", Want::File("~user/index.html")),
    ("/~user", Want::Redirect(301, "/~user/")),
    ("/%23%5B%5D%7B%7D()@!$&;=,%22%3C%3E.txt", Want::File("#[]{}()@!$&;=,\"<>.txt")),
    ("/why%3F.txt", Want::File("why?.txt")),
    ("/-h", Want::File("-h")),
    ("/_under.txt", Want::File("_under.txt")),
    ("/.well-known/security.txt", Want::File(".well-known/security.txt")),
    ("/both", Want::File("both")),
    ("/both.html", Want::File("both.html")),
    ("/large.bin", Want::File("large.bin")),
    ("/missing", Want::Error(404, "404.html")),
    ("/missing/", Want::Error(404, "404.html")),
    ("/docs/missing/at/all", Want::Error(404, "docs/404.html")),
    ("/plain/", Want::Error(404, "404.html")),
    ("/.hidden", Want::Error(404, "404.html")),
    ("/_redirects", Want::Error(404, "404.html")),
    ("/old/guide?x=1", Want::Redirect(301, "/docs/guide?x=1")),
    ("/away", Want::Redirect(302, "https://example.org/there")),
    ("/shop/a%20b?x=1", Want::Redirect(307, "/docs/?item=a%20b")),
    ("/app/any/thing", Want::File("app.html")),
    ("/gone", Want::File("gone.html")),
    ("/retired", Want::Error(410, "gone.html")),
];

/// The content of a file of the site.
#[track_caller]
pub(crate) fn content(file: &str) -> Vec<u8> {
    match file {
        "large.bin" => site::large(),
        _ => fs::read(site::sources().join(file)).expect("it is in tests/site/"),
    }
}

/// The media type of a file.
pub(crate) fn media_type(file: &str) -> &'static str {
    match file.rsplit_once('.') {
        Some((_, "html")) => "text/html; charset=utf-8",
        Some((_, "txt")) => "text/plain; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        Some((_, "png")) => "image/png",
        _ => "application/octet-stream",
    }
}
