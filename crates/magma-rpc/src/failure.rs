//! What went wrong below gRPC, told apart as far as an operator's next step differs.

use crate::{Code, Status};
use std::error::Error;
use std::io;
use std::sync::Arc;
use thiserror::Error;

/// A call that did not get an answer from a gRPC server.
///
/// `Display` says what failed and what to look at.
#[derive(Clone, Debug, Error)]
pub enum Failure {
    /// The host's name has no address.
    #[error("the name {host} has no address ({reason}); check DNS and the configured address")]
    Resolve {
        /// The name that was looked up.
        host: String,
        /// The resolver's words.
        reason: String,
    },
    /// No TCP connection.
    #[error("cannot connect to {address}: {reason}; check the address, the port and the network")]
    Connect {
        /// `host:port`.
        address: String,
        /// The operating system's words.
        reason: String,
    },
    /// Connecting or the TLS handshake took too long.
    #[error("{address} did not complete a connection within {seconds} s; check the network and any firewall")]
    Timeout {
        /// `host:port`.
        address: String,
        /// The limit, in seconds.
        seconds: u64,
    },
    /// We do not trust the server's certificate.
    #[error("the certificate of {server_name} is not accepted: {reason}")]
    ServerCertificate {
        /// The name that the certificate was checked against.
        server_name: String,
        /// Why, and what to do.
        reason: String,
    },
    /// We trust whoever issued the server's certificate, but it is for another name.
    #[error("the certificate of {server_name} is not accepted: {reason}")]
    ServerName {
        /// The name that the certificate was checked against.
        server_name: String,
        /// Which names it has, and what to do.
        reason: String,
    },
    /// An HTTP proxy on the way does not connect us.
    #[error("no connection to {target} through the HTTP proxy {proxy}: {reason}")]
    Proxy {
        /// The proxy's `host:port`.
        proxy: String,
        /// Where it was to connect us.
        target: String,
        /// What happened, and what to do.
        reason: String,
    },
    /// The server does not accept our client certificate.
    #[error("{}", refused(alert))]
    ClientCertificateRejected {
        /// The TLS alert that it sent.
        alert: String,
    },
    /// TLS failed in another way.
    #[error("TLS with {address} failed: {reason}; is it a TLS port?")]
    Tls {
        /// `host:port`.
        address: String,
        /// The TLS library's words.
        reason: String,
    },
    /// An HTTP answer that is not gRPC: from a proxy or an ingress on the way.
    #[error("HTTP status {status} instead of a gRPC answer{}", http_hint(*.status))]
    Http {
        /// The HTTP status code.
        status: u16,
    },
    /// A call to something that cannot be a gRPC method.
    #[error("{path:?} is no path of a gRPC method; it must look like /package.Service/Method")]
    Path {
        /// What was to be called.
        path: String,
    },
    /// The connection ended before the answer was complete.
    #[error("the connection was closed before the answer was complete: {reason}")]
    Closed {
        /// The HTTP library's words.
        reason: String,
    },
}

impl Failure {
    /// Whether the peer refused the client certificate. An nginx edge does so with HTTP 400.
    pub fn is_certificate_rejected(&self) -> bool {
        matches!(self, Self::ClientCertificateRejected { .. } | Self::Http { status: 400 })
    }

    /// The gRPC status under which a caller sees this failure.
    pub fn into_status(self) -> Status {
        let code = match &self {
            Self::Timeout { .. } => Code::DeadlineExceeded,
            Self::ClientCertificateRejected { .. } => Code::Unauthenticated,
            Self::Http { status } => code_of_http(*status),
            Self::Path { .. } => Code::InvalidArgument,
            _ => Code::Unavailable,
        };
        let mut status = Status::new(code, self.to_string());
        status.set_source(Arc::new(self));
        status
    }

    /// Sorts an error of a TLS stream; none when it is not TLS that failed.
    pub(crate) fn of_tls(error: &io::Error, address: &str, server_name: &str) -> Option<Self> {
        let tls = error.get_ref()?.downcast_ref::<rustls::Error>()?;
        Some(match tls {
            rustls::Error::InvalidCertificate(why) => {
                let (server_name, reason) = (server_name.to_owned(), explain(why));
                match why {
                    rustls::CertificateError::NotValidForName
                    | rustls::CertificateError::NotValidForNameContext { .. } => {
                        Self::ServerName { server_name, reason }
                    }
                    _ => Self::ServerCertificate { server_name, reason },
                }
            }
            rustls::Error::AlertReceived(alert) if blames_client_certificate(*alert) => {
                Self::ClientCertificateRejected { alert: format!("{alert:?}") }
            }
            other => Self::Tls { address: address.to_owned(), reason: other.to_string() },
        })
    }
}

