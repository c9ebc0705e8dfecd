//! Who asks, and whether he may: checked for every path in one place, and the default is that he needs everything.

use crate::Api;
use crate::error::ApiError;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use orc8r_model::{AccessTarget, Permissions};

/// The operator whom the client certificate of the TLS session names; put into a request's extensions by its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// His name.
    pub name: String,
}

/// Whether the operator of a request may also change what its path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MayWrite(pub(crate) bool);

/// Lets a request through when its operator may.
pub(crate) async fn check(
    State(api): State<Api>,
    path: Option<MatchedPath>,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let operator = request.extensions().get::<Operator>().ok_or_else(|| {
        ApiError::Unauthenticated(
            "no operator is known to ask: present the client certificate of an operator".to_owned(),
        )
    })?;
    if comes_from_another_site(&request) {
        return Err(ApiError::OtherSite);
    }
    if let Some(path) = path {
        let parameters = parameters.map_err(|rejection| ApiError::NotFound(rejection.body_text()))?;
        let targets = targets(path.as_str(), &parameters);
        let access = api.store.operator_acl(&operator.name).await?.unwrap_or_default();
        access.check(asked(request.method()), &targets)?;
        let may_write = MayWrite(access.check(Permissions::WRITE, &targets).is_ok());
        request.extensions_mut().insert(may_write);
    }
    Ok(next.run(request).await)
}

/// Whether a browser says that a page of another site asks for a change (Fetch Metadata Request Headers, W3C).
///
/// Operators have their certificate in a browser too, and a browser presents it whichever page asks. Programs, and the
/// web UI's proxy, are not concerned.
fn comes_from_another_site(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    !request.method().is_safe() && matches!(site, Some(b"cross-site" | b"same-site"))
}

fn asked(method: &Method) -> Permissions {
    match *method {
        Method::GET | Method::HEAD => Permissions::READ,
        Method::PUT | Method::POST | Method::DELETE => Permissions::WRITE,
        _ => Permissions::READ_WRITE,
    }
}

/// The lists of networks: of all, and of those of one kind.
const LISTS: &[&str] =
    &["/magma/v1/networks", "/magma/v1/lte", "/magma/v1/feg", "/magma/v1/feg_lte", "/magma/v1/cwf"];

/// What a path is about. As in Magma, whatever is not in a network needs an administrator.
///
/// Deviation: in Magma federation and Wi-Fi networks, and the lists of networks of one kind, are for administrators
/// alone. Here an operator of a network may use it whatever its kind.
fn targets(path: &str, parameters: &RawPathParams) -> Vec<AccessTarget> {
    let network = parameters.iter().find(|(name, _)| *name == "network_id");
    match network {
        Some((_, id)) => vec![AccessTarget::Network(id.to_owned())],
        None if LISTS.contains(&path) => vec![AccessTarget::AnyNetwork],
        None => AccessTarget::EVERYTHING.to_vec(),
    }
}
