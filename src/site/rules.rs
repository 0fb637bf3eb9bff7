//! Applies the rules of `_redirects`: finds the first match and expands its target.

use crate::site::pattern;
use crate::site::pattern::Captures;
use crate::site::record::{Corrupt, RULES, Rule, Rules};

use crate::error::RequestError;
use crate::site::archive::Archive;

/// The first rule that matches `path`, and the values of its placeholders.
///
/// # Errors
///
/// [`Corrupt`] if the rules are damaged.
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

/// A piece of a target: literal text or the value of a placeholder.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Piece<'a> {
    /// Text of the rule, percent-encoded.
    Literal(&'a [u8]),
    /// Text of the visitor's path, decoded.
    Captured(&'a [u8]),
}

/// Splits a target into pieces. A `:name` that the rule's pattern doesn't declare is literal.
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
        let (literal, after) = rest.split_at(end);
        rest = after;
        Some(Piece::Literal(literal))
    })
}

/// The value of the placeholder that `text` starts with, and the placeholder's length including
/// the colon.
fn placeholder<'a>(text: &[u8], captures: &Captures<'a>) -> Option<(&'a [u8], usize)> {
    let name = text.strip_prefix(b":")?;
    let len = pattern::name_len(name);
    Some((captures.get(&name[..len])?, len + 1))
}

/// The longest path on the site that a target can name, in bytes: Linux's `PATH_MAX`.
pub const TARGET_MAX: usize = 4096;

/// The decoded path on the site that a target names, without query and fragment.
///
/// # Errors
///
/// [`RequestError::Target`] if it is longer than `storage`.
pub fn site_path<'s>(
    rule: &Rule<'_>,
    captures: Captures<'_>,
    storage: &'s mut [u8; TARGET_MAX],
) -> Result<&'s [u8], RequestError> {
    let end = rule.to.iter().position(|b| matches!(b, b'?' | b'#')).unwrap_or(rule.to.len());
    let mut len = 0;
    let mut push = |byte| {
        // Merge runs of slashes: no asset's name has one, and keys that start with `//` are not
        // addresses.
        if byte == b'/' && len > 0 && storage[len - 1] == b'/' {
            return Ok(());
        }
        *storage.get_mut(len).ok_or(RequestError::Target)? = byte;
        len += 1;
        Ok::<(), RequestError>(())
    };
    for piece in pieces(&rule.to[..end], captures) {
        match piece {
            Piece::Literal(text) => {
                percent_encoding::percent_decode(text).try_for_each(&mut push)?;
            }
            Piece::Captured(text) => text.iter().copied().try_for_each(&mut push)?,
        }
    }
    Ok(&storage[..len])
}
