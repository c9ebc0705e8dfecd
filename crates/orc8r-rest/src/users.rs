//! `/user`: people who sign in, their tokens, and their roles.

use crate::Api;
use crate::access::CallerAddress;
use crate::clock::unix_seconds;
use crate::error::ApiError;
use crate::manager::Manager;
use crate::request::{Ids, JsonBody};
use crate::routes::{Created, CreatedJson, NoContent, Routes};
use crate::sign_in::Attempts;
use crate::token_policies;
use crate::user_types::{NewPassword, RoleGrants};
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_accounts::{ApiToken, PasswordHash};
use orc8r_store::{UserChange, UserToken};
use serde::Deserialize;
use std::sync::Arc;
use wire_rest::types::{Policies, PolicyList, User};

/// How long a session is good for, in seconds.
pub(crate) const SESSION_SECONDS: i64 = 12 * 3600;

/// What is hashed for a user who does not exist.
const NOBODYS_PASSWORD: &str = "nobody's password";

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/user", list)
        .post("/user", create)
        .post("/user/login", sign_in)
        .get("/user/{username}", read)
        .put("/user/{username}", set_password)
        .delete("/user/{username}", delete)
        .get("/user/{username}/tokens", tokens)
        .post("/user/{username}/tokens", add_token)
        .delete("/user/{username}/tokens/{token}", delete_token)
        .get("/user/{username}/roles", roles)
        .put("/user/{username}/roles", set_roles)
}

#[derive(Deserialize)]
struct UserPath {
    username: String,
}

#[derive(Deserialize)]
struct TokenPath {
    username: String,
    token: String,
}

async fn list(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
) -> Result<Json<Vec<String>>, ApiError> {
    Ok(Json(api.store.users_in(manager.scope()).await?))
}

async fn create(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
    JsonBody(body): JsonBody<User>,
) -> Result<Created, ApiError> {
    if !is_name(&body.username) {
        return Err(ApiError::bad(
            "username in body must have 1 to 64 letters, digits, or characters of '.-_@+'",
        ));
    }
    let hash = hash(body.password).await?;
    api.store.create_user_with(&body.username, hash.as_str(), manager.first_roles()).await?;
    Ok(Created)
}

async fn read(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
    Ids(path): Ids<UserPath>,
) -> Result<Json<String>, ApiError> {
    api.store.check_user(manager.scope(), &path.username).await?;
    Ok(Json(path.username))
}

async fn set_password(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
    Ids(path): Ids<UserPath>,
    JsonBody(body): JsonBody<NewPassword>,
) -> Result<NoContent, ApiError> {
    api.store.check_user(manager.scope(), &path.username).await?;
    let hash = hash(body.password).await?.as_str().to_owned();
    api.store.change_user(manager.scope(), &path.username, UserChange::Password(hash)).await?;
    Ok(NoContent)
}

async fn delete(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
    Ids(path): Ids<UserPath>,
) -> Result<NoContent, ApiError> {
    api.store.change_user(manager.scope(), &path.username, UserChange::Delete).await?;
    Ok(NoContent)
}

/// The tokens of a user, each with its first characters only.
///
/// Deviation: Magma keeps tokens as they are and lists them whole; here they are known by their hash, and the whole one
/// is told once, in the answer that makes it.
async fn tokens(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
    Ids(path): Ids<UserPath>,
) -> Result<Json<Vec<PolicyList>>, ApiError> {
    api.store.check_user(manager.scope(), &path.username).await?;
    let tokens = api.store.tokens_of(&path.username).await?.into_iter();
    Ok(Json(tokens.map(listed).collect()))
}

/// A token by its first characters.
pub(crate) fn listed(token: UserToken) -> PolicyList {
    let policies = token_policies::to_body(token.policies.unwrap_or_default());
    PolicyList { policies, token: token.shown }
}

async fn add_token(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
    Ids(path): Ids<UserPath>,
    JsonBody(Policies(body)): JsonBody<Policies>,
) -> Result<CreatedJson<PolicyList>, ApiError> {
    let policies = token_policies::from_body(&body)?;
    manager.check_policies(&policies)?;
    let token = new_token()?;
    let kept = kept(&token, Some(policies), None);
    api.store.change_user(manager.scope(), &path.username, UserChange::AddToken(kept)).await?;
    Ok(CreatedJson(PolicyList { token: token.as_str().to_owned(), policies: body }))
}

