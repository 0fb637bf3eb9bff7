//! `picosite doctor`: what it finds, and that its remedies work.

mod cases;
mod patient;
mod remedies;

use std::fs;

use patient::{Patient, SECRET, good};

#[test]
fn a_healthy_installation_needs_no_fix() {
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
fn a_bare_site_is_healthy() {
    Patient::new("").is_healthy();
}

#[test]
fn missing_folders() {
    let patient = Patient::new(&good());
    fs::remove_dir(patient.0.join("cache")).unwrap();
    let lines =
        ["cache      DIR/cache does not exist: nothing is kept", "mkdir -p -m 700 DIR/cache"];
    patient.is_cured_by(&lines, 1);
    fs::remove_dir_all(patient.0.join("galleries")).unwrap();
    let error = "galleries  DIR/galleries: No such file or directory (os error 2)";
    patient.is_cured_by(&[error, "mkdir -p DIR/galleries"], 1);
}

#[test]
fn a_file_in_place_of_a_folder() {
    let patient = Patient::new(&good());
    fs::remove_dir(patient.0.join("cache")).unwrap();
    patient.write("cache", "a file", 0o644);
    let remedy = "rm DIR/cache && mkdir -m 700 DIR/cache";
    patient.is_cured_by(&["cache      DIR/cache is not a folder", remedy], 1);
}

#[test]
fn what_others_can_change() {
    let patient = Patient::new(&good());
    patient.set_mode("cache", 0o777);
    let text = "cache      DIR/cache: anyone on this machine can put pictures there";
    patient.is_cured_by(&[text, "chmod o-w DIR/cache"], 1);
    patient.set_mode("site.cgi", 0o757);
    let text = "program    anyone on this machine can change DIR/site.cgi";
    patient.is_cured_by(&[text, "chmod o-w DIR/site.cgi"], 1);
    patient.set_mode("", 0o757);
    let text = "program    anyone on this machine can replace DIR/site.cgi";
    patient.is_cured_by(&[text, "chmod o-w DIR"], 1);
}

#[test]
fn a_secret_that_can_be_guessed() {
    let patient = Patient::new("secret = correct b:tr0ub4dor\n");
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("can be guessed"), "{report}");
    assert!(!report.contains("correct") && !report.contains("tr0ub"), "{report}");
}

#[test]
fn a_new_secret_fixes_the_secret_file() {
    let patient = Patient::new(
        "secret-file = secrets\ngalleries = galleries\ncache = cache\ncache-max = 1K\n",
    );
    let new = "(umask 077; DIR/site.cgi secret > DIR/secrets)";
    patient.write("secrets", &format!("{SECRET}\n"), 0o644);
    let exposed = "secrets    others can read secrets: chmod o-r it, and make new secrets";
    patient.is_cured_by(&[exposed, "chmod o-r DIR/secrets", new], 2);
    patient.write("secrets", "correcthorse\n", 0o600);
    let weak = "secrets    the one with ID 0 can be guessed: at most 33 bits, fewer than 80";
    patient.is_cured_by(&[weak, new], 1);
    patient.write("secrets", "", 0o600);
    let none = "secrets    there is none: every signed address answers 403";
    patient.is_cured_by(&[none, new], 1);
    patient.write("secrets", &format!("{SECRET}\n{SECRET}\n"), 0o600);
    let twice = "secrets    secrets: two secrets have the ID a: give one another ID";
    patient.is_cured_by(&[twice, "correct it in DIR/secrets, or:", new], 2);
}

#[test]
fn galleries_without_a_secret() {
    let patient = Patient::new("galleries = galleries\n");
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1);
    assert!(report.contains("WRONG  secrets    there is none"), "{report}");
    patient.settings(&good());
    patient.is_healthy();
}

#[test]
fn a_missing_gallery_with_pages() {
    let patient = Patient::new(&(good() + "gallery-pages = sea mountains%20high\n"));
    let text = "galleries  gallery-pages names mountains%20high, which does not exist";
    let remedy = "mkdir 'DIR/galleries/mountains high', or correct the name";
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains(text) && report.contains(remedy), "{report}");
    fs::create_dir(patient.0.join("galleries/mountains high")).unwrap();
    patient.is_healthy();
}

#[test]
fn a_disk_smaller_than_cache_max() {
    let patient = Patient::new(&(good() + "cache-max = 1000000G\n"));
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("and cache-max is 1000000G: the disk fills up first"), "{report}");
    let remedy = report.lines().find(|line| line.contains("cache-max = ")).unwrap();
    let remedy = remedy.trim().split(',').next().unwrap();
    patient.settings(&(good() + remedy + "\n"));
    patient.is_healthy();
}

#[test]
fn a_variable_that_is_not_a_setting() {
    let patient = Patient::new(&good());
    let (report, status) = patient.report(&[("PICOSITE_CAHCE", "/tmp")]);
    assert_eq!(status, 1);
    let text = "WRONG  variables  PICOSITE_CAHCE is not a setting and has no effect\n";
    assert!(report.contains(&format!("{text}{:18}unset PICOSITE_CAHCE\n", "")), "{report}");
}

#[test]
fn an_error_in_the_settings_file_names_its_line() {
    let patient = Patient::new("config = site.conf\n");
    patient.write("site.conf", "# mine\nmemory = lots\n", 0o600);
    let (report, status) = patient.report(&[]);
    assert_eq!(status, 1, "{report}");
    assert!(report.contains("WRONG  settings   site.conf:2: `memory`: "), "{report}");
    assert!(report.contains("correct it in DIR/site.conf\n"), "{report}");
    patient.write("site.conf", "# mine\nmemory = 8M\n", 0o600);
    patient.is_healthy();
}

#[test]
fn a_damaged_site() {
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
    patient.is_healthy();
}
