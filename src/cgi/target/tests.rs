//! The variables that each kind of server sets, and the target they mean.
#![allow(clippy::disallowed_macros, reason = "tests may use the heap")]

use crate::cgi::target::{Mount, RequestError, locate};
use crate::cgi::variables::Variables;

/// Checks the path, mount point and query of a request with these variables.
#[track_caller]
fn check(environment: &[&str], path: &str, mount: Mount<'_>, query: &str) {
    let variables = Variables::gather(environment.iter().map(|entry| entry.as_bytes()));
    let mut storage = [0; crate::cgi::target::PATH_MAX];
    let target = locate(&variables, &mut storage).unwrap();
    assert_eq!(str::from_utf8(target.path), Ok(path));
    assert_eq!(target.mount, mount, "mount point");
    assert_eq!(target.query, query.as_bytes(), "query");
}

#[track_caller]
fn fails(environment: &[&str], failure: RequestError) {
    let variables = Variables::gather(environment.iter().map(|entry| entry.as_bytes()));
    assert_eq!(locate(&variables, &mut [0; crate::cgi::target::PATH_MAX]).err(), Some(failure));
}

const CGI: Mount<'_> = Mount::Raw(b"/cgi-bin/site.cgi");
const ROOT: Mount<'_> = Mount::Raw(b"");
const NONE: Mount<'_> = Mount::Decoded(b"");

#[test]
fn the_path_is_path_info() {
    check(&["PATH_INFO=/"], "/", NONE, "");
    check(&["PATH_INFO=/a b%20c"], "/a b%20c", NONE, "");
    check(&["PATH_INFO=/a", "QUERY_STRING=x=1&y"], "/a", NONE, "x=1&y");
    check(&["PATH_INFO=/a", "SCRIPT_NAME=/cgi bin/s"], "/a", Mount::Decoded(b"/cgi bin/s"), "");
}

#[test]
fn the_mount_point_precedes_the_path_in_the_visitors_url() {
    let uri = "REQUEST_URI=/cgi-bin/site.cgi/a%20b/%c3%a4?q=%20";
    check(&["PATH_INFO=/a b/ä", uri, "QUERY_STRING=q=%20"], "/a b/ä", CGI, "q=%20");
    check(&["PATH_INFO=/a/b", "REQUEST_URI=/a/b", "SCRIPT_NAME=/x.cgi"], "/a/b", ROOT, "");
    check(&["PATH_INFO=/a/b", "REQUEST_URI=/blog/a/b"], "/a/b", Mount::Raw(b"/blog"), "");
    check(&["PATH_INFO=/", "REQUEST_URI=/cgi-bin/site.cgi/"], "/", CGI, "");
    // The URL doesn't end with the path, as after an internal redirect: the mount point is the
    // script's name.
    let script = "SCRIPT_NAME=/cgi-bin/site.cgi";
    let mount = Mount::Decoded(b"/cgi-bin/site.cgi");
    check(&["PATH_INFO=/new", "REQUEST_URI=/old", script], "/new", mount, "");
}

#[test]
fn runs_of_slashes_that_the_server_merged_count_as_one() {
    check(&["PATH_INFO=/a/b", "REQUEST_URI=/cgi-bin/site.cgi//a///b"], "/a/b", CGI, "");
    check(&["PATH_INFO=/a/", "REQUEST_URI=/a//"], "/a/", ROOT, "");
}

#[test]
fn without_path_info_the_path_follows_the_scripts_name() {
    let script = "SCRIPT_NAME=/cgi-bin/site.cgi";
    check(&["REQUEST_URI=/cgi-bin/site.cgi", script], "", CGI, "");
    check(&["REQUEST_URI=/cgi-bin/site.cgi?x", script], "", CGI, "x");
    check(&["REQUEST_URI=/cgi-bin/site.cgi/a%41", script], "/aA", CGI, "");
    check(&["REQUEST_URI=/cgi-bin/site.cgix", script], "/cgi-bin/site.cgix", ROOT, "");
    check(&["REQUEST_URI=/docs/?x", script], "/docs/", ROOT, "x");
    check(&[script], "", Mount::Decoded(b"/cgi-bin/site.cgi"), "");
}

#[test]
fn nginx_sets_script_name_to_the_whole_path() {
    let file = "SCRIPT_FILENAME=/usr/lib/cgi-bin/site.cgi";
    let at = |name| ["SERVER_SOFTWARE=nginx/1.22.1", file, name];
    let [software, file, name] = at("SCRIPT_NAME=/docs/a b");
    check(&[software, file, name, "REQUEST_URI=/docs/a%20b"], "/docs/a b", ROOT, "");
    let [software, file, name] = at("SCRIPT_NAME=/cgi-bin/site.cgi/docs/");
    check(&[software, file, name, "REQUEST_URI=/cgi-bin/site.cgi/docs/"], "/docs/", CGI, "");
    let [software, file, name] = at("SCRIPT_NAME=/cgi-bin/site.cgi");
    check(&[software, file, name, "REQUEST_URI=/cgi-bin/site.cgi"], "", CGI, "");
}

