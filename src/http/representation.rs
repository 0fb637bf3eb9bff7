//! What a 200 would send: a header block, a body, and the validators that conditions are
//! evaluated against (RFC 9110, 3.2).

use core::ops;

use rustix::fd::BorrowedFd;
use rustix::io::Errno;

use crate::http::block::Block;
use crate::http::conditional::Validators;
use crate::http::output::Output;

/// The bytes of a representation.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// In memory.
    Bytes(&'a [u8]),
    /// In a file, from this offset on, in bytes.
    File(BorrowedFd<'a>, u64),
    /// Made while they are sent.
    Stream(&'a dyn Stream),
}

/// A body that is never in memory as a whole.
pub trait Stream {
    /// Sends the bytes in `range`.
    fn send(&self, range: ops::Range<usize>, out: &mut dyn Output) -> Result<(), Errno>;
}

/// What a 200 would send.
#[derive(Clone, Copy)]
pub struct Representation<'a> {
    pub block: Block<'a>,
    /// What the visitor's conditions are evaluated against.
    pub validators: Validators<'a>,
    pub body: Body<'a>,
    /// Length of the body in bytes.
    pub len: usize,
}
