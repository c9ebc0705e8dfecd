//! One's own account: who one is here, what one may, and one's password.

use crate::Console;
use crate::administration::users::{Grant, Token, good_for, role};
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::said::done;
use crate::view::when::when;
use crate::visit::Visit;
use axum::Router;
use axum::extract::Form;
use axum::http::Method;
use axum::response::Response;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// Where it is.
pub(crate) const PLACE: &str = "/console/account";
const PASSWORD: &str = "/console/account/password";

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route(PLACE, get(show)).route(PASSWORD, post(set_password))
}

/// What the API tells of it.
#[derive(Debug, Clone, Deserialize)]
struct Account {
    name: String,
    known_by: KnownBy,
    /// Seconds since 1970.
    ends_at: Option<i64>,
    #[serde(default)]
    roles: Vec<Grant>,
    #[serde(default)]
    tokens: Vec<Token>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum KnownBy {
    Password,
    Organisation,
    Token,
    Certificate,
}

impl KnownBy {
    fn words(self) -> &'static str {
        match self {
            Self::Password => "by your password",
            Self::Organisation => "at your organisation",
            Self::Token => "by an API token",
            Self::Certificate => "by the client certificate of your browser",
        }
    }
}

/// What one types to get another password.
#[derive(Deserialize, Default)]
#[serde(default)]
struct NewPassword {
    old: String,
    new: String,
    again: String,
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    page(&visit, None).await
}

async fn set_password(visit: Visit, Form(sent): Form<NewPassword>) -> Result<Response, Failure> {
    if sent.new != sent.again {
        return page(&visit, Some("The new passwords are not the same: nothing was changed.")).await;
    }
    let asked = json!({"old_password": sent.old, "password": sent.new});
    match visit.rest.send(Method::PUT, "/about/me/password", Some(&asked)).await {
        Ok(_) => Ok(done(PLACE, "Your password is changed, and your other sessions have ended.")),
        Err(refusal) => page(&visit, Some(&refusal.message)).await,
    }
}

async fn page(visit: &Visit, problem: Option<&str>) -> Result<Response, Failure> {
    let account: Account = visit.rest.get("/about/me/account").await?;
    Ok(Page::new(visit, Section::Account, "Your account").show(html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        dl.facts {
            div { dt { "Name" } dd { (account.name) } }
            div { dt { "Signed in" } dd { (account.known_by.words()) } }
            @if let Some(ends_at) = account.ends_at { div { dt { "Signed out by itself" } dd { (when(ends_at.saturating_mul(1000))) } } }
        }
        section aria-labelledby="rights-title" {
            h2 id="rights-title" { "What you may" }
            (rights(visit, &account))
        }
        section aria-labelledby="password-title" {
            h2 id="password-title" { "Password" }
            (password(account.known_by))
        }
        @if account.known_by == KnownBy::Password || account.known_by == KnownBy::Organisation { (tokens(&account.tokens)) }
    }))
}

fn rights(visit: &Visit, account: &Account) -> Markup {
    html! {
        @match account.known_by {
            KnownBy::Certificate | KnownBy::Token => {
                @let count = visit.me.networks.len();
                @let changed = visit.me.networks.iter().filter(|network| network.may_write).count();
                @if visit.me.administers { p { "Everything." } }
                @else { p { "See " (count) @if count == 1 { " network" } @else { " networks" } ", and change " (changed) " of them." } }
            }
            _ => {
                @if account.roles.is_empty() { p { "You have no role: ask an owner of your organisation for one." } }
                ul { @for grant in &account.roles { li { (role(grant)) } } }
            }
        }
    }
}

fn password(known_by: KnownBy) -> Markup {
    html! {
        @match known_by {
            KnownBy::Password => form.fields method="post" action=(PASSWORD) {
                label { "Password that you have" input type="password" name="old" required autocomplete="current-password"; }
                label { "New password" input type="password" name="new" required minlength="8" autocomplete="new-password";
                    span.help { "8 characters or more. Your other sessions end; tokens of programs stay." } }
                label { "New password again" input type="password" name="again" required autocomplete="new-password"; }
                button.main type="submit" { "Change the password" }
            },
            KnownBy::Organisation => p { "Your organisation keeps your password, where you sign in: change it there." },
            KnownBy::Token => p { "A token changes no password: sign in with the password that is to be changed." },
            KnownBy::Certificate => p {
                "You have none: your certificate says who you are. Another certificate is issued on the server, with "
                code { "orc8r admin issue" } "."
            },
        }
    }
}

fn tokens(tokens: &[Token]) -> Markup {
    html! {
        section aria-labelledby="tokens-title" {
            h2 id="tokens-title" { "Tokens of your programs " span.count { (tokens.len()) } }
            @if tokens.is_empty() { p.quiet { "None." } } @else {
                div.scroll { table.list {
                    thead { tr { th scope="col" { "Begins with" } th scope="col" { "Good for" } } }
                    tbody { @for token in tokens { tr { td { code { (token.token) "…" } } td { (good_for(&token.policies)) } } } }
                } }
            }
            p.quiet { "An owner of your organisation makes and revokes them." }
        }
    }
}
