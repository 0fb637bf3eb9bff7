//! Answers requests that need only system calls: pages, and thumbnails that the visitor or the
//! cache already has.
//!
//! All of it runs before the C library is set up: no heap, no clock, no writable static. Requests
//! that need more are passed on as [`Work`], along with everything found so far.

use core::mem::{ManuallyDrop, MaybeUninit};

use rustix::fd::AsFd;
use rustix::io::Errno;

use crate::cgi::request::Request;
use crate::cgi::variables::Variables;
use crate::cgi::{log, target};
use crate::error::RequestError;
use crate::http::block::Composer;
use crate::http::output::Output;
use crate::http::reply::Reply;
use crate::http::representation::{Body, Representation};
use crate::settings::keys::{Secrets, Settings};
use crate::settings::load;
use crate::settings::load::LoadError;
use crate::site::answer;
use crate::site::answer::{Answer, Storage};
use crate::site::archive::Archive;
use crate::site::location::Location;
use crate::sys::arena::Arena;
use crate::sys::clock::Now;
use crate::thumbs::address::transform::Format;
use crate::thumbs::resolve::{Asked, Resolved, Thumbnail};
use crate::thumbs::{reply, resolve};

/// The result of answering a request: the failure that the reply reports, if any, or the error that
/// kept the reply from being sent.
pub type Outcome = Result<Option<RequestError>, Errno>;

/// A request that hasn't been answered yet.
pub struct Exchange<'a, 'o, O> {
    /// The request.
    pub request: Request<'a>,
    /// The site that it is for.
    pub site: &'o Archive<'a>,
    /// The destination of the reply.
    pub out: &'o mut O,
}

