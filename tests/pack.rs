//! Packs temporary folders and reads the cdb with the crate `cdb`.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use cdb::CDB;
use picosite::facade::http::Coding;
use picosite::facade::pack;
use picosite::facade::pack::Report;
use picosite::facade::site::{Form, Kind, Record, Rules, Site};

use crate::util::folder::Folder;

/// 1994-11-06 08:49:37.
const THEN: u64 = 784_111_777;

/// A folder `assets` with these files, all last modified [`THEN`].
fn tree(files: &[(&str, &[u8])]) -> Folder {
    let folder = Folder::new();
    fs::create_dir(folder.join("assets")).unwrap();
    for (name, contents) in files {
        let path = folder.join("assets").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        set_modified(&path, THEN);
    }
    folder
}

fn set_modified(path: &Path, seconds: u64) {
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

/// Packs the folder; returns the site and the report.
#[track_caller]
fn packed(folder: &Folder) -> (CDB, Report) {
    let out = folder.join("site.cdb");
    let report = pack::pack(&folder.join("assets"), &out, None).unwrap();
    assert_eq!(report.bytes, fs::metadata(&out).unwrap().len());
    (CDB::open(&out).unwrap(), report)
}

/// The error's text without the temporary folder, after a pack that leaves nothing behind.
#[track_caller]
fn errors(folder: &Folder) -> String {
    let out = folder.join("site.cdb");
    fs::write(&out, "the old one").unwrap();
    let error = pack::pack(&folder.join("assets"), &out, None).unwrap_err();
    assert_eq!(fs::read(&out).unwrap(), b"the old one");
    assert_eq!(fs::read_dir(&**folder).unwrap().count(), 2, "something was left behind");
    error.to_string().replace(&format!("{}/", folder.display()), "")
}

#[track_caller]
fn get(cdb: &CDB, key: impl AsRef<[u8]>) -> Option<Vec<u8>> {
    cdb.get(key.as_ref()).transpose().unwrap()
}

fn keys(cdb: &CDB) -> Vec<String> {
    cdb.iter().map(|record| String::from_utf8(record.unwrap().0).unwrap()).collect()
}

/// The forms at an address, each as its coding, its header block and its body.
#[track_caller]
fn forms(folder: &Folder, cdb: &CDB, address: &str) -> Vec<(Coding, String, Vec<u8>)> {
    let value = get(cdb, address).unwrap_or_else(|| panic!("nothing at {address}"));
    let file = fs::read(folder.join("site.cdb")).unwrap();
    let form = |form: Form<'_>| {
        let body = &file[form.body as usize..][..form.len as usize];
        (form.coding, String::from_utf8(form.block.ok().to_vec()).unwrap(), body.to_vec())
    };
    Record::parse(&value).unwrap().forms().map(|found| form(found.unwrap())).collect()
}

#[track_caller]
fn kind(cdb: &CDB, address: &str) -> Kind {
    Record::parse(&get(cdb, address).unwrap()).unwrap().kind
}

#[track_caller]
fn is_forced(cdb: &CDB, address: &str) -> bool {
    Record::parse(&get(cdb, address).unwrap()).unwrap().forced
}

fn long_text() -> Vec<u8> {
    let line = |n: u32| format!("line {n} of {} is {}\n", n * n, n.wrapping_mul(2_654_435_761));
    (0..500).map(line).collect::<String>().into_bytes()
}

/// Incompressible bytes.
fn noise(len: usize) -> Vec<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[4]
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn a_site_is_packed_in_the_order_of_its_names() {
    let folder = tree(&[
        ("index.html", b"home"),
        ("a/index.html", b"folder"),
        ("a.html", b"page"),
        ("a-b.txt", b"text"),
        ("_redirects", b"/x /y\n"),
    ]);
    let (cdb, report) = packed(&folder);
    assert_eq!((report.files, report.addresses, report.warnings), (5, 9, vec![]));
    assert_eq!(
        keys(&cdb),
        [
            "//site",
            "_redirects",
            "/a-b.txt",
            "a-b.txt",
            "/a.html",
            "/a",
            "a.html",
            "/a/index.html",
            "/a/index",
            "/a/",
            "a/index.html",
            "/index.html",
            "/index",
            "/",
            "index.html",
            "//rules",
            "//files",
        ]
    );
    assert_eq!(get(&cdb, "_redirects").unwrap(), b"/x /y\n");
    let list = "784111777 _redirects\n784111777 a-b.txt\n784111777 a.html\n\
                784111777 a/index.html\n784111777 index.html\n";
    assert_eq!(String::from_utf8(get(&cdb, "//files").unwrap()).unwrap(), list);
}

