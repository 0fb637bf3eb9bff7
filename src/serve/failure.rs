//! Everything that can go wrong with a request: the status it is answered with, and the
//! line for the log, which begins with a code that stands nowhere else in the source.

/// A request that gets an error page. One variant a cause.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Failure {
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
    /// A range that begins behind the end of so many bytes.
    Range(u32),
    /// The web server wants its error page.
    Server(u16),
    /// A damaged cdb.
    Corrupt,
    /// The cdb that the setting `site` names cannot be read.
    Site,
    /// A rule's target does not fit into a path.
    Target,
}

impl Failure {
    /// The status of the reply (RFC 9110, 15).
    #[must_use]
    pub const fn status(self) -> u16 {
        match self {
            Self::Server(status) => status,
            _ => self.entry().0,
        }
    }

    /// The code and the cause, for the log.
    #[must_use]
    pub const fn cause(self) -> (&'static str, &'static str) {
        let (_, code, cause) = self.entry();
        (code, cause)
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
            Self::Server(_) => (0, "P41", "the web server asked for its error page"),
            Self::Corrupt => (500, "P51", "the site's cdb is damaged, or not one of picosite's"),
            Self::Site => (500, "P52", "cannot read the cdb that the setting site names"),
            Self::Target => (500, "P53", "the target of a line of _redirects is too long"),
        }
    }
}

impl From<crate::format::Corrupt> for Failure {
    fn from(_: crate::format::Corrupt) -> Self {
        Self::Corrupt
    }
}
