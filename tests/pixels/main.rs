//! The pixels of thumbnails, against what another decoder and another scaler make of the
//! same files, and against what was decided: sizes, formats, nothing but pixels.
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "pictures are small, and painted in bytes"
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
