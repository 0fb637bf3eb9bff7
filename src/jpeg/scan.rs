//! Scan headers (T.81 B.2.3) with the tables that are in effect at each.

use std::vec::Vec;

use crate::jpeg::header::{Header, parse_restart_interval};
use crate::jpeg::marker::{DHT, DQT, DRI, EOI, SOS, Segments};
use crate::jpeg::{Error, Feature};

/// One scan of a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scan<'a> {
    members: [Member<'a>; 4],
    count: u8,
    /// First coefficient, in zigzag order: Ss.
    pub(super) first: u8,
    /// Last coefficient: Se.
    pub(super) last: u8,
    /// The bit position of the scan before over the same coefficients, 0 if none: Ah.
    pub(super) high: u8,
    /// The bit position of this scan: Al.
    pub(super) low: u8,
    /// In MCUs, 0 for none.
    pub(super) restart_interval: u16,
    /// The entropy-coded data and all that follows it.
    pub(super) data: &'a [u8],
}

/// A component's part in a scan.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Member<'a> {
    /// Its place in the frame.
    pub(super) component: usize,
    /// The specification of its DC table, as far as one was given.
    pub(super) dc: Option<&'a [u8]>,
    /// The specification of its AC table, as far as one was given.
    pub(super) ac: Option<&'a [u8]>,
    /// Its quantisation table, as far as one was given: 64 numbers of one or two bytes.
    pub(super) quantisation: Option<&'a [u8]>,
}

impl<'a> Scan<'a> {
    /// Who takes part.
    pub(super) fn members(&self) -> &[Member<'a>] {
        &self.members[..usize::from(self.count)]
    }

    /// The coefficients, a bit each.
    pub(super) fn band(&self) -> u64 {
        (u64::MAX >> (63 - self.last)) & (u64::MAX << self.first)
    }

    /// Whether it adds a bit to coefficients that earlier scans began.
    pub(super) fn refines(&self) -> bool {
        self.high > 0
    }
}

