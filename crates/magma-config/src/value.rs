//! The types that single configuration values have, each with a message that says what it must look like.

use std::ops::RangeInclusive;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

use crate::block::found;
use crate::yaml::{Node, Value, scalar};

/// A day in seconds, the longest pause or deadline that makes sense anywhere.
const DAY_S: i64 = 86_400;

/// Any scalar, as written, for what says itself which words it takes.
pub(crate) fn word(node: &Node) -> Result<String, String> {
    match &node.value {
        Value::Scalar { text, plain } if !scalar::is_null(text, *plain) => Ok(text.clone()),
        _ => Err(format!("is {}, but must be a text", found(node))),
    }
}

/// A text. What YAML takes for a number or a truth value needs quotes to be one.
pub(crate) fn text(node: &Node) -> Result<String, String> {
    let text = word(node)?;
    match is_typed(node) {
        true => Err(format!("is {text}, but must be a text; if {text} is meant, write it in quotes")),
        false => Ok(text),
    }
}

/// Whether YAML takes it for a number or a truth value.
fn is_typed(node: &Node) -> bool {
    match &node.value {
        Value::Scalar { text, plain: true } => {
            scalar::boolean(text).is_some()
                || scalar::integer(text).is_some()
                || scalar::number(text).is_some()
        }
        _ => false,
    }
}

/// `True` or `False`, in any of YAML 1.1's spellings, without quotes.
pub(crate) fn boolean(node: &Node) -> Result<bool, String> {
    match &node.value {
        Value::Scalar { text, plain: true } => scalar::boolean(text),
        _ => None,
    }
    .ok_or_else(|| format!("is {}, but must be True or False, without quotes", found(node)))
}

/// A whole number in a range. A decimal number in quotes is taken too.
pub(crate) fn integer<T: TryFrom<i64>>(range: RangeInclusive<i64>) -> impl Fn(&Node) -> Result<T, String> {
    move |node| {
        let number = match &node.value {
            Value::Scalar { text, plain: true } => scalar::integer(text),
            Value::Scalar { text, plain: false } => text.parse().ok(),
            _ => None,
        };
        number.filter(|number| range.contains(number)).and_then(|number| T::try_from(number).ok()).ok_or_else(
            || {
                let (low, high) = (range.start(), range.end());
                format!("is {}, but must be a whole number from {low} to {high}", found(node))
            },
        )
    }
}

/// A TCP or UDP port.
pub(crate) fn port(node: &Node) -> Result<u16, String> {
    integer(1..=65_535)(node).map_err(|message| format!("{message} (a port)"))
}

/// A whole number of seconds from `min` to a day.
pub(crate) fn seconds(min: i64) -> impl Fn(&Node) -> Result<Duration, String> {
    move |node| {
        let seconds: u64 = integer(min..=DAY_S)(node).map_err(|message| format!("{message} (seconds)"))?;
        Ok(Duration::from_secs(seconds))
    }
}

/// A number of mebibytes above 0, as bytes; at most 1 GiB.
pub(crate) fn mebibytes(node: &Node) -> Result<usize, String> {
    let number = match &node.value {
        Value::Scalar { text, plain: true } => scalar::number(text),
        _ => None,
    };
    let in_range = number.filter(|number| *number > 0.0 && *number <= 1024.0);
    let number =
        in_range.ok_or_else(|| format!("is {}, but must be a number above 0, up to 1024", found(node)))?;
    Ok((number * 1_048_576.0) as usize)
}

/// A host name or an IP address, without port or scheme.
pub(crate) fn host(node: &Node) -> Result<String, String> {
    let advice = "must be a host name or an IP address, like controller.magma.test";
    let host = match &node.value {
        Value::Scalar { text, .. } if !is_typed(node) => text.as_str(),
        _ => return Err(format!("is {}, but {advice}", found(node))),
    };
    if host.parse::<std::net::Ipv6Addr>().is_ok() || is_host_name(host) {
        return Ok(host.to_owned());
    }
    let hint = match host {
        _ if host.contains("://") => "; leave the scheme away",
        _ if host.contains(':') => "; the port has a key of its own",
        _ => "",
    };
    Err(format!("is {}, but {advice}{hint}", found(node)))
}

fn is_host_name(host: &str) -> bool {
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label_fits)
}

