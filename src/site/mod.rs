//! The site: a cdb of records that are ready to be sent, and the rules in front of it.
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
