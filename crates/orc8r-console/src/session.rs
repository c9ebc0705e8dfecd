//! Signing in and out. A session is the API's own: a token that a browser keeps in a cookie for pages of ours only.

use crate::Console;
use crate::elsewhere;
use crate::page::bare;
use crate::rest::{Rest, escaped, identity};
use crate::setup;
use crate::visit::Theme;
use axum::Router;
use axum::extract::{Form, FromRequest as _, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Where a session is kept: the API reads it there. The prefix lets no other host and no unprotected page set it.
const SESSION_COOKIE: &str = "__Host-orc8r-session";

/// As long as the API's sessions, in seconds.
const SESSION_SECONDS: u32 = 12 * 3600;

pub(crate) const SIGN_IN: &str = "/console/sign-in";

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route(SIGN_IN, get(show).post(sign_in))
        .route("/console/sign-out", post(sign_out))
        .route("/console/theme", post(choose_theme))
}

/// Sends somebody who is not known to the page where he says who he is; and back to here afterwards.
///
/// A browser keeps strict cookies from a page that another site led to. So whoever comes from there is asked to come
/// again from a page of ours, which is this one.
pub(crate) fn to_sign_in(headers: &HeaderMap, uri: &Uri) -> Response {
    let site = headers.get("sec-fetch-site").map(HeaderValue::as_bytes);
    if matches!(site, Some(b"cross-site" | b"same-site")) {
        return again(uri);
    }
    let back = uri.path_and_query().map_or("/console/", |path| path.as_str());
    Redirect::to(&format!("{SIGN_IN}?to={}", escaped(back))).into_response()
}

fn again(uri: &Uri) -> Response {
    let here = uri.path_and_query().map_or("/console/", |path| path.as_str());
    let mut response = bare("One moment", &html! { p { a href=(here) { "Go on" } } });
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={here}")) {
        response.headers_mut().insert("refresh", refresh);
    }
    response
}

#[derive(Deserialize)]
struct ToQuery {
    #[serde(default)]
    to: String,
}

async fn show(
    State(console): State<Arc<Console>>,
    Query(ToQuery { to }): Query<ToQuery>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    if setup::is_open(&Rest::of(console.rest.clone(), &parts)).await {
        return Redirect::to(setup::PLACE).into_response();
    }
    page(&console, &to, "", None)
}

fn page(console: &Console, to: &str, name: &str, problem: Option<&str>) -> Response {
    let body = html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        form.sign-in method="post" action=(SIGN_IN) {
            input type="hidden" name="to" value=(local(to));
            label { "User name" input name="username" autocomplete="username" required autofocus[name.is_empty()] value=(name); }
            label { "Password" input type="password" name="password" autocomplete="current-password" required autofocus[!name.is_empty()]; }
            button.main type="submit" { "Sign in" }
        }
        (at_the_organisation(console, to))
        p.quiet {
            "With an operator's certificate in this browser you are known without signing in: choose it when the browser asks."
        }
    };
    bare("Sign in", &body)
}

fn at_the_organisation(console: &Console, to: &str) -> Markup {
    html! {
        @if console.signs_in_elsewhere {
            p { a.button href={ (elsewhere::BEGIN) "?to=" (escaped(local(to))) } { "Sign in at your organisation" } }
        }
    }
}

#[derive(Deserialize)]
struct SignIn {
    username: String,
    password: String,
    #[serde(default)]
    to: String,
}

async fn sign_in(State(console): State<Arc<Console>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let rest = Rest::of(console.rest.clone(), &parts);
    let form = Form::from_request(Request::from_parts(parts, body), &()).await;
    let Ok(Form(SignIn { username, password, to })) = form else {
        return page(&console, "", "", Some("A user name and a password are needed."));
    };
    let asked = json!({ "username": username, "password": password });
    match rest.send(Method::POST, "/user/login", Some(&asked)).await {
        Ok(answer) => signed_in(answer["token"].as_str().unwrap_or_default(), local(&to)),
        Err(refusal) => {
            let problem = match refusal.status {
                StatusCode::UNAUTHORIZED => "The user name or the password is wrong.".to_owned(),
                _ => refusal.message,
            };
            let mut response = page(&console, &to, &username, Some(&problem));
            *response.status_mut() = refusal.status;
            response
        }
    }
}

/// To a page, with a session.
pub(crate) fn signed_in(token: &str, to: &str) -> Response {
    let mut response = Redirect::to(to).into_response();
    set_cookie(&mut response, &session_cookie(token, SESSION_SECONDS));
    response
}

fn session_cookie(token: &str, seconds: u32) -> String {
    format!("{SESSION_COOKIE}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict")
}

async fn sign_out(State(console): State<Arc<Console>>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    // The API's own end of a session, which is not below its resources.
    parts.uri = Uri::from_static("/sign-out");
    parts.extensions = identity(&parts.extensions);
    let ended = tower_service::Service::call(
        &mut console.rest.clone(),
        Request::from_parts(parts, axum::body::Body::empty()),
    );
    // Who is not known any more is signed out, too.
    let _ = ended.await;
    let mut response = Redirect::to(SIGN_IN).into_response();
    set_cookie(&mut response, &session_cookie("", 0));
    response
}

#[derive(Deserialize)]
struct ThemeChoice {
    #[serde(default)]
    theme: String,
    #[serde(default)]
    to: String,
}

async fn choose_theme(Form(choice): Form<ThemeChoice>) -> Response {
    let theme = Theme::named(&choice.theme);
    let mut response = Redirect::to(local(&choice.to)).into_response();
    let cookie =
        format!("{}={}; Path=/console; Max-Age=31536000; Secure; SameSite=Lax", Theme::COOKIE, theme.name());
    set_cookie(&mut response, &cookie);
    response
}

fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}

/// A place of ours to go to; what leads anywhere else leads to the first page.
pub(crate) fn local(to: &str) -> &str {
    let path = to.split(['?', '#']).next().unwrap_or_default();
    let is_plain = !to.contains(['\\', '\r', '\n']) && !path.contains("//") && !path.contains("..");
    if to.starts_with("/console/") && is_plain && !to.starts_with(SIGN_IN) { to } else { "/console/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_led_elsewhere() {
        for ours in ["/console/networks?q=a", "/console/search?q=http://a/..//b"] {
            assert_eq!(local(ours), ours);
        }
        for other in [
            "",
            "https://evil.example/",
            "//evil.example",
            "/console//evil.example",
            "/magma/v1/",
            "/console/../magma/v1/",
            "/console/\\x",
            SIGN_IN,
        ] {
            assert_eq!(local(other), "/console/", "{other}");
        }
    }
}
