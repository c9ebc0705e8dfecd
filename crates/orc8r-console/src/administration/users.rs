//! Users: their roles, and the tokens of their programs.

use super::{PLACE, page, views};
use crate::edit;
use crate::failure::Failure;
use crate::rest::{Refusal, path};
use crate::said::done;
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};

/// A role of a user: in an organisation, or everywhere.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Grant {
    tenant: Option<i64>,
    role: String,
}

/// A token, by its first characters.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Token {
    pub(crate) token: String,
    #[serde(default)]
    pub(crate) policies: Vec<Value>,
}

fn place(user: &str) -> String {
    format!("{PLACE}{}", path(&["users", user]))
}

pub(super) async fn list(visit: Visit) -> Result<Response, Failure> {
    let users: Vec<String> = match visit.rest.get("/user").await {
        Ok(users) => users,
        Err(refusal) if refusal.status == StatusCode::FORBIDDEN => return Ok(only_oneself(&visit)),
        Err(refusal) => return Err(refusal.into()),
    };
    Ok(page(&visit, "Users").show(html! {
        (views("Users"))
        p { a.button.main href=(edit::add("/user", PLACE)) { "Add a user" } }
        @if users.is_empty() {
            div.empty { p.lead { "There is no user." } p { "Operators come with a certificate; people sign in as users." } }
        } @else {
            div.scroll { table.list {
                thead { tr { th scope="col" { "User" } } }
                tbody { @for user in &users { tr { td { a.row href=(place(user)) { (user) } } } } }
            } }
        }
    }))
}

/// For who is no owner.
fn only_oneself(visit: &Visit) -> Response {
    page(visit, "Users").show(html! {
        (views("Users"))
        div.empty {
            p.lead { "You are signed in as " (visit.me.name) "." }
            p { "Owners of an organisation see and change its users." }
        }
    })
}

pub(super) async fn show(visit: Visit, Path(user): Path<String>) -> Result<Response, Failure> {
    Ok(user_page(&visit, &user, None).await?)
}

async fn user_page(visit: &Visit, user: &str, new_token: Option<&str>) -> Result<Response, Refusal> {
    let resource = path(&["user", user]);
    let (roles, tokens) = (format!("{resource}/roles"), format!("{resource}/tokens"));
    let grants: Vec<Grant> = visit.rest.get(&roles).await?;
    let known: Vec<Token> = visit.rest.get(&tokens).await?;
    let here = place(user);
    Ok(page(visit, user).below("Users", PLACE).show(html! {
        div.buttons {
            a.button href=(edit::change(&roles, &here)) { "Change roles" }
            a.button href=(edit::change(&resource, &here)) { "Set a password" }
            a.button href=(edit::delete(&resource, PLACE)) { "Delete" }
        }
        section aria-labelledby="roles-title" {
            h2 id="roles-title" { "Roles" }
            @if grants.is_empty() { p.quiet { "None: he may sign in and sees nothing." } }
            ul { @for grant in &grants { li { (role(grant)) } } }
        }
        @if let Some(token) = new_token { (shown_once(token)) }
        (token_list(&here, &known))
    }))
}

pub(crate) fn role(grant: &Grant) -> Markup {
    let what = match grant.role.as_str() {
        "owner" => "Owner: changes everything, and says who else may",
        "operator" => "Operator: changes the networks",
        "read_only" => "Reader: looks at the networks",
        other => other,
    };
    html! {
        (what) ", "
        @match grant.tenant { Some(tenant) => { "in the organisation " (tenant) }, None => "everywhere" }
    }
}

fn shown_once(token: &str) -> Markup {
    html! {
        section aria-labelledby="new-title" {
            h2 id="new-title" { "The new token" }
            p { "It is shown this once: keep it like a password." }
            div.command {
                pre tabindex="0" id="token" { (token) }
                button type="button" data-copy="token" hidden { "Copy" }
            }
        }
    }
}

fn token_list(here: &str, tokens: &[Token]) -> Markup {
    html! {
        section aria-labelledby="tokens-title" {
            h2 id="tokens-title" { "Tokens and sessions " span.count { (tokens.len()) } }
            @if tokens.is_empty() { p.quiet { "None." } } @else {
                div.scroll { table.list {
                    thead { tr { th scope="col" { "Begins with" } th scope="col" { "Good for" } th scope="col" { span.visually-hidden { "Action" } } } }
                    tbody { @for token in tokens { tr {
                        td { code { (token.token) "…" } }
                        td { (good_for(&token.policies)) }
                        td { form method="post" action={ (here) "/revoke" } {
                            input type="hidden" name="token" value=(token.token);
                            button.danger type="submit" { "Revoke" }
                        } }
                    } } }
                } }
            }
            h2 { "A token for a program" }
            form.fields method="post" action={ (here) "/token" } {
                label { span.name { "It may" }
                    select name="action" { option value="READ" { "read" } option value="WRITE" { "read and change" } }
                }
                label { span.name { "What" }
                    input name="path" value="/magma/v1/**" required autocomplete="off" spellcheck="false";
                    span.help { "Paths of the API: * is any one part, ** any number of them. Never more than the user himself may." }
                }
                button type="submit" { "Make a token" }
            }
        }
    }
}

pub(crate) fn good_for(policies: &[Value]) -> Markup {
    let text = |policy: &Value, name: &str| policy[name].as_str().unwrap_or_default().to_lowercase();
    html! {
        @if policies.is_empty() { "what his roles are: a session" }
        @for policy in policies {
            div {
                (text(policy, "effect")) " " (text(policy, "action")) " "
                code {
                    @match policy["path"].as_str().filter(|path| !path.is_empty()) {
                        Some(path) => (path),
                        None => (policy["resourceIDs"]),
                    }
                }
            }
        }
    }
}

/// What a new token is to be good for.
#[derive(Deserialize)]
pub(super) struct NewToken {
    action: String,
    path: String,
}

pub(super) async fn add_token(
    visit: Visit,
    Path(user): Path<String>,
    Form(new): Form<NewToken>,
) -> Result<Response, Failure> {
    let policy = json!({"effect": "ALLOW", "action": new.action, "resourceType": "URI", "path": new.path});
    let tokens = path(&["user", &user, "tokens"]);
    let made = visit.rest.send(Method::POST, &tokens, Some(&json!([policy]))).await?;
    // It is shown in this answer only, and never on a page that could be loaded again.
    Ok(user_page(&visit, &user, made["token"].as_str()).await?)
}

#[derive(Deserialize)]
pub(super) struct OldToken {
    token: String,
}

pub(super) async fn revoke(
    visit: Visit,
    Path(user): Path<String>,
    Form(old): Form<OldToken>,
) -> Result<Response, Failure> {
    visit.rest.send(Method::DELETE, &path(&["user", &user, "tokens", &old.token]), None).await?;
    Ok(done(&place(&user), "The token is revoked."))
}
