//! All deviations of particular web servers. Everything else reads variables as RFC 3875 defines
//! them.
//!
//! | server | deviation |
//! | --- | --- |
//! | Apache | an alias may differ from the file's name, so `SCRIPT_FILENAME` doesn't show where the script's name ends in the URL |
//! | nginx | with Debian's `fastcgi_params`, `SCRIPT_NAME` is the whole path of the URL |
//! | busybox | `REQUEST_URI` is already decoded |
//! | thttpd | sets no `REQUEST_URI`, strips a trailing `/` from `PATH_INFO`, and then leaves the path in `SCRIPT_NAME` |
//! | mini_httpd | never passes on the body of a GET, and closes the connection once the body of a POST is read |
//!
//! Servers' names are compared with patterns, which compile to code. As constants, they would be on
//! a page that nothing else touches: a page fault on the board, 120 us for every visitor.

use crate::cgi::variables::Variables;

/// Whether the server decodes `REQUEST_URI`.
#[must_use]
pub const fn decodes_request_uri(variables: &Variables<'_>) -> bool {
    matches!(variables.server_software(), [b'b', b'u', b's', b'y', b'b', b'o', b'x', ..])
}

/// Whether the request's body may be read before the reply is written.
///
/// Under mini_httpd, a program that first reads 100 KB loses 24 of 30 replies; one that doesn't
/// read loses none.
#[must_use]
pub const fn delivers_body(variables: &Variables<'_>) -> bool {
    !matches!(
        variables.server_software(),
        [b'm', b'i', b'n', b'i', b'_', b'h', b't', b't', b'p', b'd', ..]
    )
}

/// The script's name in the URL; `is_whole` tells whether a name is the URL's whole path.
#[must_use]
pub fn script_name<'a>(
    variables: &Variables<'a>,
    is_whole: impl FnOnce(&[u8]) -> bool,
) -> &'a [u8] {
    let name = variables.script_name();
    let file = variables.script_filename().rsplit(|&b| b == b'/').next().unwrap_or_default();
    if file.is_empty() {
        return name;
    }
    let mut end = 0;
    for segment in name.split(|&b| b == b'/') {
        end += segment.len();
        if segment == file {
            return &name[..end];
        }
        end += 1;
    }
    let is_apache = matches!(variables.server_software(), [b'A', b'p', b'a', b'c', b'h', b'e', ..]);
    // Only nginx sets the whole path; under Apache this is an alias requested on its own.
    if !is_apache && is_whole(name) { &[] } else { name }
}

/// Mount point and path if `SCRIPT_NAME` contains both, as under thttpd: it strips the trailing `/`
/// from `PATH_INFO` and then can't find that at the end of `SCRIPT_NAME` to remove it.
#[must_use]
pub fn split_script_name<'a>(variables: &Variables<'a>) -> Option<(&'a [u8], &'a [u8])> {
    if !variables.request_uri().is_empty() {
        return None;
    }
    let mount = variables.script_name().strip_suffix(b"/")?.strip_suffix(variables.path_info())?;
    Some(variables.script_name().split_at(mount.len()))
}
