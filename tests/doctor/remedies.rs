//! Each remedy, followed, makes the finding go: those that `main.rs` has no reason to tell
//! a story about.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::patient::{Patient, good};

/// The line below the one that begins with this verdict and holds `text`.
#[track_caller]
fn remedy(report: &str, verdict: &str, text: &str) -> String {
    let mut lines = report.lines();
    let found = lines.find(|line| line.starts_with(verdict) && line.contains(text));
    assert!(found.is_some(), "{text}: {report}");
    lines.next().expect("a remedy stands below").trim().to_owned()
}

/// The remedy for what is wrong, and nothing else is.
#[track_caller]
fn wrong(patient: &Patient, text: &str) -> String {
    let (report, status) = patient.report(&[]);
    assert_eq!((status, report.matches("WRONG").count()), (1, 1), "{report}");
    remedy(&report, "WRONG", text)
}

/// The remedy of a note.
#[track_caller]
fn note(patient: &Patient, text: &str) -> String {
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 0, "{report}");
    remedy(&report, "note", text)
}

#[track_caller]
fn has_no(patient: &Patient, text: &str) {
    let (report, status) = patient.report(&[]);
    assert!(status == 0 && !report.contains(text), "{text}: {report}");
}

#[test]
fn a_path_that_leads_nowhere() {
    let nowhere = "galleries/sea/a.jpg/cache";
    let patient = Patient::new(&good().replace("cache = cache", &format!("cache = {nowhere}")));
    assert_eq!(wrong(&patient, nowhere), "name a folder that can be entered");
    patient.settings(&good());
    patient.is_well();
    patient.settings(&good().replace("= galleries", "= galleries/sea/a.jpg"));
    let said = wrong(&patient, "galleries/sea/a.jpg is no folder");
    assert_eq!(said, "name the folder that holds the folders of photos");
    patient.settings(&good());
    patient.is_well();
}

#[test]
fn a_cache_that_cannot_be_written_to() {
    let patient = Patient::new(&good());
    patient.set_mode("cache", 0o500);
    patient.follow(&wrong(&patient, "DIR/cache cannot be written to"));
    patient.is_well();
}

