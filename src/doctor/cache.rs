//! The folder for finished thumbnails: whether it can be written to, and has room.

use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::vec::Vec;
use std::{format, fs, process};

use rustix::fs::statvfs;

use crate::doctor::finding::{Finding, bytes};
use crate::doctor::paths::{OTHERS_WRITE, absolute, word};
use crate::settings::keys::Settings;
use crate::sys::atomic_file::AtomicFile;

const ABOUT: &str = "cache";

pub(super) fn examine(settings: &Settings<'_>, findings: &mut Vec<Finding>) {
    if settings.cache.is_empty() {
        let finding = if settings.galleries.is_empty() {
            Finding::fine(ABOUT, "none, and without galleries none is needed")
        } else {
            let text = "none: every view of a thumbnail makes it again";
            Finding::note(ABOUT, text)
                .with("set cache to a folder that the web server can write to")
        };
        return findings.push(finding);
    }
    let folder = absolute(settings.cache);
    let (shown, quoted) = (folder.display(), word(&folder));
    let wrong = |text| Finding::wrong(ABOUT, text);
    match fs::metadata(&folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let text = format!("{shown} does not exist: nothing is kept");
            return findings.push(wrong(text).with(format!("mkdir -p -m 700 {quoted}")));
        }
        Err(error) => {
            let text = format!("{shown}: {error}");
            return findings.push(wrong(text).with("name a folder that this user can enter"));
        }
        Ok(metadata) if !metadata.is_dir() => {
            let text = format!("{shown} is not a folder");
            return findings
                .push(wrong(text).with(format!("rm {quoted} && mkdir -m 700 {quoted}")));
        }
        Ok(metadata) if metadata.mode() & OTHERS_WRITE != 0 => {
            let text = format!("{shown}: anyone on this machine can put pictures there");
            findings.push(wrong(text).with(format!("chmod o-w {quoted}")));
        }
        Ok(_) => {}
    }
    let before = findings.len();
    if let Err(error) = try_writing(&folder) {
        let text = format!("{shown} cannot be written to: {error}");
        let remedy = format!("chown -R \"$(id -un)\" {quoted} && chmod -R u+rwX {quoted}");
        return findings.push(wrong(text).with(remedy));
    }
    find_mounts(&folder, findings);
    if let Ok(space) = statvfs(&folder) {
        let room = space.f_bavail * space.f_frsize + used(&folder);
        if room < settings.cache_max_bytes {
            let text = format!(
                "{shown} has room for {}, and cache-max is {}: the disk fills up first",
                bytes(room),
                bytes(settings.cache_max_bytes)
            );
            let half = bytes(room / 2);
            findings.push(wrong(text).with(format!("cache-max = {half}, or free some space")));
        }
    }
    if findings.len() == before {
        let max = bytes(settings.cache_max_bytes);
        findings.push(Finding::fine(ABOUT, format!("{shown}, writable, room for {max}")));
        if !settings.galleries.is_empty() && used(&folder) == 0 {
            let text = "still empty: the first visitors wait for each thumbnail";
            let remedy =
                "picosite warm TRANSFORM makes them in advance; TRANSFORM is 320x240,fill, say";
            findings.push(Finding::note(ABOUT, text).with(remedy));
        }
    }
}

/// Writes a file the way thumbnails are written, and removes it again.
fn try_writing(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".doctor-{}", process::id()));
    let mut file = AtomicFile::replacing(&path)?;
    file.file.write_all(&[0; 4096])?;
    file.commit()?;
    fs::remove_file(path)
}

/// Finds subfolders on other file systems: rename(2) cannot move a file into them.
fn find_mounts(folder: &Path, findings: &mut Vec<Finding>) {
    let Ok(device) = fs::metadata(folder).map(|metadata| metadata.dev()) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if metadata.is_dir() && metadata.dev() != device {
            let text = format!("{} is on another file system", path.display());
            let remedy = format!("umount {0} || rm {0}", word(&path));
            findings.push(Finding::wrong(ABOUT, text).with(remedy));
        }
    }
}

/// The size of the cache's files, in bytes.
fn used(folder: &Path) -> u64 {
    let subfolders = fs::read_dir(folder).into_iter().flatten().flatten();
    let files = subfolders.flat_map(|entry| fs::read_dir(entry.path()).into_iter().flatten());
    files.flatten().filter_map(|entry| entry.metadata().ok()).map(|metadata| metadata.len()).sum()
}
