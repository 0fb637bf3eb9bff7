//! `picosite doctor --probe FILE`: a copy of this executable that shows what the web server
//! hands over.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use cdb::CDBMake;

use crate::site::archive::Archive;
use crate::site::record::PROBE;
use crate::sys::atomic_file::TemporaryPath;
use crate::sys::clock::Now;

use crate::cli::pack::attach;
use crate::cli::packed::file_problem;
use crate::cli::{Call, Problem};

pub(super) fn write(call: &mut Call<'_>, file: &str) -> Result<(), Problem> {
    let path = Path::new(file);
    let archive = call.archive()?;
    let cdb = TemporaryPath::next_to(path, "cdb");
    mark(&cdb, &archive).map_err(|error| file_problem(cdb.as_ref(), &error))?;
    attach(None, &cdb, path)?;
    writeln!(
        call.out,
        "Put {file} beside the site's executable and look at its address with a browser.\n\
         Whoever knows the address sees the report, and no secret. It stops after a day."
    )?;
    Ok(())
}

/// The cdb that makes a copy a probe: the mark, and the site's settings.
fn mark(cdb: &TemporaryPath, site: &Archive<'_>) -> io::Result<()> {
    let Now(now) = Now::from_clock();
    let settings = site.get(b"_picosite").ok().flatten().unwrap_or_default();
    // The settings may hold a secret.
    let file = File::options().write(true).create_new(true).mode(0o600).open(cdb)?;
    let mut writer = CDBMake::new(file)?;
    writer.add(PROBE, &now.to_le_bytes())?;
    writer.add(b"_picosite", settings)?;
    writer.finish()
}
