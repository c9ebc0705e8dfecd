//! Splits a command line into arguments by the quoting rules of a POSIX shell, and does nothing else that a shell does.
//!
//! Same rules as Python's `shlex.split`, which existing gateways' command configurations are written for: blanks
//! separate, `'…'` is literal, `"…"` knows `\"` and `\\`, and a backslash outside quotes takes the next character
//! as it is. Variables, globs, pipes and `#` have no meaning.

use std::str::Chars;

/// Why a command line has no arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandLineError {
    /// A `'` or `"` is opened and never closed.
    #[error("a quotation mark is never closed")]
    OpenQuotation,
    /// The line ends in a backslash.
    #[error("a backslash ends the line")]
    DanglingBackslash,
}

/// The arguments of `line`; none for a blank line.
///
/// # Errors
/// When a quotation or an escape is not complete.
pub fn split(line: &str) -> Result<Vec<String>, CommandLineError> {
    let mut arguments = Vec::new();
    let mut current: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => arguments.extend(current.take()),
            '\'' => quoted_literally(&mut chars, current.get_or_insert_default())?,
            '"' => quoted(&mut chars, current.get_or_insert_default())?,
            '\\' => {
                let escaped = chars.next().ok_or(CommandLineError::DanglingBackslash)?;
                current.get_or_insert_default().push(escaped);
            }
            other => current.get_or_insert_default().push(other),
        }
    }
    arguments.extend(current);
    Ok(arguments)
}

fn quoted_literally(chars: &mut Chars<'_>, into: &mut String) -> Result<(), CommandLineError> {
    for c in chars {
        if c == '\'' {
            return Ok(());
        }
        into.push(c);
    }
    Err(CommandLineError::OpenQuotation)
}

fn quoted(chars: &mut Chars<'_>, into: &mut String) -> Result<(), CommandLineError> {
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(()),
            '\\' => match chars.next().ok_or(CommandLineError::OpenQuotation)? {
                escaped @ ('"' | '\\') => into.push(escaped),
                other => into.extend(['\\', other]),
            },
            other => into.push(other),
        }
    }
    Err(CommandLineError::OpenQuotation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_split_as_a_posix_shell_quotes_them() {
        for (name, line, expected) in [
            ("nothing", "", &[][..]),
            ("blanks only", " \t\r\n ", &[]),
            ("plain words", "fab  reboot_enodeb\tnow", &["fab", "reboot_enodeb", "now"]),
            (
                "single quotes are literal",
                r#"bash -c 'echo "$HOME" \n'"#,
                &["bash", "-c", r#"echo "$HOME" \n"#],
            ),
            ("double quotes know two escapes", r#"echo "a \"b\" \\ \n""#, &["echo", r#"a "b" \ \n"#]),
            ("an empty quotation is an argument", r#"echo '' """#, &["echo", "", ""]),
            ("quotations join what touches them", r#"a'b c'd"e f""#, &["ab cde f"]),
            ("a backslash takes the next character", r"echo a\ b \\ \'", &["echo", "a b", r"\", "'"]),
            (
                "a shell's own signs mean nothing",
                "echo $(id) ; rm * | x # y",
                &["echo", "$(id)", ";", "rm", "*", "|", "x", "#", "y"],
            ),
            ("other languages stay whole", "echo ключ 電", &["echo", "ключ", "電"]),
        ] {
            assert_eq!(split(line).expect(name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_left_open_is_an_error() {
        for (line, expected) in [
            ("echo 'a", CommandLineError::OpenQuotation),
            ("echo \"a", CommandLineError::OpenQuotation),
            ("echo \"a\\", CommandLineError::OpenQuotation),
            ("echo a\\", CommandLineError::DanglingBackslash),
        ] {
            assert_eq!(split(line), Err(expected), "{line}");
        }
    }
}
