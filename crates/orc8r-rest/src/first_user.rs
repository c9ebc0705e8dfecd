//! `/about/setup`: the first user, made by whoever has the code that the Orchestrator printed when it started. It is open
//! while there is no user, and the code is good for one.

use crate::Api;
use crate::access::{Actor, CallerAddress};
use crate::error::ApiError;
use crate::request::JsonBody;
use crate::routes::{CreatedJson, Routes};
use crate::sign_in::Attempts;
use crate::users::{hash, is_name, new_session};
use axum::extract::State;
use axum::{Extension, Json};
use orc8r_accounts::{NoRandomness, SetupCodeDigest, new_setup_code};
use orc8r_model::{Role, RoleGrant};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use wire_rest::types::PolicyList;
use wire_rest::{Field, HasSchema, Schema, Text};

/// Where it is; nobody has to be known for it.
pub(crate) const PATH: &str = "/magma/v1/about/setup";

/// Under which name attempts are counted: no user can be called so.
const ATTEMPTS: &str = "(set-up)";

/// What the audit log has as who made the first user.
const ACTOR: &str = "set-up code";

/// Whether the first user can be made, and by which code.
#[derive(Clone, Default)]
pub struct Setup(Arc<Mutex<Option<SetupCodeDigest>>>);

impl Setup {
    /// With a new code, which is kept only as its sum.
    ///
    /// # Errors
    /// [`NoRandomness`].
    pub fn open() -> Result<(Self, String), NoRandomness> {
        let code = new_setup_code()?;
        Ok((Self(Arc::new(Mutex::new(Some(SetupCodeDigest::of(&code))))), code))
    }

    fn code(&self) -> MutexGuard<'_, Option<SetupCodeDigest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the code, if it is this one: it is good for one user.
    fn take(&self, typed: &str) -> Option<SetupCodeDigest> {
        let digest = SetupCodeDigest::of(typed);
        self.code().take_if(|code| *code == digest)
    }
}

pub(crate) fn routes() -> Routes {
    Routes::new().get("/about/setup", show).post("/about/setup", create)
}

/// Whether there is a first user to be made.
#[derive(Serialize)]
struct SetupState {
    open: bool,
}

/// The first user.
#[derive(Deserialize)]
struct FirstUser {
    code: String,
    username: String,
    password: String,
}

async fn show(State(api): State<Api>) -> Result<Json<SetupState>, ApiError> {
    Ok(Json(SetupState { open: is_open(&api).await? }))
}

async fn is_open(api: &Api) -> Result<bool, ApiError> {
    let has_code = api.setup.code().is_some();
    Ok(has_code && api.store.users().await?.is_empty())
}

async fn create(
    State(api): State<Api>,
    Extension(attempts): Extension<Arc<Attempts>>,
    address: Option<Extension<CallerAddress>>,
    JsonBody(body): JsonBody<FirstUser>,
) -> Result<CreatedJson<PolicyList>, ApiError> {
    let attempt = attempts.begin(ATTEMPTS, address.map(|Extension(CallerAddress(address))| address))?;
    if !is_open(&api).await? {
        return Err(ApiError::Conflict("there is a user already: sign in".to_owned()));
    }
    if !is_name(&body.username) {
        return Err(ApiError::bad(
            "username in body must have 1 to 64 letters, digits, or characters of '.-_@+'",
        ));
    }
    let password = hash(body.password).await?;
    let wrong = "the code is another one: it is what the Orchestrator printed when it started last";
    let code = api.setup.take(&body.code).ok_or_else(|| ApiError::Unauthenticated(wrong.to_owned()))?;
    attempt.succeeded();
    let roles = vec![RoleGrant { tenant: None, role: Role::Owner }];
    if let Err(error) = api.store.create_user_with(&body.username, password.as_str(), roles).await {
        // Nothing was made: the code is still good.
        *api.setup.code() = Some(code);
        return Err(error.into());
    }
    let (token, session) = new_session()?;
    api.store.add_token(&body.username, session).await?;
    Ok(CreatedJson(PolicyList { token: token.as_str().to_owned(), policies: Vec::new() }))
}

/// Who is written down for it.
pub(crate) fn actor() -> Actor {
    Actor(ACTOR.to_owned())
}

impl HasSchema for SetupState {
    const SCHEMA: &'static Schema = &Schema::Object(&[field("open", Schema::Boolean)]);
}

impl HasSchema for FirstUser {
    const SCHEMA: &'static Schema = &Schema::Object(&[
        field("code", Schema::Text(Text::ANY)),
        field("username", Schema::Text(Text::ANY)),
        field("password", Schema::Text(Text::ANY)),
    ]);
}

const fn field(name: &'static str, schema: Schema) -> Field {
    Field { name, required: true, empty_is_absent: true, schema }
}
