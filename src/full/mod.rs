//! Requests that need the heap or a clock: thumbnails to be made, gallery pages, and errors in the
//! settings. Continues with what [`fast`](crate::fast) has already found.

mod reply_error;

use std::boxed::Box;
use std::io;
use std::vec::Vec;

use rustix::fd::AsFd;
use rustix::io::Errno;

use crate::cgi::log;
use crate::error::RequestError;
use crate::fast::{Exchange, Outcome, Work};
use crate::gallery::Gallery;
use crate::http::output::Output;
use crate::http::reply::Reply;
use crate::http::representation::Body;
use crate::imaging::{LimitError, Limits, OriginalError};
use crate::settings::keys::{Secrets, Settings};
use crate::sys::clock::Now;
use crate::sys::fault;
use crate::sys::fault::{Armed, LastWords};
use crate::thumbs::address::transform::{Format, Transform};
use crate::thumbs::make;
use crate::thumbs::make::{MakeError, Product};
use crate::thumbs::photo::Photo;
use crate::thumbs::resolve::Thumbnail;
use crate::{fast, gallery, imaging, sys};
use reply_error::ReplyError;

/// Finishes a request.
///
/// # Errors
///
/// As `write(2)`, if the reply doesn't reach the visitor.
pub fn finish<O: Output>(work: Work<'_, '_, '_, O>) -> Outcome {
    match work {
        Work::Expiring(exchange, asked, settings) => {
            let now = Some(Now::from_clock());
            fast::thumbnail(exchange, &asked, settings, now, |exchange, thumbnail| {
                make_thumbnail(exchange, thumbnail, settings)
            })
        }
        Work::Make(exchange, thumbnail, settings) => make_thumbnail(exchange, thumbnail, settings),
        Work::Gallery(exchange, settings, secrets) => gallery_page(exchange, settings, secrets),
        Work::Misconfigured(exchange, error) => refuse(&error.into(), exchange),
    }
}

fn make_thumbnail<O: Output>(
    exchange: Exchange<'_, '_, O>,
    thumbnail: &Thumbnail,
    settings: &Settings<'_>,
) -> Outcome {
    let made = make::make(settings, &thumbnail.name, |picture| {
        let _armed =
            prepare_for_truncation(&exchange).map_err(|error| imaging::Error::Io(error.into()))?;
        render(map(&thumbnail.photo)?, &thumbnail.transform, settings, picture)
    });
    match made {
        Ok(Product::Kept(found)) => {
            let body = Body::File(found.file.as_fd(), 0);
            exchange.send_thumbnail(thumbnail, found.format, body, found.len)
        }
        Ok(Product::Made(picture, format)) => {
            exchange.send_thumbnail(thumbnail, format, Body::Bytes(&picture), picture.len())
        }
        Err(error) => refuse(&error.into(), exchange),
    }
}

fn gallery_page<O: Output>(
    exchange: Exchange<'_, '_, O>,
    settings: &Settings<'_>,
    secrets: &Secrets<'_>,
) -> Outcome {
    let probe = |bytes: &[u8]| imaging::probe(bytes).ok().map(|info| info.shown());
    let template =
        exchange.site.get(b"_gallery.html").map_err(|corrupt| RequestError::from(corrupt).into());
    let target = &exchange.request.target;
    match template.and_then(|template| gallery::answer(target, template, settings, secrets, probe))
    {
        Ok(Gallery::Moved) => exchange.redirect_to_folder(),
        Ok(Gallery::Page(page)) => {
            let conditions = exchange.request.variables.conditions();
            let reply = Reply::new(page.representation(), &conditions);
            exchange.send(&reply.unwrap_or_else(Reply::Error), "")
        }
        Err(error) => refuse(&error.into(), exchange),
    }
}

fn refuse<O: Output>(error: &ReplyError, exchange: Exchange<'_, '_, O>) -> Outcome {
    let explanation = error.explanation();
    let (request, site) = (exchange.request, exchange.site);
    exchange.send(&error.reply(&explanation, &request, site), &error.detail)
}

/// Prepares the reply and log line to send if the photo is truncated while it is mapped and read.
fn prepare_for_truncation<O>(exchange: &Exchange<'_, '_, O>) -> Result<Armed, Errno> {
    let Exchange { request, site, .. } = exchange;
    let error =
        ReplyError::from(MakeError::Render(imaging::Error::Original(OriginalError::Shrunk)));
    let log = log::complaint(error.failure, request.variables, &error.detail);
    let mut reply = Bytes(Vec::new());
    let explanation = error.explanation();
    error.reply(&explanation, request, site).send(request.variables.extent(), &mut reply)?;
    let log = log.map_or_else(Vec::new, |line| line.as_bytes().to_vec());
    Ok(fault::prepare(Box::leak(Box::new(LastWords { log: log.leak(), reply: reply.0.leak() }))))
}

/// An output that collects a reply in memory.
pub struct Bytes(pub Vec<u8>);

impl Output for Bytes {
    fn write(&mut self, pieces: &[&[u8]]) -> Result<(), Errno> {
        self.0.extend(pieces.iter().copied().flatten());
        Ok(())
    }
}

/// Renders a thumbnail from a photo's bytes within the limits of the settings, and appends it to
/// `picture`.
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
            // Report the value that the setting `memory` would need.
            let needed = needed.saturating_mul(PROGRAM).div_ceil(PROGRAM - 1);
            Err(imaging::Error::Limit(LimitError::Memory { needed }))
        }
        Err(error) => Err(error),
    }
}

/// A `Vec` that grows by a quarter rather than doubling, to save memory.
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

/// The setting `memory` divided by this is the program's own share: code, stack, and the thumbnail
/// as it is written. That is 1 MiB of the default, so that 10 MiB of address space suffice
/// (measured with the x86-64 release executable, 2.4 MB).
const PROGRAM: u64 = imaging::OUTPUT_SHARE + 1;

fn map(photo: &Photo) -> Result<&'static [u8], imaging::Error> {
    match usize::try_from(photo.stamp.size) {
        // mmap(2) rejects an empty mapping.
        Ok(0) => Ok(&[]),
        Ok(len) => {
            sys::file::map_photo(&photo.file, len).map_err(|error| imaging::Error::Io(error.into()))
        }
        Err(_) => Err(imaging::Error::Io(io::ErrorKind::FileTooLarge.into())),
    }
}
