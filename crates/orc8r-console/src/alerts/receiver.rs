//! One receiver: a webhook, Slack, e-mail, PagerDuty and Pushover, each where it is filled in; and its end.

use super::receivers::{all, place};
use super::removal::{Named, Removal};
use super::{Tab, may_not, page, tabs, url};
use crate::failure::Failure;
use crate::rest::path;
use crate::said;
use crate::visit::Visit;
use axum::extract::{Form, Path, Query};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// A field: its place in the receiver (of the first way of its kind), how it is called, and a word of help.
type Field = (&'static str, &'static str, &'static str);

/// The ways, each with its fields; the first must be there for the way to be.
const WAYS: [(&str, &str, &[Field]); 5] = [
    (
        "webhook_configs",
        "Webhook",
        &[
            ("url", "URL", "https://…, gets what Alertmanager sends, as JSON"),
            ("http_config/bearer_token", "Token", "sent as “Authorization: Bearer”; may be empty"),
        ],
    ),
    (
        "slack_configs",
        "Slack",
        &[
            ("api_url", "Address of the incoming webhook", "https://hooks.slack.com/…"),
            ("channel", "Channel", "#alerts; empty: the webhook's own"),
        ],
    ),
    (
        "email_configs",
        "E-mail",
        &[
            ("to", "To", "one address, or several with commas between them"),
            ("from", "From", ""),
            ("smarthost", "Mail server", "mail.example.com:587"),
            ("auth_username", "User at the mail server", "empty: none is needed"),
            ("auth_password", "Password at the mail server", "sent by TLS only"),
        ],
    ),
    (
        "pagerduty_configs",
        "PagerDuty",
        &[
            ("routing_key", "Integration key", "of an integration “Events API v2”"),
            ("url", "Address", "empty: PagerDuty's own; another for its European region"),
        ],
    ),
    (
        "pushover_configs",
        "Pushover",
        &[
            ("user_key", "Key of the user or group", "who is told"),
            ("token", "Token of the application", "who tells it"),
            ("priority", "Priority", "-2 to 2; empty: 0"),
        ],
    ),
];

const REMOVAL: Removal = Removal {
    noun: "receiver",
    tab: Tab::Receivers,
    page: "receivers/delete",
    place: |network| format!("{}?receiver=", place(network)),
    warning: "",
};

type Sent = BTreeMap<String, String>;

pub(super) async fn show(
    visit: Visit,
    Path(id): Path<String>,
    Query(query): Query<Sent>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let name = query.get("name").cloned().unwrap_or_default();
    let before = before(&visit, &id, &name).await?;
    if !name.is_empty() && before.is_none() {
        return Err(Failure::not_found(format!("There is no receiver {name}.")));
    }
    show_form(&visit, &id, &name, &before.unwrap_or_default(), None)
}

async fn before(visit: &Visit, network: &str, name: &str) -> Result<Option<Value>, Failure> {
    if name.is_empty() {
        return Ok(None);
    }
    Ok(all(visit, network).await?.into_iter().find(|receiver| receiver["name"] == name))
}

pub(super) async fn save(
    visit: Visit,
    Path(id): Path<String>,
    Form(sent): Form<Sent>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let text = |name: &str| sent.get(name).map(|text| text.trim().to_owned()).unwrap_or_default();
    let was = text("was");
    let mut receiver = before(&visit, &id, &was).await?.unwrap_or_else(|| json!({}));
    receiver["name"] = json!(if was.is_empty() { text("name") } else { was.clone() });
    fill(&mut receiver, &sent);
    let (method, place) = match was.as_str() {
        "" => (Method::POST, place(&id)),
        was => (Method::PUT, path(&["networks", &id, "prometheus", "alert_receiver", was])),
    };
    match visit.rest.send(method, &place, Some(&receiver)).await {
        Ok(_) => {
            let said =
                format!("Receiver {} is saved. Test it.", receiver["name"].as_str().unwrap_or_default());
            Ok(said::done(&Tab::Receivers.url(&id), &said))
        }
        Err(refusal) => show_form(&visit, &id, &was, &receiver, Some(&refusal.message)),
    }
}

/// Puts what was sent into the first way of each kind; what else the receiver has stays.
fn fill(receiver: &mut Value, sent: &Sent) {
    for (ways, _, fields) in WAYS {
        let value =
            |field: &str| sent.get(&format!("{ways}/{field}")).map(|text| text.trim()).unwrap_or_default();
        let mut list = receiver[ways].as_array().cloned().unwrap_or_default();
        if value(fields[0].0).is_empty() {
            // Without its first field it is none.
            if !list.is_empty() {
                list.remove(0);
            }
        } else {
            if list.is_empty() {
                list.push(json!({}));
            }
            for (field, ..) in fields {
                set(&mut list[0], field, value(field));
            }
        }
        receiver[ways] = Value::Array(list);
    }
}

/// Sets a text at a place; an empty one goes.
fn set(value: &mut Value, place: &str, text: &str) {
    let (first, rest) = place.split_once('/').map_or((place, None), |(first, rest)| (first, Some(rest)));
    let Some(fields) = value.as_object_mut() else { return };
    match (rest, text) {
        (Some(rest), _) => {
            let inner = fields.entry(first).or_insert_with(|| Value::Object(Map::new()));
            set(inner, rest, text);
            if inner.as_object().is_some_and(Map::is_empty) {
                fields.remove(first);
            }
        }
        (None, "") => drop(fields.remove(first)),
        (None, text) => drop(fields.insert(first.to_owned(), json!(text))),
    }
}

fn show_form(
    visit: &Visit,
    id: &str,
    was: &str,
    receiver: &Value,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let title = if was.is_empty() { "Add a receiver".to_owned() } else { format!("Receiver {was}") };
    let page = page(visit, network, &title).below("Receivers", Tab::Receivers.url(id));
    Ok(page.show(html! {
        (tabs(id, Tab::Receivers))
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        @if network.may_write { (form(&url(id, "receivers/edit"), was, receiver)) } @else { (may_not()) }
    }))
}

fn form(action: &str, was: &str, receiver: &Value) -> Markup {
    html! {
        p { "Fill in the ways by which it is told. What reads ******** is there and shown to nobody; it stays unless you write something else." }
        form.sheet method="post" action=(action) {
            input type="hidden" name="was" value=(was);
            @if was.is_empty() { label { span.name { "Name" } input name="name" required autocomplete="off" value=(receiver["name"].as_str().unwrap_or_default()); } }
            @for (ways, title, fields) in WAYS {
                @let way = &receiver[ways][0];
                fieldset {
                    legend { (title) }
                    @for (field, label, help) in fields {
                        @let value = way.pointer(&format!("/{field}")).and_then(Value::as_str).unwrap_or_default();
                        label { (label)
                            input name={ (ways) "/" (field) } value=(value) autocomplete="off" spellcheck="false";
                            @if !help.is_empty() { span.help { (help) } } }
                    }
                }
            }
            div.buttons { button.main type="submit" { "Save" } }
        }
    }
}

/// Asks for its name.
pub(super) async fn ask(
    visit: Visit,
    Path(id): Path<String>,
    Query(named): Query<Named>,
) -> Result<Response, Failure> {
    REMOVAL.ask(&visit, &id, &named)
}

/// Deletes it when its name was typed.
pub(super) async fn delete(
    visit: Visit,
    Path(id): Path<String>,
    Form(named): Form<Named>,
) -> Result<Response, Failure> {
    REMOVAL.delete(&visit, &id, &named).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_in_the_form_stays() {
        let mut receiver = json!({
            "name": "ops",
            "webhook_configs": [{"url": "********", "send_resolved": true, "http_config": {"bearer_token": "********"}}, {"url": "b"}],
            "slack_configs": [{"api_url": "********"}],
            "pushover_configs": [{"user_key": "********", "retry": "1m"}],
        });
        let sent = [
            ("webhook_configs/url", "********"),
            ("slack_configs/api_url", ""),
            ("email_configs/to", " a@b.c "),
            ("pushover_configs/user_key", "********"),
            ("pushover_configs/token", "new"),
        ];
        fill(
            &mut receiver,
            &sent.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect(),
        );
        let expected = json!({
            "name": "ops",
            "webhook_configs": [{"url": "********", "send_resolved": true}, {"url": "b"}],
            "slack_configs": [],
            "email_configs": [{"to": "a@b.c"}],
            "pagerduty_configs": [],
            "pushover_configs": [{"user_key": "********", "token": "new", "retry": "1m"}],
        });
        assert_eq!(receiver, expected);
    }
}
