//! Writes a cdb to a temporary file, reads it back, and only then renames it.
//!
//! In release builds the crate `cdb` adds offsets without checking for overflow, and it
//! ignores short writes. The [`Writer`] makes up for both: it checks sizes beforehand and
//! contents afterwards.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::vec;

use cdb::CDBMake;
use sha2::{Digest, Sha256};

use crate::pack::error::PackError;
use crate::site::record::FIRST_RECORD;
use crate::sys::atomic_file::AtomicFile;

/// A cdb being written.
pub(super) struct Writer {
    cdb: CDBMake,
    /// The same file, to be read back and renamed.
    file: AtomicFile,
    /// The path as the caller wrote it, for messages.
    out: PathBuf,
    /// The offset of the next record.
    pub(super) position: u64,
    records: u64,
    /// Of all bytes from the first record on.
    digest: Sha256,
}

impl Writer {
    /// Starts a cdb that will replace `out`.
    pub(super) fn create(out: &Path) -> Result<Self, PackError> {
        let failed = |error| PackError::Io(out.to_path_buf(), error);
        let file = AtomicFile::replacing(out).map_err(failed)?;
        let cdb = file.file.try_clone().and_then(CDBMake::new).map_err(failed)?;
        Ok(Self {
            cdb,
            file,
            out: out.to_path_buf(),
            position: u64::from(FIRST_RECORD),
            records: 0,
            digest: Sha256::new(),
        })
    }

    /// The error for a site that does not fit in a cdb.
    pub(super) fn too_large(&self) -> PackError {
        PackError::TooLarge(self.out.clone())
    }

    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) -> Result<(), PackError> {
        let offset = self.position + 8 + key.len() as u64;
        let end = offset + value.len() as u64;
        // The hash tables follow the records: two slots of eight bytes for each record.
        if end + 16 * (self.records + 1) > u64::from(u32::MAX) {
            return Err(self.too_large());
        }
        self.cdb.add(key, value).map_err(|error| PackError::Io(self.out.clone(), error))?;
        for len in [key.len(), value.len()] {
            let len = u32::try_from(len).expect("the end is below 4 GiB");
            self.digest.update(len.to_le_bytes());
        }
        self.digest.update(key);
        self.digest.update(value);
        self.position = end;
        self.records += 1;
        Ok(())
    }

    /// Writes the hash tables, verifies what reached the disk, and renames the file. Returns
    /// its length in bytes.
    pub(super) fn finish(self) -> Result<u64, PackError> {
        let Self { cdb, file, out, position, records, digest } = self;
        let failed = |error| PackError::Io(out.clone(), error);
        cdb.finish().map_err(failed)?;
        let len = position + 16 * records;
        let read = read_back(&file.file, position).map_err(failed)?;
        let actual_len = file.file.metadata().map_err(failed)?.len();
        if actual_len != len || read != digest.finalize()[..] {
            return Err(PackError::ReadBack(out));
        }
        file.commit().map_err(failed)?;
        Ok(len)
    }
}

/// The digest of the records, which end at `end`.
fn read_back(mut file: &File, end: u64) -> io::Result<[u8; 32]> {
    file.seek(SeekFrom::Start(u64::from(FIRST_RECORD)))?;
    let mut records = file.take(end - u64::from(FIRST_RECORD));
    Ok(copy_hashed(&mut records, &mut io::sink())?.1)
}

/// Copies everything from a reader; returns its length in bytes and its SHA-256.
pub(super) fn copy_hashed(
    from: &mut impl Read,
    to: &mut impl Write,
) -> io::Result<(u64, [u8; 32])> {
    let mut digest = Sha256::new();
    let mut sum = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match from.read(&mut buffer)? {
            0 => return Ok((sum, digest.finalize().into())),
            len => {
                digest.update(&buffer[..len]);
                to.write_all(&buffer[..len])?;
                sum += len as u64;
            }
        }
    }
}
