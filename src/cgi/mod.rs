//! What a web server hands over (RFC 3875): variables, the request target, the body, and
//! standard error for the log.
#![deny(clippy::disallowed_macros, clippy::disallowed_types, clippy::std_instead_of_core)]

pub mod body;
pub mod log;
pub mod request;
pub mod servers;
pub mod target;
pub mod variables;
