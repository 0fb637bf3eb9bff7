//! Modules that the linker script places exist: a rename would undo the layout silently.

use std::fs;
use std::path::Path;

/// The path of a mangled module of ours: `3sys8embedded` is `sys/embedded`.
fn path(mangled: &str) -> String {
    let mut segments = Vec::new();
    let mut rest = mangled;
    while let Some(start) = rest.find(|c: char| !c.is_ascii_digit()) {
        let Ok(len) = rest[..start].parse::<usize>() else { break };
        let (segment, end) = rest[start..].split_at_checked(len).expect("its length is right");
        if segment.starts_with(char::is_uppercase) {
            // A type in the module.
            return segments.join("/");
        }
        segments.push(segment);
        rest = end;
    }
    assert!(matches!(rest.as_bytes(), [] | [b'*', ..]), "{mangled}");
    segments.join("/")
}

#[test]
fn the_linker_script_names_modules_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = fs::read_to_string(root.join("src/sys/image.ld")).unwrap();
    let words = script.split(|c: char| c.is_whitespace() || "()`".contains(c));
    // `_RNvC*_8picosite` is a function of main.rs.
    let words = words.filter(|word| !word.contains("C*_8picosite"));
    let modules: Vec<_> = words.filter_map(|word| word.split_once("8picosite")).collect();
    assert!(modules.len() > 40, "{}", modules.len());
    for (_, module) in modules {
        let path = root.join("src").join(path(module));
        let exists = path.is_dir() || path.with_extension("rs").is_file();
        assert!(exists, "{module}: {}", path.display());
    }
}

#[test]
fn mangled_modules_are_paths() {
    assert_eq!(path("3sys8embedded*"), "sys/embedded");
    assert_eq!(path("8settings*"), "settings");
    assert_eq!(path("4fast*14StandardOutput*"), "fast");
    assert_eq!(path("3sys7process7Process*"), "sys/process");
}
