//! The man pages: one for the program and one for each command, in section 8.

use magma_command_line::help::{possible, usage};
use magma_command_line::table::{Command, Opt, Program};

use super::released;

/// The page of the program.
pub fn program(program: &Program) -> String {
    let mut page = head(program.name, program.about, &usage(program, None));
    page += ".SH COMMANDS\n";
    for command in program.commands {
        page += &format!(".TP\n.B {}\n{}.\n", plain(command.name), plain(command.about));
    }
    page += ".SH OPTIONS\nThey may stand before a command or after it.\n";
    options(&mut page, program.options);
    page += &item("-h, --help", "Print help.");
    page += &item("-V, --version", "Print the version.");
    page += ".SH EXIT STATUS\n";
    page += "0 after success, 1 after a failure, 2 after a mistake on the command line, unless a command says otherwise.\n";
    page += ".SH FILES\n";
    page += &item("/etc/magma/*.yml", "The configuration of the gateway's services.");
    page += &item("/var/opt/magma/configs", "Overrides, and what the cloud sent.");
    page += &item("/var/opt/magma/certs", "Keys and certificates.");
    page += &item("/etc/snowflake", "The hardware id.");
    page
}

/// The page of one command.
pub fn command(program: &Program, command: &Command) -> String {
    let name = format!("{}-{}", program.name, command.name);
    let mut page = head(&name, command.about, &usage(program, Some(command)));
    if !command.more.is_empty() {
        page += &format!(".SH DESCRIPTION\n{}\n", plain(command.more));
    }
    if !command.arguments.is_empty() {
        page += ".SH ARGUMENTS\n";
        for argument in command.arguments {
            page += &item(argument.name, &format!("{}{}.", argument.about, possible(argument.value)));
        }
    }
    if !command.options.is_empty() {
        page += ".SH OPTIONS\n";
        options(&mut page, command.options);
    }
    if !command.examples.is_empty() {
        page += ".SH EXAMPLES\n";
        for example in command.examples {
            page += &item(example.line, &format!("{}.", example.does));
        }
    }
    page += &format!(".SH SEE ALSO\n.B {}(8)\n", program.name);
    page
}

fn head(name: &str, about: &str, usage: &str) -> String {
    let usage = usage.strip_prefix("Usage: ").unwrap_or(usage);
    format!(
        ".TH {} 8 \"{}\" magmad\n.SH NAME\n{} \\- {}\n.SH SYNOPSIS\n.B {}\n",
        plain(&name.to_uppercase()),
        released::date(),
        plain(name),
        plain(about),
        plain(usage)
    )
}

fn options(page: &mut String, options: &[Opt]) {
    for option in options {
        let short = option.short.map(|letter| format!("-{letter}, ")).unwrap_or_default();
        let (value, possible) = match option.value {
            Some((name, kind)) => (format!(" {name}"), possible(kind)),
            None => Default::default(),
        };
        *page += &item(&format!("{short}--{}{value}", option.name), &format!("{}{possible}.", option.about));
    }
}

fn item(head: &str, body: &str) -> String {
    format!(".TP\n.B {}\n{}\n", plain(head), plain(body))
}

/// Text that troff takes as it is.
fn plain(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) { format!("\\&{text}") } else { text }
}
