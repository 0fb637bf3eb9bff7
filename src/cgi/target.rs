//! Splits the request target into the mount point, which every redirect and link starts with, and
//! the path on the site below it.
//!
//! The path is `PATH_INFO` (RFC 3875, 4.1.5) or, if that is empty, the part of `REQUEST_URI` after
//! the script's name. The mount point is the part of `REQUEST_URI` before that path. Deviations of
//! particular servers are handled in [`servers`].

use percent_encoding::percent_decode;

use crate::cgi::servers;
use crate::cgi::variables::Variables;
use crate::error::RequestError;

/// The longest path that can be decoded, in bytes. Web servers limit the whole request line to
/// 8 KiB.
pub const PATH_MAX: usize = 8192;

/// The parts of a request target.
#[derive(Clone, Copy)]
pub struct Target<'a> {
    /// The decoded path below the mount point: empty, or starting with `/`.
    pub path: &'a [u8],
    /// Whether the path has two slashes in a row.
    pub has_runs: bool,
    /// The part before the path.
    pub mount: Mount<'a>,
    /// The part after the `?`, as the visitor sent it.
    pub query: &'a [u8],
}

/// The part of the visitor's URL before the path. It doesn't end with `/`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mount<'a> {
    /// As the visitor sent it, percent-encoded.
    Raw(&'a [u8]),
    /// Decoded by the server.
    Decoded(&'a [u8]),
}

impl<'a> Mount<'a> {
    /// The bytes, encoded or not.
    #[must_use]
    pub const fn as_bytes(self) -> &'a [u8] {
        match self {
            Self::Raw(bytes) | Self::Decoded(bytes) => bytes,
        }
    }
}

/// Whether [`locate`] may have to decode a path and needs storage for it.
#[must_use]
pub fn needs_storage(variables: &Variables<'_>) -> bool {
    let encoded = [variables.request_uri(), variables.redirect_url()];
    variables.path_info().is_empty() && encoded.iter().any(|address| has_escapes(address))
}

/// Splits the request target. `storage` must have [`PATH_MAX`] bytes if [`needs_storage`].
///
/// # Errors
///
/// [`RequestError::Escape`] for a `%` without two hexadecimal digits, [`RequestError::Long`] for an
/// encoded path of more than [`PATH_MAX`] bytes when decoded; [`RequestError::Character`], [`RequestError::DotSegment`]
/// and [`RequestError::Relative`] for paths that no file can have.
pub fn locate<'a>(
    variables: &Variables<'a>,
    storage: &'a mut [u8],
) -> Result<Target<'a>, RequestError> {
    let address = Address::read(variables);
    let (path, mount) = if let Some((mount, path)) = servers::split_script_name(variables) {
        (path, Mount::Decoded(mount))
    } else if !variables.path_info().is_empty() {
        let mount = address
            .before(variables.path_info())
            .unwrap_or_else(|| Mount::Decoded(trim_slashes_end(variables.script_name())));
        (variables.path_info(), mount)
    } else if !address.path.is_empty() {
        let is_whole = |name: &[u8]| address.prefix_len(name) == address.path.len();
        let script = servers::script_name(variables, is_whole);
        let (mount, rest) = address.path.split_at(address.prefix_len(script));
        let mount = address.mount(mount);
        (address.decode(rest, storage)?, mount)
    } else {
        let mount = Mount::Decoded(trim_slashes_end(variables.script_name()));
        (address.decode(variables.redirect_url(), storage)?, mount)
    };
    Ok(Target { path, has_runs: check(path)?, mount, query: address.query })
}

/// Rejects NUL, `\`, segments `.` and `..`, and a path that doesn't start with `/`. Returns whether
/// the path has two slashes in a row, which takes no second walk.
fn check(path: &[u8]) -> Result<bool, RequestError> {
    let Some((b'/', segments)) = path.split_first() else {
        return if path.is_empty() { Ok(false) } else { Err(RequestError::Relative) };
    };
    let mut has_runs = false;
    // The length of the segment so far if it is only dots, otherwise 3.
    let mut dots = 0_u8;
    for &byte in segments {
        dots = match byte {
            b'/' if matches!(dots, 1 | 2) => return Err(RequestError::DotSegment),
            b'/' => {
                has_runs |= dots == 0;
                0
            }
            b'.' if dots < 3 => dots + 1,
            0 | b'\\' => return Err(RequestError::Character),
            _ => 3,
        };
    }
    if matches!(dots, 1 | 2) { Err(RequestError::DotSegment) } else { Ok(has_runs) }
}

