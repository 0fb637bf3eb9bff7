//! As much of ELF as it takes to replace the site in an executable: its segments and
//! sections; 32 or 64 bits, little-endian (System V ABI, chapters 4 and 5).
//!
//! Headers are not copied but kept as the offsets of their fields, which can be read from one
//! file and written to another.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::vec::Vec;
use std::{io, vec};

/// A number in a file: its offset and its length in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    offset: u64,
    len: usize,
}

impl Field {
    pub(super) fn read(self, file: &File) -> io::Result<u64> {
        let mut bytes = [0; 8];
        file.read_exact_at(&mut bytes[..self.len], self.offset)?;
        Ok(u64::from_le_bytes(bytes))
    }

    pub(super) fn write(self, file: &File, number: u64) -> io::Result<()> {
        let bytes = number.to_le_bytes();
        if bytes[self.len..].iter().any(|&byte| byte != 0) {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        file.write_all_at(&bytes[..self.len], self.offset)
    }

    /// The same field in a file where `moved` gives the new offsets.
    pub(super) fn moved(self, moved: impl Fn(u64) -> u64) -> Self {
        Self { offset: moved(self.offset), ..self }
    }
}

/// A part of the file that the kernel maps.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) offset: Field,
    pub(super) file_size: Field,
    pub(super) memory_size: Field,
}

/// A named part of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Section {
    name: Field,
    flags: Field,
    pub(super) offset: Field,
    pub(super) size: Field,
}

impl Section {
    /// Whether the kernel maps it, because it is part of the program.
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
    /// The offset of the section headers.
    pub(super) section_headers: Field,
    /// The section with the names of all sections.
    names: Option<Section>,
}

impl Elf {
    /// Fails with `InvalidData` if the file is not ELF, `UnexpectedEof` if it is truncated.
    pub(super) fn read(file: &File) -> io::Result<Self> {
        let mut magic = [0; 6];
        file.read_exact_at(&mut magic, 0)?;
        let is_64_bit = match magic {
            [0x7f, b'E', b'L', b'F', 1, 1] => false,
            [0x7f, b'E', b'L', b'F', 2, 1] => true,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        };
        let word = if is_64_bit { 8 } else { 4 };
        // Takes the field's offsets in the 32-bit and in the 64-bit header.
        let field = |start, in_32, in_64, len| Field {
            offset: start + if is_64_bit { in_64 } else { in_32 },
            len,
        };
        let half = |in_32, in_64| field(0, in_32, in_64, 2).read(file);
        let headers = |start: Field, size: u64, count: u64| -> io::Result<Vec<u64>> {
            let start = start.read(file)?;
            let end = start.checked_add(size * count).ok_or(io::ErrorKind::InvalidData)?;
            if end > file.metadata()?.len() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            Ok((0..count).map(|index| start + index * size).collect())
        };

        let mut segments = vec![];
        for at in headers(field(0, 28, 32, word), half(42, 54)?, half(44, 56)?)? {
            const LOAD: u64 = 1;
            if field(at, 0, 0, 4).read(file)? == LOAD {
                segments.push(Segment {
                    offset: field(at, 4, 8, word),
                    file_size: field(at, 16, 32, word),
                    memory_size: field(at, 20, 40, word),
                });
            }
        }
        let section_headers = field(0, 32, 40, word);
        let section = |at| Section {
            name: field(at, 0, 0, 4),
            flags: field(at, 8, 8, word),
            offset: field(at, 16, 24, word),
            size: field(at, 20, 32, word),
        };
        let sections = headers(section_headers, half(46, 58)?, half(48, 60)?)?;
        let sections: Vec<_> = sections.into_iter().map(section).collect();
        let names = usize::try_from(half(50, 62)?).ok().and_then(|at| sections.get(at).copied());
        Ok(Self { segments, sections, section_headers, names })
    }

    /// The section with this name, if there is one.
    pub(super) fn section(&self, file: &File, name: &[u8]) -> io::Result<Option<Section>> {
        let Some(names) = self.names else { return Ok(None) };
        let names = names.offset.read(file)?;
        for section in &self.sections {
            let mut found = vec![0; name.len() + 1];
            let at = names.saturating_add(section.name.read(file)?);
            // A shorter name at the end of the file is not enough to read.
            let is_it = file.read_exact_at(&mut found, at).is_ok();
            if is_it && found.strip_suffix(b"\0") == Some(name) {
                return Ok(Some(*section));
            }
        }
        Ok(None)
    }
}
