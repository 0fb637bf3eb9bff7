//! Writes the cdb beside its place, reads it back, and only then puts it there.
//!
//! The crate `cdb` adds up offsets without an eye on their limit in release builds, and
//! does not notice where a write takes less than it was given. Both are looked after
//! here: sizes before, contents afterwards.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::{format, process, vec};

use cdb::CDBMake;
use sha2::{Digest, Sha256};

use super::error::Error;
use crate::format::FIRST_RECORD;

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

/// The file beside; removed unless it has become the file.
pub(super) struct Unfinished(PathBuf);

impl Unfinished {
    /// Begins a file that shall be `out`, to be written and read.
    pub(super) fn create(out: &Path) -> Result<(Self, File), Error> {
        let mut name = out.file_name().unwrap_or_default().to_os_string();
        name.push(format!(".{}.part", process::id()));
        let path = out.with_file_name(name);
        let mut options = File::options();
        match options.read(true).write(true).create(true).truncate(true).open(&path) {
            Ok(file) => Ok((Self(path), file)),
            Err(error) => Err(Error::Io(path, error)),
        }
    }

    /// An error of the machine's with this file.
    pub(super) fn failed(&self, error: io::Error) -> Error {
        Error::Io(self.0.clone(), error)
    }

    /// Puts the file in its place, once the disk has all of it: a name never stands for
    /// a file that a power cut emptied.
    pub(super) fn finish(self, file: &File, out: &Path) -> Result<(), Error> {
        file.sync_all().map_err(|error| self.failed(error))?;
        fs::rename(&self.0, out).map_err(|error| Error::Io(out.to_path_buf(), error))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After the rename there is none, and before it there is no one to tell.
        let _ = fs::remove_file(&self.0);
    }
}

impl Writer {
    /// Begins a cdb that shall be `out`.
    pub(super) fn create(out: &Path) -> Result<Self, Error> {
        let (unfinished, file) = Unfinished::create(out)?;
        let cdb = file.try_clone().and_then(CDBMake::new);
        let cdb = cdb.map_err(|error| unfinished.failed(error))?;
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
        self.cdb.add(key, value).map_err(|error| self.unfinished.failed(error))?;
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
        let failed = |error| unfinished.failed(error);
        cdb.finish().map_err(failed)?;
        let len = at + 16 * records;
        let read = read_back(&mut file, at).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() != len || read != digest.finalize()[..] {
            return Err(Error::CutShort(out));
        }
        unfinished.finish(&file, &out)?;
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
