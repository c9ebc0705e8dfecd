//! Why a bootstrap failed, in the words of the metric `bootstrap_exception` and in words for the operator.

use std::borrow::Cow;
use std::fmt;

/// The step that failed: the `cause` label of the counter `bootstrap_exception`, with Magma's own values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The pair on disk could not be looked at. (Ours: Magma's agent never reports it.)
    Inspect,
    /// `GetChallenge` failed.
    GetChallenge,
    /// The gateway key could not be made.
    PrivateKey,
    /// The certificate request could not be made.
    CertificateRequest,
    /// The challenge could not be answered: no challenge key, or a key type that no gateway supports.
    Answer,
    /// The channel for `RequestSign` could not be made.
    Channel,
    /// `RequestSign` failed.
    RequestSign,
    /// The issued certificate cannot be accepted.
    InvalidCertificate,
    /// The new pair could not be written; the kind of error, such as `StorageFull`.
    Store(&'static str),
}

impl Cause {
    /// The label's value.
    pub fn label(self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Inspect => "InspectPair",
            Self::GetChallenge => "GetChallengeResp",
            Self::PrivateKey => "GetChallengeDonePrivateKey",
            Self::CertificateRequest => "GetChallengeDoneCreateCSR:CsrError",
            Self::Answer => "GetChallengeDoneCreateResponse",
            Self::Channel => "RequestSignGetRPC",
            Self::RequestSign => "RequestSignDoneResp",
            Self::InvalidCertificate => "RequestSignDoneInvalidCert",
            Self::Store(kind) => return Cow::Owned(format!("RequestSignDoneWriteCert:{kind}")),
        })
    }
}

/// A failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where it failed.
    pub cause: Cause,
    /// What happened, and what the operator can do about it.
    pub message: String,
}

impl Failure {
    /// A failure at `cause`.
    pub fn new(cause: Cause, message: impl Into<String>) -> Self {
        Self { cause, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
