//! The SQL of this crate in PostgreSQL's words: it is written so that little has to change.

/// A statement with `$1` for `?1`.
pub(crate) fn statement(sql: &str) -> String {
    outside_quotes(sql, |part| part.replace('?', "$"))
}

/// The definition of tables: text is compared byte by byte, as SQLite does, whatever the database's language is.
pub(crate) fn definition(sql: &str) -> String {
    let without_comments: Vec<_> =
        sql.lines().map(|line| line.split_once("--").map_or(line, |(code, _)| code)).collect();
    outside_quotes(&without_comments.join("\n"), |part| {
        let mut translated = String::with_capacity(part.len());
        let mut rest = part;
        while let Some(place) = rest.find("TEXT") {
            let (before, after) = (&rest[..place], &rest[place + 4..]);
            let inside = |character: Option<char>| {
                character.is_some_and(|character| character.is_alphanumeric() || character == '_')
            };
            let is_word = !inside(before.chars().next_back()) && !inside(after.chars().next());
            translated += before;
            translated += if is_word { "TEXT COLLATE \"C\"" } else { "TEXT" };
            rest = after;
        }
        translated + rest
    })
}

fn outside_quotes(sql: &str, translate: impl Fn(&str) -> String) -> String {
    let parts = sql.split('\'').enumerate();
    let parts: Vec<_> =
        parts.map(|(index, part)| if index % 2 == 0 { translate(part) } else { part.to_owned() }).collect();
    parts.join("'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_with_a_dollar_except_in_quotes() {
        let rows = [
            ("SELECT a FROM b WHERE c = ?1 AND d = ?12", "SELECT a FROM b WHERE c = $1 AND d = $12"),
            ("SELECT '?1', 'it''s ?2' WHERE a = ?1", "SELECT '?1', 'it''s ?2' WHERE a = $1"),
            ("SELECT 1", "SELECT 1"),
        ];
        for (sql, expect) in rows {
            assert_eq!(statement(sql), expect);
        }
    }

    #[test]
    fn text_columns_are_compared_byte_by_byte() {
        let rows = [
            (
                "CREATE TABLE a (b TEXT NOT NULL, c TEXT)",
                "CREATE TABLE a (b TEXT COLLATE \"C\" NOT NULL, c TEXT COLLATE \"C\")",
            ),
            ("CREATE TABLE TEXTS (MY_TEXT BIGINT) -- TEXT it's", "CREATE TABLE TEXTS (MY_TEXT BIGINT) "),
            ("INSERT INTO a VALUES ('TEXT')", "INSERT INTO a VALUES ('TEXT')"),
        ];
        for (sql, expect) in rows {
            assert_eq!(definition(sql), expect);
        }
    }
}
