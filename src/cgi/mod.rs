//! The CGI side of a request (RFC 3875): environment variables, the request target, the body, and
//! standard error as the log.
#![deny(clippy::disallowed_macros, clippy::disallowed_types, clippy::std_instead_of_core)]

pub mod body;
pub mod log;
pub mod request;
pub mod servers;
pub mod target;
pub mod variables;
