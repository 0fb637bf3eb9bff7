//! A scan that is being read, in step with the others.
//!
//! Each pass has a place of its own in the file and goes on from it when the next strip
//! is due; so a picture in several scans, progressive or not, needs no more memory than
//! its strip. What the passes hold between strips is here; how they read one is in
//! `sequential` and `progressive`.

use std::vec::Vec;

use crate::jpeg::Error;
use crate::jpeg::bits::Bits;
use crate::jpeg::codes::Class;
use crate::jpeg::huffman::Table;
use crate::jpeg::plan::Layout;
use crate::jpeg::scan::Scan;

/// A scan in the course of being read.
pub(super) struct Pass<'a> {
    /// Where it is in the entropy-coded data.
    pub(super) bits: Bits<'a>,
    pub(super) members: [Member; 4],
    pub(super) count: usize,
    /// MCUs across.
    pub(super) columns: usize,
    /// Rows of MCUs that a strip takes.
    pub(super) rows: usize,
    /// Rows of MCUs that are left.
    pub(super) rows_left: usize,
    pub(super) restarts: Restarts,
    /// First and last coefficient.
    pub(super) band: (u32, u32),
    /// The position of its bits.
    pub(super) low: u32,
    /// Whether it refines what another began.
    pub(super) refines: bool,
    /// Blocks left of an end-of-band run: T.81 G.1.2.2.
    pub(super) run: u32,
}

/// A component's part in a pass.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Member {
    /// Its place in the frame.
    pub(super) component: usize,
    /// Blocks in an MCU, across and down: one in a scan of one component.
    pub(super) blocks: (usize, usize),
    /// The place of its DC table.
    pub(super) dc: usize,
    /// The place of its AC table.
    pub(super) ac: usize,
    /// The DC coefficient before.
    pub(super) prediction: i32,
}

/// Makes for each member its part in a strip, of what its component owns. What an MCU
/// takes is settled once a strip here: settling it block by block took a third of the
/// time of a DC scan.
pub(super) fn parts<'a, T, P>(
    members: &[Member],
    items: &'a mut [T],
    make: impl Fn(&Member, &'a mut T) -> P,
) -> [Option<P>; 4] {
    let mut owned = [const { None }; 4];
    for (slot, item) in owned.iter_mut().zip(items) {
        *slot = Some(item);
    }
    let mut parts = [const { None }; 4];
    for (part, member) in parts.iter_mut().zip(members) {
        // INVARIANT: a scan's members are of different components.
        *part = owned[member.component].take().map(|item| make(member, item));
    }
    parts
}

/// Counts MCUs to the next restart marker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Restarts {
    interval: u32,
    /// INVARIANT: without an interval, more than any picture's MCUs.
    left: u32,
    number: u8,
}

impl Restarts {
    fn new(interval: u16) -> Self {
        let interval = if interval == 0 { u32::MAX } else { interval.into() };
        Self { interval, left: interval, number: 0 }
    }

    /// Whether a restart marker is due before the next MCU; counts it.
    #[inline(always)]
    pub(super) fn due(&mut self) -> bool {
        let due = self.left == 0;
        self.left = self.left.wrapping_sub(1);
        due
    }

    /// Passes over the marker that is due.
    #[cold]
    #[inline(never)]
    pub(super) fn pass<'a>(&mut self, mut bits: Bits<'a>) -> Result<Bits<'a>, Error> {
        bits.restart(self.number)?;
        self.left = self.interval - 1;
        self.number = (self.number + 1) % 8;
        Ok(bits)
    }
}

impl<'a> Pass<'a> {
    fn new(scan: &Scan<'a>, layouts: &[Layout], tables: &Tables<'a>) -> Self {
        let mut members = [Member::default(); 4];
        let alone = scan.members().len() == 1;
        for (member, it) in members.iter_mut().zip(scan.members()) {
            *member = Member {
                component: it.component,
                blocks: if alone { (1, 1) } else { layouts[it.component].mcu },
                dc: tables.place(Class::Dc, it.dc),
                ac: tables.place(Class::Ac, it.ac),
                prediction: 0,
            };
        }
        let layout = &layouts[members[0].component];
        let (columns, rows, rows_left) = if alone {
            (layout.own_blocks.0, layout.mcu.1, layout.own_blocks.1)
        } else {
            (layout.blocks / layout.mcu.0, 1, layout.own_blocks.1.div_ceil(layout.mcu.1))
        };
        Self {
            bits: Bits::new(scan.data),
            members,
            count: scan.members().len(),
            columns,
            rows,
            rows_left,
            restarts: Restarts::new(scan.restart_interval),
            band: (scan.first.into(), scan.last.into()),
            low: scan.low.into(),
            refines: scan.refines(),
            run: 0,
        }
    }

    /// How many rows of MCUs the next strip takes.
    pub(super) fn take_rows(&mut self) -> usize {
        let rows = self.rows.min(self.rows_left);
        self.rows_left -= rows;
        rows
    }
}

/// The Huffman tables that some scans need, each made once.
pub(super) struct Tables<'a> {
    specs: Vec<(Class, &'a [u8])>,
    with_skips: bool,
}

impl<'a> Tables<'a> {
    /// Collects what the scans refer to. `with_skips` where not all coefficients are kept.
    pub(super) fn collect(
        scans: &[Scan<'a>],
        progressive: bool,
        with_skips: bool,
    ) -> Result<Self, Error> {
        let mut specs = Vec::new();
        let mut note = |class, spec: Option<&'a [u8]>| {
            let entry = (class, spec.ok_or(Error::Table)?);
            if !specs.contains(&entry) {
                specs.push(entry);
            }
            Ok::<_, Error>(())
        };
        for scan in scans {
            for member in scan.members() {
                if scan.first == 0 && !scan.refines() {
                    note(Class::Dc, member.dc)?;
                }
                if !progressive || scan.first > 0 {
                    note(Class::Ac, member.ac)?;
                }
            }
        }
        Ok(Self { specs, with_skips })
    }

    /// Bytes that the tables take.
    pub(super) fn size(&self) -> usize {
        let tables: usize =
            self.specs.iter().map(|(class, _)| Table::size(self.skips(*class))).sum();
        tables + self.specs.capacity() * size_of::<(Class, &[u8])>()
    }

    /// Makes the tables.
    pub(super) fn make(&self) -> Result<Vec<Table>, Error> {
        // `collect` cannot know how many there will be, and would make room for more.
        let mut tables = Vec::with_capacity(self.specs.len());
        for &(class, spec) in &self.specs {
            tables.push(Table::new(spec, class, self.skips(class))?);
        }
        Ok(tables)
    }

    /// Opens the scans.
    pub(super) fn open(&self, scans: &[Scan<'a>], layouts: &[Layout]) -> Vec<Pass<'a>> {
        scans.iter().map(|scan| Pass::new(scan, layouts, self)).collect()
    }

    fn skips(&self, class: Class) -> bool {
        self.with_skips && class == Class::Ac
    }

    /// A table's place; any, where the scan does not use one of this class.
    fn place(&self, class: Class, spec: Option<&'a [u8]>) -> usize {
        let is = |entry: &(Class, &[u8])| entry.0 == class && Some(entry.1) == spec;
        self.specs.iter().position(is).unwrap_or(0)
    }
}