#[test]
fn an_alias_may_differ_from_the_files_name() {
    let alias = ["SCRIPT_NAME=/site", "SCRIPT_FILENAME=/srv/x.cgi", "SERVER_SOFTWARE=Apache/2.4"];
    let [name, file, software] = alias;
    check(&[name, file, software, "REQUEST_URI=/site"], "", Mount::Raw(b"/site"), "");
    check(&[name, file, software, "REQUEST_URI=/site/a"], "/a", Mount::Raw(b"/site"), "");
}

#[test]
fn busybox_decodes_the_url() {
    let software = "SERVER_SOFTWARE=busybox httpd/1.35.0";
    let name = "SCRIPT_NAME=/cgi-bin/index.cgi";
    let mount = Mount::Decoded(b"/cgi-bin/index.cgi");
    let address = "REQUEST_URI=/cgi-bin/index.cgi/100%/?a?b=c";
    check(&[software, name, address, "QUERY_STRING=b=c"], "/100%/?a", mount, "b=c");
    check(&[software, name, "REQUEST_URI=/"], "/", NONE, "");
    check(&[software, name, "REQUEST_URI=/%41"], "/%41", NONE, "");
    let address = "REQUEST_URI=/cgi-bin/index.cgi/a?b";
    check(&[software, name, address, "PATH_INFO=/a?b"], "/a?b", mount, "");
}

#[test]
fn thttpd_leaves_a_path_that_ends_with_a_slash_in_script_name() {
    let mount = Mount::Decoded(b"/cgi-bin/site.cgi");
    check(&["SCRIPT_NAME=/cgi-bin/site.cgi"], "", mount, "");
    check(&["SCRIPT_NAME=/cgi-bin/site.cgi/"], "/", mount, "");
    check(&["SCRIPT_NAME=/cgi-bin/site.cgi", "PATH_INFO=/docs"], "/docs", mount, "");
    check(&["SCRIPT_NAME=/cgi-bin/site.cgi/docs/", "PATH_INFO=/docs"], "/docs/", mount, "");
    check(&["SCRIPT_NAME=/"], "/", NONE, "");
}

#[test]
fn an_error_page_takes_its_path_from_redirect_url() {
    check(&["REDIRECT_URL=/a%20b", "REDIRECT_QUERY_STRING=q"], "/a b", NONE, "q");
    check(&["REDIRECT_URL=/x", "REQUEST_URI=/y"], "/y", ROOT, "");
}

#[test]
fn an_absolute_url_is_reduced_to_its_path() {
    check(&["REQUEST_URI=http://example.org/a?b"], "/a", ROOT, "b");
    check(&["REQUEST_URI=https://example.org"], "", NONE, "");
}

#[test]
fn rejects_malformed_paths() {
    fails(&["REQUEST_URI=/%"], RequestError::Escape);
    fails(&["REQUEST_URI=/%4"], RequestError::Escape);
    fails(&["REQUEST_URI=/%4g"], RequestError::Escape);
    fails(&["REQUEST_URI=/%00"], RequestError::Character);
    fails(&["PATH_INFO=/a\\b"], RequestError::Character);
    for path in ["/.", "/..", "/./", "/../", "/a/.", "/a/..", "/a/./b", "/a/../b", "/%2e%2E/"] {
        fails(&[&std::format!("REQUEST_URI={path}")], RequestError::DotSegment);
    }
    fails(&["PATH_INFO=a"], RequestError::Relative);
    fails(&[&std::format!("REQUEST_URI=/%61{}", "a".repeat(8192))], RequestError::Long);
}

#[test]
fn accepts_dots_within_names() {
    for path in ["/...", "/..a", "/a..", "/.a", "/a.b/", "/.../", "/a../b"] {
        check(&[&std::format!("PATH_INFO={path}")], path, NONE, "");
    }
}

#[test]
fn detects_runs_of_slashes() {
    for (path, want) in [
        ("", false),
        ("/", false),
        ("/a/b/", false),
        ("/.a/..b/", false),
        ("//", true),
        ("//a", true),
        ("/a//b", true),
        ("/.a//", true),
        ("/a///", true),
    ] {
        assert_eq!(crate::cgi::target::check(path.as_bytes()), Ok(want), "{path}");
    }
}
