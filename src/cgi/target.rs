//! Where on the site a request points: the path below the mount point, and the mount
//! point itself, which every redirect and link carries.
//!
//! Servers disagree about all of it: some decode `REQUEST_URI`, some have none, some
//! call the visitor's whole address `SCRIPT_NAME`. The path is `PATH_INFO`; where that
//! is empty, what `REQUEST_URI` has behind the script's name. The mount point is what
//! the visitor's address has in front of that path.

use percent_encoding::percent_decode;

use crate::cgi::variables::Variables;
use crate::error::Failure;

/// The longest path that is decoded, in bytes; web servers themselves stop at 8 KiB of
/// request line.
pub const PATH_MAX: usize = 8192;

/// Path, mount point and query of a request.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Decoded; empty, or it begins with `/`.
    pub path: &'a [u8],
    /// The path has two slashes in a row.
    pub has_runs: bool,
    /// In front of the path.
    pub mount: Mount<'a>,
    /// Behind the `?`, as the visitor sent it.
    pub query: &'a [u8],
}

/// The part of the visitor's address in front of the path. It does not end in `/`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mount<'a> {
    /// As the visitor sent it: what has to be percent-encoded is.
    Raw(&'a [u8]),
    /// Decoded by the server.
    Decoded(&'a [u8]),
}

impl<'a> Mount<'a> {
    /// The bytes, one way or the other.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        match self {
            Self::Raw(bytes) | Self::Decoded(bytes) => bytes,
        }
    }
}

/// Whether [`locate`] has to decode a path, so that it needs room for it.
#[must_use]
pub fn needs_room(variables: &Variables<'_>) -> bool {
    let encoded = [variables.request_uri, variables.redirect_url];
    variables.path_info.is_empty() && encoded.iter().any(|address| address.contains(&b'%'))
}

/// Finds the place that a request points to.
///
/// # Errors
///
/// [`Failure::Escape`] for a `%` without two hexadecimal digits, [`Failure::Long`] for a
/// path of more than 8 KiB that has to be decoded, and those of [`check`].
pub fn locate<'a>(variables: &Variables<'a>, storage: &'a mut [u8]) -> Result<Place<'a>, Failure> {
    let address = Address::read(variables);
    let (path, mount) = if let Some((mount, path)) = within_script_name(variables) {
        (path, Mount::Decoded(mount))
    } else if !variables.path_info.is_empty() {
        let mount = address
            .before(variables.path_info)
            .unwrap_or_else(|| Mount::Decoded(without_slashes_at_end(variables.script_name)));
        (variables.path_info, mount)
    } else if !address.path.is_empty() {
        let script = script_name(variables, &address);
        let (mount, rest) = address.path.split_at(address.prefix_len(script));
        let mount = address.mount(mount);
        (address.decode(rest, storage)?, mount)
    } else {
        let mount = Mount::Decoded(without_slashes_at_end(variables.script_name));
        (address.decode(variables.redirect_url, storage)?, mount)
    };
    Ok(Place { path, has_runs: check(path)?, mount, query: address.query })
}

/// Refuses what no address of a site has: NUL, `\`, a segment `.` or `..`, and a path
/// that does not begin with `/`. Tells in the same walk whether two slashes are in a row.
fn check(path: &[u8]) -> Result<bool, Failure> {
    let Some((b'/', segments)) = path.split_first() else {
        return if path.is_empty() { Ok(false) } else { Err(Failure::Relative) };
    };
    let mut has_runs = false;
    // The length of the segment so far as long as it is all dots; 3 for any other.
    let mut dots = 0_u8;
    for &byte in segments {
        dots = match byte {
            b'/' if matches!(dots, 1 | 2) => return Err(Failure::DotSegment),
            b'/' => {
                has_runs |= dots == 0;
                0
            }
            b'.' if dots < 3 => dots + 1,
            0 | b'\\' => return Err(Failure::Character),
            _ => 3,
        };
    }
    if matches!(dots, 1 | 2) { Err(Failure::DotSegment) } else { Ok(has_runs) }
}

/// The visitor's address: `REQUEST_URI`, cut in two.
struct Address<'a> {
    /// In front of the `?`.
    path: &'a [u8],
    /// Behind it.
    query: &'a [u8],
    /// The server has decoded it.
    decoded: bool,
}

impl<'a> Address<'a> {
    fn read(variables: &Variables<'a>) -> Self {
        let uri = without_authority(variables.request_uri);
        let decoded = variables.is_busybox();
        let question = if decoded {
            // In a decoded address a `?` may belong to a name: only the query tells.
            let at = uri.len().checked_sub(variables.query_string.len() + 1);
            at.filter(|&at| uri[at] == b'?' && &uri[at + 1..] == variables.query_string)
        } else {
            uri.iter().position(|&b| b == b'?')
        };
        let (path, query) = match question {
            Some(at) => (&uri[..at], &uri[at + 1..]),
            None if variables.query_string.is_empty() => (uri, variables.redirect_query_string),
            None => (uri, variables.query_string),
        };
        Self { path, query, decoded }
    }

