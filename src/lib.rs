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

pub mod cgi;
pub mod cli;
pub mod doctor;
pub mod encoding;
pub mod error;
pub mod fast;
pub mod full;
pub mod gallery;
pub mod http;
pub mod imaging;
pub mod jpeg;
#[cfg(feature = "tools")]
pub mod pack;
pub mod settings;
pub mod site;
pub mod sys;
pub mod template;
pub mod thumbs;
