//! A subscriber's keys: they can be replaced, and are never shown.

use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::said::done;
use crate::subscribers::body::{body, key};
use crate::subscribers::{resource, url};
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use serde_json::Value;

/// What one fills in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Keys {
    auth_key: String,
    auth_opc: String,
    /// The OPc goes.
    no_opc: String,
}

pub(crate) async fn show(
    visit: Visit,
    Path((id, subscriber)): Path<(String, String)>,
) -> Result<Response, Failure> {
    page(&visit, &id, &subscriber, None)
}

pub(crate) async fn set(
    visit: Visit,
    Path((id, subscriber)): Path<(String, String)>,
    Form(keys): Form<Keys>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let place = resource(&id, &subscriber);
    let mut new = body(&visit.rest.get::<Value>(&place).await?);
    if let Err(problem) = replace(&mut new, &keys) {
        return page(&visit, &id, &subscriber, Some((problem, StatusCode::UNPROCESSABLE_ENTITY)));
    }
    match visit.rest.send(Method::PUT, &place, Some(&new)).await {
        Ok(_) => Ok(done(&url(&id, &subscriber), "The keys are replaced.")),
        Err(refusal) => page(&visit, &id, &subscriber, Some((refusal.message, refusal.status))),
    }
}

/// Puts those keys in that were filled in.
fn replace(body: &mut Value, keys: &Keys) -> Result<(), String> {
    let Some(lte) = body["lte"].as_object_mut() else {
        return Err("the subscriber has no LTE configuration".to_owned());
    };
    let (ki, opc) = (keys.auth_key.trim(), keys.auth_opc.trim());
    let goes = !keys.no_opc.is_empty();
    if ki.is_empty() && opc.is_empty() && !goes {
        return Err("Nothing was filled in: the keys stay as they are.".to_owned());
    }
    if !ki.is_empty() {
        lte.insert("auth_key".to_owned(), key("Ki", ki)?.into());
    }
    if goes {
        lte.remove("auth_opc");
    } else if !opc.is_empty() {
        lte.insert("auth_opc".to_owned(), key("OPc", opc)?.into());
    }
    Ok(())
}

fn page(
    visit: &Visit,
    id: &str,
    subscriber: &str,
    problem: Option<(String, StatusCode)>,
) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let page = Page::new(visit, Section::Subscribers, "Replace the keys")
        .of_network(id)
        .below(network.title(), Section::Network.url(id))
        .below("Subscribers", Section::Subscribers.url(id))
        .below(subscriber, url(id, subscriber));
    let status = problem.as_ref().map_or(StatusCode::OK, |(_, status)| *status);
    let body = html! {
        @if let Some((problem, _)) = &problem { p.problem role="alert" { (problem) } }
        @if network.may_write {
            p.lead { "Keys are never shown. What is left empty stays as it is." }
            form.fields method="post" autocomplete="off" {
                label { "New Ki" input name="auth_key" type="password" autocomplete="new-password" spellcheck="false" maxlength="64";
                    span.quiet { "32 hexadecimal digits, as the SIM's maker gives them." } }
                label { "New OPc" input name="auth_opc" type="password" autocomplete="new-password" spellcheck="false" maxlength="64";
                    span.quiet { "32 hexadecimal digits. A subscriber without one is authenticated with the network's OP." } }
                label.set { input type="checkbox" name="no_opc" value="yes"; "Take the OPc away" }
                div.buttons {
                    button.main type="submit" { "Replace" }
                    a.button href=(url(id, subscriber)) { "Cancel" }
                }
            }
        } @else {
            p.lead { "You may look at this network, but not change it." }
            p { "Ask an owner of your organisation for the role of an operator." }
        }
    };
    let mut response = page.show(body);
    *response.status_mut() = status;
    Ok(response)
}
