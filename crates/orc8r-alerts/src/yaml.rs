//! JSON values as YAML that people can read: every text in double quotes, so that nothing in it is read as anything else.

use std::fmt::Write;

use serde_json::Value;

/// The value as a document.
pub(crate) fn written(value: &Value) -> String {
    let mut out = String::new();
    block(&mut out, value, 0);
    out
}

fn block(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                out.push_str(&indent);
                quoted(out, name);
                out.push(':');
                member(out, value, depth);
            }
        }
        Value::Array(items) => {
            for item in items {
                out.push_str(&indent);
                out.push('-');
                member(out, item, depth);
            }
        }
        _ => {}
    }
}

fn member(out: &mut String, value: &Value, depth: usize) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            out.push('\n');
            block(out, value, depth + 1);
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            block(out, value, depth + 1);
        }
        Value::String(text) => {
            out.push(' ');
            quoted(out, text);
            out.push('\n');
        }
        other => drop(writeln!(out, " {other}")),
    }
}

/// In YAML's double quotes (YAML 1.2 §7.3.1); what is not printable is escaped.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            letter
                if letter.is_control()
                    || matches!(letter, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') =>
            {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
