//! Everything that can go wrong with a request: the status it is answered with, and the
//! line for the log, which begins with a code that stands nowhere else in the source.

use crate::thumbs::address::transform::TransformError;

/// A request that gets an error page. One variant a cause.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RequestError {
    /// A `%` in the address without two hexadecimal digits behind it.
    Escape,
    /// NUL or `\` in the path.
    Character,
    /// A segment `.` or `..` in the path.
    DotSegment,
    /// A path that does not begin with `/`.
    Relative,
    /// Nothing at this address.
    Missing,
    /// A rule says that there is nothing at this address.
    RuledOut,
    /// A rule says that this address is gone for good.
    Gone,
    /// A method that has no meaning here.
    Method,
    /// A path too long to be decoded.
    Long,
    /// `If-Match` or `If-Unmodified-Since` does not hold.
    Precondition,
    /// A range that begins past the end of a body of this many bytes.
    Range(usize),
    /// The web server wants its error page.
    Server(u16),
    /// A damaged cdb.
    Corrupt,
    /// The cdb that the setting `site` names cannot be read.
    Site,
    /// The executable has lost the cdb that was in it.
    Lost,
    /// A rule's target does not fit into a path.
    Target,
    /// This executable is a probe and has no site.
    Probe,
    /// The reply itself, halfway perhaps.
    Unsent,
    /// A thumbnail's address that no secret of ours has signed.
    Signature,
    /// What is signed is no transform.
    Transform(TransformError),
    /// A thumbnail's side would be longer than the setting `max-size`.
    Side,
    /// The address was good until some time ago.
    Expired,
    /// No photo has the name that is signed.
    NoPhoto,
    /// The photo is there, but may not be opened.
    Unreadable,
    /// The settings have a mistake.
    Settings,
    /// So many thumbnails are being made that this one's turn has not come.
    Busy,
    /// Nothing can be locked, so nobody knows how many thumbnails are being made.
    Lock,
    /// The setting `gallery-pages` does not allow this gallery, or any.
    GalleryOff,
    /// No gallery has this name, or the setting `galleries` is empty.
    NoGallery,
    /// A gallery's page with a number that it does not have.
    NoPage,
    /// The gallery is there, but may not be read.
    GalleryUnreadable,
    /// No secret to sign a page's thumbnails with.
    NoSecret,
    /// The site's template for gallery pages has a mistake, which the packer refuses.
    Template,
    /// A thumbnail could not be made: the status, and the code of what stopped it.
    Making(u16, &'static str),
}

impl RequestError {
    /// The status of the reply (RFC 9110, 15).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Server(status) | Self::Making(status, _) => status,
            _ => self.entry().0,
        }
    }

    /// The code and the cause, for the log.
    #[must_use]
    pub const fn cause(self) -> (&'static str, &'static str) {
        match self {
            Self::Making(_, code) => (code, "no thumbnail"),
            _ => (self.entry().1, self.entry().2),
        }
    }

    const fn entry(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Escape => (400, "P11", "a % in the address without two hexadecimal digits"),
            Self::Character => (400, "P12", "a NUL or a backslash in the path"),
            Self::DotSegment => (400, "P13", "a segment . or .. in the path"),
            Self::Relative => (400, "P14", "a path that does not begin with /"),
            Self::Missing => (404, "P21", "nothing at this address"),
            Self::RuledOut => (404, "P22", "not found by a line of _redirects"),
            Self::Gone => (410, "P23", "gone by a line of _redirects"),
            Self::Method => (405, "P31", "a method other than GET, HEAD, OPTIONS"),
            Self::Long => (414, "P32", "a path of more than 8 KiB"),
            Self::Range(_) => (416, "P33", "a range that begins behind the end"),
            Self::Precondition => (412, "P34", "If-Match or If-Unmodified-Since does not hold"),
            Self::Server(_) => (0, "P41", "the web server asked for its error page"),
            Self::Corrupt => (500, "P51", "the site's cdb is damaged, or not one of picosite's"),
            Self::Site => (500, "P52", "cannot read the cdb that the setting site names"),
            Self::Lost => {
                (500, "P54", "this executable has lost its site: do not strip it, pack it")
            }
            Self::Target => (500, "P53", "the target of a line of _redirects is too long"),
            Self::Probe => (500, "P55", "this is a probe, written by doctor: it has no site"),
            Self::Unsent => (500, "P56", "the reply could not be written"),
            Self::Signature => (403, "S11", "a thumbnail's address without a signature that holds"),
            Self::Transform(bad) => (400, "S12", bad.as_str()),
            Self::Side => (400, "S13", "a side of the thumbnail is longer than max-size"),
            Self::Expired => (410, "S14", "the thumbnail's address has expired"),
            Self::NoPhoto => (404, "S21", "no photo at this address"),
            Self::Unreadable => (403, "S22", "the photo may not be read; see its permissions"),
            Self::Settings => (500, "S51", "a setting is wrong"),
            Self::Busy => (503, "S52", "all workers were busy for 20 seconds"),
            Self::Lock => (500, "S53", "no folder for locks; see the settings cache and workers"),
            Self::GalleryOff => (404, "P61", "gallery-pages does not allow this gallery"),
            Self::NoGallery => (404, "P62", "no such folder in galleries"),
            Self::NoPage => (404, "P63", "the gallery has no page of this number"),
            Self::GalleryUnreadable => (403, "P64", "the gallery may not be read"),
            Self::NoSecret => (500, "P65", "no secret to sign thumbnails with: picosite secret"),
            Self::Template => (500, "P66", "_gallery.html has a mistake"),
            Self::Making(..) => (500, "", ""),
        }
    }
}

impl From<crate::site::record::Corrupt> for RequestError {
    fn from(_: crate::site::record::Corrupt) -> Self {
        Self::Corrupt
    }
}
