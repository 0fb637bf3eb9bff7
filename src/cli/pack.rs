//! `picosite pack`: another site, packed by the code that `build.rs` packs with.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::string::String;
use std::vec::Vec;
use std::{format, fs, io};

use crate::http::coding::Coding;
use crate::pack;
use crate::pack::{Earlier, Effort, Forms, Options, PackError, Report};
use crate::site::archive::Archive;
use crate::site::record::FILES;
use crate::sys::atomic_file::{TemporaryPath, check_replaceable};

use crate::cli::call::{Call, CommandError};
use crate::cli::output::complain;
use crate::cli::{packed, progress};

pub(super) fn run(call: &mut Call<'_>) -> Result<(), CommandError> {
    let [dir] = call.arguments.exactly().map(Path::new);
    let path = |option| call.arguments.value(option).map(Path::new);
    let file = path("-o").unwrap_or(dir);
    let onto = path("--onto");
    if onto.is_some() && is_cdb(file) {
        let text = "--onto names an executable to copy, so FILE must not end in .cdb";
        return Err(CommandError::Usage(text.into()));
    }
    let old = path("--reuse").map(packed::open).transpose()?;
    check_place(dir, file)?;
    let report = if is_cdb(file) {
        site(dir, file, old)?
    } else {
        let cdb = TemporaryPath::next_to(file, "cdb");
        let report = site(dir, cdb.as_ref(), old)?;
        attach(onto, &cdb, file)?;
        report
    };
    let Report { files, addresses, bytes, .. } = report;
    let file = file.display();
    Ok(writeln!(call.out, "{file}: {files} files, {addresses} addresses, {bytes} bytes")?)
}

/// Refuses to write into the folder that is packed: the result would be an asset the next
/// time, secrets and all.
fn check_place(dir: &Path, file: &Path) -> Result<(), CommandError> {
    check_replaceable(file).map_err(|error| CommandError::file(file, error))?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    let (Ok(dir), Ok(folder)) = (dir.canonicalize(), folder.canonicalize()) else {
        return Ok(());
    };
    let Ok(below) = folder.strip_prefix(dir) else { return Ok(()) };
    let below = below.join(file.file_name().unwrap_or_default());
    if below.iter().any(|name| name.as_encoded_bytes().starts_with(b".")) {
        return Ok(());
    }
    Err(CommandError::file(file, "lies in the folder to pack; write it somewhere else"))
}

impl From<PackError> for CommandError {
    fn from(error: PackError) -> Self {
        Self::failed(error)
    }
}

/// Makes `file` a copy of an executable, by default of this one, with another cdb.
pub(super) fn attach(
    onto: Option<&Path>,
    cdb: &TemporaryPath,
    file: &Path,
) -> Result<(), CommandError> {
    // Another executable may have its name by now.
    let base = onto.unwrap_or_else(|| Path::new("/proc/self/exe"));
    pack::attach(base, cdb.as_ref(), file)?;
    let failed = |error: io::Error| CommandError::file(file, error);
    let mut permissions = fs::metadata(file).map_err(failed)?.permissions();
    let mode = permissions.mode();
    if mode & EXECUTABLE == 0 {
        // The base may be a download: anyone who may read the copy may run it.
        permissions.set_mode(mode | mode >> 2 & EXECUTABLE);
        fs::set_permissions(file, permissions).map_err(failed)?;
    }
    Ok(())
}

/// The mode's execute bits (`chmod(2)`).
const EXECUTABLE: u32 = 0o111;

/// Packs the folder `dir` into the cdb `out`, with compressed forms from `old`. Shows
/// progress, and prints warnings.
pub(super) fn site(dir: &Path, out: &Path, old: Option<Archive<'_>>) -> Result<Report, PackError> {
    let mut line = progress::Line::new();
    let mut tell = |now: pack::Progress| {
        let percent = (now.bytes * 100).checked_div(now.all_bytes).unwrap_or(100);
        let (files, all_files) = (now.files, now.all_files);
        line.show(format_args!("packing: {files} of {all_files} files, {percent} %"));
    };
    let forms = |name: &str, body: &[u8]| forms(old.as_ref()?, name, body);
    let packed = pack::source_date_epoch().and_then(|latest| {
        let earlier = old.as_ref().map(|old| Earlier { effort: effort(old), forms: &forms });
        pack::pack_with(dir, out, Options { latest, earlier, progress: Some(&mut tell) })
    });
    drop(line);
    for warning in packed.iter().flat_map(|report| &report.warnings) {
        complain(format_args!("warning: {warning}"));
    }
    packed
}

/// The effort that an earlier pack's forms were made with.
fn effort(old: &Archive<'_>) -> Effort {
    let get = |key: &[u8]| old.get(key).ok().flatten().unwrap_or_default();
    let list = String::from_utf8_lossy(get(FILES));
    let names = list.lines().filter_map(|line| Some(line.split_once(' ')?.1));
    Effort::of(names.map(|name| (name, get(name.as_bytes()).len() as u64)))
}

/// The compressed forms in an earlier pack of a file with the same name and bytes.
fn forms(old: &Archive<'_>, name: &str, body: &[u8]) -> Option<Forms> {
    let get = |key: &[u8]| old.get(key).ok().flatten();
    if get(name.as_bytes())? != body {
        return None;
    }
    let form = |coding: Coding| get(format!("//{}/{name}", coding.name()).as_bytes());
    Some(Forms { br: form(Coding::Br).map(Vec::from), gzip: form(Coding::Gzip).map(Vec::from) })
}

fn is_cdb(file: &Path) -> bool {
    file.as_os_str().as_encoded_bytes().ends_with(b".cdb")
}