#[test]
fn an_empty_folder_is_a_site() {
    let (cdb, report) = packed(&tree(&[]));
    assert_eq!((report.files, report.addresses), (0, 0));
    assert_eq!(keys(&cdb), ["//site", "//rules", "//files"]);
    assert_eq!(Site::parse(&get(&cdb, "//site").unwrap()).unwrap().elsewhere, b"");
}

#[test]
fn hostile_names_are_packed_verbatim() {
    let names = [
        "%20 #?.html",
        "#[]{}()@!$&'`+,;= %20.test",
        "😀.data",
        "e\u{301} and é.txt",
        "-h",
        "*.css",
        ":name/:splat",
        "a b/c\"d<e>|f",
        "...",
        "..a",
        "x/..b",
        "con",
    ];
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, name.as_bytes())).collect();
    let folder = tree(&files);
    let (cdb, _) = packed(&folder);
    for name in names {
        if name.starts_with('.') || name.contains("/.") {
            assert_eq!(get(&cdb, name), None, "{name}");
            continue;
        }
        assert_eq!(get(&cdb, name).unwrap(), name.as_bytes(), "{name}");
        let forms = forms(&folder, &cdb, &format!("/{name}"));
        assert_eq!(forms.last().unwrap().2, name.as_bytes(), "{name}");
    }
}

#[test]
fn hidden_files_are_ignored_except_well_known() {
    let folder = tree(&[
        (".well-known/acme-challenge/t", b"1"),
        (".well-known/.hidden", b"2"),
        ("a/.well-known/b", b"3"),
        (".git/config", b"4"),
        (".htaccess", b"5"),
    ]);
    // What is ignored is not checked: neither a link nor a bad name matters.
    symlink("nowhere", folder.join("assets/.link")).unwrap();
    fs::write(folder.join("assets/.git/new\nline"), "").unwrap();
    let (cdb, _) = packed(&folder);
    assert_eq!(keys(&cdb)[1..3], ["/.well-known/acme-challenge/t", ".well-known/acme-challenge/t"]);
    assert_eq!(keys(&cdb).len(), 5);
}

#[test]
fn compressed_forms_decompress_to_the_file() {
    let text = long_text();
    let folder = tree(&[("a/t.txt", &text)]);
    let (cdb, _) = packed(&folder);
    let [br, gzip, identity] = &forms(&folder, &cdb, "/a/t.txt")[..] else { panic!() };
    assert_eq!((br.0, gzip.0, identity.0), (Coding::Br, Coding::Gzip, Coding::Identity));
    assert_eq!(identity.2, text);
    assert_eq!(get(&cdb, "//br/a/t.txt").unwrap(), br.2);
    assert_eq!(get(&cdb, "//gzip/a/t.txt").unwrap(), gzip.2);
    assert!(br.2.len() < gzip.2.len() && gzip.2.len() * 10 <= text.len() * 9);

    let mut unpacked = Vec::new();
    brotli::BrotliDecompress(&mut &br.2[..], &mut unpacked).unwrap();
    assert_eq!(unpacked, text);

    // RFC 1952: no flags, no time, then deflate, then CRC and length.
    assert_eq!(gzip.2[..10], [31, 139, 8, 0, 0, 0, 0, 0, 2, 3]);
    let (deflate, end) = gzip.2[10..].split_last_chunk::<8>().unwrap();
    assert_eq!(miniz_oxide::inflate::decompress_to_vec(deflate).unwrap(), text);
    assert_eq!(end[4..], u32::try_from(text.len()).unwrap().to_le_bytes());
}

#[test]
fn a_file_of_several_zopfli_chunks_decompresses_too() {
    // A chunk has a million bytes. Blanks are quick to compress.
    let text = [vec![b' '; 999_990], long_text()].concat();
    let folder = tree(&[("t", &text)]);
    let (cdb, _) = packed(&folder);
    let [br, gzip, _] = &forms(&folder, &cdb, "/t")[..] else { panic!() };
    let mut unpacked = Vec::new();
    brotli::BrotliDecompress(&mut &br.2[..], &mut unpacked).unwrap();
    assert!(unpacked == text);
    let deflate = &gzip.2[10..gzip.2.len() - 8];
    assert!(miniz_oxide::inflate::decompress_to_vec(deflate).unwrap() == text);
}

