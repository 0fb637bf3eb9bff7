//! Any request answered, also one that `serve` cannot see to alone: thumbnails that have
//! to be made, with the help of `maker` and `thumb`, and mistakes that take words.

mod refusal;

use std::boxed::Box;
use std::io;
use std::vec::Vec;

use rustix::io::Errno;

use crate::cgi::variables::{Request, Variables};
use crate::cgi::{log, target};
use crate::error::Failure;
use crate::fast::{Outcome, send};
use crate::gallery::Gallery;
use crate::http::output::Output;
use crate::http::picture::{Body, Picture, Portion};
use crate::http::reply::Reply;
use crate::imaging::{LimitError, Limits, OriginalError};
use crate::settings::keys::Settings;
use crate::settings::load;
use crate::site::answer;
use crate::site::answer::{Answer, Storage};
use crate::site::archive::Archive;
use crate::sys::clock::Now;
use crate::sys::fault;
use crate::sys::fault::LastWords;
use crate::thumbs::address::transform::{Format, Transform};
use crate::thumbs::cache::entry;
use crate::thumbs::make::{MakeError, Product};
use crate::thumbs::photo::Photo;
use crate::thumbs::{make, resolve};
use crate::{gallery, imaging, sys};
use refusal::Refusal;

/// Answers a request out of `site`, and says what failed if something did. The settings
/// that thumbnails need come from `environment`, `NAME=value` strings.
///
/// # Errors
///
/// As `write(2)`, where the reply does not reach `out`.
pub fn respond<'e>(
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    site: Result<Archive<'_>, Failure>,
    out: &mut impl Output,
) -> Outcome {
    let mut path = [0; target::PATH_MAX];
    let mut storage = Storage::new(&mut path);
    match answer::answer(variables, site, &mut storage) {
        Answer::Reply(reply) => send(&reply, "", variables, out),
        Answer::Thumbnail(request, archive) => {
            thumbnail(variables, environment, &request, &archive, out)
        }
        Answer::Gallery(request, archive) => {
            gallery_page(variables, environment, &request, &archive, out)
        }
    }
}

/// Out of line: a page must not pay for the stack.
#[inline(never)]
fn thumbnail<'e>(
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    request: &Request<'_>,
    archive: &Archive<'_>,
    out: &mut impl Output,
) -> Outcome {
    match deliver(variables, environment, request, archive, out) {
        Ok(sent) => sent.map(|()| None),
        Err(refusal) => refuse(&refusal, variables, request, archive, out),
    }
}

/// See [`thumbnail`].
#[inline(never)]
fn gallery_page<'e>(
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    request: &Request<'_>,
    archive: &Archive<'_>,
    out: &mut impl Output,
) -> Outcome {
    match show(variables, environment, request, archive, out) {
        Ok(sent) => sent.map(|()| None),
        Err(refusal) => refuse(&refusal, variables, request, archive, out),
    }
}

fn refuse(
    refusal: &Refusal,
    variables: &Variables<'_>,
    request: &Request<'_>,
    archive: &Archive<'_>,
    out: &mut impl Output,
) -> Outcome {
    let explanation = refusal.explanation();
    send(&refusal.reply(&explanation, request, archive), &refusal.detail, variables, out)
}

/// Has a reply ready for when the photo is cut short while it is read in place.
fn prepare_for_cut(
    variables: &Variables<'_>,
    request: &Request<'_>,
    archive: &Archive<'_>,
) -> Result<(), Errno> {
    let refusal = Refusal::from(MakeError::Render(imaging::Error::Original(OriginalError::Shrunk)));
    let log = log::complaint(refusal.failure, variables, &refusal.detail);
    let mut reply = Bytes(Vec::new());
    let explanation = refusal.explanation();
    refusal.reply(&explanation, request, archive).send(variables.extent(), &mut reply)?;
    let log = log.map_or_else(Vec::new, |line| line.as_bytes().to_vec());
    fault::prepare(Box::leak(Box::new(LastWords { log: log.leak(), reply: reply.0.leak() })));
    Ok(())
}

/// A reply that is kept.
pub struct Bytes(pub Vec<u8>);

impl Output for Bytes {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        self.0.extend(pieces.iter().copied().flatten());
        Ok(())
    }
}

