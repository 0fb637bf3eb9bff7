//! The manual page's sections on commands, in man(7).

use std::fmt::Write as _;

use picosite::facade::cli::commands::{COMMANDS, Command, Count, Operand, Opt, TRANSFORM};

pub(crate) const BEGIN: &str =
    ".\\\" Generated from src/cli/commands.rs: BLESS=1 cargo test commands::\n";
pub(crate) const END: &str = ".\\\" End of what is generated.\n";

pub(crate) fn sections() -> String {
    let mut page = String::from(".SH COMMANDS\n");
    for command in COMMANDS {
        write_command(command, &mut page).unwrap();
    }
    page += ".SH TRANSFORMS\n.I TRANSFORM\nis a size, then any of these, separated by commas, one of a kind at most:\n";
    for (words, help) in TRANSFORM {
        writeln!(page, ".TP\n\\fB{}\\fR\n{help}", words.replace('-', "\\-")).unwrap();
    }
    page
}

fn write_command(command: &Command, page: &mut String) -> std::fmt::Result {
    write!(page, ".TP\n{}", bold(command.name))?;
    command.operands.iter().try_for_each(|it| write!(page, " {}", operand(it)))?;
    for it in command.options {
        let option = option(it);
        let option = if it.required { option } else { format!("[{option}]") };
        write!(page, " {option}")?;
    }
    writeln!(page, "\n{}.", prose(command, command.summary))?;
    for paragraph in command.details.split("\n\n").filter(|paragraph| !paragraph.is_empty()) {
        writeln!(page, ".IP\n{}", prose(command, paragraph))?;
    }
    if !command.options.is_empty() {
        page.push_str(".RS\n");
        for it in command.options {
            writeln!(page, ".TP\n{}\n{}", option(it), prose(command, it.help))?;
        }
        page.push_str(".RE\n");
    }
    Ok(())
}

fn operand(operand: &Operand) -> String {
    let name = italic(operand.name);
    match operand.count {
        Count::One => name,
        Count::Optional => format!("[{name}]"),
        Count::Several => name + "...",
        Count::Any => format!("[{name}...]"),
    }
}

fn option(option: &Opt) -> String {
    let value = option.value.map(|(value, _)| format!(" {}", italic(value)));
    bold(option.name) + &value.unwrap_or_default()
}

fn bold(text: &str) -> String {
    format!("\\fB{}\\fR", text.replace('-', "\\-"))
}

fn italic(text: &str) -> String {
    format!("\\fI{text}\\fR")
}

/// Sets the command's placeholders in italics. No line may begin with a `.`, which would
/// make it a request.
fn prose(command: &Command, text: &str) -> String {
    let operands = command.operands.iter().map(|operand| operand.name);
    let values = command.options.iter().filter_map(|option| Some(option.value?.0));
    let names: Vec<&str> = operands.chain(values).collect();
    let pieces = text.split_inclusive(|c: char| !c.is_ascii_alphanumeric());
    let set = pieces.map(|piece| {
        let word = piece.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if names.contains(&word) { italic(word) + &piece[word.len()..] } else { piece.to_owned() }
    });
    let text: String = set.collect();
    assert!(!text.lines().any(|line| line.starts_with(['.', '\''])), "{text}");
    text
}
