//! The URL of a database: what the driver reads of it, and what is ours.

use crate::StoreError;
use std::path::PathBuf;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::{SslMode, TargetSessionAttrs};

/// How long one host may take to answer.
const CONNECT_LIMIT: Duration = Duration::from_secs(3);
/// A silent connection is probed after this time, so that a server that vanished is noticed.
const PROBED_AFTER: Duration = Duration::from_secs(15);
/// How many connections one node opens, when the URL says nothing.
const CONNECTIONS: usize = 8;
/// One of each kind.
const CONNECTIONS_MIN: usize = 3;
/// The most that a URL may ask for.
const CONNECTIONS_MAX: usize = 100;

/// Where the database is and how it is reached.
#[derive(Clone)]
pub(crate) struct Address {
    pub(crate) config: Config,
    pub(crate) encryption: Encryption,
    pub(crate) connections: usize,
}

/// Whether the connection is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Encryption {
    Off,
    /// With the server's certificate verified: by the authorities of a file, or by those that the system trusts.
    On {
        authorities: Option<PathBuf>,
    },
}

/// Whether `text` is the URL of a PostgreSQL database, and not the path of a file.
pub(crate) fn is_url(text: &str) -> bool {
    text.starts_with("postgres://") || text.starts_with("postgresql://")
}

impl Address {
    /// Reads a URL. `sslmode`, `sslrootcert` and `connections` are ours; the rest is the driver's.
    ///
    /// # Errors
    /// [`StoreError::Invalid`], without repeating the URL, which has a password in it.
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        if !is_url(url) {
            return Err(StoreError::invalid("the database is no postgres:// URL"));
        }
        let (place, query) = url.split_once('?').unwrap_or((url, ""));
        let mut own = Own::default();
        let mut others = Vec::new();
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", mode)) => own.mode = Some(mode),
                Some(("sslrootcert", file)) => own.authorities = Some(PathBuf::from(decoded(file))),
                Some(("connections", count)) => own.connections = Some(count),
                _ => others.push(parameter),
            }
        }
        let mut config: Config =
            format!("{place}?{}", others.join("&")).parse().map_err(|error: tokio_postgres::Error| {
                StoreError::invalid(format_args!("the database's URL: {}", super::failure::chain(&error)))
            })?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_LIMIT);
        }
        config.keepalives_idle(PROBED_AFTER).keepalives_interval(PROBED_AFTER / 3).keepalives_retries(3);
        config.tcp_user_timeout(PROBED_AFTER * 2);
        config.application_name("orc8r");
        // The TLS handshake is our own, before the driver has the connection.
        config.ssl_mode(SslMode::Disable);
        // Of several hosts, the one that may be written.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        Ok(Self { config, encryption: own.encryption()?, connections: own.connections()? })
    }
}

#[derive(Default)]
struct Own<'a> {
    mode: Option<&'a str>,
    authorities: Option<PathBuf>,
    connections: Option<&'a str>,
}

impl Own<'_> {
    fn encryption(&self) -> Result<Encryption, StoreError> {
        match (self.mode, &self.authorities) {
            (None | Some("disable"), None) => Ok(Encryption::Off),
            (Some("require" | "verify-ca" | "verify-full"), authorities) => {
                Ok(Encryption::On { authorities: authorities.clone() })
            }
            (None | Some("disable"), Some(_)) => {
                Err(StoreError::invalid("the database's URL names sslrootcert without sslmode=require"))
            }
            (Some(other), _) => Err(StoreError::invalid(format_args!(
                "the database's URL says sslmode={other}: say disable or require"
            ))),
        }
    }

    fn connections(&self) -> Result<usize, StoreError> {
        let Some(text) = self.connections else { return Ok(CONNECTIONS) };
        text.parse().ok().filter(|count| (CONNECTIONS_MIN..=CONNECTIONS_MAX).contains(count)).ok_or_else(|| {
            StoreError::invalid(format_args!(
                "the database's URL says connections={text}: say a number from {CONNECTIONS_MIN} to {CONNECTIONS_MAX}"
            ))
        })
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail.get(..2).and_then(|code| std::str::from_utf8(code).ok());
        match (first, code.and_then(|code| u8::from_str_radix(code, 16).ok())) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_who_where_and_how() {
        let off = Encryption::Off;
        let system = Encryption::On { authorities: None };
        let own = Encryption::On { authorities: Some(PathBuf::from("/etc/my ca.pem")) };
        let rows = [
            ("postgres://u:p@h:5433/d", off.clone(), 8),
            ("postgresql://h/d?sslmode=disable", off.clone(), 8),
            ("postgres://u@h/d?sslmode=require", system, 8),
            ("postgres://u@h/d?sslrootcert=%2Fetc%2Fmy%20ca.pem&sslmode=verify-full&connections=20", own, 20),
            ("postgres://u@/d?host=/run/postgresql&port=5433", off, 8),
        ];
        for (url, encryption, connections) in rows {
            let address = Address::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
            assert_eq!((address.encryption, address.connections), (encryption, connections), "{url}");
            assert_eq!(address.config.get_dbname(), Some("d"), "{url}");
        }
    }

    #[test]
    fn a_url_that_cannot_be_meant_is_refused_without_its_password() {
        let rows = [
            ("mysql://u:secret@h/d", "no postgres:// URL"),
            ("postgres://u:secret@h/d?sslmode=prefer", "say disable or require"),
            ("postgres://u:secret@h/d?sslrootcert=/a", "without sslmode=require"),
            ("postgres://u:secret@h/d?connections=2", "from 3 to 100"),
            ("postgres://u:secret@h/d?colour=red", "colour"),
            ("postgres://u:secret@h:port/d", "port"),
        ];
        for (url, expect) in rows {
            let Err(error) = Address::parse(url) else { panic!("{url} was taken") };
            let text = error.to_string();
            assert!(text.contains(expect), "{url}: {text}");
            assert!(!text.contains("secret"), "{url}: {text}");
        }
    }
}
