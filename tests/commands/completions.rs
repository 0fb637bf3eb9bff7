//! Completions for three shells.

use std::fmt::Write as _;

use picosite::facade::cli::commands::{COMMANDS, Command, Completion, Count};

const HEAD: &str = "Generated from src/cli/commands.rs: BLESS=1 cargo test commands::";

pub(crate) fn bash() -> String {
    let names: Vec<&str> = COMMANDS.iter().map(|command| command.name).collect();
    let mut cases = String::new();
    for command in COMMANDS {
        for option in command.options {
            // The default completion offers names of files.
            let action = match option.value {
                None => continue,
                Some((_, Completion::None)) => "compopt +o default",
                Some(_) => ":",
            };
            writeln!(cases, "            {},{}) {action} ;;", command.name, option.name).unwrap();
        }
        let mut words: Vec<&str> = command.options.iter().map(|option| option.name).collect();
        words.push("--help");
        let words = words.join(" ");
        let words = if takes(command, Completion::Address) {
            format!("\"{words} $(_picosite_addresses)\"")
        } else {
            format!("'{words}'")
        };
        writeln!(cases, "            {},*) words={words} ;;", command.name).unwrap();
    }
    format!(
        r#"# Completion for bash.
# {HEAD}

_picosite_addresses() {{
    picosite list --json 2>/dev/null | sed -n 's/^  {{"path": "\([^"\\ ]*\)".*/\1/p'
}}

_picosite() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} words=
    compopt -o default
    if ((COMP_CWORD == 1)); then
        words='{} --help --version'
    else
        case ${{COMP_WORDS[1]}},$before in
{cases}        esac
    fi
    # If no word fits, bash completes names of files.
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}}

complete -F _picosite picosite
"#,
        names.join(" ")
    )
}

pub(crate) fn zsh() -> String {
    let (mut commands, mut cases) = (String::new(), String::new());
    for command in COMMANDS {
        let name = command.name;
        writeln!(commands, "        {}", quoted(&format!("{name}:{}", command.summary))).unwrap();
        let mut specs = vec!["'--help[explain the command]'".to_owned()];
        for option in command.options {
            let equals = if option.name.starts_with("--") { "=" } else { "" };
            let value =
                option.value.map(|(value, kind)| (equals, format!(":{value}:{}", action(kind))));
            let (equals, value) = value.unwrap_or_default();
            specs.push(quoted(&format!("{}{equals}[{}]{value}", option.name, option.help)));
        }
        for (number, operand) in (1..).zip(command.operands) {
            let position = match operand.count {
                Count::One => format!("{number}:"),
                Count::Optional => format!("{number}::"),
                // Only one `*` may be given.
                Count::Several => "*:".to_owned(),
                Count::Any => continue,
            };
            specs.push(quoted(&format!(
                "{position}{}:{}",
                operand.name,
                action(operand.completion)
            )));
        }
        let specs = specs.join(" \\\n                ");
        writeln!(cases, "        {name})\n            _arguments {specs}\n            ;;").unwrap();
    }
    format!(
        r#"#compdef picosite
# Completion for zsh.
# {HEAD}

_picosite() {{
    local -a commands
    commands=(
{commands}    )
    if (( CURRENT == 2 )); then
        _describe command commands
        return
    fi
    local command=$words[2]
    shift words
    (( CURRENT-- ))
    case $command in
{cases}    esac
}}

_picosite "$@"
"#
    )
}

/// What zsh runs to complete a word.
fn action(completion: Completion) -> &'static str {
    match completion {
        Completion::File => "_files",
        Completion::Folder => "_files -/",
        Completion::Address | Completion::None => "",
    }
}

pub(crate) fn fish() -> String {
    let mut lines = String::new();
    for command in COMMANDS {
        let first = "complete -c picosite -n __fish_use_subcommand";
        writeln!(lines, "{first} -a {} -d {}", command.name, quoted(command.summary)).unwrap();
    }
    for command in COMMANDS {
        let then =
            format!("complete -c picosite -n '__fish_seen_subcommand_from {}'", command.name);
        if takes(command, Completion::File) {
            writeln!(lines, "{then} -F").unwrap();
        } else if takes(command, Completion::Folder) {
            writeln!(lines, "{then} -a '(__fish_complete_directories)'").unwrap();
        }
        for option in command.options {
            let (kind, name) = match option.name.strip_prefix("--") {
                Some(name) => ("-l", name),
                None => ("-s", &option.name[1..]),
            };
            let value = match option.value {
                None => "",
                Some((_, Completion::File)) => " -r -F",
                Some((_, Completion::Folder)) => " -x -a '(__fish_complete_directories)'",
                Some((_, Completion::Address | Completion::None)) => " -x",
            };
            writeln!(lines, "{then} {kind} {name}{value} -d {}", quoted(option.help)).unwrap();
        }
    }
    format!(
        "# Completion for fish.\n# {HEAD}\n\ncomplete -c picosite -f\n\
         complete -c picosite -l help -d 'Explain the command'\n\
         complete -c picosite -n __fish_use_subcommand -l version -d 'Print the version'\n{lines}"
    )
}

fn takes(command: &Command, completion: Completion) -> bool {
    command.operands.iter().any(|operand| operand.completion == completion)
}

/// A word in single quotes, as all three shells read them.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
