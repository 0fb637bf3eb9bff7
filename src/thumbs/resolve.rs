//! From the address of a signed thumbnail to the photo that it means.
//!
//! The order of work is part of what is promised: signature, transform, expiry, then the
//! file. An address that nobody has signed costs one HMAC and touches no photo.

use crate::settings::keys::{Secrets, Settings};
use crate::site::record::THUMBNAILS;
use crate::sys::clock::Now;
use crate::thumbs::address::signature::SignatureError;
use crate::thumbs::address::transform::Transform;
use crate::thumbs::address::{geometry, signature};
use crate::thumbs::cache::entry::Name;
use crate::thumbs::photo;
use crate::thumbs::photo::{Photo, PhotoError};

use crate::error::Failure;
use crate::http::picture::Tags;

/// A thumbnail that somebody who may has asked for.
#[derive(Debug)]
pub struct Order {
    /// What is to be done.
    pub transform: Transform,
    /// The photo, open.
    pub photo: Photo,
    /// What the result is kept under.
    pub name: Name,
    /// What is said of the result.
    pub tags: Tags,
}

/// The order that `path`, which begins with [`THUMBNAILS`], stands for. The time is needed
/// where the address has an `exp`.
///
/// # Errors
///
/// 403, 400, [`Failure::Clock`] where the time is needed and not known, 410, 404, in this
/// order.
pub fn order(
    path: &[u8],
    settings: &Settings<'_>,
    secrets: &Secrets<'_>,
    now: Option<Now>,
) -> Result<Order, Failure> {
    let signed = signed(path, secrets, settings.signature_bytes)?;
    let (transform, path) = checked(signed, settings.max_side_pixels, now)?;
    let photo = photo::open(settings.galleries, path).map_err(|none| match none {
        PhotoError::Missing => Failure::NoPhoto,
        PhotoError::Unreadable(_) => Failure::Unreadable,
    })?;
    let name = Name::new(path, &photo.stamp, &transform);
    let left = transform.expires.zip(now).map_or(u32::MAX, |(last, now)| now.seconds_until(last));
    let tags = Tags {
        etag: *name.etag(),
        modified: u64::try_from(photo.stamp.modified.0).unwrap_or(0),
        max_age: settings.max_age_secs.min(left),
        immutable: transform.versioned && transform.expires.is_none(),
    };
    Ok(Order { transform, photo, name, tags })
}

/// What is signed of an address that begins with [`THUMBNAILS`]: all behind the signature.
///
/// # Errors
///
/// [`Failure::Signature`], whatever is wrong with it.
pub fn signed<'p>(
    path: &'p [u8],
    secrets: &Secrets<'_>,
    signature_bytes: usize,
) -> Result<&'p [u8], Failure> {
    let (prefix, path) = path.split_at_checked(THUMBNAILS.len()).ok_or(Failure::Signature)?;
    let (signature, signed) = split_at_slash(path);
    let message = [&prefix[..THUMBNAILS.len() - 1], signed];
    signature::verify(secrets.keys(), signature, &message, signature_bytes)
        .map_err(|SignatureError| Failure::Signature)?;
    Ok(signed)
}

/// The transform that is `signed`, if it is one and has not expired, and the photo's path.
///
/// # Errors
///
/// 400, then 410, or [`Failure::Clock`].
pub fn checked(
    signed: &[u8],
    max_size: u32,
    now: Option<Now>,
) -> Result<(Transform, &[u8]), Failure> {
    let (transform, photo) = split_at_slash(signed.get(1..).unwrap_or_default());
    let transform = Transform::parse(transform).map_err(Failure::Transform)?;
    geometry::check_asked(&transform, max_size).map_err(|_| Failure::Side)?;
    if let Some(last) = transform.expires
        && now.ok_or(Failure::Clock)?.is_past(last)
    {
        return Err(Failure::Expired);
    }
    Ok((transform, photo.get(1..).unwrap_or_default()))
}

/// What stands in front of the first slash, and the rest from it on.
fn split_at_slash(path: &[u8]) -> (&[u8], &[u8]) {
    path.split_at(path.iter().position(|&byte| byte == b'/').unwrap_or(path.len()))
}

#[cfg(test)]
mod tests;
