//! The fast path: from the server's variables to a reply. It borrows everything and
//! allocates nothing, and a page costs one look-up.

use core::mem;

pub use crate::site::record::GALLERIES;
use crate::site::record::{Corrupt, Kind, Record, THUMBNAILS};

use crate::cgi::variables::{Method, Request, Variables};
use crate::error::Failure;
use crate::http::conditional::Range;
use crate::http::reply::Reply;
use crate::http::{conditional, negotiate};
use crate::site::archive::Archive;
use crate::site::exe_file::Room;
use crate::site::location::{Location, Target};
use crate::site::rules;

/// What a request comes to. A reply may need the [`Storage`] that it was made in; the rest
/// does not, so that whoever goes on has the stack to himself.
pub enum Answer<'a, 's> {
    /// This is sent.
    Reply(Reply<'s>),
    /// A thumbnail, if the address is signed: what follows needs the settings.
    Thumbnail(Request<'a>, Archive<'a>),
    /// A gallery's page, if galleries have pages: the settings say.
    Gallery(Request<'a>, Archive<'a>),
}

/// Room for what a request may need.
pub struct Storage<'a> {
    path: &'a mut [u8],
    record: Room,
}

impl<'a> Storage<'a> {
    /// `path` has [`PATH_MAX`](target::PATH_MAX) bytes where [`target::needs_room`] says so.
    #[must_use]
    pub const fn new(path: &'a mut [u8]) -> Self {
        Self { path, record: Room::new() }
    }
}

/// The reply to a request, out of the site that [`find`](crate::site::find::find) has found.
pub fn answer<'a: 's, 's>(
    variables: &Variables<'a>,
    site: Result<Archive<'a>, Failure>,
    storage: &'s mut Storage<'a>,
) -> Answer<'a, 's> {
    let answer = site.and_then(|archive| decide(variables, &archive, storage));
    answer.unwrap_or_else(|failure| Answer::Reply(Reply::Error(failure)))
}

fn decide<'a: 's, 's>(
    variables: &Variables<'a>,
    archive: &Archive<'a>,
    storage: &'s mut Storage<'a>,
) -> Result<Answer<'a, 's>, Failure> {
    if let Some(status) = variables.error_status() {
        return Err(Failure::Server(status));
    }
    let method = Method::parse(variables.method())?;
    if method == Method::Options {
        return Ok(Answer::Reply(Reply::Options));
    }
    // Taken, not lent: the request may outlive the storage.
    let request = Request::read(method, variables, mem::take(&mut storage.path))?;
    let path = match request.path {
        // The home page's relative links need the slash.
        b"" if !request.mount.as_bytes().is_empty() => {
            return Ok(Answer::Reply(moved(&request, Target::Folder(b""))));
        }
        b"" => b"/",
        path if request.has_runs => {
            return Ok(Answer::Reply(moved(&request, Target::Merged(path))));
        }
        path => path,
    };
    if archive.has_thumbnails_first() && path.starts_with(&THUMBNAILS) {
        return Ok(Answer::Thumbnail(request, *archive));
    }
    match archive.address_in(path, &mut storage.record)? {
        Some(record) if !record.forced => {
            existing(&request, path, &record, archive).map(Answer::Reply)
        }
        None if path.starts_with(&THUMBNAILS) && is_free(archive, path)? => {
            Ok(Answer::Thumbnail(request, *archive))
        }
        None if matches!(path.strip_prefix(GALLERIES), Some([] | [b'/', ..]))
            && is_free(archive, path)? =>
        {
            Ok(Answer::Gallery(request, *archive))
        }
        record => rule(&request, path, record, archive).map(Answer::Reply),
    }
}

/// Whether no rule comes before a thumbnail or a gallery page of this address.
fn is_free(archive: &Archive<'_>, path: &[u8]) -> Result<bool, Corrupt> {
    Ok(!archive.has_rules() || rules::first_match(archive, path)?.is_none())
}

/// The reply to a request that something else than the site has failed.
pub fn fail<'a>(request: &Request<'a>, archive: &Archive<'a>, failure: Failure) -> Reply<'a> {
    missing(request, request.path, archive, failure).unwrap_or_else(Reply::Error)
}

/// The same address with a slash behind it.
#[must_use]
pub const fn to_folder<'a>(request: &Request<'a>) -> Reply<'a> {
    moved(request, Target::Folder(request.path))
}