/// The visitor's URL, `REQUEST_URI`, split at its `?`.
struct Address<'a> {
    path: &'a [u8],
    query: &'a [u8],
    /// Whether the server has already decoded the path.
    decoded: bool,
}

impl<'a> Address<'a> {
    fn read(variables: &Variables<'a>) -> Self {
        let uri = without_authority(variables.request_uri());
        let decoded = servers::decodes_request_uri(variables);
        let question = if decoded {
            // In a decoded URL a `?` may be part of a name, so look for the query instead.
            let at = uri.len().checked_sub(variables.query_string().len() + 1);
            at.filter(|&at| uri[at] == b'?' && &uri[at + 1..] == variables.query_string())
        } else {
            uri.iter().position(|&b| b == b'?')
        };
        let (path, query) = match question {
            Some(at) => (&uri[..at], &uri[at + 1..]),
            None if variables.query_string().is_empty() => (uri, variables.redirect_query_string()),
            None => (uri, variables.query_string()),
        };
        Self { path, query, decoded }
    }

    const fn mount(&self, prefix: &'a [u8]) -> Mount<'a> {
        let prefix = trim_slashes_end(prefix);
        if self.decoded { Mount::Decoded(prefix) } else { Mount::Raw(prefix) }
    }

    /// The part before the decoded `path`, found by walking both backwards. The server may have
    /// merged runs of slashes, so a run counts as one slash.
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

    /// The length in bytes of a decoded `prefix` as it is in the URL; 0 unless the URL starts with
    /// it and then ends or continues with `/`.
    fn prefix_len(&self, prefix: &[u8]) -> usize {
        let mut rest = self.path;
        for &want in prefix {
            match self.split_first(rest) {
                Some((byte, after)) if byte == want => rest = after,
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
        // In an encoded URL every `%` starts an escape.
        match *bytes {
            [.., b'%', high, low] if !self.decoded => {
                Some((&bytes[..bytes.len() - 3], hex(high)? << 4 | hex(low)?))
            }
            _ => bytes.split_last().map(|(&last, rest)| (rest, last)),
        }
    }

    /// Decodes `raw`, using `storage` only if it has escapes.
    fn decode(&self, raw: &'a [u8], storage: &'a mut [u8]) -> Result<&'a [u8], RequestError> {
        if self.decoded || !has_escapes(raw) { Ok(raw) } else { decode(raw, storage) }
    }
}

/// `contains` would call `memchr` in core, which costs a page fault.
#[expect(clippy::manual_contains, reason = "see above")]
fn has_escapes(address: &[u8]) -> bool {
    address.iter().any(|&byte| byte == b'%')
}

#[cold]
fn decode<'a>(raw: &'a [u8], storage: &'a mut [u8]) -> Result<&'a [u8], RequestError> {
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|&b| b == b'%') {
        match rest[at + 1..] {
            [high, low, ..] if hex(high).is_some() && hex(low).is_some() => {}
            _ => return Err(RequestError::Escape),
        }
        rest = &rest[at + 3..];
    }
    let mut len = 0;
    for byte in percent_decode(raw) {
        *storage.get_mut(len).ok_or(RequestError::Long)? = byte;
        len += 1;
    }
    Ok(&storage[..len])
}

/// Strips the scheme and authority from a request target in absolute form (RFC 9112, 3.2.2).
fn without_authority(uri: &[u8]) -> &[u8] {
    // A pattern rather than a constant, as in `servers`.
    let ([b'h', b't', b't', b'p', b':', b'/', b'/', ..]
    | [b'h', b't', b't', b'p', b's', b':', b'/', b'/', ..]) = uri
    else {
        return uri;
    };
    after_authority(uri)
}

#[cold]
fn after_authority(uri: &[u8]) -> &[u8] {
    let authority = uri.splitn(3, |&b| b == b'/').nth(2).unwrap_or_default();
    authority.iter().position(|&b| matches!(b, b'/' | b'?')).map_or(&[], |at| &authority[at..])
}

const fn trim_slashes_end(mut bytes: &[u8]) -> &[u8] {
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
