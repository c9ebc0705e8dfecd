//! Versions as Magma writes them: `maj.min.hotfix`, `maj.min.hotfix-iteration`, and with a commit after it.
//!
//! A version comes from the cloud and becomes a part of URLs, file names and arguments of programs. Therefore it is
//! parsed once, whole, and what is not a version never gets further than this file.

use std::cmp::Ordering;
use std::fmt;

/// The longest text that is read as a version.
const TEXT_MAX: usize = 80;

/// A version. Only digits, `.`, `-` and ASCII letters of the commit can be in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    numbers: [u64; 4],
    text: String,
}

/// Why a text is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a version such as 1.9.0, 1.9.0-3 or 1.9.0-1658946254-8f2d1c3e; correct it in the tier"
)]
pub struct VersionError {
    text: String,
}

impl Version {
    /// Reads a version; all of the text must belong to it.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let numbers = if text.len() <= TEXT_MAX { numbers(text) } else { None };
        match numbers {
            Some(numbers) => Ok(Self { numbers, text: text.to_owned() }),
            None => Err(VersionError { text: text.chars().take(TEXT_MAX).collect() }),
        }
    }

    /// Whether it stands for "no version": the cloud sends `0.0.0-0` to a gateway without a tier.
    pub fn is_none(&self) -> bool {
        self.numbers == [0; 4]
    }

    /// Older, the same age, or newer. Two versions that differ in their commit only are of the same age, although they
    /// are not equal.
    pub fn age(&self, other: &Self) -> Ordering {
        self.numbers.cmp(&other.numbers)
    }

    /// The text that it was read from.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn numbers(text: &str) -> Option<[u64; 4]> {
    let mut parts = text.splitn(3, '-');
    let mut dotted = parts.next()?.split('.').map(number);
    let [major, minor, hotfix] = [dotted.next()??, dotted.next()??, dotted.next()??];
    let iteration = match parts.next() {
        Some(part) => number(part)?,
        None => 0,
    };
    let commit = parts
        .next()
        .is_none_or(|commit| !commit.is_empty() && commit.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    (dotted.next().is_none() && commit).then_some([major, minor, hotfix, iteration])
}

/// Decimal digits only: no sign, no blank.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_versions_are_versions() {
        for text in
            ["1.9.0", "1.9.0-3", "0.0.0-0", "1.8.0-1658946254-8f2d1c3e", "10.20.30-18446744073709551615"]
        {
            assert_eq!(Version::parse(text).map(|version| version.to_string()).as_deref(), Ok(text));
        }
        for text in [
            "",
            "1.9",
            "1.9.0.1",
            "v1.9.0",
            "1.9.0-",
            "1.9.0-x",
            "1.9.0-3-",
            "1.9.0-3-a-b",
            "1.9.0 ",
            "+1.9.0",
            "1.9.0;reboot",
            "1.9.0-3;reboot",
            "1.9.0-3-$(reboot)",
            "1.9.0-3-`id`",
            "1.9.0-3-a b",
            "1.9.0\n",
            "1.9.0-3-../../etc",
            "../1.9.0",
            "1.9.0/..",
            "1.9.0-3-é",
            "１.9.0",
            "1.9.0-18446744073709551616",
            "1.9.0-3-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(Version::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn versions_have_an_order_by_number() {
        let version = |text| Version::parse(text).expect("a version");
        for (one, other, expected) in [
            ("1.9.0", "1.10.0", Ordering::Less),
            ("1.9.0", "1.9.0-0", Ordering::Equal),
            ("1.9.0-10", "1.9.0-9", Ordering::Greater),
            ("2.0.0", "1.99.99-99", Ordering::Greater),
            ("1.9.0-3-aaaa", "1.9.0-3-bbbb", Ordering::Equal),
        ] {
            assert_eq!(version(one).age(&version(other)), expected, "{one} {other}");
        }
        assert_ne!(version("1.9.0-3-aaaa"), version("1.9.0-3-bbbb"));
        assert!(version("0.0.0-0").is_none() && version("0.0.0").is_none() && !version("0.0.1").is_none());
    }
}
