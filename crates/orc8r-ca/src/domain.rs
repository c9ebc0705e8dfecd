//! The domain under which gateways reach this Orchestrator.

use std::fmt;

/// Length that leaves room for `bootstrapper-controller.` before it (RFC 1035: 253 for the whole name).
const LENGTH_MAX: usize = 200;

/// A lower-case DNS name such as `magma.test`: gateways call `<service>-controller.magma.test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainName(String);

/// A text that is not a domain name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{0}' is not a domain name: use letters, digits and hyphens, in parts joined by dots, such as magma.example.org"
)]
pub struct NotADomainName(String);

impl DomainName {
    /// Reads a domain name, lower-casing it.
    ///
    /// # Errors
    /// When the text is not a host name of RFC 1123, or an IP address, or too long for a service name before it.
    pub fn parse(text: &str) -> Result<Self, NotADomainName> {
        let name = text.trim_end_matches('.').to_ascii_lowercase();
        let labels_are_valid = name.split('.').all(is_label);
        let is_address = name.parse::<std::net::IpAddr>().is_ok();
        if !labels_are_valid || is_address || name.len() > LENGTH_MAX {
            return Err(NotADomainName(text.to_owned()));
        }
        Ok(Self(name))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host that gateways connect to: `controller.<domain>`.
    pub fn controller(&self) -> String {
        format!("controller.{self}")
    }

    /// The host that gateways without a certificate connect to: `bootstrapper-controller.<domain>`.
    pub fn bootstrapper(&self) -> String {
        format!("bootstrapper-controller.{self}")
    }
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// RFC 1123 section 2.1: letters, digits and inner hyphens, at most 63.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_lower_cased_and_nothing_else_passes() {
        for (text, expected) in [
            ("magma.test", Some("magma.test")),
            ("Magma.TEST.", Some("magma.test")),
            ("localhost", Some("localhost")),
            ("", None),
            ("a..b", None),
            ("-a.b", None),
            ("a b", None),
            ("*.magma.test", None),
            ("10.0.0.1", None),
            ("a/b", None),
        ] {
            assert_eq!(DomainName::parse(text).ok().as_ref().map(DomainName::as_str), expected, "{text}");
        }
    }
}
