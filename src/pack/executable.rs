//! A site in a finished executable: copying one with another site in it, for this machine
//! or another one, and finding what a copy carries.
//!
//! Where the executable lies in memory as `src/sys/image.ld` says, the site is the last
//! thing that the kernel maps, in a section of its own: the new one takes its place, the
//! segment gets its length, and such a copy starts as the original does. Every other
//! executable gets the site behind its end, and maps it itself: a few system calls more.
//! Either way the [`Descriptor`] says which site it is, and a copy can be copied again.
//!
//! A tool that rewrites executables (`strip`) keeps a section and what it holds, but may
//! lose what is behind the end: the copy says so when it is asked for a page.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::vec;

use sha2::{Digest, Sha256};

use crate::pack::elf::{Elf, Field, Section, Segment};
use crate::pack::error::Error;
use crate::site::descriptor::{Descriptor, Place, Tables, Traits};
use crate::site::record::{FIRST_RECORD, SITE, Site};
use crate::sys::atomic_file::AtomicFile;

/// The site in an executable.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Carried {
    /// Where in the file the cdb begins.
    pub offset: u64,
    /// Its length in bytes.
    pub len: u64,
}

/// Copies the executable `base` to `out`, with the cdb `site` in place of its own. `out`
/// is replaced at the end or not at all, and may be `base`.
///
/// # Errors
///
/// [`Error::NoExecutable`] where `base` is none of picosite's, [`Error::Io`] where a file
/// cannot be read or written.
pub fn attach(base: &Path, site: &Path, out: &Path) -> Result<(), Error> {
    let source = File::open(base).map_err(|error| of(base, error))?;
    let anatomy = Anatomy::read(&source).map_err(|error| of(base, error))?;
    let mut site_file = File::open(site).map_err(|error| of(site, error))?;
    let traits = traits(&site_file).map_err(|error| of(site, error))?;
    let tables = tables(&site_file).map_err(|error| of(site, error))?;
    let failed = |error| Error::Io(out.to_path_buf(), error);
    let file = AtomicFile::replacing(out).map_err(failed)?;
    let mut copy = file.as_file();
    let mut write = || -> io::Result<()> {
        copy_part(&source, 0, anatomy.front, &mut copy)?;
        let start = align(anatomy.front, ALIGNMENT);
        copy.seek(SeekFrom::Start(start))?;
        let (len, digest) = copy_site(&mut site_file, &mut copy)?;
        let place = match &anatomy.section {
            Some(section) => {
                section.resize(&source, &mut copy, start + len)?;
                Place::Section
            }
            None => Place::Behind(start),
        };
        let descriptor = Descriptor { place, len, traits, digest };
        copy.write_all_at(&descriptor.to_bytes(), anatomy.descriptor)?;
        if let Some(offset) = anatomy.tables {
            copy.write_all_at(tables.as_bytes(), offset)?;
        }
        copy.set_permissions(source.metadata()?.permissions())
    };
    write().map_err(failed)?;
    file.commit().map_err(failed)
}

/// What an executable says of a cdb that it carries.
///
/// # Errors
///
/// As reading the file.
pub fn describe(site: &Path, place: Place) -> io::Result<(Descriptor, Tables)> {
    let mut file = File::open(site)?;
    let (traits, tables) = (traits(&file)?, tables(&file)?);
    let (len, digest) = copy_site(&mut file, &mut io::sink())?;
    Ok((Descriptor { place, len, traits, digest }, tables))
}

/// Where the hash tables of a cdb begin.
fn tables(site: &File) -> io::Result<Tables> {
    let mut header = [0; FIRST_RECORD as usize];
    site.read_exact_at(&mut header, 0)?;
    Ok(Tables::new(&header, site.metadata()?.len()))
}

/// What the first record of a cdb says.
fn traits(site: &File) -> io::Result<Traits> {
    let mut lens = [0; 8];
    site.read_exact_at(&mut lens, FIRST_RECORD.into())?;
    let len = |at: usize| lens[at..][..4].iter().rev().fold(0, |sum, &b| sum << 8 | usize::from(b));
    let mut record = vec![0; len(0).saturating_add(len(4))];
    site.read_exact_at(&mut record, u64::from(FIRST_RECORD) + 8)?;
    Ok(match record.strip_prefix(SITE).map(Site::parse) {
        Some(Ok(Site { elsewhere: [], settings, rules, thumbnails_first })) => {
            Traits { special: false, settings, rules, thumbnails_first }
        }
        _ => Traits::UNKNOWN,
    })
}

/// Finds the site in an executable and compares it with the checksum that was made when
/// it was packed. Reads all of it: for `list` and `doctor`, not for a request.
///
/// # Errors
///
/// [`Error::Altered`] where they differ, [`Error::NoExecutable`], [`Error::Io`].
pub fn verify(executable: &Path) -> Result<Carried, Error> {
    let failed = |error| of(executable, error);
    let mut file = File::open(executable).map_err(failed)?;
    let anatomy = Anatomy::read(&file).map_err(failed)?;
    let Descriptor { len, digest, .. } = anatomy.carries;
    file.seek(SeekFrom::Start(anatomy.site)).map_err(failed)?;
    let (found, actual) = copy_site(&mut file.take(len), &mut io::sink()).map_err(failed)?;
    if (found, actual) != (len, digest) {
        return Err(Error::Altered(executable.to_path_buf()));
    }
    Ok(Carried { offset: anatomy.site, len })
}

