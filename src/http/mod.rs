//! HTTP semantics (RFC 9110): conditional requests, ranges, content negotiation, dates, and
//! replies on the wire.
#![deny(clippy::disallowed_macros, clippy::disallowed_types, clippy::std_instead_of_core)]

pub mod block;
pub mod coding;
pub mod conditional;
pub mod date;
pub mod negotiate;
pub mod output;
pub mod page;
pub mod range;
pub mod reply;
pub mod representation;
pub mod status;
