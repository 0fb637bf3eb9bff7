//! The tests that can share one executable. Each executable compiles and links the library's
//! generic code again, so every further one costs seconds.
//!
//! Apart from it are `allocations`, which counts allocations; `attach` and `transcript`, which
//! write executables (a process that another test starts meanwhile keeps them open for writing
//! for a moment, and `execve` fails with ETXTBSY); `pixels`; and `servers`.
#![allow(missing_docs, reason = "tests")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pictures are small and painted in bytes"
)]

#[path = "pixels/paint.rs"]
#[allow(dead_code, reason = "tests/pixels uses the rest")]
mod paint;
#[path = "pixels/png.rs"]
#[allow(dead_code, reason = "tests/pixels uses the rest")]
mod png;
mod util;

mod archive;
mod backing;
mod body;
mod cache;
mod commands;
mod docs;
mod doctor;
mod gallery;
mod generated;
mod growth;
mod hostile;
mod jpeg;
mod layout;
mod pack;
mod preview;
mod probe;
mod signing;
mod surroundings;
mod thumbnails;
mod tools;
mod wellformed;