    const fn mount(&self, prefix: &'a [u8]) -> Mount<'a> {
        let prefix = without_slashes_at_end(prefix);
        if self.decoded { Mount::Decoded(prefix) } else { Mount::Raw(prefix) }
    }

    /// What stands in front of the decoded `path`: both are walked from their ends. A
    /// server may have merged runs of slashes, so they count as one.
    fn before(&self, path: &[u8]) -> Option<Mount<'a>> {
        let mut rest = self.path;
        let mut after_slash = false;
        for &want in path.iter().rev() {
            loop {
                let (front, byte) = self.split_last(rest)?;
                rest = front;
                if byte == want {
                    break;
                }
                if !(byte == b'/' && after_slash) {
                    return None;
                }
            }
            after_slash = want == b'/';
        }
        Some(self.mount(rest))
    }

    /// How many bytes of the address a decoded `prefix` takes up; 0 where the address
    /// does not begin with it, or does not end or go on with `/` behind it.
    fn prefix_len(&self, prefix: &[u8]) -> usize {
        let mut rest = self.path;
        for &want in prefix {
            match self.split_first(rest) {
                Some((byte, behind)) if byte == want => rest = behind,
                _ => return 0,
            }
        }
        if matches!(rest, [] | [b'/', ..]) { self.path.len() - rest.len() } else { 0 }
    }

    fn split_first(&self, bytes: &'a [u8]) -> Option<(u8, &'a [u8])> {
        let (&first, rest) = bytes.split_first()?;
        match *rest {
            [high, low, ..] if first == b'%' && !self.decoded => {
                Some((hex(high)? << 4 | hex(low)?, &rest[2..]))
            }
            _ => Some((first, rest)),
        }
    }

    fn split_last(&self, bytes: &'a [u8]) -> Option<(&'a [u8], u8)> {
        // In an encoded address every `%` begins an escape, so one that stands two
        // bytes in front begins the last one.
        match *bytes {
            [.., b'%', high, low] if !self.decoded => {
                Some((&bytes[..bytes.len() - 3], hex(high)? << 4 | hex(low)?))
            }
            _ => bytes.split_last().map(|(&last, rest)| (rest, last)),
        }
    }

    /// The decoded form of `raw`, in `storage` where it is another.
    fn decode(&self, raw: &'a [u8], storage: &'a mut [u8]) -> Result<&'a [u8], Failure> {
        if self.decoded || !raw.contains(&b'%') {
            return Ok(raw);
        }
        let mut rest = raw;
        while let Some(at) = rest.iter().position(|&b| b == b'%') {
            match rest[at + 1..] {
                [high, low, ..] if hex(high).is_some() && hex(low).is_some() => {}
                _ => return Err(Failure::Escape),
            }
            rest = &rest[at + 3..];
        }
        let mut len = 0;
        for byte in percent_decode(raw) {
            *storage.get_mut(len).ok_or(Failure::Long)? = byte;
            len += 1;
        }
        Ok(&storage[..len])
    }
}

/// The script's name in the address, or nothing.
///
/// With Debian's `fastcgi_params` nginx calls the visitor's whole address `SCRIPT_NAME`:
/// the last segment of `SCRIPT_FILENAME` tells where in it the script's name ends, or
/// that it is not there. An alias of Apache's has another name than its file: there the
/// address goes on behind `SCRIPT_NAME`.
fn script_name<'a>(variables: &Variables<'a>, address: &Address<'_>) -> &'a [u8] {
    let name = variables.script_name;
    let file = variables.script_filename.rsplit(|&b| b == b'/').next().unwrap_or_default();
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
    let whole = address.prefix_len(name) == address.path.len();
    let is_apache = matches!(variables.server_software, [b'A', b'p', b'a', b'c', b'h', b'e', ..]);
    if whole && !is_apache { &[] } else { name }
}

/// Mount point and path where `SCRIPT_NAME` holds both: thttpd, which has no
/// `REQUEST_URI`, drops a `/` at the end of the address from `PATH_INFO` and then no
/// longer finds that in the address to cut it off.
fn within_script_name<'a>(variables: &Variables<'a>) -> Option<(&'a [u8], &'a [u8])> {
    if !variables.request_uri.is_empty() {
        return None;
    }
    let mount = variables.script_name.strip_suffix(b"/")?.strip_suffix(variables.path_info)?;
    Some(variables.script_name.split_at(mount.len()))
}

/// `http://host/path` is a request target, too (RFC 9112, 3.2.2): the path of it.
fn without_authority(uri: &[u8]) -> &[u8] {
    // A pattern, as in `negotiate`.
    let ([b'h', b't', b't', b'p', b':', b'/', b'/', ..]
    | [b'h', b't', b't', b'p', b's', b':', b'/', b'/', ..]) = uri
    else {
        return uri;
    };
    let authority = uri.splitn(3, |&b| b == b'/').nth(2).unwrap_or_default();
    authority.iter().position(|&b| matches!(b, b'/' | b'?')).map_or(&[], |at| &authority[at..])
}

const fn without_slashes_at_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b'/'] = bytes {
        bytes = rest;
    }
    bytes
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
