//! How a call ends.

use std::collections::BTreeMap;

use magma_rpc::{Code, Status};

/// Why a call through SyncRPC brought no answer, or not all of it.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// The gateway has no stream to this Orchestrator.
    #[error("the gateway is not connected")]
    NotConnected,
    /// Another node holds the gateway's stream and cannot be reached; the call was not sent.
    #[error("the node that the gateway is connected to cannot be reached ({0}): try again in some seconds")]
    NodeUnreachable(String),
    /// The stream or its node ended, or the gateway opened another stream, while the call was running.
    #[error("the gateway's connection was lost during the call: whether it had an effect is not known")]
    ConnectionLost,
    /// More calls wait for the gateway than it has room for.
    #[error("too many calls wait for this gateway: try again later")]
    Busy,
    /// The gateway was silent for 15 seconds, or the caller's own limit has passed.
    #[error("the gateway did not answer in time: whether the call had an effect is not known")]
    TimedOut,
    /// The answer came faster than the caller took it, and more of it than is kept.
    #[error("the gateway's answer came faster than it was read: the call was ended")]
    Overrun,
    /// The gateway answered, but not as gRPC does.
    #[error("the gateway's answer is not valid gRPC: {0}")]
    Malformed(String),
    /// The gateway's service answered with a failure.
    #[error("the gateway answered {:?}: {}", .0.code(), .0.message())]
    Refused(Status),
}

impl From<CallError> for Status {
    fn from(error: CallError) -> Self {
        let text = error.to_string();
        match error {
            CallError::Refused(status) => status,
            CallError::NotConnected | CallError::ConnectionLost | CallError::NodeUnreachable(_) => {
                Self::unavailable(text)
            }
            CallError::Busy | CallError::Overrun => Self::resource_exhausted(text),
            CallError::TimedOut => Self::deadline_exceeded(text),
            CallError::Malformed(_) => Self::internal(text),
        }
    }
}

/// What the headers of an answer's frame say: the trailers are merged into those of the last one.
///
/// `None`: this frame does not end the call.
pub(crate) fn end_of(http_status: &str, headers: &BTreeMap<String, String>) -> Option<Result<(), CallError>> {
    if let Some(code) = header(headers, "grpc-status") {
        let code = Code::from_bytes(code.trim().as_bytes());
        if code == Code::Ok {
            return Some(Ok(()));
        }
        let message = header(headers, "grpc-message").map(percent_decoded).unwrap_or_default();
        return Some(Err(CallError::Refused(Status::new(code, message))));
    }
    match http_status {
        "" | "200" => None,
        other => Some(Err(CallError::Refused(Status::unavailable(format!(
            "the gateway's service answered HTTP {other} without a gRPC status"
        ))))),
    }
}

/// Header names come as the gateway's HTTP library writes them: `Grpc-Status` or `grpc-status`.
fn header<'a>(headers: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// `grpc-message` is percent-encoded; what is not valid stays as it is (gRPC over HTTP/2, "Responses").
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        match encoded_byte(rest) {
            Some(byte) => {
                bytes.push(byte);
                rest = &rest[3..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn encoded_byte(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |letter: &u8| char::from(*letter).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_status_is_found_in_every_spelling() {
        for name in ["grpc-status", "Grpc-Status", "GRPC-STATUS"] {
            assert!(matches!(end_of("200", &headers(&[(name, "0")])), Some(Ok(()))), "{name}");
        }
        assert!(end_of("200", &headers(&[("content-type", "application/grpc")])).is_none());
        assert!(end_of("", &headers(&[])).is_none());
    }

    #[test]
    fn failures_keep_their_code_and_their_words() {
        for (http, pairs, code, message) in [
            (
                "200",
                &[("Grpc-Status", "5"), ("Grpc-Message", "no%20such%20thing%3A%20x")][..],
                Code::NotFound,
                "no such thing: x",
            ),
            (
                "200",
                &[("grpc-status", "3"), ("grpc-message", "100% %zz %4")],
                Code::InvalidArgument,
                "100% %zz %4",
            ),
            ("200", &[("grpc-status", "13"), ("grpc-message", "gr%C3%B6%C3%9Fe")], Code::Internal, "größe"),
            ("200", &[("grpc-status", "nonsense")], Code::Unknown, ""),
            ("503", &[("grpc-status", "8")], Code::ResourceExhausted, ""),
            ("503", &[], Code::Unavailable, "the gateway's service answered HTTP 503 without a gRPC status"),
        ] {
            let Some(Err(CallError::Refused(status))) = end_of(http, &headers(pairs)) else {
                panic!("{pairs:?} ends the call with a failure");
            };
            assert_eq!((status.code(), status.message()), (code, message), "{pairs:?}");
        }
    }
}
