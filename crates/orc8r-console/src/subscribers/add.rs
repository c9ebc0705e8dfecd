//! Adding one subscriber: what his SIM needs; all else is added on his page.

use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::path;
use crate::said::done;
use crate::subscribers::body::key;
use crate::subscribers::url;
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use maud::html;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Where one is added.
pub(crate) fn place(network: &str) -> String {
    format!("/console{}", path(&["networks", network, "add-subscriber"]))
}

/// What one fills in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct New {
    imsi: String,
    name: String,
    auth_key: String,
    auth_opc: String,
    sub_profile: String,
    apn: String,
    msisdn: String,
    inactive: String,
}

pub(crate) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    page(&visit, &id, &New::default(), None).await
}

pub(crate) async fn add(
    visit: Visit,
    Path(id): Path<String>,
    Form(new): Form<New>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let (subscriber, body) = match creation(&new) {
        Ok(made) => made,
        Err(problem) => {
            return page(&visit, &id, &new, Some((problem, StatusCode::UNPROCESSABLE_ENTITY))).await;
        }
    };
    let place = path(&["lte", &id, "subscribers"]);
    if let Err(refusal) = visit.rest.send(Method::POST, &place, Some(&json!([body]))).await {
        return page(&visit, &id, &new, Some((refusal.message, refusal.status))).await;
    }
    let mut said = "The subscriber is added.".to_owned();
    let number = new.msisdn.trim().trim_start_matches('+');
    if !number.is_empty() {
        let assigned = json!({"id": subscriber, "msisdn": number});
        if let Err(refusal) =
            visit.rest.send(Method::POST, &path(&["lte", &id, "msisdns"]), Some(&assigned)).await
        {
            said = format!("The subscriber is added, but without the number: {}", refusal.message);
        }
    }
    Ok(done(&url(&id, &subscriber), &said))
}

/// His id and what the API is sent.
fn creation(new: &New) -> Result<(String, Value), String> {
    let digits = new.imsi.trim().trim_start_matches("IMSI");
    if !(10..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err("The IMSI must be 10 to 15 digits.".to_owned());
    }
    let mut lte = Map::from_iter([
        ("state".to_owned(), json!(if new.inactive.is_empty() { "ACTIVE" } else { "INACTIVE" })),
        ("auth_algo".to_owned(), json!("MILENAGE")),
        ("auth_key".to_owned(), json!(key("Ki", new.auth_key.trim())?)),
        (
            "sub_profile".to_owned(),
            json!(if new.sub_profile.is_empty() { "default" } else { &new.sub_profile }),
        ),
    ]);
    if !new.auth_opc.trim().is_empty() {
        lte.insert("auth_opc".to_owned(), json!(key("OPc", new.auth_opc.trim())?));
    }
    let apns: Vec<&str> = Some(new.apn.as_str()).into_iter().filter(|apn| !apn.is_empty()).collect();
    let id = format!("IMSI{digits}");
    let mut body = json!({"id": id, "lte": lte, "active_apns": apns});
    if !new.name.trim().is_empty() {
        body["name"] = json!(new.name.trim());
    }
    Ok((id, body))
}

async fn page(
    visit: &Visit,
    id: &str,
    new: &New,
    problem: Option<(String, StatusCode)>,
) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let page = Page::new(visit, Section::Subscribers, "Add a subscriber")
        .of_network(id)
        .below(network.title(), Section::Network.url(id))
        .below("Subscribers", Section::Subscribers.url(id));
    if !network.may_write {
        let mut response = page.show(html! {
            p.lead { "You may look at this network, but not change it." }
            p { "Ask an owner of your organisation for the role of an operator." }
        });
        *response.status_mut() = problem.map_or(StatusCode::OK, |(_, status)| status);
        return Ok(response);
    }
    let apns: Map<String, Value> = visit.rest.find(&path(&["lte", id, "apns"])).await?.unwrap_or_default();
    let epc: Value = visit.rest.find(&path(&["lte", id, "cellular", "epc"])).await?.unwrap_or_default();
    let plans = epc["sub_profiles"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
    let plans: Vec<&str> =
        std::iter::once("default").chain(plans.filter(|name| *name != "default")).collect();
    let status = problem.as_ref().map_or(StatusCode::OK, |(_, status)| *status);
    let mut response = page.show(html! {
        @if let Some((problem, _)) = &problem { p.problem role="alert" { (problem) } }
        form.fields method="post" autocomplete="off" {
            label { "IMSI" input name="imsi" required value=(new.imsi) inputmode="numeric" autocomplete="off" spellcheck="false"; span.quiet { "10 to 15 digits; it stays." } }
            label { "Name" input name="name" value=(new.name) autocomplete="off"; }
            label { "Ki" input name="auth_key" required type="password" autocomplete="new-password" spellcheck="false"; span.quiet { "32 hexadecimal digits, as the SIM's maker gives them. It is never shown again." } }
            label { "OPc" input name="auth_opc" type="password" autocomplete="new-password" spellcheck="false"; span.quiet { "32 hexadecimal digits; empty: the network's OP is used." } }
            label { "Data plan" select name="sub_profile" { @for plan in &plans { option value=(plan) selected[*plan == new.sub_profile] { (plan) } } } }
            label { "APN" select name="apn" {
                option value="" { "none yet" }
                @for (apn, _) in &apns { option value=(apn) selected[*apn == new.apn || (new.imsi.is_empty() && apns.len() == 1)] { (apn) } }
            } @if apns.is_empty() { span.quiet { "This network has no APN yet: without one, nobody gets a connection." } } }
            label { "MSISDN" input name="msisdn" value=(new.msisdn) inputmode="tel" autocomplete="off"; span.quiet { "His telephone number, if he has one." } }
            label.set { input type="checkbox" name="inactive" value="yes" checked[!new.inactive.is_empty()]; "Not active yet" }
            div.buttons { button.main type="submit" { "Add" } a.button href=(Section::Subscribers.url(id)) { "Cancel" } }
        }
    });
    *response.status_mut() = status;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscriber_is_made_of_what_was_filled_in() {
        let mut new = New {
            imsi: " IMSI001010000000001".into(),
            auth_key: "000102030405060708090a0b0c0d0e0f".into(),
            apn: "internet".into(),
            ..New::default()
        };
        let (id, body) = creation(&new).unwrap();
        assert_eq!(id, "IMSI001010000000001");
        assert_eq!(body["lte"]["sub_profile"], "default");
        assert_eq!((body.get("name"), body["lte"].get("auth_opc")), (None, None));
        new.imsi = "12".into();
        assert!(creation(&new).is_err());
    }
}
