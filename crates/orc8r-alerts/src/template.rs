//! `{{ $labels.gatewayID }}` and `{{ $value }}` in the labels and annotations of rules.
//!
//! What Prometheus' templates can do beyond that (conditions, queries) stays as it is written.

use std::collections::BTreeMap;

/// Fills a text in.
pub(crate) fn expand(text: &str, labels: &BTreeMap<String, String>, value: f64) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inside, after)) = after.split_once("}}") else {
            out.push_str("{{");
            rest = after;
            continue;
        };
        match fill(inside.trim(), labels, value) {
            Some(text) => out.push_str(&text),
            None => out.extend(["{{", inside, "}}"]),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

/// The same text for Prometheus, which fills it in itself: what is filled in here, and the rest as plain text. Prometheus
/// loads no rule at all when one has a template that it cannot read.
pub(crate) fn for_prometheus(text: &str) -> String {
    let plain = |text: &str| {
        format!("{{{{ \"{}\" }}}}", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
    };
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inside, after)) = after.split_once("}}") else {
            out.push_str(&plain("{{"));
            rest = after;
            continue;
        };
        let is_plain_name = |label: &str| label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let label = inside.trim().strip_prefix("$labels.").or_else(|| inside.trim().strip_prefix(".Labels."));
        let is_known = fill(inside.trim(), &BTreeMap::new(), 1.0).is_some()
            && !inside.contains(['\\', '\n', '\r'])
            && label.is_none_or(|label| !label.is_empty() && is_plain_name(label));
        match is_known {
            true => out.extend(["{{", inside, "}}"]),
            false => out.push_str(&plain(&format!("{{{{{inside}}}}}"))),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn fill(inside: &str, labels: &BTreeMap<String, String>, value: f64) -> Option<String> {
    let mut parts = inside.split('|').map(str::trim);
    let first = parts.next()?;
    let format = first.strip_prefix("printf ").map(str::trim);
    if let Some((format, of)) = format.and_then(|rest| rest.rsplit_once(char::is_whitespace)) {
        return (of == "$value" || of == ".Value").then(|| printf(format.trim(), value)).flatten();
    }
    let label = first.strip_prefix("$labels.").or_else(|| first.strip_prefix(".Labels."));
    if let Some(label) = label {
        return parts.next().is_none().then(|| labels.get(label).cloned().unwrap_or_default());
    }
    if !matches!(first, "$value" | ".Value") {
        return None;
    }
    match (parts.next(), parts.next()) {
        (None, _) => Some(number(value)),
        (Some("humanize"), None) => Some(humanize(value)),
        (Some("humanizePercentage"), None) => Some(format!("{}%", short(value * 100.0))),
        (Some("humanizeDuration"), None) => Some(humanize_duration(value)),
        (Some(format), None) => printf(format.strip_prefix("printf ")?.trim(), value),
        _ => None,
    }
}

/// `"%.2f"` and the like, with text around it.
fn printf(format: &str, value: f64) -> Option<String> {
    let format = format.strip_prefix('"')?.strip_suffix('"')?;
    let (before, verb) = format.split_once('%')?;
    let end = verb.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (precision, rest) = (&verb[..end], &verb[end + 1..]);
    let digits = match precision.strip_prefix('.') {
        Some(digits) => digits.parse::<usize>().ok().filter(|digits| *digits <= 20)?,
        None if precision.is_empty() => 6,
        None => return None,
    };
    let text = match &verb[end..=end] {
        "f" => format!("{value:.digits$}"),
        "g" | "v" => number(value),
        _ => return None,
    };
    Some(format!("{before}{text}{}", rest.replace("%%", "%")))
}

/// Go's `%v`, near enough: without an exponent.
pub(crate) fn number(value: f64) -> String {
    match value {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        value => value.to_string(),
    }
}

fn humanize(value: f64) -> String {
    let larger = ["", "k", "M", "G", "T", "P"];
    let (mut value, mut at) = (value, 0);
    while value.abs() >= 1000.0 && at + 1 < larger.len() {
        value /= 1000.0;
        at += 1;
    }
    format!("{}{}", short(value), larger[at])
}

fn humanize_duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return number(seconds);
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let whole = seconds.abs() as u64;
    let (days, hours, minutes, rest) = (whole / 86_400, whole / 3600 % 24, whole / 60 % 60, whole % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{sign}{}s", short(seconds.abs())),
        (0, 0, _) => format!("{sign}{minutes}m {rest}s"),
        (0, ..) => format!("{sign}{hours}h {minutes}m {rest}s"),
        _ => format!("{sign}{days}d {hours}h {minutes}m {rest}s"),
    }
}

/// Four digits that count.
fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return number(value);
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 15) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_filled_in_and_the_rest_stays() {
        let labels = BTreeMap::from([("gatewayID".to_owned(), "g1".to_owned())]);
        for (text, want) in [
            ("plain", "plain"),
            ("{{ $labels.gatewayID }} is at {{$value}}", "g1 is at 91.2345"),
            ("{{ .Labels.gatewayID }}: {{ .Value }}", "g1: 91.2345"),
            ("{{ $labels.missing }}.", "."),
            ("{{ $value | humanize }}", "91.23"),
            ("{{ $value | humanizePercentage }}", "9123%"),
            ("{{ $value | humanizeDuration }}", "1m 31s"),
            ("{{ printf \"%.2f\" $value }}", "91.23"),
            ("{{ $value | printf \"%.1f%%\" }}", "91.2%"),
            ("{{ if gt $value 1 }}x{{ end }}", "{{ if gt $value 1 }}x{{ end }}"),
            ("open {{ $value", "open {{ $value"),
            ("}} {{ }}", "}} {{ }}"),
        ] {
            assert_eq!(expand(text, &labels, 91.2345), want, "{text}");
        }
        assert_eq!(humanize(1_234_567.0), "1.235M");
    }
}
