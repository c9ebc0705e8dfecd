//! How one gets about: the bar above, the sections beside, and the palette.

use crate::account;
pub(crate) mod keys;

use crate::administration;
use crate::rest::path;
use crate::search;
use crate::visit::{MyNetwork, Theme, Visit};
use maud::{Markup, PreEscaped, html};

/// The mark of the product, as the icon of its pages.
pub(crate) const ICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Cpath d='M1 14 6 3l2 4 2-4 5 11h-4L8 9l-3 5z' fill='%23d9480f'/%3E%3C/svg%3E";

/// Where a page belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// What needs attention, everywhere.
    Home,
    /// All networks.
    Networks,
    /// Who may what, and what runs here.
    Administration,
    /// Who one is oneself.
    Account,
    /// One network at a glance.
    Network,
    /// Gateways of a network.
    Gateways,
    /// What can be measured.
    Metrics,
    /// eNodeBs of an LTE network.
    Enodebs,
    /// Citizens broadband radios of an LTE network.
    Cbsds,
    /// Gateways that share the work of an MME.
    Pools,
    /// Which versions gateways are brought to.
    Tiers,
    /// Where gateways and eNodeBs are.
    Map,
    /// What is connected to what.
    Topology,
    /// Alerts: what fires, and who is told.
    Alerts,
    /// Who uses a network.
    Subscribers,
    /// What traffic may do in a network, and how well.
    Traffic,
    /// What gateways told.
    Events,
    /// What services of gateways wrote.
    Logs,
    /// Packets that gateways captured.
    Traces,
}

impl Section {
    /// The sections of a network, in the order in which they are shown.
    pub(crate) const OF_NETWORK: &[Self] = &[
        Self::Network,
        Self::Gateways,
        Self::Enodebs,
        Self::Cbsds,
        Self::Pools,
        Self::Tiers,
        Self::Map,
        Self::Topology,
        Self::Subscribers,
        Self::Traffic,
        Self::Metrics,
        Self::Alerts,
        Self::Events,
        Self::Logs,
        Self::Traces,
    ];

    /// Whether a network of this kind has it.
    pub(crate) fn is_of(self, network: &MyNetwork) -> bool {
        match self {
            Self::Enodebs | Self::Cbsds | Self::Pools | Self::Topology | Self::Subscribers | Self::Traces => {
                network.is_lte()
            }
            Self::Traffic => network.is_lte() || network.kind == "carrier_wifi_network",
            _ => true,
        }
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Home => "Overview",
            Self::Networks => "Networks",
            Self::Administration => "Administration",
            Self::Account => "Your account",
            Self::Network => "Network",
            Self::Gateways => "Gateways",
            Self::Metrics => "Metrics",
            Self::Enodebs => "eNodeBs",
            Self::Cbsds => "CBSDs",
            Self::Pools => "Gateway pools",
            Self::Tiers => "Upgrade tiers",
            Self::Map => "Map",
            Self::Topology => "Topology",
            Self::Alerts => "Alerts",
            Self::Subscribers => "Subscribers",
            Self::Traffic => "Traffic",
            Self::Events => "Events",
            Self::Logs => "Logs",
            Self::Traces => "Call traces",
        }
    }

    /// Where it is.
    pub(crate) fn url(self, network: &str) -> String {
        let of_network = |rest: &str| format!("/console{}{rest}", path(&["networks", network]));
        match self {
            Self::Home => "/console/".to_owned(),
            Self::Networks => "/console/networks".to_owned(),
            Self::Administration => administration::PLACE.to_owned(),
            Self::Account => account::PLACE.to_owned(),
            Self::Network => of_network(""),
            Self::Gateways => of_network("/gateways"),
            Self::Metrics => of_network("/metrics"),
            Self::Enodebs => of_network("/enodebs"),
            Self::Cbsds => of_network("/cbsds"),
            Self::Pools => of_network("/pools"),
            Self::Tiers => of_network("/tiers"),
            Self::Map => of_network("/map"),
            Self::Topology => of_network("/topology"),
            Self::Alerts => of_network("/alerts"),
            Self::Subscribers => of_network("/subscribers"),
            Self::Traffic => of_network("/traffic/policies"),
            Self::Events => of_network("/events"),
            Self::Logs => of_network("/logs"),
            Self::Traces => of_network("/traces"),
        }
    }

    /// Which section of a network has a page; `None`: that page is of no network, or of another one.
    pub(crate) fn of_page(url: &str, network: &str) -> Option<Self> {
        let whole = Self::Network.url(network);
        let part = |url: &str| {
            let rest = url.strip_prefix(&whole)?;
            let is_below = rest.is_empty() || rest.starts_with(['/', '?']);
            is_below.then(|| rest.split(['/', '?']).nth(1).unwrap_or_default().to_owned())
        };
        let wanted = part(url)?;
        let found =
            Self::OF_NETWORK.iter().find(|section| part(&section.url(network)).as_ref() == Some(&wanted));
        Some(found.copied().unwrap_or(Self::Network))
    }
}

/// The mark of the product.
pub(crate) fn mark() -> Markup {
    PreEscaped(
        r#"<svg class="mark" viewBox="0 0 16 16" aria-hidden="true"><path d="M1 14 6 3l2 4 2-4 5 11h-4L8 9l-3 5z"/></svg>"#
            .to_owned(),
    )
}

