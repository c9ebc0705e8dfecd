//! One gateway: its tabs, and what all of them have.

mod command_forms;
mod command_output;
mod commands;
mod configuration;
mod curl;
mod events;
mod log;
mod machine;
mod overview;
mod restart;
mod services;
mod tier;
mod traces;

use crate::Console;
use crate::failure::Failure;
use crate::gateways::summaries::{Summaries, Summary};
use crate::navigation::Section;
use crate::page::Page;
use crate::rest::{escaped, path};
use crate::visit::{MyNetwork, Visit};
use axum::Router;
use axum::routing::{get, post};
use maud::{Markup, html};
use serde_json::Value;
use std::sync::Arc;

pub(super) fn routes() -> Router<Arc<Console>> {
    Router::new()
        .route("/console/networks/{network}/gateways/{gateway}", get(overview::show))
        .route("/console/networks/{network}/gateways/{gateway}/tier", post(tier::change))
        .route("/console/networks/{network}/gateways/{gateway}/configuration", get(configuration::show))
        .route("/console/networks/{network}/gateways/{gateway}/services", get(services::show))
        .route(
            "/console/networks/{network}/gateways/{gateway}/services/restart",
            get(restart::ask).post(restart::act),
        )
        .route("/console/networks/{network}/gateways/{gateway}/services/log", get(log::show))
        .route("/console/networks/{network}/gateways/{gateway}/services/log/text", get(log::text))
        .route(
            "/console/networks/{network}/gateways/{gateway}/commands",
            get(commands::show).post(commands::run),
        )
        .route("/console/networks/{network}/gateways/{gateway}/events", get(events::show))
        .route("/console/networks/{network}/gateways/{gateway}/traces", get(traces::show).post(traces::act))
}

/// What a page of a gateway is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Overview,
    Configuration,
    Services,
    Commands,
    Events,
    Traces,
}

impl Tab {
    const ALL: [Self; 6] =
        [Self::Overview, Self::Configuration, Self::Services, Self::Commands, Self::Events, Self::Traces];

    fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Configuration => "Configuration",
            Self::Services => "Services",
            Self::Commands => "Commands",
            Self::Events => "Events and logs",
            Self::Traces => "Call traces",
        }
    }

    /// Its part of the URL.
    fn part(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Configuration => "/configuration",
            Self::Services => "/services",
            Self::Commands => "/commands",
            Self::Events => "/events",
            Self::Traces => "/traces",
        }
    }
}

/// A gateway that somebody looks at.
struct Detail {
    visit: Visit,
    network: MyNetwork,
    id: String,
    /// Where the API has it with all that its kind has, such as `/lte/n1/gateways/gw1`.
    resource: String,
    /// What is there.
    whole: Value,
    summary: Summary,
}

impl Detail {
    /// Asks for it.
    async fn load(visit: Visit, network: &str, id: String) -> Result<Self, Failure> {
        let network = visit.network(network)?.clone();
        let any = path(&["networks", &network.id, "gateways", &id]);
        let of_kind = path(&[collection(&network), &network.id, "gateways", &id]);
        let asked = format!(
            "{}?with=subscribers&id={}",
            path(&["networks", &network.id, "gateway_summaries"]),
            escaped(&id)
        );
        let (found, summaries) =
            tokio::join!(visit.rest.find::<Value>(&of_kind), visit.rest.get::<Summaries>(&asked));
        // One that was made without what its kind of network has is shown with what every gateway has.
        let (resource, whole) = match found? {
            Some(whole) => (of_kind, whole),
            None => (any.clone(), visit.rest.get(&any).await?),
        };
        let summary = summaries?.gateways.into_iter().next().unwrap_or_default();
        Ok(Self { network, id, resource, whole, summary, visit })
    }

    /// What people call it.
    fn title(&self) -> &str {
        self.whole["name"].as_str().filter(|name| !name.is_empty()).unwrap_or(&self.id)
    }

    /// A path of the API below what every gateway has.
    fn any(&self, parts: &str) -> String {
        path(&["networks", &self.network.id, "gateways", &self.id]) + parts
    }

    /// A tab of its pages.
    fn url(&self, tab: Tab) -> String {
        url(&self.network.id, &self.id, tab)
    }

    /// Its id in its hardware: empty until a device has registered.
    fn hardware_id(&self) -> &str {
        self.whole["device"]["hardware_id"].as_str().unwrap_or_default()
    }

    /// What it reported last; nothing: null.
    fn status(&self) -> &Value {
        &self.whole["status"]
    }

    /// A page of it.
    fn page(&self, tab: Tab) -> Page {
        let title = match tab {
            Tab::Overview => self.title().to_owned(),
            tab => format!("{} · {}", self.title(), tab.title()),
        };
        let page = Page::new(&self.visit, Section::Gateways, title)
            .of_network(&self.network.id)
            .below(self.network.title(), Section::Network.url(&self.network.id))
            .below("Gateways", Section::Gateways.url(&self.network.id));
        if tab == Tab::Overview { page } else { page.below(self.title(), self.url(Tab::Overview)) }
    }

    /// The links to its tabs.
    fn tabs(&self, shown: Tab) -> Markup {
        html! {
            nav.views aria-label="Pages of this gateway" {
                @for tab in Tab::ALL {
                    a href=(self.url(tab)) aria-current=[(tab == shown).then_some("page")] { (tab.title()) }
                }
            }
        }
    }
}

/// A tab of a gateway's pages.
fn url(network: &str, gateway: &str, tab: Tab) -> String {
    super::url(network, gateway) + tab.part()
}

/// Where the API has the gateways of such a network.
fn collection(network: &MyNetwork) -> &'static str {
    match network.kind.as_str() {
        "lte" | "feg_lte" => "lte",
        "feg" => "feg",
        "carrier_wifi_network" => "cwf",
        _ => "networks",
    }
}

/// Where a form would be for who may change things.
fn may_not(what: &str) -> Markup {
    html! { p.quiet { "You may look at this network, but not change it: " (what) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_tab_has_a_url_of_its_own() {
        assert_eq!(url("n1", "g 1", Tab::Overview), "/console/networks/n1/gateways/g%201");
        assert_eq!(url("n1", "g1", Tab::Traces), "/console/networks/n1/gateways/g1/traces");
        let urls: std::collections::BTreeSet<_> = Tab::ALL.iter().map(|tab| tab.part()).collect();
        assert_eq!(urls.len(), Tab::ALL.len());
    }
}
