//! Every finding of `src/doctor/` with a remedy has a test that follows it.

use std::fs;
use std::path::Path;

/// The file, a text in its source where it makes the finding, and the test, here or there.
const CASES: &[(&str, &str, &str)] = &[
    ("cache", "every view of a thumbnail makes it again", "notes_on_the_cache"),
    ("cache", "does not exist: nothing is kept", "missing_folders"),
    ("cache", "name a folder that this user can enter", "paths_that_lead_nowhere"),
    ("cache", "{shown} is not a folder", "a_file_in_place_of_a_folder"),
    ("cache", "can put pictures there", "what_others_can_change"),
    ("cache", "cannot be written to", "an_unwritable_cache"),
    ("cache", "the disk fills up first", "a_disk_smaller_than_cache_max"),
    ("cache", "still empty", "notes_on_the_cache"),
    ("cache", "is on another file system", "a_cache_on_two_disks"),
    ("clock", "signed addresses do not expire", "reports_a_clock_that_was_never_set"),
    ("galleries", "is not a folder", "paths_that_lead_nowhere"),
    ("galleries", "mkdir -p {}", "missing_folders"),
    ("galleries", "{} cannot be read", "unreadable_photos"),
    ("galleries", "{} more cannot be read", "unreadable_photos"),
    ("galleries", "gallery-pages is on", "notes_on_what_can_be_seen"),
    ("galleries", "gallery-pages names {}", "a_missing_gallery_with_pages"),
    ("program", "can change {shown}", "what_others_can_change"),
    ("program", "its group can change it", "notes_on_the_program"),
    ("program", "cannot run it", "notes_on_the_program"),
    ("program", "and the secret in it", "notes_on_the_program"),
    ("program", "can replace {shown}", "what_others_can_change"),
    ("secrets", "can be guessed", "a_new_secret_fixes_the_secret_file"),
    ("secrets", "there is none: ", "a_new_secret_fixes_the_secret_file"),
    ("secrets", "path == settings.secret_file", "unreadable_settings"),
    ("secrets", "LoadError::CompiledIn(_)", "settings_with_an_error"),
    ("secrets", "LoadError::File(", "an_error_in_the_settings_file_names_its_line"),
    ("secrets", "LoadError::Variable(", "settings_with_an_error"),
    ("secrets", "Errno::NOENT", "unreadable_settings"),
    ("secrets", "Errno::ACCESS", "unreadable_settings"),
    ("secrets", "LoadError::Unreadable(path, _)", "unreadable_settings"),
    ("secrets", "LoadError::Exposed(", "a_new_secret_fixes_the_secret_file"),
    ("secrets", "LoadError::Secrets(", "a_new_secret_fixes_the_secret_file"),
    ("site", "name a cdb", "a_missing_site"),
    ("site", "not the one that was packed", "an_altered_site"),
    ("site", "the cdb is damaged", "a_damaged_site"),
    ("variables", "has no effect", "a_variable_that_is_not_a_setting"),
    ("variables", "set in this environment", "notes_on_what_can_be_seen"),
];

#[test]
fn every_finding_has_a_test() {
    let tests = [include_str!("mod.rs"), include_str!("remedies.rs")].concat();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/doctor");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        // These make no findings of their own.
        if ["finding", "mod", "paths", "probe"].contains(&name) {
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        let made = source.split("#[cfg(test)]").next().unwrap();
        let made = made.lines().filter(|line| !line.contains("let wrong = |"));
        let made: usize =
            made.map(|line| line.matches("wrong(").count() + line.matches("note(").count()).sum();
        let cases: Vec<_> = CASES.iter().filter(|(file, ..)| *file == name).collect();
        assert_eq!(made, cases.len(), "{name}: findings, and cases of them");
        for (_, text, test) in &cases {
            assert!(source.contains(text), "{name} no longer finds: {text}");
            let test = format!("fn {test}() {{");
            assert!(tests.contains(&test) || source.contains(&test), "{name}: {test}");
        }
        seen += cases.len();
    }
    assert_eq!(seen, CASES.len());
}