#[test]
fn a_form_that_does_not_save_a_tenth_is_not_kept() {
    let mostly_noise = [noise(30_000), vec![b' '; 1000]].concat();
    let files: [(&str, &[u8]); 4] =
        [("e", b""), ("one", b"1"), ("noise", &noise(10_000)), ("mostly", &mostly_noise)];
    let folder = tree(&files);
    let (cdb, _) = packed(&folder);
    for (name, contents) in files {
        let forms = forms(&folder, &cdb, &format!("/{name}"));
        assert_eq!(forms.len(), 1, "{name}");
        assert_eq!((forms[0].0, &forms[0].2[..]), (Coding::Identity, contents));
        assert!(!forms[0].1.contains("Vary"), "{}", forms[0].1);
    }
}

#[test]
fn a_form_that_saves_a_tenth_is_kept_whatever_the_type() {
    let folder = tree(&[("scan.png", &long_text())]);
    let (cdb, _) = packed(&folder);
    assert_eq!(forms(&folder, &cdb, "/scan.png").len(), 3);
}

#[test]
fn a_header_block_is_ready_to_send() {
    let folder = tree(&[("a.html", &b"<p>hello hello hello hello hello hello</p>"[..])]);
    let (cdb, _) = packed(&folder);
    for address in ["/a", "/a.html"] {
        let [br, gzip, identity] = &forms(&folder, &cdb, address)[..] else { panic!() };
        let block = |suffix: &str, encoding: &str, len: usize| {
            format!(
                "Status: 200 OK\r\n\
                 ETag: \"NP1XfWWcJ79K2L5c{suffix}\"\r\n\
                 Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\
                 Accept-Ranges: bytes\r\n\
                 X-Content-Type-Options: nosniff\r\n\
                 Vary: Accept-Encoding\r\n\
                 Content-Type: text/html; charset=utf-8\r\n\
                 {encoding}\
                 Content-Length: {len}\r\n\r\n"
            )
        };
        assert_eq!(identity.1, block("", "", 42));
        assert_eq!(br.1, block("-br", "Content-Encoding: br\r\n", br.2.len()));
        assert_eq!(gzip.1, block("-gz", "Content-Encoding: gzip\r\n", gzip.2.len()));
    }
}

#[test]
fn headers_apply_to_each_address_separately() {
    let folder = tree(&[
        ("a.html", b"1"),
        ("a/index.html", b"2"),
        ("_headers", b"/a\n X-A: 1\n/a/*\n X-B: 2\n/*.html\n X-C: 3\n"),
    ]);
    let (cdb, _) = packed(&folder);
    let own = |address: &str| -> Vec<String> {
        let block = &forms(&folder, &cdb, address)[0].1;
        let lines = block.lines().filter(|line| line.starts_with("X-") && line.len() == 6);
        lines.map(String::from).collect()
    };
    assert_eq!(own("/a"), ["X-A: 1"]);
    assert_eq!(own("/a.html"), ["X-C: 3"]);
    assert_eq!(own("/a/"), ["X-B: 2"]);
    assert_eq!(own("/a/index.html"), ["X-B: 2", "X-C: 3"]);
}

#[test]
fn a_header_that_picosite_sets_is_ignored_with_a_warning() {
    let folder = tree(&[("a", b"1"), ("_headers", b"/a\n Status: 201\n X: 1\n")]);
    let (_, report) = packed(&folder);
    let [warning] = &report.warnings[..] else { panic!("{:?}", report.warnings) };
    assert_eq!(
        warning.to_string().replace(&format!("{}/", folder.display()), ""),
        "assets/_headers:2: picosite sets `Status` itself; the line is ignored"
    );
}

#[test]
fn a_rule_that_serves_a_missing_file_gets_a_warning() {
    let rules = b"/1 /a 200\n/2 /b 200\n/3 /b/?q 200\n/4 /c 410\n/5 /c\n/:x /:x.html 200\n";
    let folder = tree(&[("a.html", b"1"), ("b/index.html", b"2"), ("_redirects", rules)]);
    let (_, report) = packed(&folder);
    let warning = |line, path| {
        format!(
            "assets/_redirects:{line}: nothing is served at `{path}`; a folder's page ends in `/`"
        )
    };
    let told = report.warnings.iter().map(ToString::to_string);
    let told: Vec<_> =
        told.map(|warning| warning.replace(&format!("{}/", folder.display()), "")).collect();
    assert_eq!(told, [warning(2, "/b"), warning(4, "/c")]);
}

