//! What servers do differently, all of it: everything else reads variables as RFC 3875 has them.
//!
//! | server | difference |
//! | --- | --- |
//! | Apache | an alias may have another name than its file, so that `SCRIPT_FILENAME` doesn't tell where in the address the script's name ends |
//! | nginx | with Debian's `fastcgi_params`, `SCRIPT_NAME` is the whole address |
//! | busybox | `REQUEST_URI` is decoded already |
//! | thttpd | has no `REQUEST_URI`, and `PATH_INFO` lacks a `/` at its end |
//! | mini_httpd | never delivers the body of a GET, and closes the connection once a POST's body is read |
//!
//! Names are compared by patterns, which are code: as constants they would lie on a page that
//! nothing else touches, a page fault of 120 us for every visitor on the board.

use crate::cgi::variables::Variables;

/// Whether the server hands over `REQUEST_URI` decoded.
#[must_use]
pub const fn decodes_request_uri(variables: &Variables<'_>) -> bool {
    matches!(variables.server_software(), [b'b', b'u', b's', b'y', b'b', b'o', b'x', ..])
}

/// Whether the request's body may be read before the reply is written.
///
/// Under mini_httpd a program that reads 100 KB first loses 24 of 30 replies; one that doesn't
/// read loses none.
#[must_use]
pub const fn delivers_body(variables: &Variables<'_>) -> bool {
    !matches!(
        variables.server_software(),
        [b'm', b'i', b'n', b'i', b'_', b'h', b't', b't', b'p', b'd', ..]
    )
}

/// The script's name in the address; `is_whole` says whether a name is all of the address.
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
    // An alias of Apache's: the address goes on after it. Else nginx's whole address.
    if !is_apache && is_whole(name) { &[] } else { name }
}

/// Mount point and path if `SCRIPT_NAME` holds both: thttpd no longer finds the `PATH_INFO`
/// that it has cut a `/` off, to cut it off `SCRIPT_NAME`.
#[must_use]
pub fn split_script_name<'a>(variables: &Variables<'a>) -> Option<(&'a [u8], &'a [u8])> {
    if !variables.request_uri().is_empty() {
        return None;
    }
    let mount = variables.script_name().strip_suffix(b"/")?.strip_suffix(variables.path_info())?;
    Some(variables.script_name().split_at(mount.len()))
}
