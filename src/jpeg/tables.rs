//! The Huffman tables that the relevant scans need, each built once.

use std::vec::Vec;

use crate::jpeg::Error;
use crate::jpeg::codes::Class;
use crate::jpeg::huffman::HuffmanTable;
use crate::jpeg::scan::Scan;

/// The specifications of the tables, as in DHT segments.
#[derive(Clone, Debug)]
pub(super) struct Tables<'a> {
    specs: Vec<(Class, &'a [u8])>,
    with_skips: bool,
}

impl<'a> Tables<'a> {
    /// Collects the tables that the scans refer to. AC tables get a skip table if
    /// `with_skips`, for coefficients that are not kept.
    pub(super) fn collect(
        scans: &[Scan<'a>],
        progressive: bool,
        with_skips: bool,
    ) -> Result<Self, Error> {
        let mut specs = Vec::new();
        let mut add = |class, spec: Option<&'a [u8]>| {
            let entry = (class, spec.ok_or(Error::Table)?);
            if !specs.contains(&entry) {
                specs.push(entry);
            }
            Ok::<_, Error>(())
        };
        for scan in scans {
            for component in scan.components() {
                if scan.ss == 0 && !scan.is_refinement() {
                    add(Class::Dc, component.dc)?;
                }
                if !progressive || scan.ss > 0 {
                    add(Class::Ac, component.ac)?;
                }
            }
        }
        Ok(Self { specs, with_skips })
    }

    /// Bytes of heap that the specifications and the tables take.
    pub(super) fn size(&self) -> usize {
        let tables: usize =
            self.specs.iter().map(|(class, _)| HuffmanTable::size(self.has_skips(*class))).sum();
        tables + self.specs.capacity() * size_of::<(Class, &[u8])>()
    }

    pub(super) fn build(&self) -> Result<Vec<HuffmanTable>, Error> {
        // Collecting `Result`s would guess the capacity, and too high.
        let mut tables = Vec::with_capacity(self.specs.len());
        for &(class, spec) in &self.specs {
            tables.push(HuffmanTable::new(spec, class, self.has_skips(class))?);
        }
        Ok(tables)
    }

    fn has_skips(&self, class: Class) -> bool {
        self.with_skips && class == Class::Ac
    }

    /// A table's index; 0 if the scan doesn't use a table of this class.
    pub(super) fn index(&self, class: Class, spec: Option<&'a [u8]>) -> usize {
        let is = |entry: &(Class, &[u8])| entry.0 == class && Some(entry.1) == spec;
        self.specs.iter().position(is).unwrap_or(0)
    }
}
