//! `--help`: of the program, and of each command.

use std::format;
use std::io::{self, Write};
use std::string::String;
use std::vec::Vec;

use crate::cli::commands::{COMMANDS, Command, Count, TRANSFORM};

/// What `picosite` alone prints.
pub(super) fn write_overview(out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "picosite {}: a whole website in one executable, run as a CGI program

Install it in the web server's cgi-bin. To see a reply in a shell:

    REQUEST_METHOD=GET PATH_INFO=/ picosite

Commands:
",
        env!("CARGO_PKG_VERSION")
    )?;
    let commands = COMMANDS.iter().map(|command| (String::from(command.name), command.summary));
    write_table(&commands.collect::<Vec<_>>(), out)?;
    writeln!(
        out,
        "
`picosite COMMAND --help` explains a command; `picosite --version` prints the version.

The site is the one in the executable, or the cdb that the environment variable
PICOSITE_SITE names.

Exit status: 0 for success, 1 for an error, 2 for wrong usage."
    )
}

/// What `picosite COMMAND --help` prints.
pub(super) fn write_command(command: &Command, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}\n\nUsage: {}", command.summary, usage(command))?;
    if !command.options.is_empty() {
        writeln!(out, "\nOptions:\n")?;
        let options = command.options.iter().map(|option| {
            let value = option.value.map(|(value, _)| format!(" {value}"));
            (format!("{}{}", option.name, value.unwrap_or_default()), option.help)
        });
        write_table(&options.collect::<Vec<_>>(), out)?;
    }
    if !command.details.is_empty() {
        writeln!(out, "\n{}", command.details)?;
    }
    if command.takes_transform() {
        writeln!(
            out,
            "\nTRANSFORM is a size, then any of these, separated by commas, one of a row at most:\n"
        )?;
        let words = TRANSFORM.iter().map(|(word, help)| (String::from(*word), *help));
        write_table(&words.collect::<Vec<_>>(), out)?;
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
fn write_table(rows: &[(String, &str)], out: &mut dyn Write) -> io::Result<()> {
    let width = rows.iter().map(|(left, _)| left.len()).max().unwrap_or(0);
    rows.iter().try_for_each(|(left, right)| writeln!(out, "    {left:width$}  {right}"))
}
