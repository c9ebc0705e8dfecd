//! Who asks, and whether he may: checked for every path in one place, and the default is that he needs everything.
//!
//! An operator is known by the client certificate of the TLS session, and has an access control list. A user presents an
//! API token as the password of HTTP's basic authentication, and has the rights of that token.

use crate::account;
use crate::api_pages;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::first_user;
use crate::manager::Manager;
use crate::me;
use crate::metrics;
use crate::oidc_sign_in;
use crate::request::canonical_number;
use crate::search;
use crate::{Api, Watched};
use axum::body::{Body, HttpBody, to_bytes};
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use orc8r_model::{AccessList, AccessTarget, Permissions, Place, Visible};
use orc8r_store::Session;
use std::collections::BTreeSet;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;

/// The only path that nobody has to be known for.
const SIGN_IN: &str = "/magma/v1/user/login";

/// What the API is, for everybody who is known.
pub(crate) const DESCRIPTION: &str = "/swagger/v1/spec";

/// A name and a password are not longer, and anybody may send them.
const SIGN_IN_BYTES_MAX: usize = 8 << 10;

/// The lists of networks: a user's answer has only those that he may read.
const NETWORK_LISTS: [&str; 5] =
    ["/magma/v1/networks", "/magma/v1/lte", "/magma/v1/feg", "/magma/v1/feg_lte", "/magma/v1/cwf"];

/// No list of networks is larger.
const LIST_BYTES_MAX: usize = 16 << 20;

/// The operator whom the client certificate of the TLS session names; put into a request's extensions by its caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator {
    /// His name.
    pub name: String,
    /// What he may do at this moment.
    pub access: AccessList,
}

/// Where a request comes from; put into its extensions by the router's caller. Who guesses passwords is slowed by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallerAddress(pub IpAddr);

/// Whether whoever asks may also change what the path of the request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MayWrite(pub(crate) bool);

/// Networks that whoever asks may not read, although he may read what shows them among others.
#[derive(Debug, Clone, Default)]
pub(crate) struct HiddenNetworks(pub(crate) BTreeSet<String>);

/// Who asks, for the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actor(pub(crate) String);

/// Lets a request through when whoever asks may.
pub(crate) async fn check(
    State(api): State<Api>,
    path: Option<MatchedPath>,
    parameters: Result<RawPathParams, RawPathParamsRejection>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    if comes_from_another_site(&request) {
        return Err(ApiError::OtherSite);
    }
    match path.as_ref().map(MatchedPath::as_str) {
        Some(first_user::PATH) => {
            let mut request = short(request).await?;
            request.extensions_mut().insert(first_user::actor());
            return Ok(next.run(request).await);
        }
        Some(SIGN_IN) => return Ok(next.run(short(request).await?).await),
        Some(pattern) if api_pages::is_for_everybody(pattern) || oidc_sign_in::is_for_everybody(pattern) => {
            return Ok(next.run(request).await);
        }
        _ => {}
    }
    let operator = request.extensions().get::<Operator>().cloned();
    let credentials = Credentials::of(request.headers());
    let caller = Caller::of(&api, operator, credentials.clone()).await?;
    let Some(path) = path.filter(|path| !is_for_whoever_is_known(path.as_str())) else {
        request.extensions_mut().insert(Actor(caller.name().to_owned()));
        request.extensions_mut().insert(Arc::new(caller));
        return Ok(next.run(request).await);
    };
    let parameters = parameters.map_err(|rejection| ApiError::NotFound(rejection.body_text()))?;
    let uri = request.uri().clone();
    let path_as_decoded = decoded(path.as_str(), uri.path(), &parameters);
    let asked = Asked { pattern: path.as_str(), path: &path_as_decoded, parameters: &parameters };
    let permissions = permissions(request.method(), path.as_str());
    let manager = caller.check(permissions, &asked)?;
    let may_write = MayWrite(caller.check(Permissions::WRITE, &asked).is_ok());
    let visible = caller.visible(request.method(), path.as_str());
    let hidden = caller.session.as_ref().map(|session| session.rights.hidden_networks()).unwrap_or_default();
    request.extensions_mut().insert(may_write);
    request.extensions_mut().insert(manager);
    request.extensions_mut().insert(Actor(caller.name().to_owned()));
    request.extensions_mut().insert(HiddenNetworks(hidden.clone()));
    let is_head = request.method() == Method::HEAD;
    let response = next.run(request).await;
    match (visible, credentials) {
        (Some(_), _) if is_head => Ok(without_length(response)),
        (Some(visible), _) => {
            let shows = |network: &str| visible.shows(network) && !hidden.contains(network);
            only(response, shows).await
        }
        (None, Some(credentials)) => Ok(while_known(response, api, credentials)),
        (None, None) => Ok(response),
    }
}