#[test]
fn forced_rules_mark_the_addresses_they_take_precedence_over() {
    let folder = tree(&[
        ("a.html", b"1"),
        ("b/index.html", b"2"),
        ("c", b"3"),
        ("_redirects", b"/c /x\n/a /y 302!\n/b /z 301!\n/* /w 200!\n"),
    ]);
    let (cdb, _) = packed(&folder);
    let forced = ["/a", "/b", "/a.html", "/b/", "/b/index.html"];
    assert!(forced.into_iter().all(|address| is_forced(&cdb, address)));
    assert!(!is_forced(&cdb, "/c"));
    assert_eq!(kind(&cdb, "/b"), Kind::Folder);
    assert_eq!(kind(&cdb, "/a"), Kind::Asset);
    let value = get(&cdb, "//rules").unwrap();
    let rules: Vec<_> = Rules::new(&value).map(|rule| rule.unwrap().status).collect();
    assert_eq!(rules, [301, 302, 301, 200]);
}

#[test]
fn the_setting_site_is_in_the_first_record() {
    let folder = tree(&[("_picosite", b"# where\n site = ../other.cdb \nworkers=2\n")]);
    let (cdb, _) = packed(&folder);
    assert_eq!(keys(&cdb)[0], "//site");
    assert_eq!(Site::parse(&get(&cdb, "//site").unwrap()).unwrap().elsewhere, b"../other.cdb");
}

#[test]
fn the_first_record_says_what_requests_can_skip() {
    // Whether there are settings, whether rules reach thumbnails or galleries, and whether
    // thumbnails come first.
    for (file, text, want) in [
        ("a.html", "", (false, false, true)),
        ("_picosite", "# galleries = ../photos\n \n", (false, false, true)),
        ("_picosite", "#\ngalleries = ../photos\n", (true, false, true)),
        ("_redirects", "/old/* /new\n", (false, false, true)),
        ("_redirects", "/gallery/a /b\n", (false, true, true)),
        ("_redirects", "/thumb/* /b\n", (false, true, false)),
        ("_redirects", "/:a/b /b\n", (false, true, false)),
        ("thumb/a.txt", "", (false, false, false)),
        ("thumb/index.html", "", (false, false, false)),
        ("thumb.html", "", (false, false, true)),
        ("thumbs/a.txt", "", (false, false, true)),
    ] {
        let (cdb, _) = packed(&tree(&[(file, text.as_bytes())]));
        let record = get(&cdb, picosite::facade::site::SITE).unwrap();
        let Site { settings, rules, thumbnails_first, .. } = Site::parse(&record).unwrap();
        assert_eq!((settings, rules, thumbnails_first), want, "{file}: {text}");
    }
}

#[test]
fn times_are_limited_to_latest_and_never_before_1970() {
    let folder = tree(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    set_modified(&folder.join("assets/b"), THEN + 10);
    let old = SystemTime::UNIX_EPOCH - Duration::from_secs(10);
    File::options().write(true).open(folder.join("assets/c")).unwrap().set_modified(old).unwrap();
    let out = folder.join("site.cdb");
    pack::pack(&folder.join("assets"), &out, Some(THEN + 5)).unwrap();
    let cdb = CDB::open(&out).unwrap();
    assert_eq!(get(&cdb, "//files").unwrap(), b"784111777 a\n784111782 b\n0 c\n");
    let record = |address| Record::parse(&get(&cdb, address).unwrap()).unwrap().modified;
    assert_eq!((record("/a"), record("/b"), record("/c")), (THEN, THEN + 5, 0));
    let block = &forms(&folder, &cdb, "/b")[0].1;
    assert!(block.contains("\r\nLast-Modified: Sun, 06 Nov 1994 08:49:42 GMT\r\n"), "{block}");
}

#[test]
fn a_time_in_the_future_is_that_of_packing() {
    let folder = tree(&[("a", b"1")]);
    // Before 2038: on 32-bit machines, std sets no later times.
    let year = 365 * 24 * 60 * 60;
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    set_modified(&folder.join("assets/a"), now + year);
    for latest in [None, Some(now + 2 * year)] {
        pack::pack(&folder.join("assets"), &folder.join("site.cdb"), latest).unwrap();
        let value = get(&CDB::open(folder.join("site.cdb")).unwrap(), "/a").unwrap();
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
        let modified = Record::parse(&value).unwrap().modified;
        assert!((now - 60..=now).contains(&modified), "{modified} at {now}");
    }
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    let text = long_text();
    let files: Vec<(String, &[u8])> =
        (0..20).map(|n| (format!("{}/{n}.txt", n % 3), &text[n * 100..][..2000])).collect();
    let mut files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, contents)| (name.as_str(), *contents)).collect();
    let one = tree(&files);
    files.reverse();
    let two = tree(&files);
    let (first, second) = (packed(&one).1, packed(&two).1);
    assert_eq!((first.files, first.addresses), (second.files, second.addresses));
    let bytes = |folder: &Folder| fs::read(folder.join("site.cdb")).unwrap();
    assert!(bytes(&one) == bytes(&two));
}

