//! What the site answers: from the server's variables to a reply. It borrows everything and
//! allocates nothing, and a page costs one look-up.

use core::mem;

use crate::cgi::request::{Method, Request};
use crate::cgi::target;
use crate::cgi::variables::Variables;
use crate::error::RequestError;
use crate::http::negotiate;
use crate::http::reply::Reply;
use crate::http::representation::Representation;
use crate::site::archive::Archive;
use crate::site::exe_file::RecordBuffer;
use crate::site::location::{Destination, Location};
use crate::site::record::{Corrupt, GALLERIES, Kind, Record, THUMBNAILS};
use crate::site::rules;

/// What a request is answered with. A reply may borrow from the [`Storage`]; a request that goes on
/// does not, so that the rest of the program has that stack to itself.
pub enum Answer<'a, 's> {
    /// A reply.
    Reply(Reply<'s>),
    /// A redirect with this status.
    Redirect(u16, Location<'a>),
    /// A thumbnail, if the address is signed: what follows needs the settings.
    Thumbnail(Request<'a>),
    /// A gallery page, if the settings allow it.
    Gallery(Request<'a>),
}

/// What a request may need to be stored.
pub struct Storage<'a> {
    path: &'a mut [u8],
    record: RecordBuffer,
}

impl<'a> Storage<'a> {
    /// `path` has [`PATH_MAX`](target::PATH_MAX) bytes if [`target::needs_storage`] says so.
    #[must_use]
    pub const fn new(path: &'a mut [u8]) -> Self {
        Self { path, record: RecordBuffer::new() }
    }
}

/// What `site` answers.
pub fn answer<'a: 's, 's>(
    variables: &'a Variables<'a>,
    site: &Archive<'a>,
    storage: &'s mut Storage<'a>,
) -> Answer<'a, 's> {
    decide(variables, site, storage).unwrap_or_else(|failure| Answer::Reply(Reply::Error(failure)))
}

fn decide<'a: 's, 's>(
    variables: &'a Variables<'a>,
    site: &Archive<'a>,
    storage: &'s mut Storage<'a>,
) -> Result<Answer<'a, 's>, RequestError> {
    if let Some(status) = variables.error_status() {
        return Err(RequestError::Server(status));
    }
    if Method::parse(variables.method())? == Method::Options {
        return Ok(Answer::Reply(Reply::Options));
    }
    // Taken, not lent: the request may outlive the storage.
    let target = target::locate(variables, mem::take(&mut storage.path))?;
    let request = Request { target, variables };
    let path = match target.path {
        // The home page's relative links need the slash.
        b"" if !target.mount.as_bytes().is_empty() => {
            return Ok(moved(&request, Destination::Folder(b"")));
        }
        b"" => b"/",
        path if target.has_runs => return Ok(moved(&request, Destination::Merged(path))),
        path => path,
    };
    if site.has_thumbnails_first() && path.starts_with(&THUMBNAILS) {
        return Ok(Answer::Thumbnail(request));
    }
    match site.locate(path, &mut storage.record)? {
        Some((record, site)) if !record.forced => existing(&request, path, &record, &site),
        None if path.starts_with(&THUMBNAILS) && is_free(site, path)? => {
            Ok(Answer::Thumbnail(request))
        }
        None if matches!(path.strip_prefix(GALLERIES), Some([] | [b'/', ..]))
            && is_free(site, path)? =>
        {
            Ok(Answer::Gallery(request))
        }
        found => rule(&request, path, found, &site.in_memory()),
    }
}

/// Whether no rule takes precedence over a thumbnail or a gallery page at this address.
#[cold]
fn is_free(site: &Archive<'_>, path: &[u8]) -> Result<bool, Corrupt> {
    Ok(!site.has_rules() || rules::first_match(site, path)?.is_none())
}

/// The reply to a request that failed elsewhere.
#[cold]
pub fn fail<'a>(request: &Request<'a>, site: &Archive<'a>, failure: RequestError) -> Reply<'a> {
    missing(request, request.target.path, &site.in_memory(), failure).unwrap_or_else(Reply::Error)
}

/// A redirect to the same address with a slash appended.
#[must_use]
pub const fn to_folder<'a>(request: &Request<'a>) -> (u16, Location<'a>) {
    (301, location(request, Destination::Folder(request.target.path)))
}

