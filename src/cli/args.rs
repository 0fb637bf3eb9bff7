//! A command line, parsed by the command's entry in the table.

use std::format;
use std::vec::Vec;

use crate::cli::call::{Arguments, CommandError};
use crate::cli::commands::{Command, Count};
use crate::cli::help;

/// Parses the words after a command's name; nothing if they ask for help. `--name=VALUE`
/// equals `--name VALUE`, options may follow operands, and `--` ends them. A lone `-` is an
/// operand.
pub(super) fn parse<'a>(
    command: &'static Command,
    words: &[&'a str],
) -> Result<Option<Arguments<'a>>, CommandError> {
    let (operands, options) = (Vec::new(), Vec::new());
    let mut arguments = Arguments { operands, options, usage: help::usage(command) };
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        match word {
            "--" => {
                arguments.operands.extend(words);
                break;
            }
            "--help" | "-h" => return Ok(None),
            _ if word.starts_with('-') && word != "-" => {
                let (name, value) = option(command, word, &mut words)?
                    .filter(|(name, _)| arguments.value(name).is_none())
                    .ok_or_else(|| arguments.usage())?;
                arguments.options.push((name, value));
            }
            _ => arguments.operands.push(word),
        }
    }
    let mut required = command.options.iter().filter(|option| option.required);
    let is_whole = command.takes(arguments.operands.len())
        && required.all(|option| arguments.value(option.name).is_some());
    if is_whole { Ok(Some(arguments)) } else { Err(arguments.usage()) }
}

/// The option that `word` begins, with its value from the same word or the next; nothing if
/// it lacks one, or has one that it does not take.
fn option<'a>(
    command: &Command,
    word: &'a str,
    rest: &mut impl Iterator<Item = &'a str>,
) -> Result<Option<(&'static str, &'a str)>, CommandError> {
    let (name, attached) = match word.split_once('=') {
        Some((name, value)) if name.starts_with("--") => (name, Some(value)),
        _ => (word, None),
    };
    let Some(option) = command.options.iter().find(|option| option.name == name) else {
        let command = command.name;
        let text = format!("{command} has no option {name}: see picosite {command} --help");
        return Err(CommandError::Usage(text));
    };
    let value = match (option.value, attached) {
        (None, None) => Some(""),
        (None, Some(_)) => None,
        (Some(_), attached) => attached.or_else(|| rest.next()),
    };
    Ok(value.map(|value| (option.name, value)))
}

impl Command {
    /// Whether this number of operands is allowed.
    fn takes(&self, words: usize) -> bool {
        let counts = || self.operands.iter().map(|operand| operand.count);
        let least = counts().filter(|count| matches!(count, Count::One | Count::Several)).count();
        let unlimited = counts().any(|count| matches!(count, Count::Several | Count::Any));
        words >= least && (unlimited || words <= self.operands.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Arguments, CommandError};
    use crate::cli::commands::find;

    #[track_caller]
    fn parse<'a>(command: &str, words: &[&'a str]) -> Option<Arguments<'a>> {
        let parsed = super::parse(find(command).unwrap(), words);
        parsed.unwrap_or_else(|_| panic!("wrong usage: {words:?}"))
    }

    #[test]
    fn options_stand_anywhere_before_two_hyphens() {
        for words in [
            &["d", "-o", "f", "--onto", "x"][..],
            &["-o", "f", "d", "--onto=x"],
            &["--onto", "x", "-o", "f", "--", "d"],
        ] {
            let arguments = parse("pack", words).unwrap();
            assert_eq!(arguments.exactly(), ["d"]);
            assert_eq!((arguments.value("-o"), arguments.value("--onto")), (Some("f"), Some("x")));
            assert_eq!(arguments.value("--reuse"), None);
        }
        assert_eq!(parse("verify", &["-", "--", "-x", "--"]).unwrap().operands, ["-", "-x", "--"]);
        assert_eq!(parse("pack", &["d", "-o", "--x"]).unwrap().value("-o"), Some("--x"));
        assert_eq!(
            parse("pack", &["d", "-o", "f", "--reuse=a=b"]).unwrap().value("--reuse"),
            Some("a=b")
        );
        assert_eq!(parse("sign", &["--mount=", "a"]).unwrap().value("--mount"), Some(""));
    }

    #[test]
    fn help_is_not_an_operand() {
        assert!(parse("pack", &["--help"]).is_none());
        assert!(parse("unpack", &["a", "b", "c", "-h"]).is_none());
        assert_eq!(parse("get", &["--", "--help"]).unwrap().exactly(), ["--help"]);
    }

    #[test]
    fn what_the_table_does_not_allow_is_wrong_usage() {
        for (command, words) in [
            ("get", &[][..]),
            ("get", &["a", "b"]),
            ("get", &["-i=", "a"]),
            ("get", &["-i", "-i", "a"]),
            ("list", &["--json=1"]),
            ("list", &["--json="]),
            ("pack", &["d"]),
            ("pack", &["-o", "f"]),
            ("pack", &["d", "-o"]),
            ("pack", &["d", "-o", "f", "--onto"]),
            ("pack", &["d", "-o", "f", "-o", "g"]),
            ("pack", &["d", "-o=f"]),
            ("serve", &["a", "b"]),
            ("sign", &[]),
            ("verify", &["--mount", "m"]),
            ("warm", &[]),
        ] {
            let parsed = super::parse(find(command).unwrap(), words);
            assert!(matches!(parsed, Err(CommandError::Usage(_))), "{command} {words:?}");
        }
    }
}
