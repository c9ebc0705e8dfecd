//! Names in one text, so that a table refers to each by its position and its length.

use anyhow::{Context, Result};

/// The names so far. Equal names, and names within others, are kept once.
#[derive(Default)]
pub struct Names {
    text: String,
    /// The same in pieces, as they were added.
    pieces: Vec<String>,
}

impl Names {
    /// The expression that refers to `name`.
    pub fn add(&mut self, name: &str) -> Result<String> {
        let at = self.text.find(name).unwrap_or(self.text.len());
        if at == self.text.len() && !name.is_empty() {
            self.text.push_str(name);
            self.pieces.push(name.to_owned());
        }
        let at = u16::try_from(at).context("names of more than 65536 letters together have no room")?;
        let length = u8::try_from(name.len()).with_context(|| format!("the name {name} is too long"))?;
        Ok(format!("Name({at}, {length})"))
    }

    /// The expression that is the text, a line for each name that is not within another.
    pub fn to_rust(&self) -> String {
        let pieces: String = self.pieces.iter().map(|piece| format!("        {piece:?},\n")).collect();
        format!("concat!(\n{pieces}    )")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_share_letters() {
        let mut names = Names::default();
        for (row, name, expected) in [
            ("the first", "logLevel", "Name(0, 8)"),
            ("another", "log_level", "Name(8, 9)"),
            ("the first again", "logLevel", "Name(0, 8)"),
            ("within another", "level", "Name(12, 5)"),
            ("across two", "Levellog", "Name(3, 8)"),
            ("none", "", "Name(0, 0)"),
        ] {
            assert_eq!(names.add(name).unwrap(), expected, "{row}");
        }
        assert_eq!(names.to_rust(), "concat!(\n        \"logLevel\",\n        \"log_level\",\n    )");
        names.add(&"x".repeat(256)).expect_err("a name without room");
    }
}
