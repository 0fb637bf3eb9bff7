//! `--help`: of the program, and of each command.

use std::format;
use std::io::{self, Write};
use std::string::String;
use std::vec::Vec;

use crate::cli::commands::{COMMANDS, Command, Count, TRANSFORM};

/// What `picosite` alone prints.
pub(super) fn write_overview(out: &mut dyn Write) -> io::Result<()> {
    let commands = COMMANDS.iter().map(|command| (command.name.into(), command.summary));
    let text = include_str!("help/overview.txt").replace("{version}", env!("CARGO_PKG_VERSION"));
    out.write_all(text.replace("{commands}\n", &table(commands)).as_bytes())
}

/// What `picosite COMMAND --help` prints.
pub(super) fn write_command(command: &Command, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n\nUsage: {}", command.summary, usage(command))?;
    if !command.options.is_empty() {
        let options = command.options.iter().map(|option| {
            let value = option.value.map(|(value, _)| format!(" {value}"));
            (format!("{}{}", option.name, value.unwrap_or_default()), option.help)
        });
        write!(out, "\nOptions:\n\n{}", table(options))?;
    }
    if !command.details.is_empty() {
        writeln!(out, "\n{}", command.details)?;
    }
    if command.takes_transform() {
        let words = table(TRANSFORM.iter().map(|&(word, help)| (word.into(), help)));
        let what = "a size, then any of these, separated by commas, one of a row at most";
        write!(out, "\nTRANSFORM is {what}:\n\n{words}")?;
    }
    Ok(())
}

/// `picosite pack DIR -o FILE [--onto OTHER] [--reuse OLD]`
pub(super) fn usage(command: &Command) -> String {
    let operands = command.operands.iter().map(|operand| match operand.count {
        Count::One => operand.name.into(),
        Count::Optional => format!("[{}]", operand.name),
        Count::Several => format!("{}…", operand.name),
        Count::Any => format!("[{}…]", operand.name),
    });
    let options = command.options.iter().map(|option| match (option.value, option.required) {
        (None, _) => format!("[{}]", option.name),
        (Some((value, _)), false) => format!("[{} {value}]", option.name),
        (Some((value, _)), true) => format!("{} {value}", option.name),
    });
    let words = ["picosite", command.name].map(String::from).into_iter();
    words.chain(operands).chain(options).collect::<Vec<_>>().join(" ")
}

impl Command {
    /// Whether its help explains what a TRANSFORM is.
    #[must_use]
    pub fn takes_transform(&self) -> bool {
        self.operands.iter().any(|operand| operand.name.starts_with("TRANSFORM"))
    }
}

/// Two columns.
fn table<'a>(rows: impl Iterator<Item = (String, &'a str)>) -> String {
    let rows: Vec<_> = rows.collect();
    let width = rows.iter().map(|(left, _)| left.len()).max().unwrap_or(0);
    let row = |(left, right): &(String, &str)| format!("    {left:width$}  {right}\n");
    rows.iter().map(row).collect::<Vec<_>>().concat()
}
