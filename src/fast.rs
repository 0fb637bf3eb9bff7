//! What system calls alone can answer: pages, and thumbnails that are finished or known.
//! It runs ahead of the C library, so no heap, no clock.

use core::mem::{ManuallyDrop, MaybeUninit};

use rustix::fd::AsFd;
use rustix::io::Errno;

use crate::settings::load;
use crate::sys::arena::Arena;
use crate::thumbs::cache::entry;
use crate::thumbs::cache::entry::Found;

use crate::cgi::variables::{Request, Variables};
use crate::cgi::{log, target};
use crate::error::Failure;
use crate::http::output::Output;
use crate::http::picture::{Body, Picture, Portion};
use crate::http::reply::Reply;
use crate::site::answer::{Answer, Storage, answer, fail};
use crate::site::archive::Archive;
use crate::thumbs::resolve;

/// What a request came to: the failure that its reply tells of, if it is one, or why the
/// reply did not reach the visitor.
pub type Outcome = Result<Option<Failure>, Errno>;

/// Answers a request, where that takes nothing but system calls. Where it takes more
/// nothing has been written.
pub fn respond<'e>(
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    site: Result<Archive<'_>, Failure>,
    out: &mut impl Output,
) -> Option<Outcome> {
    if target::needs_room(variables) {
        respond_with_room(variables, environment, site, out)
    } else {
        respond_in(&mut [], variables, environment, site, out)
    }
}

/// Out of line: most requests do not pay for two more pages of stack.
#[inline(never)]
fn respond_with_room<'e>(
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    site: Result<Archive<'_>, Failure>,
    out: &mut impl Output,
) -> Option<Outcome> {
    respond_in(&mut [0; target::PATH_MAX], variables, environment, site, out)
}

fn respond_in<'e>(
    path: &mut [u8],
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    site: Result<Archive<'_>, Failure>,
    out: &mut impl Output,
) -> Option<Outcome> {
    match page(path, variables, site, out) {
        Step::Done(outcome) => Some(outcome),
        Step::Thumbnail(request, archive) if archive.has_settings() => {
            finished_in::<SETTINGS>(variables, environment, &request, &archive, out)
        }
        Step::Thumbnail(request, archive) => {
            finished_in::<SECRETS>(variables, environment, &request, &archive, out)
        }
        Step::Gallery => None,
    }
}

/// How far [`page`] has come.
enum Step<'a> {
    Done(Outcome),
    Thumbnail(Request<'a>, Archive<'a>),
    Gallery,
}

/// Answers what the site has itself, or has not.
///
/// Out of line: what the site lends a reply is 1.5 KB of stack. If it still had them, a
/// thumbnail would go down to the next page of it, a page fault: 20 us on the board.
#[inline(never)]
fn page<'a>(
    path: &'a mut [u8],
    variables: &Variables<'a>,
    site: Result<Archive<'a>, Failure>,
    out: &mut impl Output,
) -> Step<'a> {
    let mut storage = Storage::new(path);
    match answer(variables, site, &mut storage) {
        Answer::Reply(reply) => Step::Done(send(&reply, "", variables, out)),
        Answer::Thumbnail(request, archive) => Step::Thumbnail(request, archive),
        Answer::Gallery(..) => Step::Gallery,
    }
}

/// Sends a reply; the log tells of a failure, with what more there is to say of it.
///
/// # Errors
///
/// As `write(2)`, but where the visitor has gone.
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
    match reply.send(variables.extent(), out) {
        // A visitor who goes away is no error.
        Ok(()) | Err(Errno::PIPE | Errno::CONNRESET) => Ok(failure),
        Err(error) => {
            log::complain(Failure::Unsent, variables, "");
            Err(error)
        }
    }
}

/// Room for the site's settings, which take a kilobyte, and behind them for a settings file
/// or a secret file that does not tell stories.
const SETTINGS: usize = 1536;

/// Room for a secret file of four secrets. With all of the above the stack of most thumbnails
/// would go down to the next page.
const SECRETS: usize = 256;

/// Out of line: a page must not pay for the stack.
#[inline(never)]
fn finished_in<'e, const ROOM: usize>(
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    request: &Request<'_>,
    archive: &Archive<'_>,
    out: &mut impl Output,
) -> Option<Outcome> {
    let mut room = [MaybeUninit::uninit(); ROOM];
    finished(&mut Arena::new(&mut room), variables, environment, request, archive, out)
}

/// Out of line: there is one of it.
#[inline(never)]
fn finished<'e: 'r, 'r>(
    room: &mut Arena<'r>,
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    request: &Request<'_>,
    archive: &Archive<'r>,
    out: &mut impl Output,
) -> Option<Outcome> {
    // What is wrong with the settings takes words.
    let compiled_in = archive.settings_in(room).ok()?;
    let settings = load::settings_in(room, compiled_in, environment).ok()?;
    let secrets = load::secrets_in(room, &settings).ok()?;
    // Neither this nor what is found is closed: the process ends soon.
    let order = match resolve::order(request.path, &settings, &secrets, None) {
        Ok(order) => ManuallyDrop::new(order),
        Err(Failure::Clock) => return None,
        Err(failure) => return Some(send(&fail(request, archive, failure), "", variables, out)),
    };
    let found;
    let portion = if order.tags.is_known(request) {
        Ok(Portion::Unmodified)
    } else {
        found = ManuallyDrop::new(entry::find(settings.cache, &order.name)?);
        order.tags.choose(request, Picture::from(&*found))
    };
    let reply = match portion {
        Ok(portion) => Reply::Picture(&order.tags, portion),
        Err(failure) => Reply::Error(failure),
    };
    Some(send(&reply, "", variables, out))
}

impl<'a> From<&'a Found> for Picture<'a> {
    fn from(found: &'a Found) -> Self {
        Self { format: found.format, len: found.len, body: Body::File(found.file.as_fd()) }
    }
}
