//! The request as the web server hands it over: RFC 3875's variables, read in one pass
//! over the environment, everything borrowed.

use crate::cgi::names::Name;
use crate::cgi::target;
use crate::cgi::target::Mount;
use crate::encoding::decimal;
use crate::error::Failure;
use crate::http::reply::Extent;

/// The variables that a request is read from; an absent one is empty (RFC 3875, 4.1).
#[derive(Clone, Copy, Default)]
#[allow(missing_docs, reason = "their names are RFC 3875's, or the server's")]
pub struct Variables<'a> {
    /// `GATEWAY_INTERFACE`, `REQUEST_METHOD` or `SERVER_PROTOCOL` is there, even empty:
    /// a web server, or someone in its place, asks for a page.
    pub gateway: bool,
    pub accept_encoding: &'a [u8],
    pub content_length: &'a [u8],
    pub if_modified_since: &'a [u8],
    pub if_none_match: &'a [u8],
    pub if_range: &'a [u8],
    pub path_info: &'a [u8],
    pub query_string: &'a [u8],
    pub range: &'a [u8],
    pub redirect_query_string: &'a [u8],
    pub redirect_request_method: &'a [u8],
    pub redirect_status: &'a [u8],
    pub redirect_url: &'a [u8],
    pub request_method: &'a [u8],
    pub request_uri: &'a [u8],
    pub script_filename: &'a [u8],
    pub script_name: &'a [u8],
    pub server_software: &'a [u8],
    /// `PICOSITE_SITE`, the one setting that a page may need.
    pub site: &'a [u8],
}

impl<'a> Variables<'a> {
    /// Picks the variables out of `NAME=value` strings; of two with one name the first counts.
    pub fn gather(environment: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut gateway = false;
        let mut values = [&[][..]; Name::COUNT];
        for (name, value) in environment.filter_map(Name::split) {
            gateway |=
                matches!(name, Name::GatewayInterface | Name::RequestMethod | Name::ServerProtocol);
            let kept = &mut values[name as usize];
            if kept.is_empty() {
                *kept = value;
            }
        }
        let value = |name: Name| values[name as usize];
        Self {
            gateway,
            accept_encoding: value(Name::HttpAcceptEncoding),
            content_length: value(Name::ContentLength),
            if_modified_since: value(Name::HttpIfModifiedSince),
            if_none_match: value(Name::HttpIfNoneMatch),
            if_range: value(Name::HttpIfRange),
            path_info: value(Name::PathInfo),
            query_string: value(Name::QueryString),
            range: value(Name::HttpRange),
            redirect_query_string: value(Name::RedirectQueryString),
            redirect_request_method: value(Name::RedirectRequestMethod),
            redirect_status: value(Name::RedirectStatus),
            redirect_url: value(Name::RedirectUrl),
            request_method: value(Name::RequestMethod),
            request_uri: value(Name::RequestUri),
            script_filename: value(Name::ScriptFilename),
            script_name: value(Name::ScriptName),
            server_software: value(Name::ServerSoftware),
            site: value(Name::PicositeSite),
        }
    }

    /// The method the visitor used: an error page is always run with GET.
    #[must_use]
    pub const fn method(&self) -> &'a [u8] {
        match (self.redirect_request_method, self.request_method) {
            ([], []) => b"GET",
            ([], method) | (method, _) => method,
        }
    }

    /// How much of a reply the visitor takes, whatever the reply is.
    #[must_use]
    pub fn extent(&self) -> Extent {
        if self.method() == b"HEAD" { Extent::Header } else { Extent::Whole }
    }

    /// The status whose error page the server wants: 400 to 599, but not 404, whose page
    /// is found by its address like any other.
    #[must_use]
    pub fn error_status(&self) -> Option<u16> {
        let digits: [u8; 3] = self.redirect_status.try_into().ok()?;
        let status = decimal::parse(&digits)?.try_into().ok()?;
        (matches!(status, 400..=599) && status != 404).then_some(status)
    }

    /// Busybox httpd decodes `REQUEST_URI` before it hands it over.
    #[must_use]
    pub fn is_busybox(&self) -> bool {
        // A pattern, as in `negotiate`.
        matches!(self.server_software, [b'b', b'u', b's', b'y', b'b', b'o', b'x', ..])
    }
}

/// The visitor's request, as far as it decides about the reply.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The decoded path below the mount point: empty, or it begins with `/`.
    pub path: &'a [u8],
    /// The path has two slashes in a row.
    pub has_runs: bool,
    /// What stands in front of that path in the visitor's address.
    pub mount: Mount<'a>,
    /// The visitor's query, without the `?`.
    pub query: &'a [u8],
    /// `Accept-Encoding`.
    pub accept_encoding: &'a [u8],
    /// `If-Modified-Since`.
    pub if_modified_since: &'a [u8],
    /// `If-None-Match`.
    pub if_none_match: &'a [u8],
    /// `If-Range`.
    pub if_range: &'a [u8],
    /// `Range`.
    pub range: &'a [u8],
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
    /// [`Failure::Method`]: any other is not allowed.
    pub const fn parse(name: &[u8]) -> Result<Self, Failure> {
        match name {
            b"GET" => Ok(Self::Get),
            b"HEAD" => Ok(Self::Head),
            b"OPTIONS" => Ok(Self::Options),
            _ => Err(Failure::Method),
        }
    }
}

impl<'a> Request<'a> {
    /// Reads the request; `storage` is used only where the path has to be decoded.
    ///
    /// # Errors
    ///
    /// A [`Failure`] of the visitor's: 400 or 414.
    pub fn read(
        method: Method,
        variables: &Variables<'a>,
        storage: &'a mut [u8],
    ) -> Result<Self, Failure> {
        let place = target::locate(variables, storage)?;
        Ok(Self {
            method,
            path: place.path,
            has_runs: place.has_runs,
            mount: place.mount,
            query: place.query,
            accept_encoding: variables.accept_encoding,
            if_modified_since: variables.if_modified_since,
            if_none_match: variables.if_none_match,
            if_range: variables.if_range,
            range: variables.range,
        })
    }
}
