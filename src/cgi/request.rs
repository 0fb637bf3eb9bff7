//! A request for something below the mount point.

use crate::cgi::target::Target;
use crate::cgi::variables::Variables;
use crate::error::RequestError;

/// What was asked for, and all that the server said with it.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Path, mount point and query.
    pub target: Target<'a>,
    /// Header fields and the rest.
    pub variables: &'a Variables<'a>,
}

/// The methods that have a meaning here.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// The representation.
    Get,
    /// Its header alone.
    Head,
    /// What could be asked.
    Options,
}

impl Method {
    /// Reads a method name; they are case-sensitive (RFC 9110, 9.1).
    ///
    /// # Errors
    ///
    /// [`RequestError::Method`]: any other is not allowed.
    pub const fn parse(name: &[u8]) -> Result<Self, RequestError> {
        match name {
            b"GET" => Ok(Self::Get),
            b"HEAD" => Ok(Self::Head),
            b"OPTIONS" => Ok(Self::Options),
            _ => Err(RequestError::Method),
        }
    }
}
