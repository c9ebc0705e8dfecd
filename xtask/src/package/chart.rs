//! The chart for Kubernetes, as far as it can be looked at without Helm: every value that a template names is there, every
//! value is named, and the braces are closed. Where `helm` is installed, it looks too. No cluster has run it here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").join("deploy/helm/orc8r")
}

fn templates() -> Vec<(String, String)> {
    let files = fs::read_dir(folder().join("templates")).expect("templates");
    let files = files.map(|file| file.expect("a file").path());
    files.map(|path| (path.display().to_string(), fs::read_to_string(path).expect("text"))).collect()
}

/// The places of the leaves of a YAML file that has nothing but maps of plain values.
fn leaves(text: &str) -> BTreeSet<String> {
    let lines = text.lines().filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    let mut open: Vec<(usize, String)> = Vec::new();
    let mut leaves = BTreeSet::new();
    for line in lines {
        let indent = line.len() - line.trim_start().len();
        let (name, value) = line.trim().split_once(':').unwrap_or_else(|| panic!("no map: {line}"));
        open.retain(|(above, _)| *above < indent);
        open.push((indent, name.to_owned()));
        if !value.trim().is_empty() {
            leaves.insert(open.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("."));
        }
    }
    leaves
}

/// What follows `.Values.` in a template.
fn named(text: &str) -> BTreeSet<String> {
    let is_name = |sign: char| sign.is_ascii_alphanumeric() || sign == '.';
    let after = text.split(".Values.").skip(1);
    after.map(|rest| rest.split(|sign| !is_name(sign)).next().unwrap_or_default().to_owned()).collect()
}

#[test]
fn templates_name_the_values_that_there_are() {
    let values = leaves(&fs::read_to_string(folder().join("values.yaml")).expect("values"));
    let named: BTreeSet<String> = templates().iter().flat_map(|(_, text)| named(text)).collect();
    let covers = |name: &str, leaf: &str| {
        leaf.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let missing: Vec<_> = named.iter().filter(|name| !values.iter().any(|leaf| covers(name, leaf))).collect();
    assert!(missing.is_empty(), "no such values: {missing:?}");
    let idle: Vec<_> = values.iter().filter(|leaf| !named.iter().any(|name| covers(name, leaf))).collect();
    assert!(idle.is_empty(), "no template names {idle:?}");
}

#[test]
fn templates_close_what_they_open() {
    for (file, text) in templates() {
        assert_eq!(text.matches("{{").count(), text.matches("}}").count(), "{file}");
        let words = |word: &str| text.matches(&format!("{{{{- {word}")).count();
        assert_eq!(words("range") + words("with") + words("if"), words("end"), "{file}");
        assert!(!text.contains('\t'), "{file} has a tabulator");
    }
}

/// The same options as the program's: a chart that names another one gives pods that never start.
#[test]
fn the_pods_options_are_the_programs() {
    let root = folder().join("../../..");
    let words =
        fs::read_to_string(root.join("deploy/completions/orc8r.bash")).expect("the command's completions");
    let known: BTreeSet<&str> = words.split(|sign: char| sign.is_whitespace() || sign == '"').collect();
    let set = templates().into_iter().find(|(file, _)| file.ends_with("statefulset.yaml")).expect("a set").1;
    let options = set.split("--").skip(1).filter_map(|rest| rest.split_once('=').map(|(name, _)| name));
    let own: Vec<&str> =
        options.filter(|name| name.chars().all(|sign| sign.is_ascii_lowercase() || sign == '-')).collect();
    assert!(own.len() > 8, "{own:?}");
    for name in own {
        assert!(known.contains(&*format!("--{name}")), "`orc8r serve` has no --{name}");
    }
}

#[test]
fn helm_takes_the_chart() {
    if Command::new("helm").arg("version").output().is_err() {
        println!("skipped: helm is not installed");
        return;
    }
    for command in [&["lint", "--strict"][..], &["template", "test"]] {
        let output = Command::new("helm").args(command).arg(folder()).output().expect("helm");
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command:?}: {said}");
    }
}
