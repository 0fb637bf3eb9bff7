//! The lines of `_redirects` at work: which one matches, and what its target means.

use crate::site::pattern;
use crate::site::pattern::Captures;
use crate::site::record::{Corrupt, RULES, Rule, Rules};

use crate::error::RequestError;
use crate::site::archive::Archive;

/// The first rule that matches, and what its placeholders stand for.
///
/// # Errors
///
/// [`Corrupt`] where the rules are damaged.
pub fn first_match<'a>(
    archive: &Archive<'a>,
    path: &'a [u8],
) -> Result<Option<(Rule<'a>, Captures<'a>)>, Corrupt> {
    let Some(rules) = archive.get(RULES)? else { return Ok(None) };
    for rule in Rules::new(rules) {
        let rule = rule?;
        if let Some(captures) = pattern::matches(rule.from, path) {
            return Ok(Some((rule, captures)));
        }
    }
    Ok(None)
}

/// A run of a target: as it was written, or what a placeholder stood for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Piece<'a> {
    /// Text of the rule.
    Literal(&'a [u8]),
    /// Text of the visitor's path.
    Captured(&'a [u8]),
}

/// A target in pieces. A `:name` that the rule's `from` does not have is text.
pub fn pieces<'a>(
    target: &'a [u8],
    captures: Captures<'a>,
) -> impl Iterator<Item = Piece<'a>> + use<'a> {
    let mut rest = target;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if let Some((value, len)) = placeholder(rest, &captures) {
            rest = &rest[len..];
            return Some(Piece::Captured(value));
        }
        let end = (1..rest.len())
            .find(|&at| placeholder(&rest[at..], &captures).is_some())
            .unwrap_or(rest.len());
        let (literal, behind) = rest.split_at(end);
        rest = behind;
        Some(Piece::Literal(literal))
    })
}

/// What the placeholder at the start of `text` stands for, and its length with the colon.
fn placeholder<'a>(text: &[u8], captures: &Captures<'a>) -> Option<(&'a [u8], usize)> {
    let name = text.strip_prefix(b":")?;
    let len = pattern::name_len(name);
    Some((captures.get(&name[..len])?, len + 1))
}

/// The longest path that a target can name on the site; no name on a disk is longer.
pub const TARGET_MAX: usize = 4096;

/// The path on the site that a target names, its query left out.
///
/// # Errors
///
/// [`RequestError::Target`] where it is longer than `storage`.
pub fn site_path<'s>(
    rule: &Rule<'_>,
    captures: Captures<'_>,
    storage: &'s mut [u8; TARGET_MAX],
) -> Result<&'s [u8], RequestError> {
    let end = rule.to.iter().position(|b| matches!(b, b'?' | b'#')).unwrap_or(rule.to.len());
    let mut len = 0;
    let mut push = |byte| {
        // No asset has a run of slashes in its name, and the keys that begin with one are
        // not addresses.
        if byte == b'/' && len > 0 && storage[len - 1] == b'/' {
            return Ok(());
        }
        *storage.get_mut(len).ok_or(RequestError::Target)? = byte;
        len += 1;
        Ok::<(), RequestError>(())
    };
    for piece in pieces(&rule.to[..end], captures) {
        match piece {
            // Written as in an address, so percent-encoded.
            Piece::Literal(text) => {
                percent_encoding::percent_decode(text).try_for_each(&mut push)?;
            }
            Piece::Captured(text) => text.iter().copied().try_for_each(&mut push)?,
        }
    }
    Ok(&storage[..len])
}
