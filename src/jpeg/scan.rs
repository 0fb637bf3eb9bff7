//! Scan headers (T.81 B.2.3), each with the tables in effect, and the scans that matter at a
//! scale.

use std::vec::Vec;

use crate::jpeg::header::Header;
use crate::jpeg::marker::{DHT, DQT, DRI, EOI, SOS, Segments};
use crate::jpeg::{Error, Feature};

/// One scan of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a> {
    components: [ScanComponent<'a>; 4],
    count: u8,
    /// Start of spectral selection, Ss: the first coefficient, in zigzag order.
    pub(super) ss: u8,
    /// End of spectral selection, Se: the last coefficient.
    pub(super) se: u8,
    /// Successive approximation bit position high, Ah: that of the previous scan over the
    /// same coefficients, 0 if none.
    pub(super) ah: u8,
    /// Successive approximation bit position low, Al: that of this scan.
    pub(super) al: u8,
    /// In MCUs, 0 for none.
    pub(super) restart_interval: u16,
    /// The entropy-coded data and the rest of the file.
    pub(super) data: &'a [u8],
}

/// A component of a scan, with the tables in effect, if defined.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ScanComponent<'a> {
    /// Its index in the frame.
    pub(super) index: usize,
    /// The DC table's BITS and HUFFVAL lists.
    pub(super) dc: Option<&'a [u8]>,
    /// The AC table's BITS and HUFFVAL lists.
    pub(super) ac: Option<&'a [u8]>,
    /// The quantisation table: 64 elements of one or two bytes.
    pub(super) quantisation: Option<&'a [u8]>,
}

impl<'a> Scan<'a> {
    pub(super) fn components(&self) -> &[ScanComponent<'a>] {
        &self.components[..usize::from(self.count)]
    }

    /// The coefficients, one bit each.
    fn band(&self) -> u64 {
        (u64::MAX >> (63 - self.se)) & (u64::MAX << self.ss)
    }

    /// Whether it adds a bit to coefficients that earlier scans began.
    pub(super) fn is_refinement(&self) -> bool {
        self.ah > 0
    }
}

