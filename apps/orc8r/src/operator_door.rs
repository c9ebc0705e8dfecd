//! The door of the REST API: operators are known by the certificate of their TLS session. Who shows none may still sign
//! in; who shows a gateway's is sent away.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use http::{Method, Request, Response, StatusCode, header};
use http_body::Body as _;
use magma_rpc::server::{PeerAddress, PeerCertificate};
use magma_rpc::{Code, Status};
use orc8r_rest::{CallerAddress, Operator, Watched};
use orc8r_southbound::{Clock, Identification, Principal, strip_identity_headers};
use tower_service::Service;

use crate::bodies::Timely;
use crate::health::Health;

/// The REST API with the identification of operators before it.
#[derive(Clone)]
pub(crate) struct OperatorDoor {
    rest: axum::Router,
    identification: Identification,
    clock: Clock,
    health: Health,
}

impl OperatorDoor {
    pub(crate) fn new(
        rest: axum::Router,
        identification: Identification,
        clock: Clock,
        health: Health,
    ) -> Self {
        Self { rest, identification, clock, health }
    }

    async fn operator(
        &self,
        certificate: Option<&PeerCertificate>,
    ) -> Result<Option<Operator>, Response<Body>> {
        match self.identification.identify(certificate, self.clock.now()).await {
            Ok(Principal::Operator { name, access }) => Ok(Some(Operator { name, access })),
            Ok(Principal::Anonymous) => Ok(None),
            Ok(_) => Err(refusal(
                StatusCode::UNAUTHORIZED,
                "this certificate is not an operator's: present one that was issued or imported for an operator",
            )),
            Err(status) => Err(refusal(http_status(&status), status.message())),
        }
    }

    /// What anybody may ask: whether it is ready.
    async fn health_of(&self, method: &Method, path: &str) -> Option<Response<Body>> {
        if method != Method::GET && method != Method::HEAD {
            return None;
        }
        let (status, text) = self.health.answer(path).await?;
        let mut response = Response::new(Body::from(text));
        *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let plain = http::HeaderValue::from_static("text/plain");
        response.headers_mut().insert(header::CONTENT_TYPE, plain);
        Some(response)
    }

    async fn pass(mut self, mut request: Request<magma_rpc::Body>) -> Response<Body> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        if let Some(answer) = self.health_of(&method, &path).await {
            return answer;
        }
        strip_identity_headers(request.headers_mut());
        let certificate = request.extensions().get().cloned();
        match self.operator(certificate.as_ref()).await {
            Ok(operator) => {
                if let Some(operator) = operator.clone() {
                    request.extensions_mut().insert(operator);
                }
                if let Some(PeerAddress(address)) = request.extensions().get().copied() {
                    request.extensions_mut().insert(CallerAddress(address.ip()));
                }
                let request = request.map(|body| Body::new(Timely::new(body)));
                let answer = self.rest.call(request).await.unwrap_or_else(|never| match never {});
                match operator {
                    Some(operator) => self.watch(answer, operator, certificate),
                    None => answer,
                }
            }
            Err(response) => response,
        }
    }

    /// An answer that goes on, as a followed log does, ends within a minute after the operator's certificate does.
    fn watch(
        self,
        answer: Response<Body>,
        operator: Operator,
        certificate: Option<PeerCertificate>,
    ) -> Response<Body> {
        if answer.body().size_hint().exact().is_some() {
            return answer;
        }
        let may_go_on = move || -> Pin<Box<dyn Future<Output = bool> + Send>> {
            let (door, operator, certificate) = (self.clone(), operator.clone(), certificate.clone());
            Box::pin(async move {
                match door.identification.identify(certificate.as_ref(), door.clock.now()).await {
                    Ok(Principal::Operator { name, .. }) => name == operator.name,
                    Ok(_) => false,
                    // A store that fails is no reason to end what goes on.
                    Err(status) => status.code() != Code::PermissionDenied,
                }
            })
        };
        answer.map(|body| Body::new(Watched::new(body, may_go_on)))
    }
}

impl Service<Request<magma_rpc::Body>> for OperatorDoor {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<magma_rpc::Body>) -> Self::Future {
        let door = self.clone();
        Box::pin(async move { Ok(door.pass(request).await) })
    }
}

fn http_status(status: &Status) -> StatusCode {
    match status.code() {
        Code::PermissionDenied => StatusCode::UNAUTHORIZED,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
}

/// In the form of every other refusal of the API: `{"message": …}`.
fn refusal(status: StatusCode, message: &str) -> Response<Body> {
    let body = serde_json::json!({ "message": message }).to_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}
