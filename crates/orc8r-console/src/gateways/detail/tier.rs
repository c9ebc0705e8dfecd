//! A gateway's upgrade tier, changed in place.

use super::{Detail, Tab, url};
use crate::failure::Failure;
use crate::rest::path;
use crate::said;
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::json;

/// What one chooses.
#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    tier: String,
}

/// The choice among the network's tiers.
pub(super) async fn form(detail: &Detail) -> Result<Markup, Failure> {
    if !detail.network.may_write {
        return Ok(html! {});
    }
    let network = &detail.network.id;
    let tiers: Vec<String> =
        detail.visit.rest.find(&path(&["networks", network, "tiers"])).await?.unwrap_or_default();
    let now = detail.whole["tier"].as_str().unwrap_or_default();
    Ok(html! {
        form.in-line method="post" action={ (url(network, &detail.id, Tab::Overview)) "/tier" } {
            label { "Upgrade tier"
                select name="tier" required {
                    @if !tiers.iter().any(|tier| tier == now) { option value="" selected { "none" } }
                    @for tier in &tiers { option value=(tier) selected[tier == now] { (tier) } }
                }
            }
            button type="submit" { "Change" }
            span.help { "It is brought to the versions of this tier." }
        }
    })
}

pub(super) async fn change(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    Form(Choice { tier }): Form<Choice>,
) -> Result<Response, Failure> {
    visit.network(&network)?;
    let place = path(&["networks", &network, "gateways", &gateway, "tier"]);
    visit.rest.send(Method::PUT, &place, Some(&json!(tier))).await?;
    Ok(said::done(&url(&network, &gateway, Tab::Overview), &format!("{gateway} is in the tier {tier} now.")))
}