/// The bar above every page.
pub(crate) fn top(visit: &Visit, network: Option<&str>, theme: Theme) -> Markup {
    html! {
        header.top {
            a.brand href="/console/" { (mark()) span { "Magma" } }
            (switcher(visit, network))
            button.search type="button" id="open-palette" hidden {
                span { "Search or go to…" } kbd { "Ctrl K" }
            }
            details.menu {
                summary { span.visually-hidden { "Account of " } (visit.me.name) }
                div.list {
                    p.quiet { @if visit.me.kind == "operator" { "Operator, by certificate" } @else { "User" } }
                    form method="post" action="/console/theme" {
                        input type="hidden" name="to" value=(visit.uri.to_string());
                        fieldset {
                            legend { "Appearance" }
                            @for choice in [Theme::System, Theme::Light, Theme::Dark] {
                                button.choice type="submit" name="theme" value=(choice.name()) aria-pressed=(choice == theme) {
                                    (choice.name())
                                }
                            }
                        }
                    }
                    a href=(Section::Account.url("")) { (Section::Account.title()) }
                    a href="/swagger/v1/ui/" { "API documentation" }
                    a href=(keys::PLACE) id="open-keys" { "Keys" }
                    @if visit.me.kind != "operator" {
                        form method="post" action="/console/sign-out" { button type="submit" { "Sign out" } }
                    }
                }
            }
        }
    }
}

fn switcher(visit: &Visit, network: Option<&str>) -> Markup {
    let chosen = network.and_then(|id| visit.me.networks.iter().find(|known| known.id == id));
    html! {
        details.menu.networks {
            summary { span.visually-hidden { "Network: " } (chosen.map_or("All networks", MyNetwork::title)) }
            div.list {
                a href="/console/" aria-current=[network.is_none().then_some("true")] { "All networks" }
                @for known in visit.me.networks.iter().take(SHOWN_MAX) {
                    a href=(Section::Network.url(&known.id)) aria-current=[(network == Some(&known.id)).then_some("true")] {
                        (known.title()) " " span.quiet { (kind_of(&known.kind)) }
                    }
                }
                @if visit.me.networks.len() > SHOWN_MAX {
                    a href=(Section::Networks.url("")) { "All " (visit.me.networks.len()) " networks…" }
                }
            }
        }
    }
}

/// So many networks are in the list above; the others are on their page.
const SHOWN_MAX: usize = 20;

/// What people call a kind of network.
pub(crate) fn kind_of(kind: &str) -> &str {
    match kind {
        "lte" => "LTE",
        "feg" => "Federation",
        "feg_lte" => "Federated LTE",
        "carrier_wifi_network" => "Wi-Fi",
        "" => "No kind",
        other => other,
    }
}

/// The sections beside every page.
pub(crate) fn side(visit: &Visit, network: Option<&str>, section: Section) -> Markup {
    let link = |target: Section, network: &str| {
        html! {
            li {
                a href=(target.url(network)) aria-current=[(target == section).then_some("page")] { (target.title()) }
            }
        }
    };
    html! {
        nav.side aria-label="Sections" {
            ul {
                (link(Section::Home, ""))
                (link(Section::Networks, ""))
                (link(Section::Administration, ""))
            }
            @if let Some(network) = network.and_then(|id| visit.network(id).ok()) {
                h2 { (network.title()) }
                ul { @for target in Section::OF_NETWORK.iter().filter(|target| target.is_of(network)) { (link(*target, &network.id)) } }
            }
        }
    }
}

/// Where one types what one looks for; opened by the script. What is of the page's network comes first.
pub(crate) fn palette(network: Option<&str>) -> Markup {
    html! {
        dialog id="palette" aria-label="Search or go to" {
            form method="get" action="/console/search" role="search" {
                input type="search" name="q" autocomplete="off" spellcheck="false" aria-label="Search" maxlength=(search::LETTERS_MAX)
                    placeholder="Page, gateway, subscriber, number, serial…" role="combobox" aria-expanded="true"
                    aria-controls="choices" hx-get="/console/search" hx-trigger="input changed delay:120ms, opened"
                    hx-include="closest form" hx-sync="this:replace"
                    hx-target="#choices" hx-select="#found > *" hx-swap="innerHTML";
                @if let Some(network) = network { input type="hidden" name="network" value=(network); }
                div id="choices" role="listbox" aria-label="Found" {}
                p.quiet { kbd { "↑" } kbd { "↓" } " to choose, " kbd { "Enter" } " to go, " kbd { "Esc" } " to close" }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_of_the_section_that_its_url_begins_like() {
        let of = |url: &str| Section::of_page(&format!("/console/networks/{url}"), "n1");
        assert_eq!(of("n1/traffic/apns?q=a"), Some(Section::Traffic));
        assert_eq!(of("n1/enodebs/E1/history"), Some(Section::Enodebs));
        assert_eq!(of("n1/alerts"), Some(Section::Alerts));
        for url in ["n1", "n1?page=2", "n1/add-subscriber"] {
            assert_eq!(of(url), Some(Section::Network), "{url}");
        }
        for url in ["n2/alerts", "n10/alerts", ""] {
            assert_eq!(of(url), None, "{url}");
        }
    }
}
