//! How one node tells another why a call failed: a gRPC status with a mark, so that a gateway's own refusal is not taken
//! for a node's failure.

use magma_rpc::metadata::{MetadataMap, MetadataValue};
use magma_rpc::{Failure, Status, failure_of};

use crate::sync_rpc::CallError;

const MARK: &str = "orc8r-call-error";

/// What goes over the wire.
pub(super) fn to_status(error: CallError) -> Status {
    let mark = match &error {
        CallError::NotConnected => "not-connected",
        CallError::ConnectionLost => "connection-lost",
        CallError::Busy => "busy",
        CallError::TimedOut => "timed-out",
        CallError::Overrun => "overrun",
        CallError::Malformed(_) => "malformed",
        CallError::NodeUnreachable(_) => "unreachable",
        CallError::Refused(_) => "refused",
    };
    let status = match error {
        // The text of others is made anew at the other side.
        CallError::Malformed(text) | CallError::NodeUnreachable(text) => Status::internal(text),
        other => Status::from(other),
    };
    let mut metadata = MetadataMap::new();
    metadata.insert(MARK, MetadataValue::from_static(mark));
    Status::with_metadata(status.code(), status.message(), metadata)
}

/// What came over the wire, or why nothing came.
pub(super) fn from_status(status: Status) -> CallError {
    let mark = status.metadata().get(MARK).and_then(|mark| mark.to_str().ok());
    match mark {
        Some("not-connected") => CallError::NotConnected,
        Some("connection-lost") => CallError::ConnectionLost,
        Some("busy") => CallError::Busy,
        Some("timed-out") => CallError::TimedOut,
        Some("overrun") => CallError::Overrun,
        Some("malformed") => CallError::Malformed(status.message().to_owned()),
        Some("refused") => CallError::Refused(Status::new(status.code(), status.message())),
        Some(_) => CallError::NodeUnreachable(status.message().to_owned()),
        None => match failure_of(&status) {
            // The request may have arrived.
            Some(Failure::Closed { .. }) => CallError::ConnectionLost,
            Some(failure) => CallError::NodeUnreachable(failure.to_string()),
            None => CallError::NodeUnreachable(status.message().to_owned()),
        },
    }
}

#[cfg(test)]
mod tests {
    use magma_rpc::Code;

    use super::*;

    #[test]
    fn every_failure_is_the_same_at_the_other_node() {
        let errors = [
            CallError::NotConnected,
            CallError::ConnectionLost,
            CallError::Busy,
            CallError::TimedOut,
            CallError::Overrun,
            CallError::Malformed("odd".into()),
            CallError::NodeUnreachable("gone".into()),
            CallError::Refused(Status::unavailable("the service is down")),
        ];
        for error in errors {
            let text = error.to_string();
            assert_eq!(from_status(to_status(error)).to_string(), text);
        }
    }

    #[test]
    fn a_refusal_by_the_node_is_not_taken_for_one_by_the_gateway() {
        let status = Status::permission_denied("Unknown Client Certificate");
        assert!(matches!(from_status(status), CallError::NodeUnreachable(_)));
        let lost = Failure::Closed { reason: "reset".into() }.into_status();
        assert_eq!(lost.code(), Code::Unavailable);
        assert!(matches!(from_status(lost), CallError::ConnectionLost));
    }
}
