//! HTTP semantics (RFC 9110): conditions, ranges, content negotiation, dates, and replies as
//! bytes.
#![deny(clippy::disallowed_macros, clippy::disallowed_types, clippy::std_instead_of_core)]

pub mod conditional;
pub mod date;
pub mod negotiate;
pub mod output;
pub mod picture;
pub mod reply;
pub mod status;
