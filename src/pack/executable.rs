//! The site in an executable, for this machine or another: copies the executable with a
//! different site, and verifies the site that a copy carries.
//!
//! If the executable was linked by `src/sys/image.ld`, the site is in a section of its own, the
//! last that the kernel maps: the new site replaces it, its segment is resized, and the copy
//! starts as fast as the original. Any other executable gets the site appended and maps it
//! itself, which costs a few system calls. In both cases the [`Descriptor`] says where the site
//! is, and a copy can be copied again.
//!
//! Tools that rewrite executables (`strip`) keep sections but may drop appended data: the copy
//! then reports that on the first request.

use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::vec;

use crate::pack::elf::{Elf, Field, Section, Segment};
use crate::pack::error::PackError;
use crate::pack::writer::copy_hashed;
use crate::site::descriptor::{Descriptor, Place, Tables, Traits};
use crate::site::record::{FIRST_RECORD, SITE, Site};
use crate::sys::atomic_file::AtomicFile;

/// Copies the executable `base` to `out` with the cdb `site` instead of its own. `out` is
/// replaced atomically, and may be `base`.
///
/// # Errors
///
/// [`PackError::NotPicosite`] if `base` is another file, [`PackError::Io`] if a file cannot be
/// read or written.
pub fn attach(base: &Path, site: &Path, out: &Path) -> Result<(), PackError> {
    let source = File::open(base).map_err(|error| error_of(base, error))?;
    let layout = Layout::read(&source).map_err(|error| error_of(base, error))?;
    let mut site_file = File::open(site).map_err(|error| error_of(site, error))?;
    let traits = traits(&site_file).map_err(|error| error_of(site, error))?;
    let tables = tables(&site_file).map_err(|error| error_of(site, error))?;
    let failed = |error| PackError::Io(out.to_path_buf(), error);
    let file = AtomicFile::replacing(out).map_err(failed)?;
    let mut copy = &file.file;
    let mut write = || -> io::Result<()> {
        copy_part(&source, 0, layout.front_end, &mut copy)?;
        let start = align(layout.front_end);
        copy.seek(SeekFrom::Start(start))?;
        let (len, digest) = copy_hashed(&mut site_file, &mut copy)?;
        let place = match &layout.section {
            Some(section) => {
                section.resize(&source, &mut copy, start + len)?;
                Place::Section
            }
            None => Place::Behind(start),
        };
        let descriptor = Descriptor { place, len, traits, digest };
        copy.write_all_at(&descriptor.to_bytes(), layout.descriptor_offset)?;
        if let Some(offset) = layout.tables_offset {
            copy.write_all_at(tables.as_bytes(), offset)?;
        }
        copy.set_permissions(source.metadata()?.permissions())
    };
    write().map_err(failed)?;
    file.commit().map_err(failed)
}

/// The descriptor and the tables of an executable that carries the cdb `site`.
///
/// # Errors
///
/// Those of reading the file.
pub fn describe(site: &Path, place: Place) -> io::Result<(Descriptor, Tables)> {
    let mut file = File::open(site)?;
    let (traits, tables) = (traits(&file)?, tables(&file)?);
    let (len, digest) = copy_hashed(&mut file, &mut io::sink())?;
    Ok((Descriptor { place, len, traits, digest }, tables))
}

/// The positions of a cdb's hash tables.
fn tables(site: &File) -> io::Result<Tables> {
    let mut header = [0; FIRST_RECORD as usize];
    site.read_exact_at(&mut header, 0)?;
    Ok(Tables::new(&header, site.metadata()?.len()))
}

/// What the first record of a cdb tells about the site.
fn traits(site: &File) -> io::Result<Traits> {
    let mut lens = [0; 8];
    site.read_exact_at(&mut lens, FIRST_RECORD.into())?;
    // The lengths of key and value, 32 bits each.
    let len = lens.chunks(4).map(|len| len.iter().rfold(0, |sum, &b| sum << 8 | usize::from(b)));
    let mut record = vec![0; len.fold(0, usize::saturating_add)];
    site.read_exact_at(&mut record, u64::from(FIRST_RECORD) + 8)?;
    Ok(match record.strip_prefix(SITE).map(Site::parse) {
        Some(Ok(Site { elsewhere: [], settings, rules, thumbnails_first })) => {
            Traits { special: false, settings, rules, thumbnails_first }
        }
        _ => Traits::UNKNOWN,
    })
}

