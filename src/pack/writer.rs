//! Writes the cdb beside its place, reads it back, and only then puts it there.
//!
//! The crate `cdb` adds up offsets without an eye on their limit in release builds, and
//! does not notice where a write takes less than it was given. Both are looked after
//! here: sizes before, contents afterwards.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::vec;

use cdb::CDBMake;
use sha2::{Digest, Sha256};

use crate::pack::error::Error;
use crate::site::record::FIRST_RECORD;
use crate::sys::atomic_file::Unfinished;

/// A cdb that is being written.
pub(super) struct Writer {
    cdb: CDBMake,
    /// The same file, to read it back.
    file: File,
    unfinished: Unfinished,
    out: PathBuf,
    /// Where the next record begins.
    at: u64,
    records: u64,
    /// Of all bytes from the first record on.
    digest: Sha256,
}

impl Writer {
    /// Begins a cdb that shall be `out`.
    pub(super) fn create(out: &Path) -> Result<Self, Error> {
        let failed = |error| Error::Io(out.to_path_buf(), error);
        let (unfinished, file) = Unfinished::create(out).map_err(failed)?;
        let cdb = file.try_clone().and_then(CDBMake::new).map_err(failed)?;
        Ok(Self {
            cdb,
            file,
            unfinished,
            out: out.to_path_buf(),
            at: u64::from(FIRST_RECORD),
            records: 0,
            digest: Sha256::new(),
        })
    }

    /// Where the next record begins.
    pub(super) const fn position(&self) -> u64 {
        self.at
    }

    /// The error of more than a cdb holds.
    pub(super) fn too_large(&self) -> Error {
        Error::TooLarge(self.out.clone())
    }

    /// Adds a record.
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) -> Result<(), Error> {
        let offset = self.at + 8 + key.len() as u64;
        let end = offset + value.len() as u64;
        // Behind the records come the hash tables: two slots of eight bytes for each.
        if end + 16 * (self.records + 1) > u64::from(u32::MAX) {
            return Err(self.too_large());
        }
        self.cdb.add(key, value).map_err(|error| Error::Io(self.out.clone(), error))?;
        for len in [key.len(), value.len()] {
            let len = u32::try_from(len).expect("the end is below 4 GiB");
            self.digest.update(len.to_le_bytes());
        }
        self.digest.update(key);
        self.digest.update(value);
        self.at = end;
        self.records += 1;
        Ok(())
    }

    /// Writes the tables, checks that the disk has it all, and puts the file in its
    /// place. Its length in bytes.
    pub(super) fn finish(self) -> Result<u64, Error> {
        let Self { cdb, mut file, unfinished, out, at, records, digest } = self;
        let failed = |error| Error::Io(out.clone(), error);
        cdb.finish().map_err(failed)?;
        let len = at + 16 * records;
        let read = read_back(&mut file, at).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() != len || read != digest.finalize()[..] {
            return Err(Error::CutShort(out));
        }
        unfinished.finish(&file).map_err(failed)?;
        Ok(len)
    }
}

/// The digest of the records, which end at `end`.
fn read_back(file: &mut File, end: u64) -> io::Result<[u8; 32]> {
    file.seek(SeekFrom::Start(u64::from(FIRST_RECORD)))?;
    let mut records = file.take(end - u64::from(FIRST_RECORD));
    let mut digest = Sha256::new();
    let mut part = vec![0; 1 << 16];
    loop {
        match records.read(&mut part)? {
            0 => return Ok(digest.finalize().into()),
            len => digest.update(&part[..len]),
        }
    }
}