/// A request that needs the heap or a clock.
pub enum Work<'w, 'a, 'o, O> {
    /// A thumbnail whose URL expires.
    Expiring(Exchange<'a, 'o, O>, Asked<'a>, &'w Settings<'w>),
    /// A thumbnail to be made.
    Make(Exchange<'a, 'o, O>, &'w Thumbnail, &'w Settings<'w>),
    /// A gallery page.
    Gallery(Exchange<'a, 'o, O>, &'w Settings<'w>, &'w Secrets<'w>),
    /// An error in the settings.
    Misconfigured(Exchange<'a, 'o, O>, LoadError<'w>),
}

/// Answers a request. `environment` has the settings as `NAME=value`. If a reply needs more than
/// system calls, nothing is written and `rest` answers.
///
/// # Errors
///
/// As [`send`].
pub fn respond<'a, 'e, O: Output>(
    variables: &'a Variables<'a>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    site: Result<Archive<'a>, RequestError>,
    out: &mut O,
    rest: impl FnOnce(Work<'_, '_, '_, O>) -> Outcome,
) -> Outcome {
    if target::needs_storage(variables) {
        respond_decoded(variables, environment, site, out, rest)
    } else {
        respond_in(&mut [], variables, environment, site, out, rest)
    }
}

/// Kept out of line so that most requests don't pay for two more pages of stack.
#[inline(never)]
#[cold]
fn respond_decoded<'a, 'e, O: Output>(
    variables: &'a Variables<'a>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    site: Result<Archive<'a>, RequestError>,
    out: &mut O,
    rest: impl FnOnce(Work<'_, '_, '_, O>) -> Outcome,
) -> Outcome {
    respond_in(&mut [0; target::PATH_MAX], variables, environment, site, out, rest)
}

fn respond_in<'a, 'e, O: Output>(
    path: &'a mut [u8],
    variables: &'a Variables<'a>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    site: Result<Archive<'a>, RequestError>,
    out: &mut O,
    rest: impl FnOnce(Work<'_, '_, '_, O>) -> Outcome,
) -> Outcome {
    let site = match &site {
        Ok(site) => site,
        Err(failure) => return send(&Reply::Error(*failure), "", variables, out),
    };
    let (kind, request) = match page(path, variables, site, out) {
        Step::Done(outcome) => return outcome,
        Step::On(kind, request) => (kind, request),
    };
    let exchange = Exchange { request, site, out };
    if site.has_settings() {
        configure::<SITE_AND_FILE, O>(exchange, kind, environment, rest)
    } else {
        configure::<SECRETS, O>(exchange, kind, environment, rest)
    }
}

/// The result of [`page`].
enum Step<'a> {
    Done(Outcome),
    On(Kind, Request<'a>),
}

/// A request that needs the settings.
#[derive(Clone, Copy)]
enum Kind {
    Thumbnail,
    Gallery,
}

/// Answers from the site alone.
///
/// Kept out of line so that its 1.5 KB of stack are free again for a thumbnail, which would
/// otherwise reach the next page of the stack: a page fault, 20 us on the board.
#[inline(never)]
fn page<'a>(
    path: &'a mut [u8],
    variables: &'a Variables<'a>,
    site: &Archive<'a>,
    out: &mut impl Output,
) -> Step<'a> {
    let mut storage = Storage::new(path);
    match answer::answer(variables, site, &mut storage) {
        Answer::Reply(reply) => Step::Done(send(&reply, "", variables, out)),
        Answer::Redirect(status, location) => {
            Step::Done(redirect(status, &location, variables, out))
        }
        Answer::Thumbnail(request) => Step::On(Kind::Thumbnail, request),
        Answer::Gallery(request) => Step::On(Kind::Gallery, request),
    }
}

/// Sends a reply, and logs a failure with `detail`, which may be empty.
///
/// # Errors
///
/// As `write(2)`, except that a closed connection is no error.
pub fn send(
    reply: &Reply<'_>,
    detail: &str,
    variables: &Variables<'_>,
    out: &mut impl Output,
) -> Outcome {
    let failure = reply.failure();
    if let Some(failure) = failure {
        log::complain(failure, variables, detail);
    }
    sent(reply.send(variables.extent(), out), variables).map(|()| failure)
}

#[cold]
fn redirect(
    status: u16,
    location: &Location<'_>,
    variables: &Variables<'_>,
    out: &mut impl Output,
) -> Outcome {
    sent(location.send(status, variables.extent(), out), variables).map(|()| None)
}

fn sent(result: Result<(), Errno>, variables: &Variables<'_>) -> Result<(), Errno> {
    match result {
        Ok(()) | Err(Errno::PIPE | Errno::CONNRESET) => Ok(()),
        Err(error) => {
            log::complain(RequestError::Unsent, variables, "");
            Err(error)
        }
    }
}

impl<O: Output> Exchange<'_, '_, O> {
    /// Sends a reply; see [`send`].
    ///
    /// # Errors
    ///
    /// As [`send`].
    pub fn send(self, reply: &Reply<'_>, detail: &str) -> Outcome {
        send(reply, detail, self.request.variables, self.out)
    }

    /// Redirects to the same URL with a slash appended.
    ///
    /// # Errors
    ///
    /// As [`send`].
    #[cold]
    pub fn redirect_to_folder(self) -> Outcome {
        let (status, location) = answer::to_folder(&self.request);
        redirect(status, &location, self.request.variables, self.out)
    }

    /// Sends the site's error page, or the built-in one.
    ///
    /// # Errors
    ///
    /// As [`send`].
    #[cold]
    pub fn fail(self, failure: RequestError) -> Outcome {
        let (request, site) = (self.request, self.site);
        self.send(&answer::fail(&request, site, failure), "")
    }

    /// Sends a thumbnail as the visitor's conditions require: all of it, a range, 304 or 412.
    ///
    /// # Errors
    ///
    /// As [`send`].
    #[cold]
    pub fn send_thumbnail(
        self,
        thumbnail: &Thumbnail,
        format: Format,
        body: Body<'_>,
        len: usize,
    ) -> Outcome {
        let mut header = Composer::empty();
        reply::compose(&mut header, thumbnail, format, len);
        let validators = thumbnail.validators();
        let representation = Representation { block: header.block(), validators, body, len };
        match Reply::new(representation, &self.request.variables.conditions()) {
            Ok(reply) => self.send(&reply, ""),
            Err(failure) => self.send(&Reply::Error(failure), ""),
        }
    }

    /// Answers 304: the visitor already has the thumbnail.
    #[cold]
    #[inline(never)]
    fn send_not_modified(self, thumbnail: &Thumbnail) -> Outcome {
        let mut header = Composer::empty();
        reply::compose(&mut header, thumbnail, Format::Jpeg, 0);
        self.send(&Reply::NotModified(header.block()), "")
    }
}

/// Bytes of arena for the site's settings, about a kilobyte, and a settings or secret file without
/// long comments.
const SITE_AND_FILE: usize = 1536;

/// Bytes of arena for a secret file with four secrets. With more, the stack of most thumbnails would
/// reach the next page.
const SECRETS: usize = 256;

/// Kept out of line so that a page doesn't pay for the stack.
#[inline(never)]
#[cold]
fn configure<'a, 'e, const ROOM: usize, O: Output>(
    exchange: Exchange<'a, '_, O>,
    kind: Kind,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    rest: impl FnOnce(Work<'_, '_, '_, O>) -> Outcome,
) -> Outcome {
    let mut bytes = [MaybeUninit::uninit(); ROOM];
    configured(&mut Arena::new(&mut bytes), exchange, kind, environment, rest)
}

/// Kept out of line so that both sizes of arena share one copy.
#[inline(never)]
#[cold]
fn configured<'a: 'r, 'e: 'r, 'r, O: Output>(
    arena: &mut Arena<'r>,
    exchange: Exchange<'a, '_, O>,
    kind: Kind,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    rest: impl FnOnce(Work<'_, '_, '_, O>) -> Outcome,
) -> Outcome {
    let compiled_in = match exchange.site.settings_in(arena) {
        Ok(settings) => settings,
        Err(corrupt) => return exchange.fail(corrupt.into()),
    };
    let loaded = load::settings(arena, compiled_in, environment)
        .and_then(|settings| Ok((settings, load::secrets(arena, &settings)?)));
    let (settings, secrets) = match loaded {
        Ok(loaded) => loaded,
        Err(error) => return rest(Work::Misconfigured(exchange, error)),
    };
    if let Kind::Gallery = kind {
        return rest(Work::Gallery(exchange, &settings, &secrets));
    }
    match resolve::asked(exchange.request.target.path, &settings, &secrets) {
        Ok(asked) if asked.expires() => rest(Work::Expiring(exchange, asked, &settings)),
        Ok(asked) => thumbnail(exchange, &asked, &settings, None, |exchange, thumbnail| {
            rest(Work::Make(exchange, thumbnail, &settings))
        }),
        Err(failure) => exchange.fail(failure),
    }
}

/// Answers a request for a thumbnail; `make` answers if it has to be made. `now` is required if the
/// URL expires.
///
/// # Errors
///
/// As [`send`], or those of `make`.
#[cold]
pub fn thumbnail<'a, 'o, O: Output>(
    exchange: Exchange<'a, 'o, O>,
    asked: &Asked<'_>,
    settings: &Settings<'_>,
    now: Option<Now>,
    make: impl FnOnce(Exchange<'a, 'o, O>, &Thumbnail) -> Outcome,
) -> Outcome {
    let conditions = exchange.request.variables.conditions();
    // Neither the photo nor a cache entry is closed: the process ends soon.
    let resolved = ManuallyDrop::new(asked.resolve(settings, &conditions, now));
    match &*resolved {
        Err(failure) => exchange.fail(*failure),
        Ok((thumbnail, Resolved::ToMake)) => make(exchange, thumbnail),
        Ok((thumbnail, Resolved::Known)) => exchange.send_not_modified(thumbnail),
        Ok((thumbnail, Resolved::Cached(found))) => {
            let body = Body::File(found.file.as_fd(), 0);
            exchange.send_thumbnail(thumbnail, found.format, body, found.len)
        }
    }
}
