//! `picosite doctor`: what it finds, and that its remedies help.

mod cases;
mod patient;
mod remedies;

use std::fs;

use patient::{Patient, SECRET, good};

#[test]
fn a_site_that_is_well_has_nothing_to_mend() {
    let patient = Patient::new(&good());
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 0, "{report}");
    let heads: Vec<&str> = report.lines().map(|line| line[..16].trim_end()).collect();
    for about in ["site", "settings", "secrets", "galleries", "cache", "clock"] {
        assert!(heads.contains(&format!("ok     {about}").as_str()), "{about}: {report}");
    }
    assert!(report.contains("ok     site       2 files, 3 addresses, all readable\n"), "{report}");
    assert!(!report.contains(&SECRET[2..]), "a secret is shown");
}

#[test]
fn a_bare_site_is_well() {
    Patient::new("").is_well();
}

#[test]
fn folders_that_are_not_there_are_made() {
    let patient = Patient::new(&good());
    fs::remove_dir(patient.0.join("cache")).unwrap();
    let lines = ["cache      DIR/cache is not there: nothing is kept", "mkdir -p -m 700 DIR/cache"];
    patient.is_mended_by(&lines, 1);
    fs::remove_dir_all(patient.0.join("galleries")).unwrap();
    let error = "galleries  DIR/galleries: No such file or directory (os error 2)";
    patient.is_mended_by(&[error, "mkdir -p DIR/galleries"], 1);
}

#[test]
fn folders_that_are_something_else_are_told() {
    let patient = Patient::new(&good());
    fs::remove_dir(patient.0.join("cache")).unwrap();
    patient.write("cache", "a file", 0o644);
    let remedy = "rm DIR/cache && mkdir -m 700 DIR/cache";
    patient.is_mended_by(&["cache      DIR/cache is no folder", remedy], 1);
}

#[test]
fn what_others_could_change_is_told() {
    let patient = Patient::new(&good());
    patient.set_mode("cache", 0o777);
    let text = "cache      DIR/cache: anyone on this machine can put pictures there";
    patient.is_mended_by(&[text, "chmod o-w DIR/cache"], 1);
    patient.set_mode("site.cgi", 0o757);
    let text = "program    anyone on this machine can change DIR/site.cgi";
    patient.is_mended_by(&[text, "chmod o-w DIR/site.cgi"], 1);
    patient.set_mode("", 0o757);
    let text = "program    anyone on this machine can put another DIR/site.cgi in its place";
    patient.is_mended_by(&[text, "chmod o-w DIR"], 1);
}

#[test]
fn a_secret_that_can_be_guessed_is_told() {
    let patient = Patient::new("secret = correct b:tr0ub4dor\n");
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("can be guessed"), "{report}");
    assert!(!report.contains("correct") && !report.contains("tr0ub"), "{report}");
}

#[test]
fn a_secret_file_is_mended_by_a_new_secret() {
    let patient = Patient::new(
        "secret-file = secrets\ngalleries = galleries\ncache = cache\ncache-max = 1K\n",
    );
    let new = "(umask 077; DIR/site.cgi secret > DIR/secrets)";
    patient.write("secrets", &format!("{SECRET}\n"), 0o644);
    let exposed = "secrets    others can read secrets: chmod o-r it, and make new secrets";
    patient.is_mended_by(&[exposed, "chmod o-r DIR/secrets", new], 2);
    patient.write("secrets", "correcthorse\n", 0o600);
    let weak = "secrets    the one with the ID 0 can be guessed: at most 33 bits, and 80 are few";
    patient.is_mended_by(&[weak, new], 1);
    patient.write("secrets", "", 0o600);
    let none = "secrets    there is none: every signed address answers 403";
    patient.is_mended_by(&[none, new], 1);
    patient.write("secrets", &format!("{SECRET}\n{SECRET}\n"), 0o600);
    let twice = "secrets    secrets: two secrets have the ID a: give one another ID";
    patient.is_mended_by(&[twice, "mend it in DIR/secrets, or:", new], 2);
}

#[test]
fn galleries_without_a_secret_are_told() {
    let patient = Patient::new("galleries = galleries\n");
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1);
    assert!(report.contains("WRONG  secrets    there is none"), "{report}");
    patient.settings(&good());
    patient.is_well();
}

#[test]
fn a_gallery_with_pages_has_to_be_there() {
    let patient = Patient::new(&(good() + "gallery-pages = sea mountains%20high\n"));
    let text = "galleries  gallery-pages names mountains%20high, and there is none";
    let remedy = "mkdir 'DIR/galleries/mountains high', or mend the name";
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains(text) && report.contains(remedy), "{report}");
    fs::create_dir(patient.0.join("galleries/mountains high")).unwrap();
    patient.is_well();
}

#[test]
fn a_disk_that_is_smaller_than_the_cache_may_grow_is_told() {
    let patient = Patient::new(&(good() + "cache-max = 1000000G\n"));
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("and cache-max is 1000000G: the disk fills up first"), "{report}");
    let remedy = report.lines().find(|line| line.contains("cache-max = ")).unwrap();
    let remedy = remedy.trim().split(',').next().unwrap();
    patient.settings(&(good() + remedy + "\n"));
    patient.is_well();
}

#[test]
fn a_variable_that_is_no_setting_is_told() {
    let patient = Patient::new(&good());
    let (report, status) = patient.report(&[("PICOSITE_CAHCE", "/tmp")]);
    assert_eq!(status, 1);
    let text = "WRONG  variables  PICOSITE_CAHCE is no setting: it does nothing\n";
    assert!(report.contains(&format!("{text}{:18}unset PICOSITE_CAHCE\n", "")), "{report}");
}

#[test]
fn a_mistake_in_the_settings_file_is_told_with_its_line() {
    let patient = Patient::new("config = site.conf\n");
    patient.write("site.conf", "# mine\nmemory = lots\n", 0o600);
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("WRONG  settings   site.conf:2: `memory`: "), "{report}");
    assert!(report.contains("mend it in DIR/site.conf\n"), "{report}");
    patient.write("site.conf", "# mine\nmemory = 8M\n", 0o600);
    patient.is_well();
}

#[test]
fn a_damaged_site_is_told() {
    let patient = Patient::new(&good());
    let path = patient.0.join("site.cdb");
    let whole = fs::read(&path).unwrap();
    for len in [0, 100, 2048, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..len]).unwrap();
        let (report, status) = patient.report(&[]);
        assert_eq!(status, 1, "{len}: {report}");
        assert!(report.starts_with("WRONG  site       "), "{len}: {report}");
    }
    fs::write(&path, whole).unwrap();
    patient.is_well();
}
