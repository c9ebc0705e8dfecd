//! What is made from the command line is current, and the shells take it.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

#[path = "../../examples/command_line/files.rs"]
mod files;

#[test]
fn what_is_committed_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = files::files().unwrap();
    let stale: Vec<&String> = files
        .iter()
        .filter(|(path, text)| std::fs::read_to_string(root.join(path)).ok().as_ref() != Some(*text))
        .map(|(path, _)| path)
        .collect();
    assert!(
        stale.is_empty(),
        "{stale:?}: run `cargo xtask completions` and `cargo xtask man`, and commit them"
    );
    let mut pages =
        std::fs::read_dir(root.join("deploy/man-orc8r")).unwrap().map(|page| page.unwrap().file_name());
    let left_over = pages.find(|page| {
        let page = page.to_string_lossy();
        !files.contains_key(&format!("deploy/man-orc8r/{page}"))
    });
    assert_eq!(left_over, None, "a page of a command that is no more");
}

#[test]
fn every_command_and_option_is_explained() {
    fn look(command: &clap::Command, name: &str) {
        for below in command.get_subcommands() {
            let name = format!("{name} {}", below.get_name());
            assert!(below.get_about().is_some(), "{name}");
            for argument in below.get_arguments() {
                assert!(argument.get_help().is_some(), "{name} {}", argument.get_id());
            }
            look(below, &name);
        }
    }
    look(&orc8r::cli::command(), "orc8r");
}

#[test]
fn the_shells_accept_their_completions_and_bash_completes() {
    let files = files::files().unwrap();
    for (shell, arguments, file) in [
        ("bash", &["-n"][..], "orc8r.bash"),
        ("zsh", &["-n", "/dev/stdin"], "_orc8r"),
        ("fish", &["--no-execute", "/dev/stdin"], "orc8r.fish"),
    ] {
        if let Some((done, said)) = run(shell, arguments, &files[&format!("deploy/completions/{file}")]) {
            assert!(done, "{shell}: {said}");
        }
    }
    for (line, expected) in [
        ("orc8r che", "check-config"),
        ("orc8r cert rot", "rotate-ca"),
        ("orc8r cert rotate-ca sw", "switch"),
        ("orc8r serve --log-level w", "warn"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let script = format!(
            "{}\nCOMP_WORDS=({line}); COMP_CWORD={}; _orc8r orc8r {} {}; printf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            files["deploy/completions/orc8r.bash"],
            words.len() - 1,
            words[words.len() - 1],
            words[words.len() - 2],
        );
        if let Some((done, said)) = run("bash", &[], &script) {
            assert!(done && said.lines().any(|word| word == expected), "{line}: {said}");
        }
    }
}

/// What `program` says of a script on its standard input.
fn run(program: &str, arguments: &[&str], script: &str) -> Option<(bool, String)> {
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