/// Walks the scans of a file.
struct Scans<'a, 'h> {
    header: &'h Header<'a>,
    segments: Segments<'a>,
    dc: [Option<&'a [u8]>; 4],
    ac: [Option<&'a [u8]>; 4],
    quantisation: [Option<&'a [u8]>; 4],
    restart_interval: u16,
    /// Whether EOI was reached.
    ended: bool,
}

impl<'a, 'h> Scans<'a, 'h> {
    fn new(header: &'h Header<'a>) -> Result<Self, Error> {
        Ok(Self {
            header,
            segments: Segments::new(header.file)?,
            dc: [None; 4],
            ac: [None; 4],
            quantisation: [None; 4],
            restart_interval: 0,
            ended: false,
        })
    }

    /// The next scan. Skips the entropy-coded data of the previous one.
    fn next(&mut self) -> Result<Option<Scan<'a>>, Error> {
        while let Some(segment) = self.segments.next()? {
            match segment.code {
                DHT => self.define_huffman_tables(segment.body)?,
                DQT => self.define_quantisation_tables(segment.body)?,
                DRI => {
                    let interval = segment.body.try_into().map_err(|_| Error::Segment)?;
                    self.restart_interval = u16::from_be_bytes(interval);
                }
                SOS => return self.parse(segment.body, segment.after).map(Some),
                EOI => self.ended = true,
                _ => {}
            }
        }
        Ok(None)
    }

    /// T.81 B.2.4.2.
    fn define_huffman_tables(&mut self, mut body: &'a [u8]) -> Result<(), Error> {
        while let [class_and_destination, rest @ ..] = body {
            let counts = rest.first_chunk::<16>().ok_or(Error::Segment)?;
            let symbols: usize = counts.iter().map(|&count| usize::from(count)).sum();
            let (spec, rest) = rest.split_at_checked(16 + symbols).ok_or(Error::Segment)?;
            let is_dc = class_and_destination >> 4 == 0;
            let tables = if is_dc { &mut self.dc } else { &mut self.ac };
            let destination = usize::from(class_and_destination & 15);
            *tables.get_mut(destination).ok_or(Error::Segment)? = Some(spec);
            body = rest;
        }
        Ok(())
    }

    /// T.81 B.2.4.1.
    fn define_quantisation_tables(&mut self, mut body: &'a [u8]) -> Result<(), Error> {
        while let [precision_and_destination, rest @ ..] = body {
            let size = if precision_and_destination >> 4 == 0 { 64 } else { 128 };
            let (table, rest) = rest.split_at_checked(size).ok_or(Error::Segment)?;
            let destination = usize::from(precision_and_destination & 15);
            *self.quantisation.get_mut(destination).ok_or(Error::Segment)? = Some(table);
            body = rest;
        }
        Ok(())
    }

    /// T.81 B.2.3; G.1.1.1 for the parameters of progressive scans.
    fn parse(&self, body: &'a [u8], data: &'a [u8]) -> Result<Scan<'a>, Error> {
        let (&count, rest) = body.split_first().ok_or(Error::Segment)?;
        if !(1..=4).contains(&count) {
            return Err(Error::Scan);
        }
        let (specs, rest) = rest.split_at_checked(2 * usize::from(count)).ok_or(Error::Segment)?;
        let mut components = [ScanComponent::default(); 4];
        for (n, spec) in specs.chunks_exact(2).enumerate() {
            let mut frame = self.header.components().iter();
            let index = frame.position(|it| it.id == spec[0]).ok_or(Error::Scan)?;
            if components[..n].iter().any(|it| it.index == index) {
                return Err(Error::Scan);
            }
            let quantisation = self.header.components()[index].quantisation;
            components[n] = ScanComponent {
                index,
                dc: self.dc.get(usize::from(spec[1] >> 4)).copied().flatten(),
                ac: self.ac.get(usize::from(spec[1] & 15)).copied().flatten(),
                quantisation: self.quantisation[usize::from(quantisation)],
            };
        }
        let &[ss, se, approximation] = rest else { return Err(Error::Segment) };
        let mut scan = Scan {
            components,
            count,
            ss,
            se,
            ah: approximation >> 4,
            al: approximation & 15,
            restart_interval: self.restart_interval,
            data,
        };
        if !self.header.progressive {
            // Some encoders write other values, and decoders ignore them.
            (scan.ss, scan.se, scan.ah, scan.al) = (0, 63, 0, 0);
            return Ok(scan);
        }
        let is_band = match (ss, se) {
            (0, 0) => true,
            (0, _) => false,
            _ => ss <= se && se <= 63 && count == 1,
        };
        let is_approximation = scan.al <= 13 && (scan.ah == 0 || scan.ah == scan.al + 1);
        if is_band && is_approximation { Ok(scan) } else { Err(Error::Scan) }
    }
}

/// Encoders write about ten scans; more than this is an attack.
const MAX_SCANS: usize = 100;

/// The scans that the `needed` coefficients of each component depend on, in file order.
///
/// Stops as soon as all of them are complete: in a baseline file at the first scan header.
/// A refinement scan can only be parsed knowing which coefficients of its band are nonzero,
/// so every earlier scan over that band is relevant too; hence the selection from last to
/// first. DC refinement scans are a bit a block, and always decoded.
pub(super) fn relevant<'a>(
    header: &Header<'a>,
    needed: [u64; 4],
    refines_ac: bool,
) -> Result<Vec<Scan<'a>>, Error> {
    let mut progress = Progress { needed, refines_ac, positions: [[None; 64]; 4] };
    let mut all = Scans::new(header)?;
    let mut scans = Vec::new();
    while !progress.is_complete() {
        let Some(scan) = all.next()? else {
            // The encoder left the rest out on purpose if it wrote EOI.
            if all.ended && progress.is_begun() {
                break;
            }
            return Err(Error::Truncated);
        };
        if progress.may_need(&scan) {
            if scans.len() == MAX_SCANS {
                return Err(Error::Unsupported(Feature::Scans));
            }
            progress.add(&scan)?;
            scans.push(scan);
        }
    }
    let mut relevant = needed;
    let mut index = scans.len();
    while index > 0 {
        index -= 1;
        let scan = &scans[index];
        let band = scan.band();
        if scan.components().iter().all(|it| relevant[it.index] & band == 0) {
            scans.remove(index);
        } else if scan.is_refinement() && scan.ss > 0 {
            relevant[scan.components()[0].index] |= band;
        }
    }
    Ok(scans)
}

/// The precision that each coefficient has reached.
struct Progress {
    /// By component, 0 for those that the frame lacks.
    needed: [u64; 4],
    refines_ac: bool,
    /// Al of the latest scan, by component and zigzag index.
    positions: [[Option<u8>; 64]; 4],
}

impl Progress {
    /// Whether a scan may be relevant, before the later scans are known.
    fn may_need(&self, scan: &Scan<'_>) -> bool {
        let refines_ac = scan.ss > 0 && scan.is_refinement();
        // If a component needs DC alone, its AC scans are irrelevant.
        let needed = |it: &ScanComponent<'_>| scan.ss == 0 || self.needed[it.index] > 1;
        (!refines_ac || self.refines_ac) && scan.components().iter().any(needed)
    }

    /// Checks that the scan continues its predecessors over the same coefficients: T.81
    /// G.1.1.1.1.
    fn add(&mut self, scan: &Scan<'_>) -> Result<(), Error> {
        for component in scan.components() {
            let band = usize::from(scan.ss)..=usize::from(scan.se);
            for position in &mut self.positions[component.index][band] {
                if *position != scan.is_refinement().then_some(scan.ah) {
                    return Err(Error::Scan);
                }
                *position = Some(scan.al);
            }
        }
        Ok(())
    }

    /// Whether every component has a DC scan.
    fn is_begun(&self) -> bool {
        self.positions.iter().zip(self.needed).all(|(it, needed)| needed == 0 || it[0].is_some())
    }

    fn is_complete(&self) -> bool {
        self.positions.iter().zip(self.needed).all(|(positions, needed)| {
            positions.iter().enumerate().all(|(k, position)| match position {
                _ if needed >> k & 1 == 0 => true,
                None => false,
                Some(0) => true,
                Some(_) => k > 0 && !self.refines_ac,
            })
        })
    }
}