/// What everybody may ask, and change, who is known: it is about himself, or about nobody.
fn is_for_whoever_is_known(pattern: &str) -> bool {
    [DESCRIPTION, me::PATH, search::PATH].contains(&pattern) || account::PATHS.contains(&pattern)
}

/// An answer that goes on, as a followed log does, ends within a minute after the token does.
fn while_known(response: Response, api: Api, credentials: Credentials) -> Response {
    if response.body().size_hint().exact().is_some() {
        return response;
    }
    let may_go_on = move || -> Pin<Box<dyn Future<Output = bool> + Send>> {
        let (api, credentials) = (api.clone(), credentials.clone());
        // A store that fails is no reason to end what goes on.
        Box::pin(async move { !matches!(credentials.session(&api).await, Err(ApiError::Unauthenticated(_))) })
    };
    response.map(|body| Body::new(Watched::new(body, may_go_on)))
}

/// Whoever asks. Where tokens are required, an operator has both.
pub(crate) struct Caller {
    operator: Option<Operator>,
    session: Option<Session>,
    /// By which the token of the session is kept.
    token_digest: Option<String>,
}

/// What a request is for.
struct Asked<'a> {
    /// The path as it is registered.
    pattern: &'a str,
    /// The path as its handler understands it.
    path: &'a str,
    parameters: &'a RawPathParams,
}

impl Caller {
    async fn of(
        api: &Api,
        operator: Option<Operator>,
        credentials: Option<Credentials>,
    ) -> Result<Self, ApiError> {
        let session = match &credentials {
            Some(credentials) => Some(credentials.session(api).await?),
            None => None,
        };
        let token_digest = credentials.and_then(|credentials| credentials.digest());
        let unknown = |what: &str| Err(ApiError::Unauthenticated(what.to_owned()));
        match (&operator, &session) {
            (None, None) => unknown(
                "nobody is known to ask: present the client certificate of an operator, or an API token \
                 (as the password of HTTP basic authentication)",
            ),
            (Some(_), None) if api.require_token => unknown(
                "this Orchestrator wants an API token besides the certificate (HTTP basic authentication)",
            ),
            (None, Some(_)) if api.require_token => {
                unknown("this Orchestrator wants an operator's client certificate besides the token")
            }
            _ => Ok(Self { operator, session, token_digest }),
        }
    }

    /// His name; the user's, where there are both.
    pub(crate) fn name(&self) -> &str {
        let user = self.session.as_ref().map(|session| session.user.as_str());
        let operator = self.operator.as_ref().map(|operator| operator.name.as_str());
        user.or(operator).unwrap_or_default()
    }

    /// `user` or `operator`.
    pub(crate) fn kind(&self) -> &'static str {
        if self.session.is_some() { "user" } else { "operator" }
    }

    /// What he has as a user.
    pub(crate) fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// By which the token is kept that he presents.
    pub(crate) fn token_digest(&self) -> Option<&str> {
        self.token_digest.as_deref()
    }

    /// Whether he may do something in a network.
    pub(crate) fn may(&self, permissions: Permissions, network: &str) -> bool {
        let path = format!("/magma/v1/networks/{network}");
        self.may_at(permissions, network, &path)
    }

    /// Whether he may read what is at a path of a network.
    pub(crate) fn may_read(&self, network: &str, path: &str) -> bool {
        self.may_at(Permissions::READ, network, path)
    }

    fn may_at(&self, permissions: Permissions, network: &str, path: &str) -> bool {
        let place = Place { path, network: Some(network), tenant: None };
        self.has(permissions, &[AccessTarget::Network(network.to_owned())], place)
    }

    /// Whether he may change everything.
    pub(crate) fn administers(&self) -> bool {
        let place = Place { path: "/magma/v1/", network: None, tenant: None };
        self.has(Permissions::WRITE, &AccessTarget::EVERYTHING, place)
    }

    fn has(&self, permissions: Permissions, targets: &[AccessTarget], place: Place<'_>) -> bool {
        let as_operator = |operator: &Operator| operator.access.check(permissions, targets).is_ok();
        let as_user = |session: &Session| session.rights.check(permissions, place).is_ok();
        self.operator.as_ref().is_none_or(as_operator) && self.session.as_ref().is_none_or(as_user)
    }

    /// Whether he may; and what he is, where users are managed.
    fn check(&self, permissions: Permissions, asked: &Asked<'_>) -> Result<Manager, ApiError> {
        if let Some(operator) = &self.operator {
            operator.access.check(permissions, &asked.targets())?;
        }
        let Some(session) = &self.session else { return Ok(Manager::Administrator) };
        match session.rights.check(permissions, asked.place()) {
            Ok(()) => Ok(Manager::Administrator),
            Err(lacking) => Manager::owner(&session.rights, asked.pattern).ok_or(lacking.into()),
        }
    }

    /// Which networks a list shows a user; every other answer is as it is.
    fn visible(&self, method: &Method, pattern: &str) -> Option<Visible> {
        let is_list = [Method::GET, Method::HEAD].contains(method) && NETWORK_LISTS.contains(&pattern);
        self.session.as_ref().filter(|_| is_list).map(|session| session.rights.visible_networks())
    }
}

