//! Rule 7 for Rust files: each says what it is, nothing is left undone or switched off, none is a novel.

use super::finding::Finding;
use super::rust_code::{code_only, occurrences};
use super::tree::{Tree, numbered};

/// Lines from which a file is a question.
const LONG_FILE: usize = 800;

/// Words that must not be in code, and what follows them there.
const UNDONE: [(&str, &str); 3] = [("ignore", "]"), ("todo", "!"), ("unimplemented", "!")];

/// Checks every file that is not generated.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust_files().flat_map(|(path, text)| check_file(path, text)).collect()
}

fn check_file(path: &str, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !text.starts_with("//!") {
        let fix = "begin with a `//!` sentence that says what it is, then why it exists.";
        findings.push(Finding::error("module-docs", path, Some(1), "the file does not say what it is.", fix));
    }
    for (number, line) in numbered(&code_only(text)) {
        findings.extend(undone(line).map(|word| {
            let says = format!("`{word}` leaves something undone.");
            Finding::error("undone", path, Some(number), says, "finish it, or take it out.")
        }));
    }
    let lines = text.lines().count();
    if lines > LONG_FILE {
        let says = format!("{lines} lines.");
        let question =
            Finding::error("long-file", path, None, says, "is it one thing? If not, split it by noun.");
        findings.push(question.into_question());
    }
    findings
}

fn undone(line: &str) -> Option<&'static str> {
    let (word, _) = UNDONE.into_iter().find(|(word, follower)| {
        occurrences(line, word).any(|(before, after)| match *word {
            "ignore" => before.trim_end().ends_with("#[") && after.trim_start().starts_with([']', '=']),
            _ => after.starts_with(follower),
        })
    })?;
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::finding::{Weight, places};

    fn check_text(row: &str, text: &str, expected: &[&str]) {
        let tree = Tree::of(&[("crates/a/src/lib.rs", text)]);
        assert_eq!(places(&check(&tree)), expected, "{row}");
    }

    #[test]
    fn a_file_says_what_it_is() {
        check_text("it does", "//! A thing.\n", &[]);
        check_text("it does not", "use x;\n", &["module-docs crates/a/src/lib.rs:1"]);
        check_text(
            "an ordinary comment is not enough",
            "// A thing.\n",
            &["module-docs crates/a/src/lib.rs:1"],
        );
        check_text("an empty file", "", &["module-docs crates/a/src/lib.rs:1"]);
        let generated = Tree::of(&[("crates/a/src/generated/p.rs", "pub struct P;")]);
        assert_eq!(places(&check(&generated)), [""; 0], "generated code may not");
    }

    #[test]
    fn nothing_is_left_undone() {
        let third_line = ["undone crates/a/src/lib.rs:3"];
        check_text("a test switched off", "//! A.\n#[test]\n#[ignore]\nfn t() {}\n", &third_line);
        check_text("with a reason", "//! A.\n#[test]\n#[ignore = \"slow\"]\nfn t() {}\n", &third_line);
        check_text("a macro", "//! A.\nfn f() {\n    todo!()\n}\n", &third_line);
        check_text("its sister", "//! A.\nfn f() {\n    unimplemented!(\"later\")\n}\n", &third_line);
        check_text("a comment about them", "//! A.\n// todo!() is not used, #[ignore] neither.\n", &[]);
        check_text("a word of ours", "//! A.\nfn ignore(todo: u8) -> bool { todo != 1 }\n", &[]);
    }

    #[test]
    fn a_long_file_is_a_question() {
        let text = format!("//! A.\n{}", "\n".repeat(LONG_FILE));
        check_text("one line too many", &text, &["long-file crates/a/src/lib.rs"]);
        assert_eq!(check_file("a.rs", &text)[0].weight, Weight::Question);
        check_text("just not", &format!("//! A.\n{}", "\n".repeat(LONG_FILE - 1)), &[]);
    }
}
