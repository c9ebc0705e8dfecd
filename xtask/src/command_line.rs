//! What is written from the agent's table of commands: completions for three shells, man pages, and `docs/cli.md`.
//!
//! All of it is committed, so that packages need no toolchain for it; `cargo xtask tidy` fails when it is not current.

mod bash;
mod fish;
mod man;
mod markdown;
mod released;
mod zsh;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use magma_command_line::magmad::MAGMAD;

/// Where the shells' completions are, and how their packages call them.
const COMPLETIONS: &str = "deploy/completions";
/// Where the man pages are.
const MAN: &str = "deploy/man";
/// The page for readers of the repository.
const DOCS: &str = "docs/cli.md";

/// Writes the completions.
pub fn write_completions(root: &Path) -> Result<()> {
    write(root, &completions())?;
    write_orchestrators(root)
}

/// Writes the man pages, and `docs/cli.md`.
pub fn write_man(root: &Path) -> Result<()> {
    write(root, &pages())?;
    write_orchestrators(root)
}

/// The Orchestrator writes its own, and a test of its own holds them: its command line is of another kind.
fn write_orchestrators(root: &Path) -> Result<()> {
    let arguments = ["run", "--quiet", "--package", "orc8r", "--example", "command_line"];
    let done = Command::new(env!("CARGO")).args(arguments).current_dir(root).status().context("cargo")?;
    if done.success() { Ok(()) } else { bail!("the Orchestrator's were not written") }
}

/// Fails when what is committed is not what the table says.
pub fn check(root: &Path) -> Result<()> {
    let mut expected = completions();
    expected.extend(pages());
    let stale: Vec<&str> = expected
        .iter()
        .filter(|(path, text)| fs::read_to_string(root.join(path)).ok().as_ref() != Some(*text))
        .map(|(path, _)| path.as_str())
        .collect();
    if stale.is_empty() {
        return Ok(());
    }
    bail!(
        "{} is not current: run `cargo xtask completions` and `cargo xtask man`, and commit them",
        stale.join(", ")
    )
}

fn completions() -> BTreeMap<String, String> {
    [
        (format!("{COMPLETIONS}/magmad.bash"), bash::completion(&MAGMAD)),
        (format!("{COMPLETIONS}/_magmad"), zsh::completion(&MAGMAD)),
        (format!("{COMPLETIONS}/magmad.fish"), fish::completion(&MAGMAD)),
    ]
    .into()
}

fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::from([
        (format!("{MAN}/magmad.8"), man::program(&MAGMAD)),
        (DOCS.to_owned(), markdown::page(&MAGMAD)),
    ]);
    for command in MAGMAD.commands {
        pages.insert(format!("{MAN}/magmad-{}.8", command.name), man::command(&MAGMAD, command));
    }
    pages
}

fn write(root: &Path, files: &BTreeMap<String, String>) -> Result<()> {
    for (path, text) in files {
        let file = root.join(path);
        let folder = file.parent().context("invariant: the file is in a folder")?;
        fs::create_dir_all(folder).and_then(|()| fs::write(&file, text)).with_context(|| path.clone())?;
        println!("wrote {path}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::Stdio;

    use super::*;

    #[test]
    fn what_is_committed_is_current() {
        check(&crate::workspace_root()).unwrap();
    }

    /// What `program` says of a script on its standard input.
    fn accepted(program: &str, arguments: &[&str], script: &str) -> Option<(bool, String)> {
        let child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            println!("skipped: there is no {program}");
            return None;
        };
        child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        Some((output.status.success(), said.into_owned()))
    }

    #[test]
    fn the_shells_accept_their_completions() {
        let rows: [(&str, &[&str], String); 3] = [
            ("bash", &["-n"], bash::completion(&MAGMAD)),
            ("zsh", &["-n", "/dev/stdin"], zsh::completion(&MAGMAD)),
            ("fish", &["--no-execute", "/dev/stdin"], fish::completion(&MAGMAD)),
        ];
        for (shell, arguments, script) in rows {
            if let Some((ok, said)) = accepted(shell, arguments, &script) {
                assert!(ok, "{shell}: {said}");
            }
        }
    }

    #[test]
    fn bash_completes_commands_options_and_values() {
        let rows = [
            ("magmad sta", "status"),
            ("magmad --log-level w", "warning"),
            ("magmad register --no", "--no-control-proxy"),
            ("magmad --json services re", "restart"),
            ("magmad show --format g", "go"),
            ("magmad config log", "log-level"),
        ];
        for (line, expected) in rows {
            let words: Vec<String> = line.split(' ').map(|word| format!("'{word}'")).collect();
            let script = format!(
                "{}\nCOMP_WORDS=({}); COMP_CWORD={}; _magmad; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
                bash::completion(&MAGMAD),
                words.join(" "),
                words.len() - 1
            );
            if let Some((ok, said)) = accepted("bash", &[], &script) {
                assert!(ok && said.lines().any(|word| word == expected), "{line}: {said}");
            }
        }
    }

    #[test]
    fn every_json_document_is_documented() {
        for command in MAGMAD.commands {
            let has_json = command.options.iter().any(|option| option.name == "json");
            assert_eq!(markdown::fields(command.name).is_some(), has_json, "{}", command.name);
        }
    }

    #[test]
    fn man_pages_have_no_text_that_troff_takes_for_a_request() {
        for (path, text) in pages().into_iter().filter(|(path, _)| path.ends_with(".8")) {
            for line in text.lines().filter(|line| line.starts_with(['.', '\''])) {
                assert!(
                    [".TH ", ".SH ", ".TP", ".PP", ".B ", ".nf", ".fi"].iter().any(|r| line.starts_with(r)),
                    "{path}: {line}"
                );
            }
        }
    }
}
