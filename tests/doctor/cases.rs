//! Every finding of `src/doctor/` that asks for something has a test that does it.

use std::fs;
use std::path::Path;

/// The file, what stands in its source where the finding is made, and the test, here or
/// there.
const CASES: &[(&str, &str, &str)] = &[
    ("cache", "every view of a thumbnail makes it anew", "notes_on_the_cache"),
    ("cache", "is not there: nothing is kept", "folders_that_are_not_there_are_made"),
    ("cache", "name a folder that can be entered", "a_path_that_leads_nowhere"),
    ("cache", "{shown} is no folder", "folders_that_are_something_else_are_told"),
    ("cache", "can put pictures there", "what_others_could_change_is_told"),
    ("cache", "cannot be written to", "a_cache_that_cannot_be_written_to"),
    ("cache", "the disk fills up first", "a_disk_that_is_smaller_than_the_cache_may_grow_is_told"),
    ("cache", "nothing in it yet", "notes_on_the_cache"),
    ("cache", "lies on another file system", "a_cache_on_two_disks"),
    ("clock", "no signed address expires", "a_clock_that_was_never_set_is_told"),
    ("galleries", "is no folder", "a_path_that_leads_nowhere"),
    ("galleries", "mkdir -p {}", "folders_that_are_not_there_are_made"),
    ("galleries", "{} cannot be read", "photos_that_cannot_be_read"),
    ("galleries", "{} more cannot be read", "photos_that_cannot_be_read"),
    ("galleries", "gallery-pages is on", "notes_on_what_can_be_seen"),
    ("galleries", "gallery-pages names {}", "a_gallery_with_pages_has_to_be_there"),
    ("program", "can change {shown}", "what_others_could_change_is_told"),
    ("program", "its group can change it", "notes_on_the_program"),
    ("program", "cannot start it", "notes_on_the_program"),
    ("program", "and the secret in it", "notes_on_the_program"),
    ("program", "can put another {shown}", "what_others_could_change_is_told"),
    ("secrets", "can be guessed", "a_secret_file_is_mended_by_a_new_secret"),
    ("secrets", "there is none: ", "a_secret_file_is_mended_by_a_new_secret"),
    ("secrets", "path == settings.secret_file", "settings_that_cannot_be_read"),
    ("secrets", "LoadError::CompiledIn(_)", "settings_with_a_mistake"),
    ("secrets", "LoadError::File(", "a_mistake_in_the_settings_file_is_told_with_its_line"),
    ("secrets", "LoadError::Variable(", "settings_with_a_mistake"),
    ("secrets", "Errno::NOENT", "settings_that_cannot_be_read"),
    ("secrets", "Errno::ACCESS", "settings_that_cannot_be_read"),
    ("secrets", "LoadError::Unreadable(path, _)", "settings_that_cannot_be_read"),
    ("secrets", "LoadError::Exposed(", "a_secret_file_is_mended_by_a_new_secret"),
    ("secrets", "LoadError::Secrets(", "a_secret_file_is_mended_by_a_new_secret"),
    ("site", "name a cdb", "a_site_that_is_not_there"),
    ("site", "not the one that was packed", "a_site_that_is_not_the_one_that_was_packed"),
    ("site", "the cdb is damaged", "a_damaged_site_is_told"),
    ("variables", "it does nothing", "a_variable_that_is_no_setting_is_told"),
    ("variables", "set in this environment", "notes_on_what_can_be_seen"),
];

#[test]
fn every_finding_has_one() {
    let tests = [include_str!("mod.rs"), include_str!("remedies.rs")].concat();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/doctor");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        // What findings are, where they come together, and the probe, which has none.
        if ["finding", "mod", "probe"].contains(&name) {
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
            assert!(source.contains(text), "{name} finds no more that {text}");
            let test = format!("fn {test}() {{");
            assert!(tests.contains(&test) || source.contains(&test), "{name}: {test}");
        }
        seen += cases.len();
    }
    assert_eq!(seen, CASES.len());
}
