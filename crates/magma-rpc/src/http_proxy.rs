//! An HTTP proxy on the way to the cloud: a TCP connection asked for by `CONNECT` (RFC 9110 §9.3.6), inside which TLS
//! then runs end to end.
//!
//! The proxy sees the cloud's name and port and nothing else. Its credentials are sent to it alone, and never logged.

use crate::Failure;
use crate::connect;
use std::fmt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The port of a proxy whose URL names none.
const DEFAULT_PORT: u16 = 3128;
/// The longest head of an answer that is read, in bytes.
const HEAD_MAX: usize = 8 * 1024;

/// Where a proxy is, and how it knows us.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpProxy {
    host: String,
    port: u16,
    /// The value of `Proxy-Authorization`.
    authorization: Option<String>,
}

/// Why a text is no usable proxy. The text itself is left out, since it may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpProxyError {
    /// Only plain HTTP proxies are spoken to.
    #[error(
        "the proxy's URL begins with {0}://, but only http:// proxies are supported; TLS to the cloud runs inside it"
    )]
    Scheme(String),
    /// There is no host in it.
    #[error("the proxy's URL has no host; write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the port in the proxy's URL is no number from 1 to 65535; write it as http://HOST:PORT")]
    Port,
}

impl HttpProxy {
    /// Reads `http://[USER:PASSWORD@]HOST[:PORT]`, where `http://` may be missing and user and password may be
    /// percent-encoded, as `http_proxy` has it everywhere.
    ///
    /// # Errors
    /// When it is not of that form.
    pub fn from_url(url: &str) -> Result<Self, HttpProxyError> {
        let rest = match url.trim().split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some((scheme, _)) => return Err(HttpProxyError::Scheme(scheme.to_owned())),
            None => url.trim(),
        };
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (user, address) = match rest.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, rest),
        };
        let (host, port) = host_and_port(address)?;
        let authorization = user.map(|user| format!("Basic {}", base64(&percent_decoded(user))));
        Ok(Self { host: host.to_owned(), port, authorization })
    }

    /// The same proxy, at one of the addresses of its name.
    #[must_use]
    pub fn at(&self, address: std::net::IpAddr) -> Self {
        Self { host: address.to_string(), ..self.clone() }
    }

    /// The proxy's host: a name or an address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The proxy's TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The value of `Proxy-Authorization`, for requests that are made to the proxy itself.
    pub(crate) fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// Asks the proxy on the other end of `tcp` for a connection to `target`, `host:port`.
    pub(crate) async fn tunnel(&self, mut tcp: TcpStream, target: &str) -> Result<TcpStream, Failure> {
        let lost = |error: std::io::Error| self.failure(target, format!("it broke off: {error}"));
        let credentials = self.authorization.as_ref();
        let credentials = credentials.map(|value| format!("Proxy-Authorization: {value}\r\n"));
        let request =
            format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{}\r\n", credentials.unwrap_or_default());
        tcp.write_all(request.as_bytes()).await.map_err(lost)?;
        let mut head = Vec::new();
        // Byte by byte, so that nothing of what comes after the head is taken from TLS.
        while !head.ends_with(b"\r\n\r\n") {
            match tcp.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(error) => return Err(lost(error)),
            }
            if head.len() > HEAD_MAX {
                return Err(self.failure(target, "its answer is no HTTP; is it an HTTP proxy?".to_owned()));
            }
        }
        match status_of(&head) {
            Some(200..=299) => Ok(tcp),
            Some(status) => Err(self.failure(target, refusal(status, self.authorization.is_some()))),
            None => Err(self.failure(target, "its answer is no HTTP; is it an HTTP proxy?".to_owned())),
        }
    }

    /// The proxy cannot be used, and why.
    pub(crate) fn failure(&self, target: &str, reason: String) -> Failure {
        Failure::Proxy { proxy: self.to_string(), target: target.to_owned(), reason }
    }
}

/// Without its credentials.
impl fmt::Display for HttpProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&connect::host_and_port(&self.host, self.port))
    }
}