/// The failure below gRPC that a status stands for, if it does.
pub fn failure_of(status: &Status) -> Option<&Failure> {
    let mut source = status.source();
    while let Some(error) = source {
        if let Some(failure) = error.downcast_ref() {
            return Some(failure);
        }
        source = error.source();
    }
    None
}

/// The failure that an error of a body stands for.
pub(crate) fn failure_of_body(status: &Status) -> Failure {
    failure_of(status).cloned().unwrap_or_else(|| Failure::Closed { reason: status.message().to_owned() })
}

/// gRPC's own mapping of HTTP statuses (gRPC "HTTP to gRPC Status Code Mapping").
fn code_of_http(status: u16) -> Code {
    match status {
        400 => Code::Internal,
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        404 => Code::Unimplemented,
        429 | 502 | 503 | 504 => Code::Unavailable,
        _ => Code::Unknown,
    }
}

fn http_hint(status: u16) -> &'static str {
    match status {
        400 => "; an nginx edge answers so when it refuses the client certificate",
        403 => "; the edge or a proxy forbids the call",
        404 => "; the address is not that of a gRPC server",
        502..=504 => "; a proxy on the way cannot reach the cloud: check cloud_address and cloud_port",
        _ => "",
    }
}

fn refused(alert: &str) -> String {
    match alert {
        "CertificateRequired" => {
            "the server takes nobody without a client certificate, and none was shown; check the port: the one for \
             gateways without a certificate is usually 8444"
                .into()
        }
        _ => format!(
            "the server refused our client certificate ({alert}); it may be expired, revoked or of another CA"
        ),
    }
}

fn blames_client_certificate(alert: rustls::AlertDescription) -> bool {
    use rustls::AlertDescription as Alert;
    matches!(
        alert,
        Alert::BadCertificate
            | Alert::CertificateExpired
            | Alert::CertificateRequired
            | Alert::CertificateRevoked
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::UnsupportedCertificate
            | Alert::AccessDenied
    )
}

fn explain(why: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Error;
    match why {
        Error::UnknownIssuer => {
            "it was not issued by the trusted root; is rootCA.pem the one of this cloud?".into()
        }
        // Every cloud that was set up with Magma's scripts has a root of the same name.
        Error::BadSignature => {
            "an authority of the same name signed it, but with another key; is rootCA.pem the one of this cloud?"
                .into()
        }
        Error::Expired | Error::ExpiredContext { .. } => {
            "it has expired; renew it at the cloud, or set this machine's clock (NTP)".into()
        }
        Error::NotValidYet | Error::NotValidYetContext { .. } => {
            "it is not valid yet; this machine's clock is behind (NTP)".into()
        }
        Error::NotValidForName | Error::NotValidForNameContext { .. } => {
            format!("it is for another name ({why}); check the configured address")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_carries_its_failure() {
        let rows = [
            (Failure::Http { status: 400 }, Code::Internal, true),
            (Failure::Http { status: 503 }, Code::Unavailable, false),
            (Failure::ClientCertificateRejected { alert: "UnknownCA".into() }, Code::Unauthenticated, true),
            (Failure::Closed { reason: "reset".into() }, Code::Unavailable, false),
            (Failure::Timeout { address: "a:1".into(), seconds: 10 }, Code::DeadlineExceeded, false),
        ];
        for (failure, code, rejected) in rows {
            let text = failure.to_string();
            let status = failure.into_status();
            assert_eq!(status.code(), code, "{text}");
            let found = failure_of(&status).expect("the failure is the status's source");
            assert_eq!(found.to_string(), text);
            assert_eq!(found.is_certificate_rejected(), rejected, "{text}");
        }
    }

    #[test]
    fn a_status_from_the_server_has_no_failure() {
        assert!(failure_of(&Status::permission_denied("no")).is_none());
    }
}
