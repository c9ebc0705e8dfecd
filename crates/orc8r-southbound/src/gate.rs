//! The gate before every gRPC service: identifies the caller, asks the table, and only then lets the call through.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::{HeaderMap, HeaderName, Request, Response};
use magma_rpc::server::{PeerAddress, PeerCertificate, Router};
use magma_rpc::{Body, Code, Status};
use orc8r_ca::CertificateFacts;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tower_service::Service;

use crate::authorization::{Audience, audience};
use crate::clock::Clock;
use crate::principal::{Identification, Principal};
use crate::refusals::Refusals;

/// The headers with which Magma's edge tells the services behind it who is calling.
const IDENTITY_HEADERS: &str = "x-magma-client-cert-";

/// Calls of strangers at a time: each costs a signature or two, and a bootstrap lasts some milliseconds.
const OPEN_CALLS_MAX: usize = 1024;

/// gRPC services with the gate before them.
///
/// The `:authority` and the TLS server name play no part: one connection of a gateway's proxy carries calls to
/// all services, and the path names the service well enough.
#[derive(Clone)]
pub struct Gate {
    router: Router,
    identification: Identification,
    clock: Clock,
    refusals: Refusals,
    open_calls: Arc<Semaphore>,
}

impl Gate {
    pub(crate) fn new(
        router: Router,
        identification: Identification,
        clock: Clock,
        refusals: Refusals,
    ) -> Self {
        Self { router, identification, clock, refusals, open_calls: Arc::new(Semaphore::new(OPEN_CALLS_MAX)) }
    }

    async fn admit(
        &self,
        audience: Audience,
        certificate: Option<&PeerCertificate>,
    ) -> Result<Principal, Status> {
        let principal = match audience {
            // Whoever has no certificate that counts comes here for one: a bad one must not stand in the way.
            Audience::Anyone => Principal::Anonymous,
            Audience::Gateways | Audience::Operators | Audience::Nodes => {
                self.identification.identify(certificate, self.clock.now()).await?
            }
        };
        audience.admit(&principal).map(|()| principal)
    }

    async fn pass(mut self, mut request: Request<Body>) -> Response<Body> {
        strip_identity_headers(request.headers_mut());
        let path = request.uri().path().to_owned();
        let certificate = request.extensions().get().cloned();
        let peer = request.extensions().get().map(|PeerAddress(address)| *address);
        let outcome = match audience(&path) {
            Ok(audience) => self.call_as(audience, certificate.as_ref(), request).await,
            Err(status) => Err(status),
        };
        outcome.unwrap_or_else(|status| {
            tracing::debug!(path, code = ?status.code(), reason = status.message(), "call refused");
            if status.code() == Code::PermissionDenied {
                self.refusals.report(&serial_of(certificate.as_ref()), peer, status.message());
            }
            status.into_http()
        })
    }

    async fn call_as(
        &mut self,
        audience: Audience,
        certificate: Option<&PeerCertificate>,
        mut request: Request<Body>,
    ) -> Result<Response<Body>, Status> {
        let _turn = match audience {
            Audience::Anyone => Some(self.open_calls.clone().try_acquire_owned().map_err(|_| {
                Status::resource_exhausted(format!("{OPEN_CALLS_MAX} calls are under way; try again later"))
            })?),
            _ => None,
        };
        let principal = self.admit(audience, certificate).await?;
        request.extensions_mut().insert(principal);
        match timeout(audience.call_limit(), self.router.call(request)).await {
            Ok(answer) => Ok(answer.unwrap_or_else(|never| match never {})),
            Err(_) => {
                Err(Status::deadline_exceeded("the call took too long: send the whole message at once"))
            }
        }
    }
}

impl Service<Request<Body>> for Gate {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let gate = self.clone();
        Box::pin(async move { Ok(gate.pass(request).await) })
    }
}

/// By what the log names the holder of a certificate that was refused.
fn serial_of(certificate: Option<&PeerCertificate>) -> String {
    let facts = certificate.and_then(|PeerCertificate(der)| CertificateFacts::from_der(der).ok());
    facts.map_or_else(String::new, |facts| format!("certificate {}", facts.serial))
}

/// Takes the headers away that claim an identity: nothing here reads them, and nothing behind here ever shall.
pub fn strip_identity_headers(headers: &mut HeaderMap) {
    let forged: Vec<HeaderName> =
        headers.keys().filter(|name| name.as_str().starts_with(IDENTITY_HEADERS)).cloned().collect();
    for name in forged {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_that_claims_an_identity_is_removed() {
        let mut headers = HeaderMap::new();
        for name in
            ["x-magma-client-cert-serial", "x-magma-client-cert-cn", "X-Magma-Client-Cert-Other", "te"]
        {
            headers.append(HeaderName::try_from(name).unwrap(), "1".parse().unwrap());
            headers.append(HeaderName::try_from(name).unwrap(), "2".parse().unwrap());
        }
        strip_identity_headers(&mut headers);
        let left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        assert_eq!(left, ["te"]);
    }
}
