//! What a failed call to the cloud means: whether it is the certificate, and what the operator should do.

use magma_rpc::{Code, Status, failure_of};

/// Whether the cloud refused this gateway's certificate, so that a new one is worth asking for.
///
/// A cloud that is slow, absent or broken says nothing about the certificate. An nginx edge refuses one with HTTP 400,
/// and the Orchestrator's services with `PERMISSION_DENIED`.
pub fn is_of_certificate(status: &Status) -> bool {
    match failure_of(status) {
        Some(failure) => failure.is_certificate_rejected(),
        None => matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated),
    }
}

/// The status in words for an operator, with a next step.
pub fn explain(status: &Status) -> String {
    if let Some(failure) = failure_of(status) {
        return failure.to_string();
    }
    let said = status.message();
    match status.code() {
        Code::PermissionDenied | Code::Unauthenticated => format!(
            "the cloud does not accept this gateway ({said}); a new certificate is requested, and if that does not help, \
             check that this hardware id is registered in the network (magmad show)"
        ),
        Code::DeadlineExceeded => {
            format!("{said}; the network to the cloud is slow or cut, or the cloud is overloaded")
        }
        Code::Unimplemented => format!(
            "the server does not offer this service ({said}); is cloud_address in control_proxy.yml that of an Orchestrator?"
        ),
        Code::OutOfRange | Code::ResourceExhausted => format!("a message is too large: {said}"),
        code => format!("the cloud answered {code:?}: {said}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use magma_rpc::Failure;

    #[test]
    fn only_a_refusal_asks_for_a_new_certificate() {
        let refused = Failure::Connect { address: "c:8443".into(), reason: "connection refused".into() };
        let rows = [
            ("denied by a service", Status::permission_denied("Unknown Client Certificate"), true),
            ("not authenticated", Status::unauthenticated("no certificate"), true),
            ("HTTP 400 of nginx", Failure::Http { status: 400 }.into_status(), true),
            (
                "TLS alert",
                Failure::ClientCertificateRejected { alert: "UnknownCA".into() }.into_status(),
                true,
            ),
            ("HTTP 403 of a proxy", Failure::Http { status: 403 }.into_status(), false),
            ("HTTP 502 of a proxy", Failure::Http { status: 502 }.into_status(), false),
            ("connection refused", refused.into_status(), false),
            ("timeout", Status::deadline_exceeded("no answer within 10 s"), false),
            ("broken cloud", Status::internal("database"), false),
        ];
        for (name, status, expected) in rows {
            assert_eq!(is_of_certificate(&status), expected, "{name}");
            assert!(!explain(&status).is_empty(), "{name}");
        }
    }
}
