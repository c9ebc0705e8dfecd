//! The first user: made by whoever has the code that the Orchestrator printed when it started.

use crate::Console;
use crate::failure::Failure;
use crate::page::bare;
use crate::rest::Rest;
use crate::session::signed_in;
use axum::Router;
use axum::extract::{Form, FromRequest as _, Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use maud::html;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// Where it is done.
pub(crate) const PLACE: &str = "/console/setup";

/// The operation of the API.
const OPERATION: &str = "/about/setup";

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route(PLACE, get(show).post(create))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct FirstUser {
    code: String,
    username: String,
    password: String,
    again: String,
}

/// Whether there is no user yet.
pub(crate) async fn is_open(rest: &Rest) -> bool {
    let state: Result<Value, _> = rest.get(OPERATION).await;
    state.is_ok_and(|state| state["open"] == true)
}

async fn show(State(console): State<Arc<Console>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match is_open(&Rest::of(console.rest.clone(), &parts)).await {
        true => page(&FirstUser::default(), None),
        false => Redirect::to("/console/").into_response(),
    }
}

fn page(first: &FirstUser, problem: Option<&str>) -> Response {
    let body = html! {
        p { "Nobody can sign in here yet. You become the first user, who may do everything." }
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        form.sign-in method="post" action=(PLACE) {
            label { "Code" input name="code" required autocomplete="one-time-code" spellcheck="false" value=(first.code) autofocus;
                span.help { "“orc8r serve” printed it when it started; another one each time that it starts." } }
            label { "User name" input name="username" required autocomplete="username" maxlength="64" value=(first.username); }
            label { "Password" input type="password" name="password" required autocomplete="new-password"; }
            label { "Password again" input type="password" name="again" required autocomplete="new-password"; }
            button.main type="submit" { "Begin" }
        }
    };
    bare("Set up", &body)
}

async fn create(State(console): State<Arc<Console>>, request: Request) -> Result<Response, Failure> {
    let (parts, body) = request.into_parts();
    let rest = Rest::of(console.rest.clone(), &parts);
    let form = Form::from_request(Request::from_parts(parts, body), &()).await;
    let Form(first): Form<FirstUser> = form.map_err(|_| Failure::bad("The form cannot be read."))?;
    if first.password != first.again {
        return Ok(refused(&first, StatusCode::BAD_REQUEST, "The passwords are not the same."));
    }
    let asked = json!({"code": first.code, "username": first.username.trim(), "password": first.password});
    match rest.send(Method::POST, OPERATION, Some(&asked)).await {
        Ok(answer) => Ok(signed_in(answer["token"].as_str().unwrap_or_default(), "/console/")),
        Err(refusal) => Ok(refused(&first, refusal.status, &refusal.message)),
    }
}

fn refused(first: &FirstUser, status: StatusCode, problem: &str) -> Response {
    let mut response = page(first, Some(problem));
    *response.status_mut() = status;
    response
}
