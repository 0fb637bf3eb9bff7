//! As much of an ELF file as it takes to put another site into it: where its segments and
//! sections lie; 32 or 64 bits, little-endian (System V ABI, chapters 4 and 5).
//!
//! Nothing is copied: a header is a list of places, to be read here and written there.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::vec::Vec;
use std::{io, vec};

/// A number in a file: where it lies, and how many bytes it has.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    at: u64,
    len: usize,
}

impl Field {
    pub(super) fn read(self, file: &File) -> io::Result<u64> {
        let mut bytes = [0; 8];
        file.read_exact_at(&mut bytes[..self.len], self.at)?;
        Ok(u64::from_le_bytes(bytes))
    }

    pub(super) fn write(self, file: &File, number: u64) -> io::Result<()> {
        let bytes = number.to_le_bytes();
        if bytes[self.len..].iter().any(|&byte| byte != 0) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        file.write_all_at(&bytes[..self.len], self.at)
    }

    /// The same field in a file that has so many bytes more in front of it.
    pub(super) fn moved(self, by: impl Fn(u64) -> u64) -> Self {
        Self { at: by(self.at), ..self }
    }
}

/// A part of the file that the kernel maps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) offset: Field,
    pub(super) file_size: Field,
    pub(super) memory_size: Field,
}

/// A part of the file that has a name.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    name: Field,
    flags: Field,
    pub(super) offset: Field,
    pub(super) size: Field,
}

impl Section {
    /// Whether it is a part of the program, not only of the file.
    pub(super) fn is_mapped(&self, file: &File) -> io::Result<bool> {
        const ALLOC: u64 = 2;
        Ok(self.flags.read(file)? & ALLOC != 0)
    }
}

/// The headers of an executable.
#[derive(Debug)]
pub(super) struct Elf {
    pub(super) segments: Vec<Segment>,
    pub(super) sections: Vec<Section>,
    /// Where the headers of the sections begin.
    pub(super) section_headers: Field,
    /// The section with the names of sections.
    names: Option<Section>,
}

impl Elf {
    /// Reads the headers.
    ///
    /// # Errors
    ///
    /// `InvalidData` for other files; `UnexpectedEof` for one that is cut short.
    pub(super) fn read(file: &File) -> io::Result<Self> {
        let mut magic = [0; 6];
        file.read_exact_at(&mut magic, 0)?;
        let wide = match magic {
            [0x7f, b'E', b'L', b'F', 1, 1] => false,
            [0x7f, b'E', b'L', b'F', 2, 1] => true,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        };
        let native = if wide { 8 } else { 4 };
        // A field by its offsets in the headers of 32 and of 64 bits.
        let field = |start, narrow, broad, len| Field {
            at: if wide { start + broad } else { start + narrow },
            len,
        };
        let half = |narrow, broad| field(0, narrow, broad, 2).read(file);
        let headers = |start: Field, size: u64, count: u64| -> io::Result<Vec<u64>> {
            let start = start.read(file)?;
            let end = start.checked_add(size * count).ok_or(io::ErrorKind::InvalidData)?;
            if end > file.metadata()?.len() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Ok((0..count).map(|index| start + index * size).collect())
        };

        let mut segments = vec![];
        for at in headers(field(0, 28, 32, native), half(42, 54)?, half(44, 56)?)? {
            const LOAD: u64 = 1;
            if field(at, 0, 0, 4).read(file)? == LOAD {
                segments.push(Segment {
                    offset: field(at, 4, 8, native),
                    file_size: field(at, 16, 32, native),
                    memory_size: field(at, 20, 40, native),
                });
            }
        }
        let section_headers = field(0, 32, 40, native);
        let section = |at| Section {
            name: field(at, 0, 0, 4),
            flags: field(at, 8, 8, native),
            offset: field(at, 16, 24, native),
            size: field(at, 20, 32, native),
        };
        let sections = headers(section_headers, half(46, 58)?, half(48, 60)?)?;
        let sections: Vec<_> = sections.into_iter().map(section).collect();
        let names = usize::try_from(half(50, 62)?).ok().and_then(|at| sections.get(at).copied());
        Ok(Self { segments, sections, section_headers, names })
    }

    /// The section of this name, if there is one.
    pub(super) fn section(&self, file: &File, name: &[u8]) -> io::Result<Option<Section>> {
        let Some(names) = self.names else { return Ok(None) };
        let names = names.offset.read(file)?;
        for section in &self.sections {
            let mut found = vec![0; name.len() + 1];
            let at = names.saturating_add(section.name.read(file)?);
            // The last name in the file may be shorter than this one.
            let is_it = file.read_exact_at(&mut found, at).is_ok();
            if is_it && found.strip_suffix(b"\0") == Some(name) {
                return Ok(Some(*section));
            }
        }
        Ok(None)
    }
}