#[test]
fn every_error_in_the_tree_is_reported() {
    let folder = tree(&[("good.txt", b"1"), ("a\\b", b""), ("new\nline", b""), ("x/\u{9b}", b"")]);
    let assets = folder.join("assets");
    symlink("good.txt", assets.join("link")).unwrap();
    symlink("x", assets.join(".well-known")).unwrap();
    fs::write(assets.join(std::ffi::OsStr::from_bytes(b"caf\xe9")), "").unwrap();
    fs::create_dir(assets.join("_headers")).unwrap();
    let (mode, fifo) = (rustix::fs::Mode::RUSR, rustix::fs::FileType::Fifo);
    rustix::fs::mknodat(rustix::fs::CWD, assets.join("pipe"), fifo, mode, 0).unwrap();
    assert_eq!(
        errors(&folder),
        "assets/.well-known: a symbolic link, which is not packed; replace it by what it points to\n\
         assets/_headers: a directory with the name of a special file; rename it\n\
         assets/a\\b: the name contains a `\\`, which no address can; rename it\n\
         assets/caf\u{fffd}: the name is not UTF-8; rename it\n\
         assets/link: a symbolic link, which is not packed; replace it by what it points to\n\
         assets/new\\nline: the name contains a control character; rename it\n\
         assets/pipe: neither a file nor a directory; remove it\n\
         assets/x/\\u{9b}: the name contains a control character; rename it"
    );
}

#[test]
fn every_error_in_the_special_files_is_reported() {
    let folder = tree(&[
        ("index.html", b"1"),
        ("_headers", b"/\n ETag: 1\n# fine\n X\n"),
        ("_redirects", b"\n/a\n/b /c 300\n"),
        ("_picosite", b"sizes = 3\n"),
    ]);
    assert_eq!(
        errors(&folder),
        "assets/_headers:2: `1` is not an entity tag; write exactly one, as `\"text\"`\n\
         assets/_headers:4: `X` has no `:`; write `Name: value`, or `! Name`\n\
         assets/_picosite:1: `sizes`: there is no such setting\n\
         assets/_redirects:2: a rule is `from to [status]`, but this line has 1 of these; write a \
         space in a name as `%20`\n\
         assets/_redirects:3: `300` is not a status for a rule; use 200, 301, 302, 303, 307, 308, \
         404 or 410, with or without `!`"
    );
}

#[test]
fn settings_that_requests_would_misread_are_an_error() {
    let folder = tree(&[("_picosite", b"\xef\xbb\xbfworkers = 2\n")]);
    assert_eq!(
        errors(&folder),
        "assets/_picosite:1: starts with a byte order mark; save the file as UTF-8 without one"
    );
}

#[test]
fn a_missing_folder_is_an_error() {
    let folder = Folder::new();
    let error = pack::pack(&folder.join("none"), &folder.join("x"), None).unwrap_err();
    let error = error.to_string().replace(&format!("{}/", folder.display()), "");
    assert_eq!(error, "none: No such file or directory (os error 2)");
}

#[test]
fn a_site_too_large_for_a_cdb_is_refused_before_it_is_read() {
    let folder = tree(&[("film", b"")]);
    let path: PathBuf = folder.join("assets/film");
    File::options().write(true).open(path).unwrap().set_len(1 << 32).unwrap();
    assert_eq!(
        errors(&folder),
        "assets: the site with its compressed forms exceeds the 4 GiB that a cdb can hold; leave \
         out the largest files"
    );
}
