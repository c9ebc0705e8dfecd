//! Upgrade tiers: which version each is to bring its gateways to, and how far these have come.

use crate::Console;
use crate::edit;
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{escaped, path};
use crate::view::status::{Health, status};
use crate::visit::{MyNetwork, Visit};
use axum::Router;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The version that leaves gateways as they are.
const NO_VERSION: &str = "0.0.0-0";

/// So many release channels are looked at; there are two or three.
const CHANNELS_MAX: usize = 5;

pub(crate) fn routes() -> Router<Arc<Console>> {
    Router::new().route("/console/networks/{network}/tiers", get(show))
}

/// A tier, as `/networks/{network_id}/tier_summaries` tells it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Tier {
    id: String,
    name: String,
    version: String,
    images: Vec<String>,
    gateway_count: usize,
    /// How many report which version; none: the empty one.
    versions: BTreeMap<String, usize>,
}

impl Tier {
    /// How many gateways report its version.
    fn arrived(&self) -> usize {
        self.versions.get(&self.version).copied().unwrap_or_default()
    }

    /// How it goes, and why.
    fn state(&self) -> (Health, String) {
        let left = self.gateway_count - self.arrived().min(self.gateway_count);
        match left {
            _ if self.version == NO_VERSION => {
                (Health::Disabled, "it brings its gateways to no version".to_owned())
            }
            _ if self.gateway_count == 0 => (Health::Ok, "no gateways are in it".to_owned()),
            0 => (Health::Ok, "all gateways report this version".to_owned()),
            left => {
                (Health::Pending, format!("{left} of {} report another version or none", self.gateway_count))
            }
        }
    }
}

/// A release channel.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Channel {
    id: String,
    name: String,
    supported_versions: Vec<String>,
}

async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let tiers: Vec<Tier> = visit.rest.get(&path(&["networks", &id, "tier_summaries"])).await?;
    let channels = channels(&visit).await?;
    let here = Section::Tiers.url(&id);
    let mut page = Page::new(&visit, Section::Tiers, "Upgrade tiers")
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id));
    let list = page.live("tiers", &list(network, &tiers));
    Ok(page.show(html! {
        @if network.may_write {
            div.buttons { a.button.main href=(edit::add(&path(&["networks", &id, "tiers"]), &here)) { "Add a tier" } }
        }
        (list)
        (channel_list(channels.as_deref()))
    }))
}

/// The release channels; `None`: they are not for everybody, and not for him.
async fn channels(visit: &Visit) -> Result<Option<Vec<Channel>>, Failure> {
    let ids: Vec<String> = match visit.rest.get("/channels").await {
        Ok(ids) => ids,
        Err(refusal) if matches!(refusal.status, StatusCode::FORBIDDEN | StatusCode::NOT_FOUND) => {
            return Ok(None);
        }
        Err(refusal) => return Err(refusal.into()),
    };
    let mut channels = Vec::new();
    for id in ids.iter().take(CHANNELS_MAX) {
        channels.extend(visit.rest.find::<Channel>(&path(&["channels", id])).await?);
    }
    Ok(Some(channels))
}

fn list(network: &MyNetwork, tiers: &[Tier]) -> Markup {
    html! {
        @if tiers.is_empty() {
            div.empty {
                p.lead { "This network has no upgrade tier yet." }
                p { "A gateway is in a tier, which says to which version it is brought: one for all, or a small one that goes first." }
            }
        }
        div.cards.tiers { @for tier in tiers { (card(network, tier)) } }
    }
}

fn card(network: &MyNetwork, tier: &Tier) -> Markup {
    let (health, reason) = tier.state();
    let (here, resource) =
        (Section::Tiers.url(&network.id), path(&["networks", &network.id, "tiers", &tier.id]));
    let gateways = Section::Gateways.url(&network.id);
    let of_tier = format!("{gateways}?tier={}", escaped(&tier.id));
    html! {
        article.card {
            h2 { (if tier.name.is_empty() { &tier.id } else { &tier.name }) " " code.quiet { (tier.id) } }
            p { "Version " strong { (tier.version) } }
            p { (status(health, &reason)) }
            @if tier.gateway_count > 0 && tier.version != NO_VERSION {
                progress max=(tier.gateway_count) value=(tier.arrived()) aria-label={ "Gateways of " (tier.id) " that report its version" } {}
                " " (tier.arrived()) " of " (tier.gateway_count)
            }
            @if tier.gateway_count > 0 {
                table.list {
                    thead { tr { th scope="col" { "Reported version" } th.number scope="col" { "Gateways" } } }
                    tbody { @for (version, count) in &tier.versions { tr {
                        td { @if version.is_empty() { span.quiet { "not told" } } @else { (version) } }
                        td.number { @if version.is_empty() { (count) } @else { a href={ (of_tier) "&version=" (escaped(version)) } { (count) } } }
                    } } }
                }
            }
            p { @if tier.images.is_empty() { span.quiet { "No images" } } @else { "Images: " (tier.images.join(", ")) } }
            div.buttons {
                a.button href=(of_tier) { "Gateways " span.count { (tier.gateway_count) } }
                @if network.may_write {
                    a.button href=(edit::change(&resource, &here)) { "Change" }
                    a.button href=(edit::history(&resource, &here)) { "History" }
                    a.button href=(edit::delete(&resource, &here)) { "Delete" }
                }
            }
        }
    }
}

fn channel_list(channels: Option<&[Channel]>) -> Markup {
    let Some(channels) = channels else { return html! {} };
    html! {
        section aria-labelledby="channels-title" {
            h2 id="channels-title" { "Versions that release channels offer" }
            @if channels.is_empty() { div.empty { p { "There is no release channel." } } }
            @for channel in channels {
                h3 { (if channel.name.is_empty() { &channel.id } else { &channel.name }) }
                // The newest stands last.
                p { @if channel.supported_versions.is_empty() { span.quiet { "no version" } } @else { (newest_first(channel).join(", ")) } }
            }
        }
    }
}

fn newest_first(channel: &Channel) -> Vec<&str> {
    channel.supported_versions.iter().rev().map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn a_tier_says_how_far_its_gateways_have_come() {
        let tier = |value: Value| serde_json::from_value::<Tier>(value).unwrap();
        let half = tier(json!({"version": "2", "gateway_count": 3, "versions": {"1": 1, "2": 1, "": 1}}));
        assert_eq!(half.state(), (Health::Pending, "2 of 3 report another version or none".to_owned()));
        let all = tier(json!({"version": "2", "gateway_count": 1, "versions": {"2": 1}}));
        assert_eq!(all.state().0, Health::Ok);
        assert_eq!(tier(json!({"version": NO_VERSION, "gateway_count": 1})).state().0, Health::Disabled);
    }
}
