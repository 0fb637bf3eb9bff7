//! From the address of a signed thumbnail to what it takes to answer it.
//!
//! The order of the checks is a promise: signature, transform, expiry, then the photo. An address
//! that nobody has signed costs one HMAC and opens nothing. All of it works without a heap and
//! ahead of the C library.

use crate::error::RequestError;
use crate::http::conditional::{Conditions, Validators};
use crate::settings::keys::{Secrets, Settings};
use crate::site::record::THUMBNAILS;
use crate::sys::clock::Now;
use crate::thumbs::address::signature::SignatureError;
use crate::thumbs::address::transform::Transform;
use crate::thumbs::address::{geometry, signature};
use crate::thumbs::cache::entry;
use crate::thumbs::cache::entry::{Found, Name};
use crate::thumbs::photo;
use crate::thumbs::photo::{Photo, PhotoError};

/// What a signed address asks for, as far as that can be told without a file.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'p> {
    pub transform: Transform,
    /// The photo's path below `galleries`.
    path: &'p [u8],
}

/// A thumbnail of a photo that exists.
#[derive(Debug)]
pub struct Thumbnail {
    pub transform: Transform,
    /// The photo, open.
    pub photo: Photo,
    pub name: Name,
    /// `Last-Modified` in seconds since 1970.
    modified: u64,
    /// `Cache-Control: max-age`, in seconds.
    pub max_age_secs: u32,
    /// The address never means another picture.
    pub immutable: bool,
}

/// Where a thumbnail is.
#[derive(Debug)]
pub enum Resolved {
    /// The visitor has it.
    Known,
    /// In the cache.
    Cached(Found),
    /// It has to be made.
    ToMake,
}

/// Verifies the signature of `path`, which begins with [`THUMBNAILS`], and reads the rest.
pub fn asked<'p>(
    path: &'p [u8],
    settings: &Settings<'_>,
    secrets: &Secrets<'_>,
) -> Result<Asked<'p>, RequestError> {
    Asked::parse(verified(path, secrets, settings.signature_bytes)?, settings.max_side_pixels)
}

/// The signed part of an address that begins with [`THUMBNAILS`]: all that follows the signature,
/// from its slash on.
pub fn verified<'p>(
    path: &'p [u8],
    secrets: &Secrets<'_>,
    signature_bytes: usize,
) -> Result<&'p [u8], RequestError> {
    let (prefix, path) = path.split_at_checked(THUMBNAILS.len()).ok_or(RequestError::Signature)?;
    let (signature, signed) = split_at_slash(path);
    let message = [&prefix[..THUMBNAILS.len() - 1], signed];
    signature::verify(secrets.keys(), signature, &message, signature_bytes)
        .map_err(|SignatureError| RequestError::Signature)?;
    Ok(signed)
}

impl<'p> Asked<'p> {
    /// Reads the signed part of an address.
    pub fn parse(signed: &'p [u8], max_size: u32) -> Result<Self, RequestError> {
        let (transform, path) = split_at_slash(signed.get(1..).unwrap_or_default());
        let transform = Transform::parse(transform).map_err(RequestError::Transform)?;
        geometry::check_asked(&transform, max_size).map_err(|_| RequestError::Side)?;
        Ok(Self { transform, path: path.get(1..).unwrap_or_default() })
    }

    /// Whether the time of day is needed.
    pub const fn expires(&self) -> bool {
        self.transform.expires.is_some()
    }

    /// 410 if it has expired, or if it expires and there is no time.
    pub fn check_expiry(&self, now: Option<Now>) -> Result<(), RequestError> {
        match self.transform.expires {
            Some(last) if now.is_none_or(|now| now.is_past(last)) => Err(RequestError::Expired),
            _ => Ok(()),
        }
    }

    /// Opens the photo and finds out where its thumbnail is. `now` is needed if
    /// [`expires`](Self::expires) says so.
    pub fn resolve(
        &self,
        settings: &Settings<'_>,
        conditions: &Conditions<'_>,
        now: Option<Now>,
    ) -> Result<(Thumbnail, Resolved), RequestError> {
        self.check_expiry(now)?;
        let photo = photo::open(settings.galleries, self.path).map_err(|none| match none {
            PhotoError::Missing => RequestError::NoPhoto,
            PhotoError::Unreadable(_) => RequestError::Unreadable,
        })?;
        let expires = self.transform.expires;
        let left = expires.zip(now).map_or(u32::MAX, |(last, now)| now.seconds_until(last));
        let stamp = &photo.stamp;
        let thumbnail = Thumbnail {
            transform: self.transform,
            name: Name::new(self.path, stamp, &self.transform),
            // A photo may be dated in the future, but its inode change time can't be: the kernel
            // sets it.
            modified: stamp.modified.min(stamp.changed).0.try_into().unwrap_or(0),
            max_age_secs: settings.max_age_secs.min(left),
            immutable: self.transform.versioned && expires.is_none(),
            photo,
        };
        let resolved = if conditions.is_known(thumbnail.validators())? {
            Resolved::Known
        } else {
            entry::find(settings.cache, &thumbnail.name).map_or(Resolved::ToMake, Resolved::Cached)
        };
        Ok((thumbnail, resolved))
    }
}

impl Thumbnail {
    /// What the visitor's conditions are evaluated against.
    pub const fn validators(&self) -> Validators<'_> {
        Validators { etag: self.name.etag(), modified: self.modified }
    }
}

/// Splits before the first slash.
fn split_at_slash(path: &[u8]) -> (&[u8], &[u8]) {
    path.split_at(path.iter().position(|&byte| byte == b'/').unwrap_or(path.len()))
}

#[cfg(test)]
mod tests;