/// An address that the site has.
fn existing<'a>(
    request: &Request<'a>,
    path: &'a [u8],
    record: &Record<'a>,
    archive: &Archive<'a>,
) -> Result<Reply<'a>, Failure> {
    match record.kind {
        Kind::Folder => Ok(moved(request, Target::Folder(path))),
        Kind::Asset => asset(request, record, archive),
    }
}

/// An asset, or what the visitor's conditions leave of it (RFC 9110, 13.2.2).
fn asset<'a>(
    request: &Request<'a>,
    record: &Record<'a>,
    archive: &Archive<'a>,
) -> Result<Reply<'a>, Failure> {
    let form = negotiate::choose(record, request.accept_encoding)?;
    let unmodified = if request.if_none_match.is_empty() {
        conditional::unmodified_since(request.if_modified_since, record.modified)
    } else {
        conditional::matches_any(request.if_none_match, form.etag)
    };
    if unmodified {
        return Ok(Reply::Unmodified(form));
    }
    let body = archive.body(&form)?;
    if request.method == Method::Get
        && !request.range.is_empty()
        && conditional::range_holds(request.if_range, form.etag, record.modified)
    {
        match Range::parse(request.range, body.len()) {
            Range::Whole => {}
            Range::Part { first, last } => {
                return Ok(Reply::Part(form, &body[first..=last], first));
            }
            Range::Unsatisfiable => return Err(Failure::Range(form.len)),
        }
    }
    Ok(Reply::Whole(form, body))
}

/// An address that the site does not have, or that a rule stands in front of: what the
/// first rule that matches says, else the record, else 404.
///
/// Out of line: a page must not pay for the stack that a rule's target needs.
#[inline(never)]
#[cold]
fn rule<'a>(
    request: &Request<'a>,
    path: &'a [u8],
    record: Option<Record<'a>>,
    archive: &Archive<'a>,
) -> Result<Reply<'a>, Failure> {
    let (rule, captures) = match (rules::first_match(archive, path)?, record) {
        (Some((rule, captures)), None) => (rule, captures),
        (Some((rule, captures)), Some(_)) if rule.forced => (rule, captures),
        (_, Some(record)) => return existing(request, path, &record, archive),
        (None, None) => return missing(request, path, archive, Failure::Missing),
    };
    if matches!(rule.status, 300..=399) {
        let target = Target::Rule(rule, captures);
        return Ok(Reply::Redirect(rule.status, location(request, target)));
    }
    let mut storage = [0; rules::TARGET_MAX];
    let target = rules::site_path(&rule, captures, &mut storage)?;
    let target = archive.address(target)?.filter(|record| record.kind == Kind::Asset);
    let failure = match rule.status {
        200 => Failure::Missing,
        410 => Failure::Gone,
        _ => Failure::RuledOut,
    };
    match target {
        Some(record) if rule.status == 200 => asset(request, &record, archive),
        Some(record) => error_page(request, &record, archive, failure),
        None => missing(request, path, archive, failure),
    }
}

/// An error with the nearest `404.html` up the tree, where its status is 404.
fn missing<'a>(
    request: &Request<'a>,
    path: &[u8],
    archive: &Archive<'a>,
    failure: Failure,
) -> Result<Reply<'a>, Failure> {
    const NAME: &[u8] = b"404.html";
    let mut key = [0; rules::TARGET_MAX];
    let mut folder = path;
    while let (404, Some(slash)) = (failure.status(), folder.iter().rposition(|&b| b == b'/')) {
        let len = slash + 1 + NAME.len();
        // No name on a disk is longer.
        if let Some(key) = key.get_mut(..len) {
            key[..=slash].copy_from_slice(&path[..=slash]);
            key[slash + 1..].copy_from_slice(NAME);
            if let Some(record) = archive.address(key)? {
                return error_page(request, &record, archive, failure);
            }
        }
        folder = &folder[..slash];
    }
    Err(failure)
}

/// An asset as the page of an error.
fn error_page<'a>(
    request: &Request<'a>,
    record: &Record<'a>,
    archive: &Archive<'a>,
    failure: Failure,
) -> Result<Reply<'a>, Failure> {
    let form = negotiate::choose(record, request.accept_encoding)?;
    Ok(Reply::ErrorPage(failure, form, archive.body(&form)?))
}

const fn moved<'a>(request: &Request<'a>, target: Target<'a>) -> Reply<'a> {
    Reply::Redirect(301, location(request, target))
}

const fn location<'a>(request: &Request<'a>, target: Target<'a>) -> Location<'a> {
    Location { mount: request.mount, target, query: request.query }
}
