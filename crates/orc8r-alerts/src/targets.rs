//! Where messages may be sent: who may write receivers shall not reach what only the Orchestrator reaches.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::time::timeout;

/// How long a name may take.
const LIMIT: Duration = Duration::from_secs(10);
/// Addresses of one name that are tried.
const ADDRESSES_MAX: usize = 4;

/// A part of the address space, such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefix {
    address: IpAddr,
    length: u8,
}

/// Where messages may be sent: public addresses, and what the operator allows beside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Targets {
    allowed: Vec<Prefix>,
}

impl Targets {
    /// Public addresses, and these.
    pub fn public_and(allowed: Vec<Prefix>) -> Self {
        Self { allowed }
    }

    /// Whether messages may go there.
    pub fn allow(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address) || self.allowed.iter().any(|prefix| prefix.contains(address))
    }

    /// The addresses of a name, all of which must be allowed; a name is looked up once, and what was looked at is what
    /// is connected to.
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> Result<Vec<IpAddr>, Refused> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let found = timeout(LIMIT, lookup_host((host, port))).await;
        let Ok(Ok(found)) = found else { return Err(Refused::Unknown(host.to_owned())) };
        let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        match found.iter().find(|address| !self.allow(**address)) {
            Some(address) => Err(Refused::NotAllowed { host: host.to_owned(), address: *address }),
            None if found.is_empty() => Err(Refused::Unknown(host.to_owned())),
            None => Ok(found.into_iter().take(ADDRESSES_MAX).collect()),
        }
    }
}

/// Why nothing is sent to a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refused {
    /// It has no address now.
    #[error("the name {0} is not known")]
    Unknown(String),
    /// It has one that is not allowed.
    #[error("{host} is {address}, which is not public: allow it with --alerts-may-reach {address}")]
    NotAllowed { host: String, address: IpAddr },
}

impl Prefix {
    fn contains(self, address: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => (u128::from(address.to_bits()) << 96, 32),
            IpAddr::V6(address) => (address.to_bits(), 128),
        };
        let ((ours, size), (theirs, other)) = (bits(self.address), bits(address));
        let mask = u128::MAX.checked_shl(128 - u32::from(self.length)).unwrap_or(0);
        size == other && ours & mask == theirs & mask
    }
}

impl FromStr for Prefix {
    type Err = String;

    /// `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no address or part of the address space, such as 10.0.0.0/8");
        let (address, length) = text.split_once('/').map_or((text, None), |(a, length)| (a, Some(length)));
        let address = address.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(most), |length| length.parse().map_err(|_| wrong()))?;
        if length > most { Err(wrong()) } else { Ok(Self { address, length }) }
    }
}

/// What the whole Internet reaches (IANA's registries of special-purpose addresses).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let [first, second, third, _] = address.octets();
            !(first == 0
                || first >= 240
                || address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_multicast()
                || first == 100 && (64..128).contains(&second)
                || first == 198 && (18..20).contains(&second)
                || (first, second, third) == (192, 0, 0))
        }
        IpAddr::V6(address) => {
            let [first, second, ..] = address.segments();
            // What was assigned, without protocols and translations (2001::/23, 2002::/16) that lead to any IPv4 address.
            first & 0xe000 == 0x2000 && first != 0x2002 && !(first == 0x2001 && second < 0x0200)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(allowed: &[&str], address: &str) -> bool {
        let allowed = allowed.iter().map(|prefix| prefix.parse().unwrap()).collect();
        Targets::public_and(allowed).allow(address.parse().unwrap())
    }

    #[test]
    fn what_is_not_public_is_refused_unless_it_is_allowed() {
        for address in [
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "0.0.0.0",
            "10.0.0.1",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:0:7f00:1::",
            "::127.0.0.1",
            "64:ff9b:1::7f00:1",
            "fec0::1",
            "4000::1",
            "fe80::1",
            "fd00::1",
            "ff02::1",
        ] {
            assert!(!allows(&[], address), "{address}");
        }
        for address in ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:4860::1", "::ffff:8.8.8.8"] {
            assert!(allows(&[], address), "{address}");
        }
        let some = ["10.1.0.0/16", "192.168.1.5", "fd00::/8"];
        for (address, want) in [
            ("10.1.255.1", true),
            ("10.2.0.1", false),
            ("::ffff:10.1.0.1", true),
            ("192.168.1.5", true),
            ("192.168.1.6", false),
            ("fd12::1", true),
            ("fe80::1", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(allows(&some, address), want, "{address}");
        }
        assert!(allows(&["0.0.0.0/0"], "127.0.0.1") && !allows(&["0.0.0.0/0"], "::1"));
        for text in ["10.0.0.0/33", "fd00::/129", "host", "10.0.0.0/", "10.0.0.0/-1", ""] {
            assert!(text.parse::<Prefix>().is_err(), "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_with_one_address_that_is_not_allowed_is_refused() {
        let none = Targets::default().addresses("localhost", 80).await.unwrap_err().to_string();
        assert!(none.contains("--alerts-may-reach"), "{none}");
        let literal = Targets::default().addresses("[::1]", 80).await.unwrap_err();
        assert!(matches!(literal, Refused::NotAllowed { .. }));
        let both = ["127.0.0.0/8", "::1"].map(|prefix| prefix.parse().unwrap());
        assert!(!Targets::public_and(both.to_vec()).addresses("localhost", 80).await.unwrap().is_empty());
        let unknown = Targets::default().addresses("no-such-name.invalid", 80).await.unwrap_err();
        assert_eq!(unknown, Refused::Unknown("no-such-name.invalid".to_owned()));
    }
}