/// Takes a token away, by its first characters as the list shows them, or by the whole token.
async fn delete_token(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
    Ids(path): Ids<TokenPath>,
) -> Result<NoContent, ApiError> {
    let digest = ApiToken::parse(&path.token).map(|token| token.digest().0);
    let change = UserChange::DeleteToken(digest.unwrap_or(path.token));
    api.store.change_user(manager.scope(), &path.username, change).await?;
    Ok(NoContent)
}

async fn roles(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
    Ids(path): Ids<UserPath>,
) -> Result<Json<RoleGrants>, ApiError> {
    api.store.check_user(manager.scope(), &path.username).await?;
    Ok(Json(RoleGrants(api.store.roles_of(&path.username).await?)))
}

async fn set_roles(
    State(api): State<Api>,
    Extension(manager): Extension<Manager>,
    Ids(path): Ids<UserPath>,
    JsonBody(RoleGrants(roles)): JsonBody<RoleGrants>,
) -> Result<NoContent, ApiError> {
    manager.check_roles(&roles)?;
    api.store.change_user(manager.scope(), &path.username, UserChange::Roles(roles)).await?;
    Ok(NoContent)
}

/// Opens a session: a token without policies, which is good for what the user's roles are.
async fn sign_in(
    State(api): State<Api>,
    Extension(attempts): Extension<Arc<Attempts>>,
    address: Option<Extension<CallerAddress>>,
    JsonBody(body): JsonBody<User>,
) -> Result<CreatedJson<PolicyList>, ApiError> {
    let attempt = attempts.begin(&body.username, address.map(|Extension(CallerAddress(address))| address))?;
    let known = password_of(&api, &body.username).await?;
    if !is_of(known, body.password).await? {
        return Err(ApiError::Unauthenticated("the user or the password is wrong".to_owned()));
    }
    attempt.succeeded();
    let (token, session) = new_session()?;
    api.store.add_token(&body.username, session).await?;
    Ok(CreatedJson(PolicyList { token: token.as_str().to_owned(), policies: Vec::new() }))
}

/// The hash of a user's password; `None`: there is no such user, or he signs in elsewhere and has a mark instead.
pub(crate) async fn password_of(api: &Api, user: &str) -> Result<Option<String>, ApiError> {
    Ok(api.store.password_of(user).await?.filter(|hash| hash.starts_with('$')))
}

/// Whether a hash is of this password. Who has none costs the same time as a mistake, so that he cannot be told from it.
pub(crate) async fn is_of(known: Option<String>, password: String) -> Result<bool, ApiError> {
    on_a_thread_of_its_own(move || match known {
        Some(hash) => PasswordHash::from_text(hash).is_of(&password),
        None => PasswordHash::of(NOBODYS_PASSWORD).is_ok_and(|_| false),
    })
    .await
}

/// A token that has its user's roles, and how it is kept.
pub(crate) fn new_session() -> Result<(ApiToken, UserToken), ApiError> {
    let token = new_token()?;
    let kept = kept(&token, None, Some(unix_seconds() + SESSION_SECONDS));
    Ok((token, kept))
}

fn kept(token: &ApiToken, policies: Option<Vec<orc8r_model::Policy>>, expires_at: Option<i64>) -> UserToken {
    UserToken { digest: token.digest().0, shown: token.shown().to_owned(), policies, expires_at }
}

fn new_token() -> Result<ApiToken, ApiError> {
    ApiToken::generate().map_err(|error| {
        tracing::error!(%error, "no token can be made");
        ApiError::Defect
    })
}

/// What is kept of a password.
pub(crate) async fn hash(password: String) -> Result<PasswordHash, ApiError> {
    let hash = on_a_thread_of_its_own(move || PasswordHash::of(&password)).await?;
    hash.map_err(|problem| ApiError::bad(problem.to_string()))
}

/// Hashing takes memory and time: never more than two at once, and never where requests are served.
async fn on_a_thread_of_its_own<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    static AT_ONCE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);
    let _turn = AT_ONCE.acquire().await.map_err(|_| ApiError::Defect)?;
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::Defect)
}

pub(crate) fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_alphanumeric() || ".-_@+".contains(letter))
}
