//! Completions for three shells, man pages, and a page of the documentation, from the command line of `orc8r`.

use std::collections::BTreeMap;
use std::io;

use clap::{Arg, Command};
use clap_complete::{Shell, generate};
use clap_mangen::Man;

#[path = "../../../../xtask/src/command_line/released.rs"]
mod released;

const INTRODUCTION: &str = "\
<!-- Made by `cargo xtask man` from apps/orc8r/src/cli; change that, not this. -->
# The Orchestrator's command line

`--json`, before or after a command, prints one document whose field names stay as they are; times are Unix seconds. A
failure is then `{\"error\": \"…\"}` on standard output, beside the text on standard error. The exit status is 0 after
success, 1 after a failure and 2 after a mistake on the command line. How to operate it: [operating.md](operating.md).
";

/// What is committed, by its path in the repository.
pub fn files() -> io::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for (shell, path) in [
        (Shell::Bash, "deploy/completions/orc8r.bash"),
        (Shell::Zsh, "deploy/completions/_orc8r"),
        (Shell::Fish, "deploy/completions/orc8r.fish"),
    ] {
        let mut script = Vec::new();
        generate(shell, &mut orc8r::cli::command(), "orc8r", &mut script);
        files.insert(path.to_owned(), text(script));
    }
    let mut root = orc8r::cli::command().disable_help_subcommand(true);
    root.build();
    pages(&root, "orc8r", &mut files)?;
    let mut page = INTRODUCTION.to_owned();
    sections(&root, "orc8r", &mut page);
    files.insert("docs/orc8r-cli.md".to_owned(), page);
    Ok(files)
}

fn text(bytes: Vec<u8>) -> String {
    let text = String::from_utf8_lossy(&bytes);
    // No line ends in blanks in this repository.
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

/// A man page for the command and for each below it. They carry no version, only the date of the release.
fn pages(command: &Command, name: &str, files: &mut BTreeMap<String, String>) -> io::Result<()> {
    let man = Man::new(command.clone()).title(name.to_uppercase()).section("8");
    let man = man.date(released::date()).source("orc8r").manual("orc8r");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.get_subcommands().next().is_some() {
        man.render_subcommands_section(&mut page)?;
    }
    files.insert(format!("deploy/man-orc8r/{name}.8"), text(page));
    for below in command.get_subcommands() {
        pages(below, &format!("{name}-{}", below.get_name()), files)?;
    }
    Ok(())
}

fn sections(command: &Command, name: &str, page: &mut String) {
    for below in command.get_subcommands() {
        let name = format!("{name} {}", below.get_name());
        if below.get_subcommands().next().is_some() {
            sections(below, &name, page);
            continue;
        }
        let about = below.get_long_about().or(below.get_about()).map(ToString::to_string).unwrap_or_default();
        *page += &format!("\n## {name}\n\n{}\n\n", ended(&about));
        let usage = below.clone().render_usage().to_string();
        *page += &format!("    {}\n\n", usage.trim_start_matches("Usage: ").trim());
        for argument in below.get_arguments().filter(|argument| !is_everywhere(argument)) {
            *page += &line(argument);
        }
    }
}

fn is_everywhere(argument: &Arg) -> bool {
    ["json", "help", "version"].contains(&argument.get_id().as_str())
}

fn line(argument: &Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default().join(" ");
    let takes_value = argument.get_action().takes_values();
    let name = match argument.get_long() {
        Some(long) if takes_value => format!("--{long} {values}"),
        Some(long) => format!("--{long}"),
        None => values,
    };
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let defaults: Vec<_> =
        argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    let default = match takes_value && !defaults.is_empty() {
        true => format!(" [default: {}]", defaults.join(" ")),
        false => String::new(),
    };
    let possible: Vec<String> =
        argument.get_possible_values().iter().map(|value| value.get_name().to_owned()).collect();
    let possible = match takes_value && !possible.is_empty() {
        true => format!(" [{}]", possible.join(", ")),
        false => String::new(),
    };
    format!("- `{name}`: {}{default}{possible}\n", help.replace("\n\n", ". ").replace('\n', " "))
}

/// A sentence that ends as one.
fn ended(about: &str) -> String {
    let text = about.trim_end().replacen("\n\n", ". ", 1);
    if text.ends_with('.') { text } else { text + "." }
}
