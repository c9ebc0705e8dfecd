//! The completion for zsh.

use magma_command_line::table::{Argument, Command, Count, Opt, Program, Value};

/// A function file for `$fpath`.
pub fn completion(program: &Program) -> String {
    let name = program.name;
    let mut text = format!("#compdef {name}\n");
    text += "# Made by `cargo xtask completions` from the table of commands; change that, not this.\n";
    text += "local context state state_descr line\ntypeset -A opt_args\nlocal -a commands\ncommands=(\n";
    for command in program.commands {
        text += &format!("    {}\n", quoted(&format!("{}:{}", command.name, command.about)));
    }
    text += ")\n_arguments -C \\\n";
    for option in program.options {
        text += &format!("    {} \\\n", spec(option));
    }
    text += "    '(- *)'{-h,--help}'[Print help]' \\\n    '(- *)'{-V,--version}'[Print the version]' \\\n";
    text += "    '1:command:->command' \\\n    '*::argument:->arguments' && return 0\n";
    text += "case $state in\n    command) _describe command commands ;;\n    arguments)\n        case $words[1] in\n";
    for command in program.commands {
        text += &case(program, command);
    }
    text += "        esac ;;\nesac\n";
    text
}

fn case(program: &Program, command: &Command) -> String {
    let options = command.options.iter().chain(program.options).map(spec);
    let arguments = command.arguments.iter().map(argument);
    let specs: Vec<String> = options.chain(arguments).collect();
    format!("            {}) _arguments {} ;;\n", command.name, specs.join(" "))
}

fn spec(option: &Opt) -> String {
    let about = escaped(option.about);
    let value = option.value.map(|(name, kind)| format!(":{}:{}", name.to_lowercase(), action(kind)));
    let value = value.unwrap_or_default();
    let equals = if option.value.is_some() { "=" } else { "" };
    let long = quoted(&format!("--{}{equals}[{about}]{value}", option.name));
    match option.short {
        Some(letter) => format!("{} {long}", quoted(&format!("-{letter}[{about}]{value}"))),
        None => long,
    }
}

fn argument(argument: &Argument) -> String {
    let many = match argument.count {
        Count::One => ":",
        Count::Optional => "::",
        Count::Any | Count::Some => "*:",
    };
    quoted(&format!("{many}{}:{}", escaped(argument.about), action(argument.value)))
}

fn action(kind: Value) -> String {
    match kind {
        Value::OneOf(words) => format!("({})", words.join(" ")),
        Value::File => "_files".to_owned(),
        Value::Folder => "_files -/".to_owned(),
        Value::Text | Value::Service | Value::Number(..) => String::new(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('[', "\\[").replace(']', "\\]").replace(':', "\\:")
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}
