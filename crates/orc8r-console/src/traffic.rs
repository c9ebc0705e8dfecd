//! What traffic may do in a network, and how well: policies and what they are made of, APNs and data plans.

mod copy;
mod federation;
mod flows;
mod lists;
mod plans;
mod policy;
mod summary;

use crate::Console;
use crate::rest::{escaped, path};
use axum::Router;
use axum::routing::{get, post};
pub(crate) use flows::line as flow_line;
pub(crate) use lists::{pdn_type, rate_of};
use maud::{Markup, html};
use std::sync::Arc;
pub(crate) use summary::{ForEverybody, TrafficSummary, known};

pub(crate) fn routes() -> Router<Arc<Console>> {
    const POLICY: &str = "/console/networks/{network}/traffic/policies/{policy}";
    Router::new()
        .route("/console/networks/{network}/traffic/{list}", get(lists::show))
        .route(POLICY, get(policy::show))
        .route(
            "/console/networks/{network}/traffic/policies/{policy}/everybody",
            post(policy::set_for_everybody),
        )
        .route(
            "/console/networks/{network}/traffic/base-names/{name}/everybody",
            post(policy::set_base_name_for_everybody),
        )
        .route("/console/networks/{network}/traffic/data-plans/{plan}", get(plans::show).post(plans::save))
        .route(
            "/console/networks/{network}/traffic/data-plans/{plan}/remove",
            get(plans::ask).post(plans::remove),
        )
        .route("/console/networks/{network}/copy-policies", get(copy::show).post(copy::act))
        .route("/console/networks/{network}/add-data-plan", get(plans::show_new).post(plans::add))
}

/// The lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum List {
    Policies,
    QosProfiles,
    RatingGroups,
    BaseNames,
    Apns,
    DataPlans,
}

impl List {
    pub(crate) const ALL: [Self; 6] =
        [Self::Policies, Self::QosProfiles, Self::RatingGroups, Self::BaseNames, Self::Apns, Self::DataPlans];

    /// Its name in a URL.
    fn name(self) -> &'static str {
        match self {
            Self::Policies => "policies",
            Self::QosProfiles => "qos-profiles",
            Self::RatingGroups => "rating-groups",
            Self::BaseNames => "base-names",
            Self::Apns => "apns",
            Self::DataPlans => "data-plans",
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Policies => "Policies",
            Self::QosProfiles => "QoS profiles",
            Self::RatingGroups => "Rating groups",
            Self::BaseNames => "Base names",
            Self::Apns => "APNs",
            Self::DataPlans => "Data plans",
        }
    }

    /// Whether only networks with radios have it.
    pub(crate) fn is_lte_only(self) -> bool {
        matches!(self, Self::QosProfiles | Self::Apns | Self::DataPlans)
    }

    /// Where it is.
    pub(crate) fn url(self, network: &str) -> String {
        format!("/console{}", path(&["networks", network, "traffic", self.name()]))
    }
}

/// A policy's page.
pub(crate) fn policy_url(network: &str, policy: &str) -> String {
    format!("{}/{}", List::Policies.url(network), escaped(policy))
}

/// Where an APN stands in its list.
pub(crate) fn apn_url(network: &str, apn: &str) -> String {
    format!("{}#{}", List::Apns.url(network), escaped(apn))
}

/// Where data plans are.
pub(crate) fn plans_url(network: &str) -> String {
    List::DataPlans.url(network)
}

/// Where base names are.
pub(crate) fn base_names_url(network: &str) -> String {
    List::BaseNames.url(network)
}

/// A rate with its unit, and the exact number behind it.
pub(crate) fn rate(bits: u64) -> Markup {
    html! {
        (short_rate(bits))
        @if bits >= 1_000 { " " span.quiet { "(" (grouped(bits)) " bit/s)" } }
    }
}

/// A rate in the unit that fits, three digits of it.
fn short_rate(bits: u64) -> String {
    let units = [(1_000_000_000, "Gbit/s"), (1_000_000, "Mbit/s"), (1_000, "kbit/s")];
    let Some((unit, name)) = units.into_iter().find(|(unit, _)| bits >= *unit) else {
        return format!("{bits} bit/s");
    };
    let (whole, rest) = (bits / unit, bits % unit * 100 / unit);
    match (whole, rest) {
        (whole, 0) => format!("{whole} {name}"),
        (whole, rest) if rest % 10 == 0 => format!("{whole}.{} {name}", rest / 10),
        (whole, rest) => format!("{whole}.{rest:02} {name}"),
    }
}

/// A number with its thousands apart.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_have_a_unit_and_three_digits() {
        let rows = [
            (0, "0 bit/s"),
            (999, "999 bit/s"),
            (1_000, "1 kbit/s"),
            (1_500_000, "1.5 Mbit/s"),
            (2_000_000_000, "2 Gbit/s"),
            (4_294_967_295, "4.29 Gbit/s"),
            (1_050_000, "1.05 Mbit/s"),
        ];
        for (bits, expect) in rows {
            assert_eq!(short_rate(bits), expect);
        }
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