/// An error with this file: what cannot be read as an executable is none.
fn of(path: &Path, error: io::Error) -> Error {
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
            Error::NoExecutable(path.to_path_buf())
        }
        _ => Error::Io(path.to_path_buf(), error),
    }
}

/// A site behind an executable's end begins at a multiple of this, so that numbers in it
/// are aligned; where the linker put one it does anyway.
const ALIGNMENT: u64 = 16;

/// Where in an executable everything is that has to do with its site.
struct Anatomy {
    /// Where the descriptor lies.
    descriptor: u64,
    /// What it says.
    carries: Descriptor,
    /// Where the hash tables are noted, if they are.
    tables: Option<u64>,
    /// Where the site begins.
    site: u64,
    /// Where the executable ends without its site, or the part in front of it.
    front: u64,
    /// The section that the site is in, where it can grow.
    section: Option<LastSection>,
}

impl Anatomy {
    fn read(file: &File) -> io::Result<Self> {
        let elf = Elf::read(file)?;
        let find = |name: &[u8]| -> io::Result<Section> {
            elf.section(file, name)?.ok_or_else(|| ErrorKind::InvalidData.into())
        };
        let descriptor = find(b".picosite")?.offset.read(file)?;
        let mut bytes = [0; Descriptor::BYTES];
        file.read_exact_at(&mut bytes, descriptor)?;
        let carries = Descriptor::from_bytes(&bytes).ok_or(ErrorKind::InvalidData)?;
        let tables = elf.section(file, b".tables")?;
        let tables = tables.map(|section| section.offset.read(file)).transpose()?;
        let section = find(b".site")?;
        let start = section.offset.read(file)?;
        let section = LastSection::new(elf, section, file)?;
        let end = file.metadata()?.len();
        let (site, front) = match carries.place {
            Place::Section if section.is_some() => (start, start),
            Place::Section => (start, end),
            Place::Behind(offset) => (offset, end.min(offset)),
        };
        Ok(Self { descriptor, carries, tables, site, front, section })
    }
}

/// The section with the site as the last thing that the kernel maps. Behind it the file
/// has only what is not part of the program: names, and the headers of the sections.
struct LastSection {
    elf: Elf,
    section: Section,
    segment: Segment,
    /// Where it ends.
    end: u64,
}

impl LastSection {
    /// Nothing, where something else is mapped behind the section.
    fn new(elf: Elf, section: Section, file: &File) -> io::Result<Option<Self>> {
        let end = section.offset.read(file)?.saturating_add(section.size.read(file)?);
        for other in &elf.sections {
            if other.is_mapped(file)? && other.offset.read(file)? >= end {
                return Ok(None);
            }
        }
        for &segment in &elf.segments {
            let size = segment.file_size.read(file)?;
            let last = segment.offset.read(file)?.saturating_add(size) == end;
            // More memory than file: variables that begin as zero are mapped behind it.
            if last && segment.memory_size.read(file)? == size {
                return Ok(Some(Self { elf, section, segment, end }));
            }
        }
        Ok(None)
    }

    /// Makes `end` the end of the section in `copy`, with what is behind it in `source`.
    fn resize(&self, source: &File, copy: &mut &File, end: u64) -> io::Result<()> {
        let behind = self.behind(source)?;
        // The tables keep their alignment.
        let tail = align(end, ALIGNMENT) + behind % ALIGNMENT;
        copy.seek(SeekFrom::Start(tail))?;
        copy_part(source, behind, source.metadata()?.len(), copy)?;
        let moved = |at| if at < behind { at } else { at - behind + tail };
        let set = |field: Field, number| field.moved(moved).write(copy, number);

        set(self.elf.section_headers, moved(self.elf.section_headers.read(source)?))?;
        for section in &self.elf.sections {
            set(section.offset, moved(section.offset.read(source)?))?;
        }
        set(self.section.size, end - self.section.offset.read(source)?)?;
        let size = end - self.segment.offset.read(source)?;
        set(self.segment.file_size, size)?;
        set(self.segment.memory_size, size)
    }

    /// Where the file goes on behind the section: at the first table there, not in the gap
    /// that keeps its alignment.
    fn behind(&self, source: &File) -> io::Result<u64> {
        let mut behind = source.metadata()?.len();
        let tables = self.elf.sections.iter().map(|section| section.offset);
        for table in tables.chain([self.elf.section_headers]) {
            let offset = table.read(source)?;
            if offset >= self.end {
                behind = behind.min(offset);
            }
        }
        Ok(behind)
    }
}

const fn align(offset: u64, to: u64) -> u64 {
    offset.next_multiple_of(to)
}

/// Copies what lies from `start` to `end` to where `copy` is.
fn copy_part(mut source: &File, start: u64, end: u64, copy: &mut &File) -> io::Result<()> {
    source.seek(SeekFrom::Start(start))?;
    let copied = io::copy(&mut source.take(end - start), copy)?;
    if copied < end - start { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Copies a site; gives its length and its SHA-256.
fn copy_site(site: &mut impl Read, copy: &mut impl Write) -> io::Result<(u64, [u8; 32])> {
    let mut digest = Sha256::new();
    let mut len = 0;
    let mut part = vec![0; 1 << 16];
    loop {
        match site.read(&mut part)? {
            0 => return Ok((len, digest.finalize().into())),
            count => {
                digest.update(&part[..count]);
                copy.write_all(&part[..count])?;
                len += count as u64;
            }
        }
    }
}
