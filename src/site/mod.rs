//! The site: a cdb of replies that are ready to send, and the rules applied before a look-up.
#![deny(clippy::disallowed_macros, clippy::disallowed_types, clippy::std_instead_of_core)]

pub mod answer;
pub mod archive;
pub mod cdb;
pub mod descriptor;
pub mod exe_file;
pub mod find;
pub mod location;
pub mod pattern;
pub mod record;
pub mod rules;
