//! The state of one scan that is decoded in step with the others.
//!
//! Each reader has its own position in the file and continues from it at the next strip, so
//! a picture in several scans, progressive or not, takes the memory of a strip. The state
//! between strips is here; `sequential` and `progressive` read a strip.

use crate::jpeg::Error;
use crate::jpeg::bit_reader::BitReader;
use crate::jpeg::codes::Class;
use crate::jpeg::layout::Layout;
use crate::jpeg::scan::Scan;
use crate::jpeg::tables::Tables;

/// A scan that is being decoded.
pub(super) struct ScanReader<'a> {
    pub(super) bits: BitReader<'a>,
    pub(super) components: [ComponentState; 4],
    pub(super) count: usize,
    /// MCUs across.
    pub(super) columns: usize,
    /// Rows of MCUs in a strip.
    pub(super) rows: usize,
    /// Rows of MCUs left in the scan.
    pub(super) rows_left: usize,
    pub(super) restarts: RestartCounter,
    /// Spectral selection: Ss and Se.
    pub(super) band: (u32, u32),
    /// Successive approximation bit position, Al.
    pub(super) al: u32,
    pub(super) is_refinement: bool,
    /// Blocks left in an EOB run: T.81 G.1.2.2.
    pub(super) eob_run: u32,
}

/// A component's state in a scan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ComponentState {
    /// Its index in the frame.
    pub(super) index: usize,
    /// Blocks in an MCU, across and down: one if the scan is not interleaved.
    pub(super) blocks: (usize, usize),
    /// The index of its DC table.
    pub(super) dc: usize,
    /// The index of its AC table.
    pub(super) ac: usize,
    /// The previous DC coefficient, PRED.
    pub(super) prediction: i32,
}

/// Makes the state that each component needs within a strip, given its share of `items`.
/// The layout of an MCU is resolved here, once a strip: resolving it for each block took a
/// third of the time of a DC scan.
pub(super) fn for_components<'a, T, S>(
    components: &[ComponentState],
    items: &'a mut [T],
    make: impl Fn(&ComponentState, &'a mut T) -> S,
) -> [Option<S>; 4] {
    let mut items_by_index = [const { None }; 4];
    for (slot, item) in items_by_index.iter_mut().zip(items) {
        *slot = Some(item);
    }
    let mut states = [const { None }; 4];
    for (state, component) in states.iter_mut().zip(components) {
        // INVARIANT: a scan's components are distinct.
        *state = items_by_index[component.index].take().map(|item| make(component, item));
    }
    states
}

/// Counts MCUs down to the next restart marker.
#[derive(Clone, Copy, Debug)]
pub(super) struct RestartCounter {
    interval: u32,
    /// INVARIANT: without restarts, more than the MCUs of any picture.
    left: u32,
    /// The next marker is RSTn.
    n: u8,
}

impl RestartCounter {
    fn new(interval: u16) -> Self {
        let interval = if interval == 0 { u32::MAX } else { interval.into() };
        Self { interval, left: interval, n: 0 }
    }

    /// Counts an MCU; whether a restart marker is due ahead of it.
    #[inline(always)]
    pub(super) fn is_due(&mut self) -> bool {
        let is_due = self.left == 0;
        self.left = self.left.wrapping_sub(1);
        is_due
    }

    /// Skips the restart marker that is due.
    #[cold]
    #[inline(never)]
    pub(super) fn skip_marker<'a>(
        &mut self,
        mut bits: BitReader<'a>,
    ) -> Result<BitReader<'a>, Error> {
        bits.restart(self.n)?;
        self.left = self.interval - 1;
        self.n = (self.n + 1) % 8;
        Ok(bits)
    }
}

impl<'a> ScanReader<'a> {
    pub(super) fn new(scan: &Scan<'a>, layouts: &[Layout], tables: &Tables<'a>) -> Self {
        let mut components = [ComponentState::default(); 4];
        let is_interleaved = scan.components().len() > 1;
        for (state, component) in components.iter_mut().zip(scan.components()) {
            *state = ComponentState {
                index: component.index,
                blocks: if is_interleaved { layouts[component.index].sampling } else { (1, 1) },
                dc: tables.index(Class::Dc, component.dc),
                ac: tables.index(Class::Ac, component.ac),
                prediction: 0,
            };
        }
        let layout = &layouts[components[0].index];
        let (own_columns, own_rows) = layout.own_blocks;
        let (columns, rows, rows_left) = if is_interleaved {
            (layout.blocks / layout.sampling.0, 1, own_rows.div_ceil(layout.sampling.1))
        } else {
            (own_columns, layout.sampling.1, own_rows)
        };
        Self {
            bits: BitReader::new(scan.data),
            components,
            count: scan.components().len(),
            columns,
            rows,
            rows_left,
            restarts: RestartCounter::new(scan.restart_interval),
            band: (scan.ss.into(), scan.se.into()),
            al: scan.al.into(),
            is_refinement: scan.is_refinement(),
            eob_run: 0,
        }
    }

    /// The rows of MCUs in the next strip.
    pub(super) fn take_rows(&mut self) -> usize {
        let rows = self.rows.min(self.rows_left);
        self.rows_left -= rows;
        rows
    }
}
