//! The parts of `picosite`: a whole website in one static executable, started by a
//! web server as a CGI program.
//!
//! ```text
//!                     main                     a request, or a command?
//!        ______________/ | \__________
//!       |                |            \
//!      cli · doctor   respond       serve      serve: the fast path, no heap
//!       |    probe     /    \         |
//!      pack        gallery  maker     |        respond: what takes more than system calls
//!       |              \  thumb       |
//!       |               \ jpeg        |
//!        \_______________ | _________/
//!    format · pattern · settings · sign · …    leaves: core only
//! ```
//!
//! `pack` is compiled twice: here and by `build.rs`, which packs `assets/` with it.
//! `tests/layout.rs` says who may import whom, and checks it.
#![no_std]

extern crate std;

pub mod beside;
pub mod cached;
pub mod cli;
pub mod configure;
pub mod date;
pub mod descriptor;
pub mod doctor;
pub mod format;
pub mod gallery;
pub mod geometry;
pub mod jpeg;
pub mod maker;
#[cfg(feature = "tools")]
pub mod pack;
pub mod pattern;
pub mod photo;
pub mod probe;
pub mod respond;
pub mod room;
pub mod serve;
pub mod settings;
pub mod sign;
pub mod stat;
pub mod sys;
pub mod template;
pub mod thumb;
pub mod transform;
pub mod unfinished;
