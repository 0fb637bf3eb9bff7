//! picosite: a website in one static executable that a web server runs as a CGI program.
//!
//! `ARCHITECTURE.md` has the map of these modules and the path of a request through them;
//! `tests/layout` checks who imports whom. `pack` is compiled twice: here and into `build.rs`,
//! which packs `assets/` with it.
#![no_std]

extern crate std;

mod cgi;
mod cli;
mod doctor;
mod encoding;
mod error;
#[doc(hidden)]
pub mod facade;
mod fast;
mod full;
mod gallery;
mod http;
mod imaging;
mod jpeg;
#[cfg(feature = "tools")]
mod pack;
mod settings;
mod site;
mod sys;
mod template;
mod thumbs;
