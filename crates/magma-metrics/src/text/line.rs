//! One line of a page: `name{label="value",…} value [timestamp]`.

/// A label's name and value.
pub(super) type Label = (String, String);

/// A line that is a sample.
#[derive(Debug, PartialEq)]
pub(super) struct Sample<'l> {
    pub name: &'l str,
    pub labels: Vec<Label>,
    pub value: f64,
}

/// Reads a line; none when it is no sample.
pub(super) fn sample(line: &str) -> Option<Sample<'_>> {
    let (name, rest) = name(line, true)?;
    let rest = rest.trim_start();
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    let mut words = rest.split_whitespace();
    let value = number(words.next()?)?;
    match words.next() {
        Some(timestamp) if timestamp != "#" && timestamp.parse::<f64>().is_err() => None,
        _ => Some(Sample { name, labels, value }),
    }
}

/// A value as Prometheus writes it, `NaN`, `+Inf` and `-Inf` included.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

/// The name at the beginning, and the rest.
fn name(text: &str, with_colons: bool) -> Option<(&str, &str)> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || (with_colons && c == ':');
    let end = text.find(|c| !of_name(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    name.starts_with(|c: char| !c.is_ascii_digit()).then_some((name, rest))
}

/// The labels up to the closing brace, and the rest.
fn labels(mut text: &str) -> Option<(Vec<Label>, &str)> {
    let mut labels = Vec::new();
    loop {
        text = text.trim_start();
        if let Some(rest) = text.strip_prefix('}') {
            return Some((labels, rest));
        }
        let (label, rest) = name(text, false)?;
        let rest = rest.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
        let (value, rest) = quoted(rest)?;
        labels.push((label.to_owned(), value));
        let rest = rest.trim_start();
        text = match rest.strip_prefix(',') {
            Some(rest) => rest,
            None if rest.starts_with('}') => rest,
            None => return None,
        };
    }
}

/// The text up to the closing quotation mark, and the rest.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let end = rest.find(['"', '\\'])?;
        value.push_str(&rest[..end]);
        if rest[end..].starts_with('"') {
            return Some((value, &rest[end + 1..]));
        }
        let mut after = rest[end + 1..].chars();
        match after.next()? {
            'n' => value.push('\n'),
            escaped @ ('\\' | '"') => value.push(escaped),
            other => value.extend(['\\', other]),
        }
        rest = after.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_samples_or_nothing() {
        let labelled = |labels: &[(&str, &str)], value| {
            let labels =
                labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Some(Sample { name: "a", labels, value })
        };
        for (line, expected) in [
            ("a 1", labelled(&[], 1.0)),
            ("a   -2.5e3 1700000000000", labelled(&[], -2500.0)),
            ("a{} +Inf", labelled(&[], f64::INFINITY)),
            (r#"a{x="y"} 1 # {trace="z"} 2"#, labelled(&[("x", "y")], 1.0)),
            (r#"a { x = "y" , z="", } 3"#, labelled(&[("x", "y"), ("z", "")], 3.0)),
            (r#"a{x="a\"b\\c\nd\te}"} 0"#, labelled(&[("x", "a\"b\\c\nd\\te}")], 0.0)),
            (r#"a{x="é"}4"#, labelled(&[("x", "é")], 4.0)),
            ("a", None),
            ("a b", None),
            ("a 1 b", None),
            ("1a 1", None),
            ("a{x=\"y\" 1", None),
            ("a{x=y} 1", None),
            ("a{x=\"y} 1", None),
            ("a{x=\"y\\", None),
            ("a{x=\"y\"z=\"q\"} 1", None),
            ("{a=\"b\"} 1", None),
            ("é 1", None),
        ] {
            assert_eq!(sample(line), expected, "{line}");
        }
        assert!(sample("a NaN").is_some_and(|sample| sample.value.is_nan()));
    }
}
