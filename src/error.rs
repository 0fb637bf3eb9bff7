//! Every way a request can fail: the status of its reply, and the log line's code and message.
//! No code occurs anywhere else in the source.

use crate::thumbs::address::transform::TransformError;

/// Why a request gets an error reply. One variant per cause.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RequestError {
    /// A `%` in the URL that isn't followed by two hexadecimal digits.
    Escape,
    /// NUL or `\` in the path.
    Character,
    /// A `.` or `..` segment in the path.
    DotSegment,
    /// A path that doesn't start with `/`.
    Relative,
    /// Nothing at this URL.
    Missing,
    /// A rule answers this URL with 404.
    RuledOut,
    /// A rule answers this URL with 410.
    Gone,
    /// A method other than GET, HEAD and OPTIONS.
    Method,
    /// A path longer than [`PATH_MAX`](crate::cgi::target::PATH_MAX).
    Long,
    /// `If-Match` or `If-Unmodified-Since` evaluates to false (RFC 9110, 13.2.2).
    Precondition,
    /// A range that starts past the end of a body of this many bytes.
    Range(usize),
    /// The web server asks for the error page of this status.
    Server(u16),
    /// A damaged cdb.
    Corrupt,
    /// The cdb named by the setting `site` can't be read.
    Site,
    /// The executable no longer contains its cdb.
    Lost,
    /// The target of a rule is longer than a path may be.
    Target,
    /// This executable is a probe and has no site.
    Probe,
    /// Writing the reply failed, perhaps halfway.
    Unsent,
    /// A thumbnail's URL whose signature matches none of our secrets.
    Signature,
    /// The signature is valid, but the transform isn't.
    Transform(TransformError),
    /// A side of the thumbnail exceeds the setting `max-size`.
    Side,
    /// A signed URL that has expired.
    Expired,
    /// The signature is valid, but no photo has this name.
    NoPhoto,
    /// No permission to open the photo.
    Unreadable,
    /// A setting is invalid.
    Settings,
    /// So many thumbnails are being made that this one's turn has not come.
    Busy,
    /// No lock file can be used, so workers can't be limited.
    Lock,
    /// The setting `gallery-pages` excludes this gallery.
    GalleryOff,
    /// No gallery has this name, or the setting `galleries` is empty.
    NoGallery,
    /// The gallery has no page with this number.
    NoPage,
    /// No permission to read the gallery.
    GalleryUnreadable,
    /// No secret to sign the thumbnails of a gallery page with.
    NoSecret,
    /// The site's gallery template is invalid. The packer rejects those.
    Template,
    /// A thumbnail couldn't be made: the status, and the code of the cause.
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

    /// Code and message for the log.
    #[must_use]
    pub const fn cause(self) -> (&'static str, &'static str) {
        match self {
            Self::Making(_, code) => (code, "cannot make the thumbnail"),
            _ => (self.entry().1, self.entry().2),
        }
    }

    const fn entry(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Escape => (400, "P11", "a % in the URL without two hexadecimal digits"),
            Self::Character => (400, "P12", "a NUL or a backslash in the path"),
            Self::DotSegment => (400, "P13", "a segment . or .. in the path"),
            Self::Relative => (400, "P14", "a path that does not start with /"),
            Self::Missing => (404, "P21", "nothing at this URL"),
            Self::RuledOut => (404, "P22", "404 by a rule in _redirects"),
            Self::Gone => (410, "P23", "410 by a rule in _redirects"),
            Self::Method => (405, "P31", "a method other than GET, HEAD, OPTIONS"),
            Self::Long => (414, "P32", "a path longer than 8 KiB"),
            Self::Range(_) => (416, "P33", "a range that starts past the end"),
            Self::Precondition => (412, "P34", "If-Match or If-Unmodified-Since does not hold"),
            Self::Server(_) => (0, "P41", "the web server asked for this error page"),
            Self::Corrupt => {
                (500, "P51", "the site's cdb is damaged, or picosite did not write it")
            }
            Self::Site => (500, "P52", "cannot read the cdb named by the setting site"),
            Self::Lost => {
                (500, "P54", "this executable has lost its site: do not strip it, pack it")
            }
            Self::Target => (500, "P53", "the target of a rule in _redirects is too long"),
            Self::Probe => (500, "P55", "this is a probe written by doctor: it has no site"),
            Self::Unsent => (500, "P56", "the reply could not be written"),
            Self::Signature => (403, "S11", "no valid signature in the thumbnail's URL"),
            Self::Transform(bad) => (400, "S12", bad.as_str()),
            Self::Side => (400, "S13", "a side of the thumbnail exceeds max-size"),
            Self::Expired => (410, "S14", "the thumbnail's URL has expired"),
            Self::NoPhoto => (404, "S21", "no photo with this name"),
            Self::Unreadable => (403, "S22", "no permission to read the photo"),
            Self::Settings => (500, "S51", "invalid setting"),
            Self::Busy => (503, "S52", "all workers were busy for 20 seconds"),
            Self::Lock => (500, "S53", "cannot lock; see the settings cache and workers"),
            Self::GalleryOff => (404, "P61", "gallery-pages does not allow this gallery"),
            Self::NoGallery => (404, "P62", "no such folder in galleries"),
            Self::NoPage => (404, "P63", "the gallery has no page with this number"),
            Self::GalleryUnreadable => (403, "P64", "no permission to read the gallery"),
            Self::NoSecret => {
                (500, "P65", "no secret to sign thumbnails with; see picosite secret")
            }
            Self::Template => (500, "P66", "_gallery.html is invalid"),
            Self::Making(..) => (500, "", ""),
        }
    }
}

impl From<crate::site::record::Corrupt> for RequestError {
    fn from(_: crate::site::record::Corrupt) -> Self {
        Self::Corrupt
    }
}
