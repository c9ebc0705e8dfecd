//! What is changed of a subscriber at once: whether he is active, and his telephone number.

use crate::failure::Failure;
use crate::rest::path;
use crate::said::done;
use crate::subscribers::{resource, url};
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::Method;
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

/// What one wants him to be.
#[derive(Deserialize)]
pub(crate) struct Wanted {
    state: String,
}

pub(crate) async fn set_state(
    visit: Visit,
    Path((id, subscriber)): Path<(String, String)>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let (verb, said) = match wanted.state.as_str() {
        "ACTIVE" => ("activate", "The subscriber is active."),
        _ => ("deactivate", "The subscriber is not active any more."),
    };
    let place = format!("{}/{verb}", resource(&id, &subscriber));
    visit.rest.send(Method::POST, &place, None).await?;
    Ok(done(&url(&id, &subscriber), said))
}

/// A telephone number that he gets or loses.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Number {
    add: String,
    remove: String,
}

pub(crate) async fn set_number(
    visit: Visit,
    Path((id, subscriber)): Path<(String, String)>,
    Form(number): Form<Number>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let said = if number.remove.is_empty() {
        let digits = number.add.trim().trim_start_matches('+');
        let body = json!({"id": subscriber, "msisdn": digits});
        visit.rest.send(Method::POST, &path(&["lte", &id, "msisdns"]), Some(&body)).await?;
        format!("His number is {digits}.")
    } else {
        visit.rest.send(Method::DELETE, &path(&["lte", &id, "msisdns", &number.remove]), None).await?;
        format!("The number {} is taken away.", number.remove)
    };
    Ok(done(&url(&id, &subscriber), &said))
}
