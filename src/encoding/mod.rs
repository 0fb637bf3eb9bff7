//! Numbers and bytes as ASCII text: decimal, hexadecimal, base64url. No heap, no tables.
#![cfg_attr(
    not(test),
    deny(clippy::disallowed_macros, clippy::disallowed_types, clippy::std_instead_of_core)
)]

pub mod base64url;
pub mod decimal;
pub mod hex;
