//! The completion for fish.

use magma_command_line::table::{Opt, Program, Value};

/// A script of `complete` lines.
pub fn completion(program: &Program) -> String {
    let name = program.name;
    let mut text =
        "# Made by `cargo xtask completions` from the table of commands; change that, not this.\n".to_owned();
    text += &format!("complete -c {name} -f\n");
    for option in program.options {
        text += &line(name, "", option);
    }
    text += &format!("complete -c {name} -s h -l help -d 'Print help'\n");
    text += &format!("complete -c {name} -s V -l version -d 'Print the version'\n");
    for command in program.commands {
        text += &format!(
            "complete -c {name} -n __fish_use_subcommand -a {} -d {}\n",
            command.name,
            quoted(command.about)
        );
        let condition = format!(" -n '__fish_seen_subcommand_from {}'", command.name);
        for option in command.options {
            text += &line(name, &condition, option);
        }
        for argument in command.arguments {
            if let Value::OneOf(words) = argument.value {
                text += &format!(
                    "complete -c {name}{condition} -a '{}' -d {}\n",
                    words.join(" "),
                    quoted(argument.about)
                );
            }
        }
    }
    text
}

fn line(name: &str, condition: &str, option: &Opt) -> String {
    let short = option.short.map(|letter| format!(" -s {letter}")).unwrap_or_default();
    let value = match option.value {
        None => String::new(),
        Some((_, Value::OneOf(words))) => format!(" -x -a '{}'", words.join(" ")),
        Some((_, Value::File)) => " -r -F".to_owned(),
        Some((_, Value::Folder)) => " -x -a '(__fish_complete_directories)'".to_owned(),
        Some(_) => " -x".to_owned(),
    };
    format!("complete -c {name}{condition}{short} -l {}{value} -d {}\n", option.name, quoted(option.about))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