#[test]
#[ignore = "mounts disks, where the kernel lets users do so: CI does"]
fn a_cache_on_two_disks() {
    let patient = Patient::new(&good());
    fs::create_dir(patient.0.join("cache/0")).unwrap();
    // Mended inside of where it is mounted, and seen to be.
    let script = "mount -t tmpfs none cache/0
        said=$(\"$0\" doctor | grep -A1 'lies on another file system') || exit 1
        sh -c \"$(printf %s \"$said\" | tail -n 1)\" && \"$0\" doctor";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
    command.arg(patient.0.join("site.cgi")).current_dir(&*patient.0).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("PICOSITE_SITE", patient.0.join("site.cdb"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn photos_that_cannot_be_read() {
    let patient = Patient::new(&good());
    patient.set_mode("galleries/sea/a.jpg", 0);
    patient.follow(&wrong(&patient, "DIR/galleries/sea/a.jpg cannot be read"));
    patient.is_well();
    for number in 0..7 {
        patient.write(&format!("galleries/sea/{number}.jpg"), "a photo", 0);
    }
    let (report, _) = patient.report(&[]);
    assert_eq!(report.matches("cannot be read").count(), 6, "{report}");
    patient.follow(&remedy(&report, "WRONG", "2 more cannot be read"));
    patient.is_well();
    patient.set_mode("galleries/sea", 0);
    patient.follow(&wrong(&patient, "DIR/galleries/sea cannot be read"));
    patient.is_well();
}

#[test]
fn notes_on_the_program() {
    let patient = Patient::new(&good());
    patient.set_mode("site.cgi", 0o775);
    patient.follow(&note(&patient, "its group can change it"));
    has_no(&patient, "its group");
    patient.set_mode("site.cgi", 0o700);
    patient.follow(&note(&patient, "a web server that runs as another user cannot start it"));
    has_no(&patient, "cannot start it");
    let said = note(&patient, "can read the executable, and the secret in it");
    assert!(said.ends_with("see secret-file"), "{said}");
    patient.settings(&good().replace("secret = ", "secret-file = secrets #"));
    patient.write("secrets", super::SECRET, 0o600);
    patient
        .settings("secret-file = secrets\ngalleries = galleries\ncache = cache\ncache-max = 1K\n");
    has_no(&patient, "the secret in it");
}

#[test]
fn notes_on_the_cache() {
    let patient = Patient::new(&good().replace("cache = cache\n", ""));
    let said = note(&patient, "every view of a thumbnail makes it anew");
    assert_eq!(said, "set cache to a folder that the web server may write to");
    patient.settings(&good().replace("1K", "1M"));
    has_no(&patient, "makes it anew");
    let said = note(&patient, "nothing in it yet");
    assert!(said.starts_with("picosite warm TRANSFORM "), "{said}");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/galleries/Sea and sky/swell.jpg");
    fs::copy(demo, patient.0.join("galleries/sea/a.jpg")).unwrap();
    let made = patient.command("warm").args(["64x64"]).status().unwrap();
    assert!(made.success());
    has_no(&patient, "nothing in it yet");
}

#[test]
fn notes_on_what_can_be_seen() {
    let patient = Patient::new(&(good() + "gallery-pages = on\n"));
    let (report, status) = patient.report(&[]);
    assert!(status == 0 && report.contains("note   galleries  gallery-pages is on"), "{report}");
    assert!(report.contains("note   variables  set in this environment: PICOSITE_SITE"));
    let folder = patient.0.display();
    patient.follow(&format!("{folder}/site.cgi pack site -o packed.cgi && mv packed.cgi site.cgi"));
    let output = patient.command("doctor").env_remove("PICOSITE_SITE").output().unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && !report.contains("variables"), "{report}");
}

#[test]
fn settings_that_cannot_be_read() {
    let patient = Patient::new("config = site.conf\n");
    let said = wrong(&patient, "site.conf");
    assert_eq!(said, "(umask 077; touch DIR/site.conf), or take the setting away");
    patient.follow(said.split(", or").next().unwrap());
    patient.is_well();
    patient.set_mode("site.conf", 0);
    patient.follow(&wrong(&patient, "site.conf"));
    patient.is_well();
    fs::remove_file(patient.0.join("site.conf")).unwrap();
    fs::create_dir(patient.0.join("site.conf")).unwrap();
    assert!(wrong(&patient, "site.conf").starts_with("put a file of at most 64 KiB at DIR/"));
    fs::remove_dir(patient.0.join("site.conf")).unwrap();
    patient.write("site.conf", "memory = 8M\n", 0o600);
    patient.is_well();
    patient.settings(&good().replace("secret = ", "secret-file = secrets\n# "));
    patient.follow(&wrong(&patient, "secrets"));
    patient.is_well();
}

#[test]
fn settings_with_a_mistake() {
    let patient = Patient::new(&(good() + "memory = 9M\n"));
    let (report, status) = patient.report(&[("PICOSITE_MEMORY", "lots")]);
    assert_eq!(status, 1, "{report}");
    assert_eq!(remedy(&report, "WRONG", "PICOSITE_MEMORY"), "unset PICOSITE_MEMORY");
    patient.is_well();
    // The packer would refuse it: as another version may have packed it.
    let path = patient.0.join("site.cdb");
    let bytes = fs::read(&path).unwrap();
    let mut spoilt = bytes.clone();
    let mut at = 0;
    while let Some(found) = spoilt[at..].windows(6).position(|bytes| bytes == b"memory") {
        at += found + 6;
        spoilt[at - 1] = b'o';
    }
    fs::write(&path, spoilt).unwrap();
    assert_eq!(wrong(&patient, "memoro"), "mend it in the site's folder and pack again");
    patient.settings(&(good() + "memory = 9M\n"));
    patient.is_well();
}

#[test]
fn a_site_that_is_not_there() {
    let patient = Patient::new(&good());
    let path = patient.0.join("site.cdb");
    fs::remove_file(&path).unwrap();
    let said = wrong(&patient, "site");
    assert!(said.starts_with("name a cdb that picosite has packed in PICOSITE_SITE"), "{said}");
    patient.settings(&good());
    patient.is_well();
    fs::remove_file(&path).unwrap();
    symlink("nowhere", &path).unwrap();
    wrong(&patient, "site");
}

#[test]
fn a_site_that_is_not_the_one_that_was_packed() {
    let patient = Patient::new(&good());
    let pack = "./site.cgi pack site -o packed.cgi && mv packed.cgi site.cgi";
    patient.follow(pack);
    let path = patient.0.join("site.cgi");
    let mut bytes = fs::read(&path).unwrap();
    // In the page, not in what leads to it.
    let at = bytes.windows(14).rposition(|bytes| bytes == b"index.htmlhome").unwrap();
    bytes[at + 13] ^= 1;
    fs::remove_file(&path).unwrap();
    fs::write(patient.0.join("spoilt"), bytes).unwrap();
    patient.follow("cp spoilt site.cgi && chmod 755 site.cgi");
    let own = || patient.command("doctor").env_remove("PICOSITE_SITE").output().unwrap();
    let output = own();
    let report = String::from_utf8(output.stdout).unwrap();
    let said = remedy(&report, "WRONG", "is not the one that was packed");
    assert_eq!(said, "pack it again: picosite pack DIR -o FILE");
    patient.follow(pack);
    assert!(own().status.success());
}