impl Asked<'_> {
    fn parameter(&self, wanted: &str) -> Option<&str> {
        self.parameters.iter().find(|(name, _)| *name == wanted).map(|(_, value)| value)
    }

    /// What a path is about. As in Magma, whatever is not in a network needs an administrator.
    ///
    /// Deviation: in Magma federation and Wi-Fi networks, and the lists of networks of one kind, are for administrators
    /// alone. Here an operator of a network may use it whatever its kind.
    fn targets(&self) -> Vec<AccessTarget> {
        match self.parameter("network_id") {
            Some(id) => vec![AccessTarget::Network(id.to_owned())],
            None if NETWORK_LISTS.contains(&self.pattern) => vec![AccessTarget::AnyNetwork],
            None => AccessTarget::EVERYTHING.to_vec(),
        }
    }

    fn place(&self) -> Place<'_> {
        Place {
            path: self.path,
            network: self.parameter("network_id"),
            tenant: self.parameter("tenant_id").and_then(canonical_number),
        }
    }
}

/// Whether a browser says that a page of another site asks for a change (Fetch Metadata Request Headers, W3C).
///
/// Operators have their certificate in a browser too, and a browser presents it whichever page asks. Programs, and the
/// web UI's proxy, are not concerned.
fn comes_from_another_site(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site").map(HeaderValue::as_bytes);
    !request.method().is_safe() && matches!(site, Some(b"cross-site" | b"same-site"))
}

/// The path with its ids as handlers read them, so that no way of writing `n1` (`%6e1`) gets around a policy. Only what
/// would be taken for another path stays escaped.
fn decoded(pattern: &str, path: &str, parameters: &RawPathParams) -> String {
    let value = |name: &str| parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value);
    let part = |(part, came): (&str, &str)| match part
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'))
    {
        Some(name) => value(name).map_or(came.to_owned(), |id| id.replace('%', "%25").replace('/', "%2F")),
        None => part.to_owned(),
    };
    pattern.split('/').zip(path.split('/')).map(part).collect::<Vec<_>>().join("/")
}

fn permissions(method: &Method, pattern: &str) -> Permissions {
    match *method {
        Method::POST if metrics::only_asks(pattern) => Permissions::READ,
        Method::GET | Method::HEAD => Permissions::READ,
        Method::PUT | Method::POST | Method::DELETE => Permissions::WRITE,
        _ => Permissions::READ_WRITE,
    }
}

/// A request whose body is read already, if it is not long.
async fn short(request: Request) -> Result<Request, ApiError> {
    let (parts, body) = request.into_parts();
    let too_long = |_| ApiError::TooLarge(format!("the body is longer than {SIGN_IN_BYTES_MAX} bytes"));
    let body = to_bytes(body, SIGN_IN_BYTES_MAX).await.map_err(too_long)?;
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// An answer to `HEAD` that does not tell how long the list of others is.
fn without_length(mut response: Response) -> Response {
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response
}

/// A list of texts without those that are not shown.
async fn only(response: Response, shows: impl Fn(&str) -> bool) -> Result<Response, ApiError> {
    if !response.status().is_success() {
        return Ok(response);
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, LIST_BYTES_MAX).await.map_err(|_| ApiError::Defect)?;
    let mut list: Vec<String> = serde_json::from_slice(&bytes).map_err(|_| ApiError::Defect)?;
    list.retain(|item| shows(item));
    parts.headers.remove(header::CONTENT_LENGTH);
    let text = serde_json::to_vec(&list).map_err(|_| ApiError::Defect)?;
    Ok((parts, Body::from(text)).into_response())
}
