//! Objects that were found in all networks that somebody sees, each with its page.

use super::{FOUND_MAX, Found, Wanted};
use crate::failure::Failure;
use crate::navigation::{Section, kind_of};
use crate::rest::escaped;
use crate::traffic::{self, List};
use crate::visit::{MyNetwork, Visit};
use crate::{cbsds, enodebs, gateways, pools, subscribers};
use serde::Deserialize;

/// An object, as the API tells it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Object {
    kind: String,
    network: String,
    id: String,
    name: String,
    matched: String,
}

pub(super) async fn find(visit: &Visit, wanted: &Wanted) -> Result<Vec<Found>, Failure> {
    if wanted.q.is_empty() {
        return Ok(visit.me.networks.iter().take(FOUND_MAX).map(network).collect());
    }
    let (text, network) = (escaped(&wanted.q), escaped(&wanted.network));
    let path = format!("/about/search?q={text}&network={network}&limit={FOUND_MAX}");
    let objects: Vec<Object> = visit.rest.get(&path).await?;
    Ok(objects.into_iter().filter_map(|object| found(visit, object)).collect())
}

fn network(network: &MyNetwork) -> Found {
    Found {
        title: network.title().to_owned(),
        by: if network.name.is_empty() { String::new() } else { network.id.clone() },
        what: format!("{} network", kind_of(&network.kind)),
        url: Section::Network.url(&network.id),
    }
}

/// The object, if the console has a page for it in a network of that kind.
fn found(visit: &Visit, object: Object) -> Option<Found> {
    let place = visit.network(&object.network).ok()?;
    if object.kind == "network" {
        return Some(network(place));
    }
    let (kind, section, url) = page(&object)?;
    let is_lte_only = object.kind == "apn";
    if !section.is_of(place) || (is_lte_only && !place.is_lte()) {
        return None;
    }
    let Object { id, name, matched, .. } = object;
    let more = if name.is_empty() { String::new() } else { id.clone() };
    Some(Found {
        title: if name.is_empty() { id } else { name },
        by: [more, matched].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" · "),
        what: format!("{kind} in {}", place.title()),
        url,
    })
}

/// What people call an object, the section that has it, and where it is.
fn page(Object { kind, network, id, .. }: &Object) -> Option<(&'static str, Section, String)> {
    Some(match kind.as_str() {
        "gateway" => ("Gateway", Section::Gateways, gateways::url(network, id)),
        "enodeb" => ("eNodeB", Section::Enodebs, enodebs::summaries::url(network, id)),
        "cbsd" => ("CBSD", Section::Cbsds, cbsds::url(network, id)),
        "subscriber" => ("Subscriber", Section::Subscribers, subscribers::url(network, id)),
        "apn" => ("APN", Section::Traffic, traffic::apn_url(network, id)),
        "policy" => ("Policy", Section::Traffic, traffic::policy_url(network, id)),
        "base_name" => ("Base name", Section::Traffic, traffic::base_names_url(network)),
        "rating_group" => ("Rating group", Section::Traffic, List::RatingGroups.url(network)),
        "gateway_pool" => ("Gateway pool", Section::Pools, pools::url(network, id)),
        "tier" => ("Upgrade tier", Section::Tiers, Section::Tiers.url(network)),
        _ => return None,
    })
}