/// Sends the thumbnail that is asked for, unless something is wrong with the request.
fn deliver<'e>(
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    request: &Request<'_>,
    archive: &Archive<'_>,
    out: &mut impl Output,
) -> Result<Result<(), Errno>, Refusal> {
    let compiled_in = archive.settings().map_err(Failure::from)?;
    let settings = load::settings(compiled_in, environment)?;
    let secrets = load::secrets(&settings)?;
    let order = resolve::order(request.path, &settings, &secrets, Some(Now::from_clock()))?;
    let extent = variables.extent();
    if order.tags.is_known(request) {
        return Ok(Reply::Picture(&order.tags, Portion::Unmodified).send(extent, out));
    }
    let product = match entry::find(settings.cache, &order.name) {
        Some(found) => Product::Kept(found),
        None => make::make(&settings, &order.name, |picture| {
            prepare_for_cut(variables, request, archive)
                .map_err(|error| imaging::Error::Io(error.into()))?;
            render(map(&order.photo)?, &order.transform, &settings, picture)
        })?,
    };
    let picture = match &product {
        Product::Kept(found) => Picture::from(found),
        Product::Made(picture, format) => {
            Picture { format: *format, len: picture.len(), body: Body::Bytes(picture) }
        }
    };
    let portion = order.tags.choose(request, picture)?;
    Ok(Reply::Picture(&order.tags, portion).send(extent, out))
}

/// Sends the gallery page that is asked for, unless something is wrong with the request.
fn show<'e>(
    variables: &Variables<'_>,
    environment: impl Iterator<Item = &'e [u8]> + Clone,
    request: &Request<'_>,
    archive: &Archive<'_>,
    out: &mut impl Output,
) -> Result<Result<(), Errno>, Refusal> {
    let compiled_in = archive.settings().map_err(Failure::from)?;
    let settings = load::settings(compiled_in, environment)?;
    let secrets = load::secrets(&settings)?;
    let probe = |bytes: &[u8]| imaging::probe(bytes).ok().map(|info| info.shown());
    let template = archive.get(b"_gallery.html").map_err(Failure::from)?;
    let extent = variables.extent();
    Ok(match gallery::answer(request, template, &settings, &secrets, probe)? {
        Gallery::Page(page) => page.send(request.if_none_match, extent, out),
        Gallery::Moved => answer::to_folder(request).send(extent, out),
    })
}

/// Makes a thumbnail of a photo's bytes, within the settings, and appends it to `picture`.
///
/// # Errors
///
/// As [`imaging::render`].
pub fn render(
    photo: &[u8],
    transform: &Transform,
    settings: &Settings<'_>,
    picture: &mut Vec<u8>,
) -> Result<Format, imaging::Error> {
    let memory = settings.memory_bytes - settings.memory_bytes / PROGRAM;
    let limits = Limits { memory, max_size: settings.max_side_pixels };
    match imaging::render(photo, transform, &limits, &mut Growing(picture)) {
        Ok(rendered) => Ok(rendered.format),
        Err(imaging::Error::Limit(LimitError::Memory { needed })) => {
            // What is said is what the setting has to be.
            let needed = needed.saturating_mul(PROGRAM).div_ceil(PROGRAM - 1);
            Err(imaging::Error::Limit(LimitError::Memory { needed }))
        }
        Err(error) => Err(error),
    }
}

/// Bytes that come one after the other, with room for a quarter more, not twice as many.
struct Growing<'a>(&'a mut Vec<u8>);

impl io::Write for Growing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes).map(|()| bytes.len())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.0.capacity() - self.0.len() < bytes.len() {
            self.0.reserve_exact(bytes.len().max(self.0.len() / 4).max(4096));
        }
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The share of the setting `memory` that is for the program itself: its code, its stack,
/// and the thumbnail as it is written. 1 MiB of the default, so that a process that may
/// have 10 MiB of addresses never needs more (measured on the x86-64 release, 2.4 MB).
const PROGRAM: u64 = imaging::OUTPUT_SHARE + 1;

fn map(photo: &Photo) -> Result<&'static [u8], imaging::Error> {
    match usize::try_from(photo.stamp.size) {
        // There is no mapping of no bytes.
        Ok(0) => Ok(&[]),
        Ok(len) => {
            sys::file::map_photo(&photo.file, len).map_err(|error| imaging::Error::Io(error.into()))
        }
        Err(_) => Err(imaging::Error::Io(io::ErrorKind::FileTooLarge.into())),
    }
}
