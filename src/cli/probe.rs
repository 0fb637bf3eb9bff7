//! `picosite doctor --probe FILE`: a copy of this executable that reports what the web
//! server passes on.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use cdb::CDBMake;

use crate::site::archive::Archive;
use crate::site::record::{PROBE, SETTINGS};
use crate::sys::atomic_file::TemporaryPath;
use crate::sys::clock::Now;

use crate::cli::call::{Call, CommandError};
use crate::cli::pack::attach;

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let file = call.arguments.value("--probe").unwrap_or_default();
    let path = Path::new(file);
    let archive = call.archive()?;
    let cdb = TemporaryPath::next_to(path, "cdb");
    write_mark(&cdb, &archive).map_err(|error| CommandError::file(&cdb, error))?;
    attach(None, &cdb, path)?;
    writeln!(
        call.out,
        "Put {file} next to the site's executable and open its address in a browser.\n\
         Anyone who knows the address can read the report; it shows no secret.\n\
         It stops after a day."
    )?;
    Ok(())
}

/// Writes the cdb that makes a copy a probe: the mark, and the site's settings.
fn write_mark(cdb: &TemporaryPath, site: &Archive<'_>) -> io::Result<()> {
    let Now(now) = Now::from_clock();
    let settings = site.get(&SETTINGS).ok().flatten().unwrap_or_default();
    // The settings may hold a secret.
    let file = File::options().write(true).create_new(true).mode(0o600).open(cdb)?;
    let mut writer = CDBMake::new(file)?;
    writer.add(PROBE, &now.to_le_bytes())?;
    writer.add(&SETTINGS, settings)?;
    writer.finish()
}
