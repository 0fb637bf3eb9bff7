//! Whatever a server passes in, every server can parse the reply.

use crate::util::reply::{Memory, check};
use picosite::facade::cgi::{Variables, target};
use picosite::facade::site::answer::Answer;
use picosite::facade::site::archive::Archive;
use picosite::facade::site::{answer, find};
use proptest::collection::vec;
use proptest::prelude::*;

/// The site's reply to a request.
fn answered(variables: &Variables<'_>, site: &Archive<'_>) -> Vec<u8> {
    let mut path = [0; target::PATH_MAX];
    let (mut storage, mut memory) = (answer::Storage::new(&mut path), Memory::default());
    match answer::answer(variables, site, &mut storage) {
        Answer::Reply(reply) => reply.send(variables.extent(), &mut memory),
        Answer::Redirect(status, location) => {
            location.send(status, variables.extent(), &mut memory)
        }
        Answer::Thumbnail(_) | Answer::Gallery(_) => panic!("no address here is one"),
    }
    .unwrap();
    memory.0
}

fn reply(environment: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<Vec<u8>> =
        environment.iter().map(|(name, value)| [name.as_bytes(), b"=", value].concat()).collect();
    let variables = Variables::gather(entries.iter().map(|entry| &entry[..]));
    answered(&variables, &find::find(b"", None).unwrap())
}

/// Addresses composed of pieces that are special somewhere.
fn address() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: &[&[u8]] = &[
        b"/",
        b"//",
        b".",
        b"..",
        b"%",
        b"%2e",
        b"%0d%0a",
        b"\r\n",
        b"\\",
        b"?",
        b"#",
        b"a b",
        b"\xc3\xa4",
        b"\xff",
        b"home",
        b"index",
        b"style.css",
        b"http://evil.example",
        b"cgi-bin/site.cgi",
    ];
    vec(prop::sample::select(PIECES), 0..6).prop_map(|pieces| pieces.concat())
}

fn field() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..20),
        "[ \",*;=/a-zA-Z0-9-]{0,30}".prop_map(String::into_bytes),
        "bytes=[0-9]{0,4}-[0-9]{0,4}".prop_map(String::into_bytes),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_reply_is_well_formed(
        method in prop_oneof!["GET", "HEAD", "POST", "OPTIONS", "get", ""],
        addresses in proptest::array::uniform5(address()),
        fields in proptest::array::uniform5(field()),
        software in prop_oneof!["busybox httpd/1.35", "Apache/2.4", "nginx/1.22", ""],
        status in prop_oneof!["200", "404", "403", "5", "abc", ""],
    ) {
        let [info, uri, name, file, query] = addresses;
        let [none_match, since, range, if_range, accept] = fields;
        let is_head = method == "HEAD";
        let reply = reply(&[
            ("REQUEST_METHOD", method.into_bytes()),
            ("PATH_INFO", info),
            ("REQUEST_URI", uri),
            ("SCRIPT_NAME", name),
            ("SCRIPT_FILENAME", file),
            ("QUERY_STRING", query),
            ("SERVER_SOFTWARE", software.into_bytes()),
            ("REDIRECT_STATUS", status.into_bytes()),
            ("HTTP_IF_NONE_MATCH", none_match.clone()),
            ("HTTP_IF_MATCH", none_match),
            ("HTTP_IF_UNMODIFIED_SINCE", since.clone()),
            ("HTTP_IF_MODIFIED_SINCE", since),
            ("HTTP_RANGE", range),
            ("HTTP_IF_RANGE", if_range),
            ("HTTP_ACCEPT_ENCODING", accept),
        ]);
        let (_, location) = check(&reply, is_head);
        if let Some(location) = location {
            // A second slash, or what browsers treat as one, would introduce another host.
            prop_assert!(location.starts_with('/') && !location[1..].starts_with(['/', '\\']));
        }
    }
}

#[test]
fn a_rule_never_redirects_to_another_host() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("rule");
    std::fs::create_dir_all(folder.join("site")).unwrap();
    let rules = "/old* /:splat\n/two/:y/* /:splat/:y\n/in* /:splat 200\n";
    std::fs::write(folder.join("site/_redirects"), rules).unwrap();
    picosite::facade::pack::pack(&folder.join("site"), &folder.join("site.cdb"), None).unwrap();
    let cdb = std::fs::read(folder.join("site.cdb")).unwrap();
    for (path, status, location) in [
        ("PATH_INFO=/old/evil.example", 301, Some("/evil.example")),
        ("PATH_INFO=/old//evil.example", 301, Some("/old/evil.example")),
        ("PATH_INFO=/two/evil.example/", 301, Some("/evil.example")),
        ("PATH_INFO=/in/site", 404, None),
        ("PATH_INFO=/in/rules", 404, None),
    ] {
        let variables = Variables::gather([path.as_bytes()].into_iter());
        let reply = answered(&variables, &Archive::new(&cdb));
        assert_eq!(check(&reply, false), (status, location.map(str::to_owned)), "{path}");
    }
}

#[test]
fn a_redirect_never_names_another_host() {
    for (uri, info) in [
        ("//evil.example/docs", "//evil.example/docs"),
        ("//evil.example//", "//"),
        ("/\\evil.example//", "//"),
        ("http://evil.example//", "//"),
        ("//evil.example", ""),
    ] {
        let environment = [("REQUEST_URI", uri.into()), ("PATH_INFO", info.into())];
        let (status, location) = check(&reply(&environment), false);
        if let Some(location) = location {
            assert_eq!(status, 301);
            assert!(!location.starts_with("//") && !location.contains(['\\', ':']), "{location}");
        }
    }
}
