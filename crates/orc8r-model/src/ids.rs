//! The ids of Magma, each a type that exists only in its own pattern.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $field:literal, $pattern:literal, $matches:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The pattern of Magma's published contract.
            pub const PATTERN: &'static str = $pattern;

            /// Reads an id.
            ///
            /// # Errors
            /// [`Invalid`] when it does not match [`Self::PATTERN`].
            pub fn parse(text: impl Into<String>) -> Result<Self, Invalid> {
                let text = text.into();
                if Self::matches(&text) {
                    Ok(Self(text))
                } else {
                    Err(Invalid::new(format!(concat!($field, " '{}' should match '{}'"), text, Self::PATTERN)))
                }
            }

            /// Whether `text` is such an id.
            pub fn matches(text: &str) -> bool {
                $matches(text)
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                Self::parse(text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }
    };
}

id!(
    /// The id of a network.
    NetworkId, "network_id", r"^[\da-z_-]+$", |text: &str| !text.is_empty() && text.chars().all(is_dashed)
);
id!(
    /// The logical id of a gateway, unique in its network.
    GatewayId, "gateway_id", r"^[a-z][\da-z_-]+$", |text: &str| starts_with_letter(text, is_dashed)
);
id!(
    /// The id of an upgrade tier, unique in its network.
    TierId, "tier_id", r"^[a-z][\da-z_]+$", |text: &str| starts_with_letter(text, is_plain)
);
id!(
    /// The id of a release channel, unique in the Orchestrator.
    ChannelId, "channel_id", r"^[a-z][\da-z_]+$", |text: &str| starts_with_letter(text, is_plain)
);
id!(
    /// The hardware id that a gateway names itself by; unique over all networks.
    ///
    /// Deviation: Magma takes any text that is not empty. A hardware id becomes the common name of a certificate and
    /// part of log lines, so here it has no control characters and at most 255 bytes.
    HardwareId, "hardware_id", r"^[^[:cntrl:]]{1,255}$",
    |text: &str| (1..=255).contains(&text.len()) && !text.chars().any(char::is_control)
);

impl NetworkId {
    /// The hidden network that holds what belongs to no network: the release channels.
    ///
    /// Its id is outside of the pattern, so no request can name it.
    pub fn internal() -> Self {
        Self("#internal".to_owned())
    }
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_digit() || letter.is_ascii_lowercase() || letter == '_'
}

fn is_dashed(letter: char) -> bool {
    is_plain(letter) || letter == '-'
}

/// `^[a-z]` and then one letter or more of `rest`: such an id has at least two letters.
fn starts_with_letter(text: &str, rest: fn(char) -> bool) -> bool {
    let mut letters = text.chars();
    letters.next().is_some_and(|first| first.is_ascii_lowercase())
        && !letters.as_str().is_empty()
        && letters.all(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_id_exists_only_in_its_pattern() {
        type Row = (&'static str, fn(&str) -> bool, &'static [&'static str], &'static [&'static str]);
        let rows: [Row; 5] = [
            (
                "network",
                NetworkId::matches,
                &["n", "1", "net-1_a"],
                &["", "N", "a b", "ä", "a/b", "#internal", "a\n"],
            ),
            ("gateway", GatewayId::matches, &["g1", "a-"], &["", "g", "1g", "_g", "gG", "g.1", "g1\n"]),
            ("tier", TierId::matches, &["t1", "default"], &["", "t", "a-b", "1t"]),
            ("channel", ChannelId::matches, &["stable"], &["", "s", "Stable"]),
            ("hardware", HardwareId::matches, &["x", "d2a0c1-…"], &["", "a\nb", "\0"]),
        ];
        for (id, matches, good, bad) in rows {
            good.iter().for_each(|text| assert!(matches(text), "{id} {text:?} is good"));
            bad.iter().for_each(|text| assert!(!matches(text), "{id} {text:?} is bad"));
        }
        assert!(!HardwareId::matches(&"x".repeat(256)));
    }

    #[test]
    fn a_bad_id_is_named_with_its_pattern() {
        let error = NetworkId::parse("A").unwrap_err().to_string();
        assert_eq!(error, r"network_id 'A' should match '^[\da-z_-]+$'");
        assert!(serde_json::from_str::<NetworkId>("\"A\"").is_err());
        assert_eq!(serde_json::to_string(&NetworkId::parse("a").unwrap()).unwrap(), "\"a\"");
    }
}