impl fmt::Debug for HttpProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpProxy({self}, credentials: {})", self.authorization.is_some())
    }
}

fn host_and_port(address: &str) -> Result<(&str, u16), HttpProxyError> {
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, rest) = rest.split_once(']').ok_or(HttpProxyError::Host)?;
            (host, rest.strip_prefix(':'))
        }
        None => match address.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (address, None),
        },
    };
    let allowed = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_' | ':' | '%');
    if host.is_empty() || !host.chars().all(allowed) {
        return Err(HttpProxyError::Host);
    }
    match port {
        None | Some("") => Ok((host, DEFAULT_PORT)),
        Some(port) => match port.parse() {
            Ok(0) | Err(_) => Err(HttpProxyError::Port),
            Ok(port) => Ok((host, port)),
        },
    }
}

/// The status of an answer's first line.
pub(crate) fn status_of(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let rest = std::str::from_utf8(line).ok()?.strip_prefix("HTTP/1.")?;
    rest.split(' ').nth(1)?.parse().ok()
}

fn refusal(status: u16, with_credentials: bool) -> String {
    let next = match status {
        407 if with_credentials => {
            "it does not accept the user and password in the proxy's URL; correct them"
        }
        407 => {
            "it wants a user and a password; write them into the proxy's URL as http://USER:PASSWORD@HOST:PORT"
        }
        403 => "it does not allow this; ask whoever runs it to allow CONNECT to this name and port",
        404 | 405 | 501 => "it does not offer CONNECT; is it an HTTP proxy for TLS?",
        502..=504 => {
            "it cannot reach the cloud; check the cloud's address and port, and the proxy's own network"
        }
        _ => "ask whoever runs it",
    };
    format!("it answered {status}: {next}")
}

/// `%40` is `@`; what is no such sequence stays as it is.
fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = if first == b'%' { after.get(..2) } else { None };
        let code = code.and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    bytes
}

/// RFC 4648 §4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let at = |index: usize| u32::from(chunk.get(index).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_read_as_other_programs_read_it() {
        let rows = [
            ("http://proxy.example:3129", Ok(("proxy.example", 3129, None))),
            ("proxy.example", Ok(("proxy.example", 3128, None))),
            ("http://10.0.0.1:8080/", Ok(("10.0.0.1", 8080, None))),
            ("http://[fd00::1]:8080", Ok(("fd00::1", 8080, None))),
            ("http://user:pass@proxy:1", Ok(("proxy", 1, Some("Basic dXNlcjpwYXNz")))),
            ("http://a:p%40ss%@proxy:1", Ok(("proxy", 1, Some("Basic YTpwQHNzJQ==")))),
            ("HTTP://proxy:1", Ok(("proxy", 1, None))),
            ("https://proxy:1", Err(HttpProxyError::Scheme("https".into()))),
            ("http://:80", Err(HttpProxyError::Host)),
            ("http://pro xy:80", Err(HttpProxyError::Host)),
            ("", Err(HttpProxyError::Host)),
            ("http://proxy:0", Err(HttpProxyError::Port)),
            ("http://proxy:http", Err(HttpProxyError::Port)),
        ];
        for (url, expected) in rows {
            let read = HttpProxy::from_url(url);
            let read =
                read.as_ref().map(|proxy| (proxy.host(), proxy.port(), proxy.authorization.as_deref()));
            assert_eq!(read, expected.as_ref().copied(), "{url}");
        }
        let shown = HttpProxy::from_url("http://[fd00::1]:8080").map(|proxy| proxy.to_string());
        assert_eq!(shown.as_deref(), Ok("[fd00::1]:8080"));
    }

    #[test]
    fn credentials_are_never_shown() {
        let proxy = HttpProxy::from_url("http://user:secret@proxy:1").expect("a URL");
        for shown in
            [proxy.to_string(), format!("{proxy:?}"), proxy.failure("c:1", refusal(407, true)).to_string()]
        {
            assert!(!shown.contains("secret") && !shown.contains("Basic"), "{shown}");
        }
        let error = HttpProxy::from_url("https://user:secret@proxy:1").expect_err("TLS to the proxy");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
