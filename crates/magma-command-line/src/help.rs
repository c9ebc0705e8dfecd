//! The help texts, made from the table.

use crate::table::{Command, Count, Opt, Program, Value};

/// Where lines are broken, in columns.
const WIDTH: usize = 100;

/// How to call the program, or one command of it, in a line.
pub fn usage(program: &Program, command: Option<&Command>) -> String {
    let Some(command) = command else { return format!("Usage: {} [OPTIONS] [COMMAND]", program.name) };
    let mut line = format!("Usage: {} {} [OPTIONS]", program.name, command.name);
    for argument in command.arguments {
        let name = argument.name;
        line += &match argument.count {
            Count::One => format!(" {name}"),
            Count::Optional => format!(" [{name}]"),
            Count::Any => format!(" [{name}]..."),
            Count::Some => format!(" {name}..."),
        };
    }
    line
}

/// What the program is, with all its commands.
pub fn program_help(program: &Program) -> String {
    let mut text = format!("{}\n\n{}\n\nCommands:\n", program.about, usage(program, None));
    for command in program.commands {
        row(&mut text, &format!("  {}", command.name), command.about, 22);
    }
    row(&mut text, "  help", "Explain a command: help COMMAND, or COMMAND --help", 22);
    text += "\nOptions:\n";
    options(&mut text, program.options);
    text
}

/// What one command does, and what it takes.
pub fn command_help(program: &Program, command: &Command) -> String {
    let mut text = String::new();
    row(&mut text, "", command.about, 0);
    if !command.more.is_empty() {
        text.push('\n');
        row(&mut text, "", command.more, 0);
    }
    text += &format!("\n{}\n", usage(program, Some(command)));
    if !command.arguments.is_empty() {
        text += "\nArguments:\n";
        for argument in command.arguments {
            let about = format!("{}{}", argument.about, possible(argument.value));
            row(&mut text, &format!("  {}", argument.name), &about, 30);
        }
    }
    text += "\nOptions:\n";
    for option in command.options {
        option_row(&mut text, option);
    }
    options(&mut text, program.options);
    if !command.examples.is_empty() {
        text += "\nExamples:\n";
        for example in command.examples {
            text += &format!("  {}\n      {}\n", example.line, example.does);
        }
    }
    text
}

fn options(text: &mut String, options: &[Opt]) {
    for option in options {
        option_row(text, option);
    }
    row(text, "  -h, --help", "Print this help", 30);
    row(text, "  -V, --version", "Print the version", 30);
}

fn option_row(text: &mut String, option: &Opt) {
    let short = option.short.map_or_else(|| "    ".to_owned(), |letter| format!("-{letter}, "));
    let (value, possible) = match option.value {
        Some((name, kind)) => (format!(" {name}"), possible(kind)),
        None => (String::new(), String::new()),
    };
    row(text, &format!("  {short}--{}{value}", option.name), &format!("{}{possible}", option.about), 30);
}

/// The words that a value may be, in brackets.
pub fn possible(kind: Value) -> String {
    match kind {
        Value::OneOf(words) => format!(" [{}]", words.join(", ")),
        Value::Number(min, max) => format!(" [{min} to {max}]"),
        Value::Text | Value::File | Value::Folder | Value::Service => String::new(),
    }
}

/// Adds `head`, and `body` beside it from `column` on, broken into lines.
fn row(text: &mut String, head: &str, body: &str, column: usize) {
    let mut line = head.to_owned();
    if head.len() + 2 > column && column > 0 {
        *text += head;
        text.push('\n');
        line.clear();
    }
    let mut empty = true;
    for word in body.split_whitespace() {
        if !empty && line.len() + 1 + word.len() > WIDTH {
            *text += line.trim_end();
            text.push('\n');
            line.clear();
            empty = true;
        }
        while line.len() < column {
            line.push(' ');
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    *text += line.trim_end();
    text.push('\n');
}