/// The range of an executable's bytes that is its site, if that matches the checksum that it was
/// packed with. Reads all of it, which is too slow for a request.
///
/// # Errors
///
/// [`PackError::Checksum`], [`PackError::NotPicosite`], [`PackError::Io`].
pub fn verify(executable: &Path) -> Result<Range<u64>, PackError> {
    let failed = |error| error_of(executable, error);
    let mut file = File::open(executable).map_err(failed)?;
    let layout = Layout::read(&file).map_err(failed)?;
    let Descriptor { len, digest, .. } = layout.descriptor;
    file.seek(SeekFrom::Start(layout.site_offset)).map_err(failed)?;
    let (found, actual) = copy_hashed(&mut file.take(len), &mut io::sink()).map_err(failed)?;
    if (found, actual) != (len, digest) {
        return Err(PackError::Checksum(executable.to_path_buf()));
    }
    Ok(layout.site_offset..layout.site_offset + len)
}

/// The error for a failure to read `path` as an executable.
fn error_of(path: &Path, error: io::Error) -> PackError {
    match error.kind() {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => {
            PackError::NotPicosite(path.to_path_buf())
        }
        _ => PackError::Io(path.to_path_buf(), error),
    }
}

/// The alignment of an appended site, for the numbers in it. The linker aligns a section's
/// site anyway.
const ALIGNMENT: u64 = 16;

/// The offsets of everything in an executable that concerns its site.
struct Layout {
    descriptor_offset: u64,
    descriptor: Descriptor,
    /// The copy of the cdb's hash table positions, if the executable has one.
    tables_offset: Option<u64>,
    site_offset: u64,
    /// The end of what precedes the site.
    front_end: u64,
    /// The site's section, if it can grow.
    section: Option<LastSection>,
}

impl Layout {
    fn read(file: &File) -> io::Result<Self> {
        let elf = Elf::read(file)?;
        let find = |name: &[u8]| -> io::Result<Section> {
            elf.section(file, name)?.ok_or_else(|| ErrorKind::InvalidData.into())
        };
        let descriptor_offset = find(b".picosite")?.offset.read(file)?;
        let mut bytes = [0; Descriptor::BYTES];
        file.read_exact_at(&mut bytes, descriptor_offset)?;
        let descriptor = Descriptor::from_bytes(&bytes).ok_or(ErrorKind::InvalidData)?;
        let tables = elf.section(file, b".tables")?;
        let tables_offset = tables.map(|section| section.offset.read(file)).transpose()?;
        let section = find(b".site")?;
        let start = section.offset.read(file)?;
        let section = LastSection::new(elf, section, file)?;
        let end = file.metadata()?.len();
        let (site_offset, front_end) = match descriptor.place {
            Place::Section if section.is_some() => (start, start),
            Place::Section => (start, end),
            Place::Behind(offset) => (offset, end.min(offset)),
        };
        Ok(Self { descriptor_offset, descriptor, tables_offset, site_offset, front_end, section })
    }
}

/// The site's section as the last bytes that the kernel maps. Only data that is not part of
/// the program follows it in the file: symbol names and section headers.
struct LastSection {
    elf: Elf,
    section: Section,
    segment: Segment,
    end: u64,
}

impl LastSection {
    /// `None` if more is mapped after the section.
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
            // A segment larger in memory than in the file ends in zeroed variables (.bss).
            if last && segment.memory_size.read(file)? == size {
                return Ok(Some(Self { elf, section, segment, end }));
            }
        }
        Ok(None)
    }

    /// Ends the section in `copy` at `end`, and appends what follows it in `source`.
    fn resize(&self, source: &File, copy: &mut &File, end: u64) -> io::Result<()> {
        let old_tail = self.tail(source)?;
        // The tables keep their alignment.
        let new_tail = align(end) + old_tail % ALIGNMENT;
        copy.seek(SeekFrom::Start(new_tail))?;
        copy_part(source, old_tail, source.metadata()?.len(), copy)?;
        let moved = |at| if at < old_tail { at } else { at - old_tail + new_tail };
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

    /// The offset of the first table after the section, past the gap that aligns it.
    fn tail(&self, source: &File) -> io::Result<u64> {
        let mut tail = source.metadata()?.len();
        let tables = self.elf.sections.iter().map(|section| section.offset);
        for table in tables.chain([self.elf.section_headers]) {
            let offset = table.read(source)?;
            if offset >= self.end {
                tail = tail.min(offset);
            }
        }
        Ok(tail)
    }
}

const fn align(offset: u64) -> u64 {
    offset.next_multiple_of(ALIGNMENT)
}

/// Copies the bytes from `start` to `end` to the position of `copy`.
fn copy_part(mut source: &File, start: u64, end: u64, copy: &mut &File) -> io::Result<()> {
    source.seek(SeekFrom::Start(start))?;
    let copied = io::copy(&mut source.take(end - start), copy)?;
    if copied < end - start { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}
