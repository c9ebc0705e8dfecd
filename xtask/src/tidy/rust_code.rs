//! Just enough of Rust's lexical rules to look for names in code without finding them in comments and text.

/// The same text with comments and the contents of literals blanked, line by line where it was.
pub fn code_only(text: &str) -> String {
    let mut scanner = Scanner { rest: text, code: String::with_capacity(text.len()) };
    while !scanner.rest.is_empty() {
        scanner.step();
    }
    scanner.code
}

/// Whether `line` says `use name` or `extern crate name`.
pub fn imports(line: &str, name: &str) -> bool {
    occurrences(line, name).any(|(before, _)| {
        let before = before.strip_suffix("::").unwrap_or(before).trim_end();
        before == "use" || before.ends_with(" use") || before.ends_with("extern crate")
    })
}

/// Whether `line` has a path that starts with `name::`.
pub fn starts_path(line: &str, name: &str) -> bool {
    occurrences(line, name).any(|(before, after)| after.starts_with("::") && !before.ends_with("::"))
}

/// What stands before and after each place where `name` is a whole word.
pub fn occurrences<'a>(line: &'a str, name: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let split = line.match_indices(name).map(move |(at, found)| (&line[..at], &line[at + found.len()..]));
    split.filter(|(before, after)| !before.ends_with(is_word) && !after.starts_with(is_word))
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

struct Scanner<'a> {
    rest: &'a str,
    code: String,
}

impl Scanner<'_> {
    /// Takes one comment, one literal or one character.
    fn step(&mut self) {
        if self.rest.starts_with("//") {
            self.blank(self.rest.find('\n').unwrap_or(self.rest.len()));
        } else if self.rest.starts_with("/*") {
            self.blank(block_comment(self.rest));
        } else if let Some(length) = self.literal() {
            self.blank(length);
        } else if let Some(letter) = self.rest.chars().next() {
            self.code.push(letter);
            self.rest = &self.rest[letter.len_utf8()..];
        }
    }

    fn literal(&self) -> Option<usize> {
        let inside_word = self.code.ends_with(is_word);
        let prefix =
            if inside_word { 0 } else { self.rest.find(|c| !matches!(c, 'b' | 'c' | 'r')).unwrap_or(0) };
        let (prefix, body) = self.rest.split_at(prefix.min(2));
        match body.chars().next()? {
            '"' if prefix.ends_with('r') => raw_text(body),
            '#' if prefix.ends_with('r') => raw_text(body),
            '"' => quoted(body, '"'),
            '\'' => character(body),
            _ => None,
        }
        .map(|length| prefix.len() + length)
    }

    fn blank(&mut self, length: usize) {
        let (taken, rest) = self.rest.split_at(length);
        self.code.extend(taken.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        self.rest = rest;
    }
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let step = match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => {
                depth += 1;
                2
            }
            [b'*', b'/', ..] => {
                depth -= 1;
                2
            }
            _ => 1,
        };
        at += step;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// `#"…"#` with any number of signs; none when what follows the signs is no quote.
fn raw_text(body: &str) -> Option<usize> {
    let signs = body.len() - body.trim_start_matches('#').len();
    let inside = body[signs..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(signs));
    let length = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(signs + 1 + length)
}

fn quoted(body: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, letter) in body.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if letter == quote => return Some(at + 1),
            _ => {}
        }
    }
    Some(body.len())
}

/// A character literal, which starts like a lifetime.
fn character(body: &str) -> Option<usize> {
    let mut letters = body.chars().skip(1);
    match (letters.next()?, letters.next()) {
        ('\\', _) => quoted(body, '\''),
        (letter, Some('\'')) => Some(2 + letter.len_utf8()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_stays() {
        for (row, text, expected) in [
            ("a line comment", "a // b\nc", "a     \nc"),
            ("a block comment in another", "a /* b /* c */ d */ e", "a                   e"),
            ("text", r#"a("b // c") d"#, r#"a(        ) d"#),
            ("an escaped quote", r#"a("\"b") c"#, r#"a(     ) c"#),
            ("raw text", "a(r#\"b \" c\"#) d", "a(          ) d"),
            ("raw bytes", "a(br\"\\\") d", "a(     ) d"),
            ("text over two lines", "a(\"b\nc\") d", "a(  \n  ) d"),
            ("characters", r"a('\'', '/', 'ü') b", "a(    ,    ,    ) b"),
            ("a lifetime", "fn a<'b>(c: &'b str)", "fn a<'b>(c: &'b str)"),
            ("a raw identifier", "r#type = 1", "r#type = 1"),
            ("a word that ends like a prefix", "number\"x\"", "number   "),
            ("text that never ends", "a \"b", "a   "),
        ] {
            let blanked = code_only(text);
            assert_eq!(blanked, expected, "{row}");
            assert_eq!(blanked.chars().count(), text.chars().count(), "{row}: columns stay");
        }
    }
}