/// An address that the site has.
fn existing<'a: 's, 's>(
    request: &Request<'a>,
    path: &'a [u8],
    record: &Record<'s>,
    site: &Archive<'a>,
) -> Result<Answer<'a, 's>, RequestError> {
    match record.kind {
        Kind::Folder => Ok(moved(request, Destination::Folder(path))),
        Kind::Asset => asset(request, record, site).map(Answer::Reply),
    }
}

/// An asset, or what the visitor's conditions leave of it.
fn asset<'a: 's, 's>(
    request: &Request<'a>,
    record: &Record<'s>,
    site: &Archive<'a>,
) -> Result<Reply<'s>, RequestError> {
    Reply::new(representation(request, record, site)?, &request.variables.conditions())
}

/// The form of an asset that the visitor prefers.
fn representation<'a: 's, 's>(
    request: &Request<'a>,
    record: &Record<'s>,
    site: &Archive<'a>,
) -> Result<Representation<'s>, Corrupt> {
    let index = negotiate::choose(record.codings(), request.variables.accept_encoding())?;
    site.representation(&record.form(index)?, record.modified)
}

/// An address that the site doesn't have, or that a rule precedes: what the first matching rule
/// says, else the record, else 404.
///
/// Kept out of line so that a page doesn't pay for the stack that a rule's target needs.
#[inline(never)]
#[cold]
fn rule<'a: 's, 's>(
    request: &Request<'a>,
    path: &'a [u8],
    found: Option<(Record<'s>, Archive<'a>)>,
    site: &Archive<'a>,
) -> Result<Answer<'a, 's>, RequestError> {
    let (rule, captures) = match (rules::first_match(site, path)?, found) {
        (Some((rule, captures)), None) => (rule, captures),
        (Some((rule, captures)), Some(_)) if rule.forced => (rule, captures),
        (_, Some((record, site))) => return existing(request, path, &record, &site),
        (None, None) => {
            return missing(request, path, site, RequestError::Missing).map(Answer::Reply);
        }
    };
    if matches!(rule.status, 300..=399) {
        let destination = Destination::Rule(rule, captures);
        return Ok(Answer::Redirect(rule.status, location(request, destination)));
    }
    let mut storage = [0; rules::TARGET_MAX];
    let target = rules::site_path(&rule, captures, &mut storage)?;
    let target = site.address(target)?.filter(|record| record.kind == Kind::Asset);
    let failure = match rule.status {
        200 => RequestError::Missing,
        410 => RequestError::Gone,
        _ => RequestError::RuledOut,
    };
    match target {
        Some(record) if rule.status == 200 => asset(request, &record, site),
        Some(record) => Ok(Reply::ErrorPage(failure, representation(request, &record, site)?)),
        None => missing(request, path, site, failure),
    }
    .map(Answer::Reply)
}

/// An error; a 404 with the nearest `404.html` up the tree.
#[cold]
fn missing<'a>(
    request: &Request<'a>,
    path: &[u8],
    site: &Archive<'a>,
    failure: RequestError,
) -> Result<Reply<'a>, RequestError> {
    const NAME: &[u8] = b"404.html";
    let mut key = [0; rules::TARGET_MAX];
    let mut folder = path;
    while let (404, Some(slash)) = (failure.status(), folder.iter().rposition(|&b| b == b'/')) {
        let len = slash + 1 + NAME.len();
        // No name on a disk is longer.
        if let Some(key) = key.get_mut(..len) {
            key[..=slash].copy_from_slice(&path[..=slash]);
            key[slash + 1..].copy_from_slice(NAME);
            if let Some(record) = site.address(key)? {
                return Ok(Reply::ErrorPage(failure, representation(request, &record, site)?));
            }
        }
        folder = &folder[..slash];
    }
    Err(failure)
}

const fn moved<'a, 's>(request: &Request<'a>, destination: Destination<'a>) -> Answer<'a, 's> {
    Answer::Redirect(301, location(request, destination))
}

const fn location<'a>(request: &Request<'a>, destination: Destination<'a>) -> Location<'a> {
    Location { mount: request.target.mount, destination, query: request.target.query }
}
