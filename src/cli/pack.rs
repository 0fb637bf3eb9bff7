//! `picosite pack DIR -o FILE [--onto OTHER] [--reuse OLD]`: another site, packed by the
//! code that `build.rs` packs with.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::string::String;
use std::vec::Vec;
use std::{format, fs};

use crate::pack;
use crate::pack::{Earlier, Effort, Error, Forms, Options, Report};
use crate::site::archive::Archive;
use crate::site::record::{Coding, FILES};
use crate::sys::atomic_file::{TemporaryPath, check_replaceable};

use crate::cli::packed::file_problem;
use crate::cli::{Call, Problem, packed, progress};

const USAGE: &str = "usage: picosite pack DIR -o FILE [--onto OTHER] [--reuse OLD]";

pub(super) fn run(call: &mut Call<'_>) -> Result<(), Problem> {
    let order = Order::read(call.words)?;
    let old = order.reuse.map(packed::open).transpose()?;
    let report = order.fulfil(old)?;
    writeln!(
        call.out,
        "{}: {} files, {} addresses, {} bytes",
        order.file.display(),
        report.files,
        report.addresses,
        report.bytes
    )?;
    Ok(())
}

/// What is wanted.
struct Order<'a> {
    dir: &'a Path,
    file: &'a Path,
    onto: Option<&'a Path>,
    reuse: Option<&'a Path>,
}

impl<'a> Order<'a> {
    fn read(words: &[&'a str]) -> Result<Self, Problem> {
        let (mut dir, mut file, mut onto, mut reuse) = (None, None, None, None);
        let mut words = words.iter();
        while let Some(&word) = words.next() {
            let place = match word {
                "-o" => &mut file,
                "--onto" => &mut onto,
                "--reuse" => &mut reuse,
                _ if word.starts_with('-') => return Err(usage()),
                _ => &mut dir,
            };
            let is_dir = !word.starts_with('-');
            let value = if is_dir { Some(word) } else { words.next().copied() };
            if place.replace(Path::new(value.ok_or_else(usage)?)).is_some() {
                return Err(usage());
            }
        }
        let (Some(dir), Some(file)) = (dir, file) else { return Err(usage()) };
        if onto.is_some() && is_cdb(file) {
            let text = "--onto names an executable to copy: -o must not end in .cdb with it";
            return Err(Problem::Usage(text.into()));
        }
        Ok(Self { dir, file, onto, reuse })
    }

    /// A result in the folder itself would be an asset the next time, secrets and all.
    fn check_place(&self) -> Result<(), Problem> {
        check_replaceable(self.file).map_err(|error| file_problem(self.file, &error))?;
        let folder = self.file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or_else(|| Path::new("."));
        let (Ok(dir), Ok(folder)) = (self.dir.canonicalize(), folder.canonicalize()) else {
            return Ok(());
        };
        let Ok(below) = folder.strip_prefix(dir) else { return Ok(()) };
        let below = below.join(self.file.file_name().unwrap_or_default());
        if below.iter().any(|name| name.as_encoded_bytes().starts_with(b".")) {
            return Ok(());
        }
        let text = "lies in the folder that is packed; write it somewhere else";
        Err(Problem::Other(format!("{}: {text}", self.file.display())))
    }

    fn fulfil(&self, old: Option<Archive<'static>>) -> Result<Report, Problem> {
        self.check_place()?;
        if is_cdb(self.file) {
            return Ok(site(self.dir, self.file, old)?);
        }
        let cdb = TemporaryPath::next_to(self.file, "cdb");
        let report = site(self.dir, cdb.as_ref(), old)?;
        attach(self.onto, &cdb, self.file)?;
        Ok(report)
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            // A line for each, which begins with the file: an editor can follow them.
            Error::Site(_) => {
                let _ = writeln!(io::stderr(), "{error}");
                Self::Told
            }
            error => Self::Other(format!("{error}")),
        }
    }
}

/// Makes `file` a copy of an executable, of this one unless it is said, with another cdb.
pub(super) fn attach(onto: Option<&Path>, cdb: &TemporaryPath, file: &Path) -> Result<(), Problem> {
    // Not by its name: that may be another executable's by now.
    let base = onto.unwrap_or_else(|| Path::new("/proc/self/exe"));
    pack::attach(base, cdb.as_ref(), file)?;
    let failed = |error| file_problem(file, &error);
    let mut permissions = fs::metadata(file).map_err(failed)?.permissions();
    let mode = permissions.mode();
    if mode & EXECUTABLE == 0 {
        // As one that was downloaded: whoever may read it may start it.
        permissions.set_mode(mode | mode >> 2 & EXECUTABLE);
        fs::set_permissions(file, permissions).map_err(failed)?;
    }
    Ok(())
}

/// The three bits of a mode that let a file be started (`chmod(2)`).
const EXECUTABLE: u32 = 0o111;

/// Packs the folder `dir` into the cdb `out`, with what `old` has already. Shows a person
/// how far it is, and what in the site has no effect.
pub(super) fn site(dir: &Path, out: &Path, old: Option<Archive<'_>>) -> Result<Report, Error> {
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
        let _ = writeln!(io::stderr(), "warning: {warning}");
    }
    packed
}

/// What the forms in an earlier pack were made with.
fn effort(old: &Archive<'_>) -> Effort {
    let get = |key: &[u8]| old.get(key).ok().flatten().unwrap_or_default();
    let list = String::from_utf8_lossy(get(FILES));
    let names = list.lines().filter_map(|line| Some(line.split_once(' ')?.1));
    Effort::of(names.map(|name| (name, get(name.as_bytes()).len() as u64)))
}

/// The forms that an earlier pack has of a file with just this name and these bytes.
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

fn usage() -> Problem {
    Problem::Usage(USAGE.into())
}
