//! Following a remedy makes its finding go: the cases that need no scenario in `mod.rs`.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::patient::{Patient, good};

/// The line below the one that begins with this verdict and contains `text`.
#[track_caller]
fn remedy(report: &str, verdict: &str, text: &str) -> String {
    let mut lines = report.lines();
    let found = lines.find(|line| line.starts_with(verdict) && line.contains(text));
    assert!(found.is_some(), "{text}: {report}");
    lines.next().expect("a remedy stands below").trim().to_owned()
}

/// The remedy for the only thing that is wrong.
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
fn paths_that_lead_nowhere() {
    let nowhere = "galleries/sea/a.jpg/cache";
    let patient = Patient::new(&good().replace("cache = cache", &format!("cache = {nowhere}")));
    assert_eq!(wrong(&patient, nowhere), "name a folder that this user can enter");
    patient.settings(&good());
    patient.is_healthy();
    patient.settings(&good().replace("= galleries", "= galleries/sea/a.jpg"));
    let said = wrong(&patient, "galleries/sea/a.jpg is not a folder");
    assert_eq!(said, "name the folder that holds the folders of photos");
    patient.settings(&good());
    patient.is_healthy();
}

#[test]
fn an_unwritable_cache() {
    let patient = Patient::new(&good());
    patient.set_mode("cache", 0o500);
    patient.follow(&wrong(&patient, "DIR/cache cannot be written to"));
    patient.is_healthy();
}

#[test]
#[ignore = "mounts disks, which not every kernel lets users do: CI runs it"]
fn a_cache_on_two_disks() {
    let patient = Patient::new(&good());
    fs::create_dir(patient.0.join("cache/0")).unwrap();
    // Diagnosed and fixed inside the mount namespace.
    let script = "mount -t tmpfs none cache/0
        said=$(\"$0\" doctor | grep -A1 'is on another file system') || exit 1
        sh -c \"$(printf %s \"$said\" | tail -n 1)\" && \"$0\" doctor";
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
    command.arg(patient.0.join("site.cgi")).current_dir(&*patient.0).env_clear();
    command.env("PATH", "/usr/bin:/bin").env("PICOSITE_SITE", patient.0.join("site.cdb"));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn unreadable_photos() {
    let patient = Patient::new(&good());
    patient.set_mode("galleries/sea/a.jpg", 0);
    patient.follow(&wrong(&patient, "DIR/galleries/sea/a.jpg cannot be read"));
    patient.is_healthy();
    for number in 0..7 {
        patient.write(&format!("galleries/sea/{number}.jpg"), "a photo", 0);
    }
    let (report, _) = patient.report(&[]);
    assert_eq!(report.matches("cannot be read").count(), 6, "{report}");
    patient.follow(&remedy(&report, "WRONG", "2 more cannot be read"));
    patient.is_healthy();
    patient.set_mode("galleries/sea", 0);
    patient.follow(&wrong(&patient, "DIR/galleries/sea cannot be read"));
    patient.is_healthy();
}

#[test]
fn notes_on_the_program() {
    let patient = Patient::new(&good());
    patient.set_mode("site.cgi", 0o775);
    patient.follow(&note(&patient, "its group can change it"));
    has_no(&patient, "its group");
    patient.set_mode("site.cgi", 0o700);
    patient.follow(&note(&patient, "a web server that runs as another user cannot run it"));
    has_no(&patient, "cannot run it");
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
    let said = note(&patient, "every view of a thumbnail makes it again");
    assert_eq!(said, "set cache to a folder that the web server can write to");
    patient.settings(&good().replace("1K", "1M"));
    has_no(&patient, "makes it again");
    let said = note(&patient, "still empty");
    assert!(said.starts_with("picosite warm TRANSFORM "), "{said}");
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo/galleries/Sea and sky/swell.jpg");
    fs::copy(demo, patient.0.join("galleries/sea/a.jpg")).unwrap();
    let made = patient.command("warm").args(["64x64"]).status().unwrap();
    assert!(made.success());
    has_no(&patient, "still empty");
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
fn unreadable_settings() {
    let patient = Patient::new("config = site.conf\n");
    let said = wrong(&patient, "site.conf");
    assert_eq!(said, "(umask 077; touch DIR/site.conf), or remove the setting");
    patient.follow(said.split(", or").next().unwrap());
    patient.is_healthy();
    patient.set_mode("site.conf", 0);
    patient.follow(&wrong(&patient, "site.conf"));
    patient.is_healthy();
    fs::remove_file(patient.0.join("site.conf")).unwrap();
    fs::create_dir(patient.0.join("site.conf")).unwrap();
    assert!(wrong(&patient, "site.conf").starts_with("put a file of at most 64 KiB at DIR/"));
    fs::remove_dir(patient.0.join("site.conf")).unwrap();
    patient.write("site.conf", "memory = 8M\n", 0o600);
    patient.is_healthy();
    patient.settings(&good().replace("secret = ", "secret-file = secrets\n# "));
    patient.follow(&wrong(&patient, "secrets"));
    patient.is_healthy();
}

#[test]
fn settings_with_an_error() {
    let patient = Patient::new(&(good() + "memory = 9M\n"));
    let (report, status) = patient.report(&[("PICOSITE_MEMORY", "lots")]);
    assert_eq!(status, 1, "{report}");
    assert_eq!(remedy(&report, "WRONG", "PICOSITE_MEMORY"), "unset PICOSITE_MEMORY");
    patient.is_healthy();
    // The packer would refuse it, but another version may have packed it.
    let path = patient.0.join("site.cdb");
    let bytes = fs::read(&path).unwrap();
    let mut spoilt = bytes.clone();
    let mut at = 0;
    while let Some(found) = spoilt[at..].windows(6).position(|bytes| bytes == b"memory") {
        at += found + 6;
        spoilt[at - 1] = b'o';
    }
    fs::write(&path, spoilt).unwrap();
    assert_eq!(wrong(&patient, "memoro"), "correct it in the site's folder and pack again");
    patient.settings(&(good() + "memory = 9M\n"));
    patient.is_healthy();
}

#[test]
fn a_missing_site() {
    let patient = Patient::new(&good());
    let path = patient.0.join("site.cdb");
    fs::remove_file(&path).unwrap();
    let said = wrong(&patient, "site");
    assert!(said.starts_with("name a cdb packed by picosite in PICOSITE_SITE"), "{said}");
    patient.settings(&good());
    patient.is_healthy();
    fs::remove_file(&path).unwrap();
    symlink("nowhere", &path).unwrap();
    wrong(&patient, "site");
}

#[test]
fn an_altered_site() {
    let patient = Patient::new(&good());
    let pack = "./site.cgi pack site -o packed.cgi && mv packed.cgi site.cgi";
    patient.follow(pack);
    let path = patient.0.join("site.cgi");
    let mut bytes = fs::read(&path).unwrap();
    // In the page's content, not in the tables that lead to it.
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
