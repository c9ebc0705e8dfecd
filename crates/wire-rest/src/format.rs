//! The formats that the contract's texts have.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Whether `text` is written in the format `name`. An unknown format is any text.
pub fn is(name: &str, text: &str) -> bool {
    match name {
        "ipv4" => text.parse::<Ipv4Addr>().is_ok(),
        "ipv6" => text.parse::<Ipv6Addr>().is_ok(),
        "ip-address" => text.parse::<IpAddr>().is_ok(),
        "cidr" => is_cidr(text),
        "mac" => is_mac(text),
        "date-time" => OffsetDateTime::parse(text, &Rfc3339).is_ok(),
        "byte" => STANDARD.decode(text).is_ok(),
        "uri" => is_uri(text),
        _ => true,
    }
}

fn is_cidr(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else { return false };
    let bits = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.parse::<u8>().is_ok_and(|length| length <= bits) && !length.starts_with('+')
}

/// Six or eight bytes in hexadecimal, between colons or dashes.
fn is_mac(text: &str) -> bool {
    let separator = if text.contains('-') { '-' } else { ':' };
    let bytes: Vec<&str> = text.split(separator).collect();
    let is_byte = |byte: &&str| byte.len() == 2 && byte.bytes().all(|digit| digit.is_ascii_hexdigit());
    matches!(bytes.len(), 6 | 8) && bytes.iter().all(is_byte)
}

/// `scheme ":" rest` (RFC 3986 §3), or an absolute path, with nothing that a URI may not contain.
fn is_uri(text: &str) -> bool {
    let clean = text.chars().all(|letter| !letter.is_whitespace() && !letter.is_control());
    let absolute = text.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-.".contains(letter))
    });
    clean && (absolute || text.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_knows_its_own() {
        let rows = [
            ("ipv4", "10.0.0.1", "10.0.0.256"),
            ("ipv6", "fe80::1", "10.0.0.1"),
            ("ip-address", "fe80::1", "fe80::g"),
            ("cidr", "10.0.0.0/8", "10.0.0.0"),
            ("cidr", "fe80::/64", "10.0.0.0/33"),
            ("cidr", "0.0.0.0/0", "0.0.0.0/+0"),
            ("mac", "00:11:22:aa:BB:cc", "00:11:22:aa:BB"),
            ("mac", "00-11-22-aa-BB-cc", "00-11:22-aa-BB-cc"),
            ("date-time", "2024-02-29T12:00:00Z", "2024-02-30T12:00:00Z"),
            ("date-time", "2024-02-29T12:00:00.5+02:00", "2024-02-29"),
            ("byte", "AQI=", "%"),
            ("uri", "https://a@b/1", "not a uri"),
        ];
        for (name, right, wrong) in rows {
            assert!(is(name, right), "{name}: {right}");
            assert!(!is(name, wrong), "{name}: {wrong}");
        }
        assert!(is("something new", "x"));
    }
}
