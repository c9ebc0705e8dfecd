//! `/about/me/account`: one's own account, and `/about/me/password`: another password for it. Whoever is known may ask for
//! himself, and a user who signed in by his password changes it.

use crate::Api;
use crate::access::{Caller, CallerAddress};
use crate::error::ApiError;
use crate::request::JsonBody;
use crate::routes::{NoContent, Routes};
use crate::sign_in::Attempts;
use crate::user_types::{ROLE_GRANTS, RoleGrants};
use crate::users::{hash, is_of, listed, password_of};
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_store::Session;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use wire_rest::types::PolicyList;
use wire_rest::{Definition, Field, HasSchema, Integer, List, Schema, Text};

/// Where they are; everybody who is known may ask for himself.
pub(crate) const PATHS: [&str; 2] = ["/magma/v1/about/me/account", "/magma/v1/about/me/password"];

pub(crate) fn routes() -> Routes {
    Routes::new().get("/about/me/account", show).put("/about/me/password", set_password)
}

/// What whoever asks is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum KnownBy {
    /// A session, opened with his password.
    Password,
    /// A session, opened at his organisation.
    Organisation,
    /// A token with policies of its own.
    Token,
    /// A client certificate.
    Certificate,
}

/// An account.
#[derive(Serialize)]
struct Account {
    name: String,
    known_by: KnownBy,
    /// When the session, or the token, ends, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<i64>,
    /// A user's.
    roles: RoleGrants,
    /// His tokens with policies, by their first characters; a token does not tell of others.
    tokens: Vec<PolicyList>,
}

async fn show(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<Account>, ApiError> {
    let name = caller.name().to_owned();
    let Some(session) = caller.session() else {
        let roles = RoleGrants(Vec::new());
        return Ok(Json(Account {
            name,
            known_by: KnownBy::Certificate,
            ends_at: None,
            roles,
            tokens: Vec::new(),
        }));
    };
    let known_by = known_by(&api, session).await?;
    let tokens = match known_by {
        KnownBy::Token => Vec::new(),
        _ => api.store.tokens_of(&session.user).await?,
    };
    let tokens = tokens.into_iter().map(listed).collect();
    let (ends_at, roles) = (session.ends_at, RoleGrants(session.rights.roles.clone()));
    Ok(Json(Account { name, known_by, ends_at, roles, tokens }))
}

async fn known_by(api: &Api, session: &Session) -> Result<KnownBy, ApiError> {
    if session.rights.policies.is_some() {
        return Ok(KnownBy::Token);
    }
    let password = password_of(api, &session.user).await?;
    Ok(password.map_or(KnownBy::Organisation, |_| KnownBy::Password))
}

/// The password that one has, and the one that one wants.
#[derive(Deserialize)]
struct PasswordChange {
    old_password: String,
    password: String,
}

/// Ends the other sessions of whoever asks.
async fn set_password(
    State(api): State<Api>,
    Extension(attempts): Extension<Arc<Attempts>>,
    Extension(caller): Extension<Arc<Caller>>,
    address: Option<Extension<CallerAddress>>,
    JsonBody(body): JsonBody<PasswordChange>,
) -> Result<NoContent, ApiError> {
    let session = caller.session().ok_or_else(|| forbidden("an operator's certificate has no password"))?;
    match known_by(&api, session).await? {
        KnownBy::Password => {}
        KnownBy::Organisation => {
            return Err(forbidden(
                "the password is kept by the organisation where this user signs in: change it there",
            ));
        }
        _ => {
            return Err(forbidden("a token changes no password: sign in with the one that is to be changed"));
        }
    }
    let user = session.user.clone();
    let attempt = attempts.begin(&user, address.map(|Extension(CallerAddress(address))| address))?;
    let known = password_of(&api, &user).await?;
    if !is_of(known.clone(), body.old_password).await? {
        return Err(forbidden("the old password is wrong"));
    }
    attempt.succeeded();
    let new = hash(body.password).await?.as_str().to_owned();
    let kept = caller.token_digest().unwrap_or_default();
    api.store.replace_password(&user, &known.unwrap_or_default(), &new, kept).await?;
    Ok(NoContent)
}

fn forbidden(why: &str) -> ApiError {
    ApiError::Forbidden(format!("access denied ({why})"))
}

impl HasSchema for Account {
    const SCHEMA: &'static Schema = &Schema::Named(&ACCOUNT);
}

impl HasSchema for PasswordChange {
    const SCHEMA: &'static Schema = &Schema::Object(&[
        field("old_password", true, Schema::Text(Text::ANY)),
        field("password", true, Schema::Text(Text::ANY)),
    ]);
}

static ACCOUNT: Definition = Definition {
    name: "account",
    schema: Schema::Object(&[
        field("name", true, Schema::Text(Text::ANY)),
        field(
            "known_by",
            true,
            Schema::Text(Text {
                allowed: &["password", "organisation", "token", "certificate"],
                ..Text::ANY
            }),
        ),
        field("ends_at", false, Schema::Integer(SECONDS)),
        field("roles", true, ROLE_GRANTS),
        field(
            "tokens",
            true,
            Schema::List(List { item: PolicyList::SCHEMA, min_items: None, max_items: None, unique: false }),
        ),
    ]),
};

const SECONDS: Integer = Integer {
    min: i64::MIN as i128,
    max: i64::MAX as i128,
    multiple_of: None,
    format: "int64",
    allowed: &[],
};

const fn field(name: &'static str, required: bool, schema: Schema) -> Field {
    Field { name, required, empty_is_absent: false, schema }
}