/// Walks from scan to scan.
pub(super) struct Scans<'a, 'h> {
    header: &'h Header<'a>,
    segments: Segments<'a>,
    dc: [Option<&'a [u8]>; 4],
    ac: [Option<&'a [u8]>; 4],
    quantisation: [Option<&'a [u8]>; 4],
    restart_interval: u16,
    /// Whether the end of image was met.
    pub(super) ended: bool,
}

impl<'a, 'h> Scans<'a, 'h> {
    /// From the file's beginning.
    pub(super) fn new(header: &'h Header<'a>) -> Result<Self, Error> {
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

    /// The next scan. Passes over the entropy-coded data of the one before.
    pub(super) fn next(&mut self) -> Result<Option<Scan<'a>>, Error> {
        while let Some(segment) = self.segments.next()? {
            match segment.code {
                DHT => self.note_huffman_tables(segment.body)?,
                DQT => self.note_quantisation_tables(segment.body)?,
                DRI => self.restart_interval = parse_restart_interval(segment.body)?,
                SOS => return self.parse(segment.body, segment.after).map(Some),
                EOI => self.ended = true,
                _ => {}
            }
        }
        Ok(None)
    }

    /// T.81 B.2.4.2.
    fn note_huffman_tables(&mut self, mut body: &'a [u8]) -> Result<(), Error> {
        while let [which, rest @ ..] = body {
            let counts = rest.first_chunk::<16>().ok_or(Error::Segment)?;
            let symbols: usize = counts.iter().map(|&count| usize::from(count)).sum();
            let (spec, rest) = rest.split_at_checked(16 + symbols).ok_or(Error::Segment)?;
            let tables = if which >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            *tables.get_mut(usize::from(which & 15)).ok_or(Error::Segment)? = Some(spec);
            body = rest;
        }
        Ok(())
    }

    /// T.81 B.2.4.1.
    fn note_quantisation_tables(&mut self, mut body: &'a [u8]) -> Result<(), Error> {
        while let [which, rest @ ..] = body {
            let size = if which >> 4 == 0 { 64 } else { 128 };
            let (table, rest) = rest.split_at_checked(size).ok_or(Error::Segment)?;
            let tables = &mut self.quantisation;
            *tables.get_mut(usize::from(which & 15)).ok_or(Error::Segment)? = Some(table);
            body = rest;
        }
        Ok(())
    }

    /// T.81 B.2.3 and, for what a progressive scan may hold, G.1.1.1.
    fn parse(&self, body: &'a [u8], data: &'a [u8]) -> Result<Scan<'a>, Error> {
        let (&count, rest) = body.split_first().ok_or(Error::Segment)?;
        if !(1..=4).contains(&count) {
            return Err(Error::Scan);
        }
        let (specs, rest) = rest.split_at_checked(2 * usize::from(count)).ok_or(Error::Segment)?;
        let mut members = [Member::default(); 4];
        for (index, spec) in specs.chunks_exact(2).enumerate() {
            let mut all = self.header.components().iter();
            let component = all.position(|it| it.id == spec[0]).ok_or(Error::Scan)?;
            if members[..index].iter().any(|member| member.component == component) {
                return Err(Error::Scan);
            }
            let quantisation = self.header.components()[component].quantisation;
            members[index] = Member {
                component,
                dc: self.dc.get(usize::from(spec[1] >> 4)).copied().flatten(),
                ac: self.ac.get(usize::from(spec[1] & 15)).copied().flatten(),
                quantisation: self.quantisation[usize::from(quantisation)],
            };
        }
        let &[first, last, approximation] = rest else { return Err(Error::Segment) };
        let mut scan = Scan {
            members,
            count,
            first,
            last,
            high: approximation >> 4,
            low: approximation & 15,
            restart_interval: self.restart_interval,
            data,
        };
        if !self.header.progressive {
            // Some encoders leave other numbers here, and no decoder minds.
            (scan.first, scan.last, scan.high, scan.low) = (0, 63, 0, 0);
            return Ok(scan);
        }
        let band = match (first, last) {
            (0, 0) => true,
            (0, _) => false,
            _ => first <= last && last <= 63 && count == 1,
        };
        let bits = scan.low <= 13 && (scan.high == 0 || scan.high == scan.low + 1);
        if band && bits { Ok(scan) } else { Err(Error::Scan) }
    }
}

/// Which scans that refine others are worth their bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refinements {
    /// Those of DC: a bit for each block.
    Dc,
    /// All.
    All,
}

/// More scans than this that matter are taken for an attack: encoders write about ten.
const MOST: usize = 100;

/// Finds the scans that matter to the coefficients `needed` of each component, in the
/// file's order.
///
/// It stops looking where all of them are complete: in a baseline file behind the
/// first scan's header. A refinement's bits cannot be told apart without knowing which
/// coefficients of its band are already other than zero, so that all earlier scans
/// over that band matter too: the choice goes from the last to the first.
pub(super) fn relevant<'a>(
    header: &Header<'a>,
    needed: [u64; 4],
    refinements: Refinements,
) -> Result<Vec<Scan<'a>>, Error> {
    let mut progress = Progress { header, needed, refinements, positions: [[None; 64]; 4] };
    let mut all = Scans::new(header)?;
    let mut scans = Vec::new();
    while !progress.is_complete() {
        let Some(scan) = all.next()? else {
            // What an encoder left out on purpose ends with the image.
            if all.ended && progress.is_begun() {
                break;
            }
            return Err(Error::Truncated);
        };
        if progress.matters(&scan) {
            if scans.len() == MOST {
                return Err(Error::Unsupported(Feature::Scans));
            }
            progress.note(&scan)?;
            scans.push(scan);
        }
    }
    let mut touched = needed;
    let mut index = scans.len();
    while index > 0 {
        index -= 1;
        let scan = &scans[index];
        let band = scan.band();
        if scan.members().iter().all(|it| touched[it.component] & band == 0) {
            scans.remove(index);
        } else if scan.refines() && scan.first > 0 {
            touched[scan.members()[0].component] |= band;
        }
    }
    Ok(scans)
}

/// How far the scans have brought each coefficient.
struct Progress<'a, 'h> {
    header: &'h Header<'a>,
    needed: [u64; 4],
    refinements: Refinements,
    /// By component and zigzag index, the position of the last bit there is.
    positions: [[Option<u8>; 64]; 4],
}

impl Progress<'_, '_> {
    /// Whether a scan could matter, for all that is known by then.
    fn matters(&self, scan: &Scan<'_>) -> bool {
        let unrefined = scan.first > 0 && scan.refines() && self.refinements == Refinements::Dc;
        // No AC scan matters to a component of which DC alone is needed.
        let needed = |it: &Member<'_>| scan.first == 0 || self.needed[it.component] > 1;
        !unrefined && scan.members().iter().any(needed)
    }

    /// T.81 G.1.1.1.1: a scan goes on where one before it over the same coefficients ended.
    fn note(&mut self, scan: &Scan<'_>) -> Result<(), Error> {
        for member in scan.members() {
            let band = usize::from(scan.first)..=usize::from(scan.last);
            for position in &mut self.positions[member.component][band] {
                if *position != scan.refines().then_some(scan.high) {
                    return Err(Error::Scan);
                }
                *position = Some(scan.low);
            }
        }
        Ok(())
    }

    fn is_begun(&self) -> bool {
        self.positions[..self.header.components().len()].iter().all(|it| it[0].is_some())
    }

    fn is_complete(&self) -> bool {
        let components = self.header.components().iter().zip(&self.positions).zip(self.needed);
        components.into_iter().all(|((_, positions), needed)| {
            positions.iter().enumerate().all(|(k, position)| match position {
                _ if needed >> k & 1 == 0 => true,
                None => false,
                Some(0) => true,
                Some(_) => k > 0 && self.refinements == Refinements::Dc,
            })
        })
    }
}
