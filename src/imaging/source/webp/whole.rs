//! An image decoded all at once, yielded row by row.

use std::borrow::Cow;
use std::vec::Vec;

use crate::imaging::Error;
use crate::imaging::source::{Row, Shape, Source};

pub(super) struct Whole<'a> {
    samples: Vec<u8>,
    row_bytes: usize,
    profile: Option<&'a [u8]>,
    y: u32,
}

impl<'a> Whole<'a> {
    pub(super) fn new(shape: Shape, samples: Vec<u8>, profile: Option<&'a [u8]>) -> Self {
        Self { samples, row_bytes: shape.row_bytes() as usize, profile, y: 0 }
    }
}

impl Source for Whole<'_> {
    fn next_row(&mut self) -> Result<Option<Row<'_>>, Error> {
        let y = self.y;
        self.y += 1;
        let mut rows = self.samples.chunks_exact(self.row_bytes);
        Ok(rows.nth(y as usize).map(|samples| Row { y, x: 0, step: 1, samples }))
    }

    fn profile(&self) -> Option<Cow<'_, [u8]>> {
        self.profile.map(Cow::Borrowed)
    }
}
