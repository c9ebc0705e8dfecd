//! Rule 7 for all files: nothing that belongs to one machine or one person is in the repository.

use super::finding::Finding;
use super::tree::{Tree, numbered};

/// Folders that only some machines have. Written in two parts, so that this file passes its own rule.
const MACHINE_FOLDERS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/Us", "ers/")];

/// Files that other programs write.
const NOT_OURS: [&str; 1] = ["Cargo.lock"];

/// Endings that are no domain of a person: names reserved for documentation (RFC 2606), and systemd's unit types.
const NO_DOMAIN: [&str; 9] = [
    "example.com",
    "example.net",
    "example.org",
    ".test",
    ".invalid",
    ".localhost",
    ".service",
    ".timer",
    ".socket",
];

/// Checks every line of every text file.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let ours = tree.files().filter(|(path, _)| !NOT_OURS.contains(path));
    let lines = ours.flat_map(|(path, text)| numbered(text).map(move |(number, line)| (path, number, line)));
    lines.filter_map(|(path, number, line)| check_line(path, number, line)).collect()
}

fn check_line(path: &str, number: usize, line: &str) -> Option<Finding> {
    if let Some(folder) = MACHINE_FOLDERS.into_iter().find(|folder| has_path(line, folder)) {
        let says = format!("`{folder}` is a folder of one machine.");
        let fix = "take the path from the caller, the environment or the manifest's folder.";
        return Some(Finding::error("machine-path", path, Some(number), says, fix));
    }
    let address = email(line)?;
    let says = format!("`{address}` looks like the address of a person.");
    Some(Finding::error("person", path, Some(number), says, "leave it out, or use example.com."))
}

/// Whether an absolute path starts with `folder`: nothing that could be a part of a longer path stands before it.
fn has_path(line: &str, folder: &str) -> bool {
    let part_of_path =
        |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '}' | ')' | '*');
    line.match_indices(folder).any(|(at, _)| !line[..at].ends_with(part_of_path))
}

/// The first thing on a line that could be an e-mail address.
fn email(line: &str) -> Option<&str> {
    line.match_indices('@').find_map(|(at, _)| {
        let in_local =
            |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '_' | '%' | '+' | '-');
        let in_domain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
        let start = line[..at].rfind(|letter| !in_local(letter)).map_or(0, |before| before + 1);
        let length = line[at + 1..].find(|letter| !in_domain(letter)).unwrap_or(line.len() - at - 1);
        let domain = line[at + 1..at + 1 + length].trim_end_matches(['.', '-']);
        (line.is_char_boundary(start) && start < at && is_domain(domain))
            .then(|| &line[start..at + 1 + domain.len()])
    })
}

fn is_domain(domain: &str) -> bool {
    let Some((name, last)) = domain.rsplit_once('.') else { return false };
    !name.is_empty()
        && !name.starts_with('.')
        && last.len() >= 2
        && last.chars().all(|letter| letter.is_ascii_alphabetic())
        && !NO_DOMAIN.iter().any(|ending| domain.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_and_persons_are_found() {
        let [work, home, root, _] = MACHINE_FOLDERS;
        let person = concat!("jane.doe", "@", "magma.dev");
        let check = |row: &str, line: &str, expected: Option<&str>| {
            let tree = Tree::of(&[("docs/a.md", &format!("first\n{line}\n"))]);
            let findings = check(&tree);
            let rules: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
            assert_eq!(rules, expected.into_iter().collect::<Vec<_>>(), "{row}: {findings:?}");
            assert!(findings.iter().all(|finding| finding.line == Some(2)), "{row}");
        };
        check("a build folder", &format!("see {work}main"), Some("machine-path"));
        check("a home, quoted", &format!("open(\"{home}jane\")"), Some("machine-path"));
        check("root's home at the start", &format!("{root}.cargo"), Some("machine-path"));
        check(
            "a relative path with the same name",
            &format!("crates{work}src, ..{home}x, {{dir}}{root}x"),
            None,
        );
        check("an address", &format!("Author: {person}"), Some("person"));
        check("an address at a sentence's end", &format!("ask <{person}>."), Some("person"));
        check("a reserved address", "jane@example.com or jane@magma.test", None);
        check("a systemd unit", "systemctl start magma@magmad.service", None);
        check("a unit template", "magma@.service", None);
        check("a version", "htmx@2.0.4", None);
        check("protobuf JSON", "{\"@type\": \"type.googleapis.com/x\"}", None);
        check("letters beyond ASCII", "ü@ü.üü", None);
    }

    #[test]
    fn files_of_other_programs_are_left_alone() {
        let home = MACHINE_FOLDERS[1];
        assert!(check(&Tree::of(&[("Cargo.lock", home)])).is_empty());
    }
}
