//! The command table, and what is generated from it: the manual page's sections and the
//! completions are checked in, and rewritten by `BLESS=1 cargo test commands::`.

mod completions;
mod man;

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use picosite::facade::cli::commands::COMMANDS;

/// Compares a checked-in file with what it should be.
#[track_caller]
fn check(path: &str, expected: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if env::var_os("BLESS").is_some() {
        fs::write(&file, expected).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap();
    assert!(found == expected, "{path} is out of date: BLESS=1 cargo test commands::");
}

#[test]
fn the_manual_page_follows_the_table() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/picosite.1"));
    let page = page.unwrap();
    let (head, rest) = page.split_once(man::BEGIN).expect("the page marks what is generated");
    let (_, tail) = rest.split_once(man::END).expect("the page marks the end of that");
    check("docs/picosite.1", &[head, man::BEGIN, &man::sections(), man::END, tail].concat());
}

#[test]
fn the_completions_follow_the_table() {
    check("completions/picosite.bash", &completions::bash());
    check("completions/_picosite", &completions::zsh());
    check("completions/picosite.fish", &completions::fish());
}

/// Runs a command that must succeed; its output.
#[track_caller]
fn run(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_picosite")).args(words).env_clear().output();
    let output = output.unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_lists_and_explains_every_command() {
    let overview = run(&[]);
    for words in [&["--help"][..], &["-h"], &["help"]] {
        assert_eq!(run(words), overview);
    }
    for command in COMMANDS {
        let row = format!("    {:7} {}\n", command.name, command.summary);
        assert!(overview.contains(&row), "{overview}");
        let help = run(&[command.name, "--help"]);
        assert!(help.starts_with(command.summary), "{help}");
        assert!(help.contains(&format!("\nUsage: picosite {}", command.name)), "{help}");
        for option in command.options {
            assert!(help.contains(&format!("\n    {} ", option.name)), "{help}");
        }
        assert_eq!(help.contains("    r90, r180, r270  "), command.takes_transform(), "{help}");
        let too_wide = help.lines().find(|line| line.chars().count() > 90);
        assert_eq!(too_wide, None, "{help}");
    }
}

#[test]
fn the_table_is_in_order() {
    assert!(COMMANDS.is_sorted_by_key(|command| command.name));
    assert_eq!(run(&["--version"]), format!("picosite {}\n", env!("CARGO_PKG_VERSION")));
}
