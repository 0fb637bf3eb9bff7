//! The pixels of thumbnails against another decoder and scaler, and their sizes, formats and
//! lack of metadata.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "test images are small and 8 bits per sample"
)]

mod coefficients;
mod oracle;
mod paint;
mod png;

mod corpus;
mod fidelity;
mod orientation;
mod output;
mod profiles;
mod sizes;
