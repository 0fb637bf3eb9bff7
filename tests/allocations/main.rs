//! How much memory requests and decoders allocate, by a counting allocator.
#![allow(missing_docs, reason = "tests")]
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pictures are small and painted in bytes"
)]

mod gallery_memory;
#[path = "../util/heap.rs"]
mod heap;
mod memory;
mod no_heap;
#[path = "../pixels/paint.rs"]
#[allow(dead_code, reason = "tests/pixels uses the rest")]
mod paint;
#[path = "../util/pictures.rs"]
mod pictures;
#[path = "../pixels/png.rs"]
#[allow(dead_code, reason = "tests/pixels uses the rest")]
mod png;
#[path = "../util/sink.rs"]
mod sink;