/// A path from the root of the file system.
pub(crate) fn absolute_path(node: &Node) -> Result<PathBuf, String> {
    let path = PathBuf::from(word(node)?);
    if !path.is_absolute() {
        return Err(format!("is {}, but must be a path that starts with /", found(node)));
    }
    if path.components().any(|part| part == Component::ParentDir) || path.file_name().is_none() {
        return Err(format!("is {}, but must be a path without `..` that names something", found(node)));
    }
    Ok(normal(&path))
}

/// The path without repeated or trailing slashes.
fn normal(path: &Path) -> PathBuf {
    path.components().collect()
}

/// The name of a service: it becomes part of unit names and commands, so it has no other characters than names have.
pub(crate) fn service_name(node: &Node) -> Result<String, String> {
    let name = text(node)?;
    let fits = (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.@".contains(&b));
    if fits {
        return Ok(name);
    }
    Err(format!("is {}, but must be a service's name: letters, digits, _ - . @, at most 64", found(node)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(yaml: &str) -> Node {
        let (mut entries, mistakes) = crate::yaml::parse(&format!("key: {yaml}\n"));
        assert!(mistakes.is_empty(), "{mistakes:?}");
        entries.remove(0).value
    }

    fn check<T: std::fmt::Debug + PartialEq>(
        parse: impl Fn(&Node) -> Result<T, String>,
        rows: &[(&str, Result<T, &str>)],
    ) {
        for (yaml, expected) in rows {
            match (parse(&node(yaml)), expected) {
                (Ok(value), Ok(expected)) => assert_eq!(&value, expected, "{yaml}"),
                (Err(message), Err(part)) => assert!(message.contains(part), "{yaml}: {message}"),
                (result, _) => panic!("{yaml}: {result:?}, expected {expected:?}"),
            }
        }
    }

    #[test]
    fn a_boolean_has_no_quotes() {
        check(
            boolean,
            &[("True", Ok(true)), ("off", Ok(false)), ("'False'", Err("without quotes")), ("1", Err("is 1"))],
        );
    }

    #[test]
    fn a_port_is_in_range() {
        check(
            port,
            &[
                ("443", Ok(443)),
                ("'443'", Ok(443)),
                ("0", Err("from 1 to 65535")),
                ("65536", Err("from 1 to 65535")),
                ("-1", Err("is -1")),
                ("4.5", Err("is 4.5")),
                ("[443]", Err("is a list")),
            ],
        );
    }

    #[test]
    fn seconds_are_whole_and_at_most_a_day() {
        check(
            seconds(1),
            &[
                ("60", Ok(Duration::from_secs(60))),
                ("1:00", Ok(Duration::from_secs(60))),
                ("0", Err("from 1 to 86400")),
                ("90000", Err("(seconds)")),
                ("1m", Err("is 1m")),
            ],
        );
        check(
            mebibytes,
            &[("4", Ok(4 << 20)), ("0.5", Ok(1 << 19)), ("0", Err("above 0")), ("x", Err("is x"))],
        );
    }

    #[test]
    fn a_host_has_neither_scheme_nor_port() {
        check(
            host,
            &[
                ("controller.magma.test", Ok("controller.magma.test".to_owned())),
                ("127.0.0.1", Ok("127.0.0.1".to_owned())),
                ("'::1'", Ok("::1".to_owned())),
                ("https://a.b", Err("leave the scheme away")),
                ("'a.b:443'", Err("the port has a key of its own")),
                ("{{.ControllerAddr}}", Err("the template {{.ControllerAddr}}, which was not filled in")),
                ("a b", Err("host name")),
                ("''", Err("host name")),
            ],
        );
    }

    #[test]
    fn a_path_is_absolute_and_stays_where_it_is() {
        check(
            absolute_path,
            &[
                ("/etc//magma/", Ok(PathBuf::from("/etc/magma"))),
                ("certs/a.pem", Err("starts with /")),
                ("/a/../../b", Err("`..`")),
                ("/", Err("names something")),
            ],
        );
    }

    #[test]
    fn a_service_name_cannot_be_an_option_or_a_command() {
        check(
            service_name,
            &[
                ("td-agent-bit", Ok("td-agent-bit".to_owned())),
                ("-rf", Err("service's name")),
                ("a;b", Err("service's name")),
                ("../x", Err("service's name")),
                ("''", Err("service's name")),
            ],
        );
    }
}
