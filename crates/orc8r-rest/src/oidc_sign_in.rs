//! `/sign-in/oidc`: people sign in at their own organisation, by OpenID Connect; a browser gets a session in a cookie.
//!
//! The session is the same as that of a password. The cookie counts only for requests that our own pages make.

use crate::Api;
use crate::clock::unix_seconds;
use crate::credentials::Credentials;
use crate::error::ApiError;
use crate::users::{SESSION_SECONDS, new_session};
use axum::Router;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use orc8r_accounts::oidc::{Attempt, Person, Role as TheirRole, RoleRule};
use orc8r_model::{Role, RoleGrant};
use serde::Deserialize;

/// Where a sign-in begins.
pub(crate) const BEGIN: &str = "/sign-in/oidc";
const END: &str = "/sign-in/oidc/callback";
const SIGN_OUT: &str = "/sign-out";

/// A sign-in under way. The prefix lets no other host and no unprotected page set it (RFC 6265bis).
const ATTEMPT_COOKIE: &str = "__Host-orc8r-sign-in";
/// A session.
pub(crate) const SESSION_COOKIE: &str = "__Host-orc8r-session";

/// A browser sends strict cookies from a page of ours only; that this page is ours, not the provider's, is its purpose.
const SIGNED_IN: &str = "<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\">\
    <meta http-equiv=\"refresh\" content=\"0; url=/console/\"><title>Signed in</title>\
    <p>You are signed in. <a href=\"/console/\">Go on</a>.</p></html>";
const POLICY: &str = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'";

/// No code of a provider is longer.
const CODE_LENGTH_MAX: usize = 4096;

pub(crate) fn routes() -> Router<Api> {
    Router::new().route(BEGIN, get(begin)).route(END, get(end)).route(SIGN_OUT, post(sign_out))
}

/// Whether whoever asks for this path need not be known yet, or says himself who he is.
pub(crate) fn is_for_everybody(pattern: &str) -> bool {
    [BEGIN, END, SIGN_OUT].contains(&pattern)
}

async fn begin(State(api): State<Api>) -> Result<Response, ApiError> {
    let provider = api.provider.as_ref().ok_or_else(none)?;
    let attempt = Attempt::begin(unix_seconds()).map_err(|_| ApiError::Defect)?;
    let url = provider.authorization_url(&attempt).await?;
    let location = HeaderValue::from_str(&url).map_err(|_| ApiError::Defect)?;
    let cookie = cookie(ATTEMPT_COOKIE, &attempt.cookie(), "Lax", Attempt::lifetime())?;
    let headers = [(header::LOCATION, location), (header::SET_COOKIE, cookie), no_store()];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

/// What the provider sends back by the browser.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Sent {
    state: String,
    code: String,
    error: String,
    iss: Option<String>,
}

async fn end(
    State(api): State<Api>,
    headers: HeaderMap,
    sent: Result<Query<Sent>, QueryRejection>,
) -> Result<Response, ApiError> {
    let provider = api.provider.as_ref().ok_or_else(none)?;
    let Query(sent) = sent.unwrap_or(Query(Sent::default()));
    let failed = |why: &str| ApiError::Unauthenticated(format!("{why}: begin again at {BEGIN}"));
    let now = unix_seconds();
    let attempt = of(&headers, ATTEMPT_COOKIE).and_then(|text| Attempt::of_cookie(text, now));
    let attempt = attempt.ok_or_else(|| failed("this browser did not begin a sign-in, or took too long"))?;
    let is_other = sent.iss.is_some_and(|issuer| issuer != provider.settings().issuer);
    if sent.state != attempt.state() || is_other {
        return Err(failed("this is the end of another sign-in"));
    }
    if !sent.error.is_empty() || sent.code.is_empty() || sent.code.len() > CODE_LENGTH_MAX {
        return Err(failed("your organisation's sign-in did not succeed"));
    }
    let claims = provider.redeem(&sent.code, &attempt, now).await?;
    let person = Person::of(&claims, provider.settings());
    let person = person.map_err(|problem| ApiError::Forbidden(format!("access denied ({problem})")))?;
    let mark = format!("oidc {} {}", provider.settings().issuer, person.subject);
    let roles = person.roles.into_iter().map(grant).collect();
    let (token, session) = new_session()?;
    api.store.sign_in_foreigner(&person.name, &mark, roles, session).await?;
    tracing::info!(user = person.name, "signed in by OpenID Connect");
    let mut response = Html(SIGNED_IN).into_response();
    let session = cookie(SESSION_COOKIE, token.as_str(), "Strict", SESSION_SECONDS)?;
    for (name, value) in [
        (header::SET_COOKIE, session),
        (header::SET_COOKIE, cookie(ATTEMPT_COOKIE, "", "Lax", 0)?),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        no_store(),
    ] {
        response.headers_mut().append(name, value);
    }
    Ok(response)
}

/// Ends the session that the request presents.
async fn sign_out(State(api): State<Api>, headers: HeaderMap) -> Result<Response, ApiError> {
    let credentials = Credentials::of(&headers);
    let credentials =
        credentials.ok_or_else(|| ApiError::Unauthenticated("nobody is signed in".to_owned()))?;
    let session = credentials.session(&api).await?;
    if let Some(digest) = credentials.digest() {
        api.store.delete_token(&session.user, &digest).await?;
    }
    let gone = [(header::SET_COOKIE, cookie(SESSION_COOKIE, "", "Strict", 0)?)];
    Ok((StatusCode::NO_CONTENT, gone).into_response())
}

fn grant(rule: RoleRule) -> RoleGrant {
    let role = match rule.role {
        TheirRole::Owner => Role::Owner,
        TheirRole::Operator => Role::Operator,
        TheirRole::ReadOnly => Role::ReadOnly,
    };
    RoleGrant { tenant: rule.tenant, role }
}

fn none() -> ApiError {
    ApiError::NotFound("no OpenID provider is configured (orc8r serve --oidc)".to_owned())
}

fn no_store() -> (header::HeaderName, HeaderValue) {
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))
}

fn cookie(name: &str, value: &str, same_site: &str, seconds: i64) -> Result<HeaderValue, ApiError> {
    let text = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite={same_site}");
    HeaderValue::from_str(&text).map_err(|_| ApiError::Defect)
}

/// The value of a cookie of a request.
pub(crate) fn of<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(known, _)| *known == name).map(|(_, value)| value).next()
}
