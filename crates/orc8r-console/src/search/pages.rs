//! Pages that somebody may go to: the sections, the parts of the administration, and where things are added.

use super::{FOUND_MAX, Found, Wanted};
use crate::navigation::Section;
use crate::rest::path;
use crate::traffic::List;
use crate::visit::{MyNetwork, Visit};
use crate::{administration, cbsds, edit, gateways, networks, subscribers};

/// The pages that fit: those of the network that he looks at first, and of these whose titles begin with what he typed.
pub(super) fn find(visit: &Visit, wanted: &Wanted) -> Vec<Found> {
    let text = wanted.q.to_lowercase();
    let words: Vec<&str> = text.split_whitespace().collect();
    let here = visit.me.networks.iter().filter(|network| network.id == wanted.network);
    let elsewhere = visit.me.networks.iter().filter(|network| network.id != wanted.network);
    let pages = here.flat_map(of_network).chain(general(visit)).chain(elsewhere.flat_map(of_network));
    let mut found: Vec<Found> = pages.filter(|page| fits(page, &words)).collect();
    found.sort_by_key(|page| !page.title.to_lowercase().starts_with(&text));
    found.truncate(FOUND_MAX);
    found
}

/// Whether all words are of it, and not only of its network: who types a network's name wants the network.
fn fits(page: &Found, words: &[&str]) -> bool {
    let (title, what) = (page.title.to_lowercase(), page.what.to_lowercase());
    let is_titled = words.is_empty() || words.iter().any(|word| title.contains(word));
    is_titled && words.iter().all(|word| title.contains(word) || what.contains(word))
}

fn page(title: impl Into<String>, what: impl Into<String>, url: impl Into<String>) -> Found {
    Found { title: title.into(), by: String::new(), what: what.into(), url: url.into() }
}

/// The pages that are of no network.
fn general(visit: &Visit) -> Vec<Found> {
    let sections = [Section::Home, Section::Networks];
    let mut pages: Vec<Found> =
        sections.iter().map(|section| page(section.title(), "Page", section.url(""))).collect();
    let parts = administration::PARTS.iter();
    pages.extend(parts.map(|(title, url)| page(*title, "Administration", *url)));
    if visit.me.administers {
        pages.extend([
            page("Add a network", "Page", networks::add::URL),
            page("Add a user", "Administration", edit::add("/user", administration::PLACE)),
            page("Add an organisation", "Administration", edit::add("/tenants", administration::PARTS[1].1)),
        ]);
    }
    pages
}

/// The pages of a network but its first, which is found as the network.
fn of_network(network: &MyNetwork) -> Vec<Found> {
    let (id, what) = (network.id.as_str(), format!("Page in {}", network.title()));
    let sections = Section::OF_NETWORK.iter().filter(|section| section.is_of(network));
    let sections = sections.filter(|section| **section != Section::Network);
    let mut pages: Vec<Found> =
        sections.map(|section| page(section.title(), what.as_str(), section.url(id))).collect();
    if Section::Traffic.is_of(network) {
        let lists = List::ALL.iter().filter(|list| network.is_lte() || !list.is_lte_only());
        pages.extend(lists.map(|list| page(list.title(), what.as_str(), list.url(id))));
    }
    if network.may_write {
        let added = adding(network).into_iter();
        pages.extend(added.map(|(title, url)| page(title, what.as_str(), url)));
    }
    pages
}

/// Where somebody who may change a network adds something.
fn adding(network: &MyNetwork) -> Vec<(&'static str, String)> {
    let id = network.id.as_str();
    let tiers = edit::add(&path(&["networks", id, "tiers"]), &Section::Tiers.url(id));
    let mut pages = vec![("Add a gateway", gateways::add::url(id)), ("Add an upgrade tier", tiers)];
    if Section::Traffic.is_of(network) {
        let rules = edit::add(&path(&["networks", id, "policies", "rules"]), &List::Policies.url(id));
        pages.push(("Add a policy", rules));
    }
    if network.is_lte() {
        let enodebs = edit::add(&path(&["lte", id, "enodebs"]), &Section::Enodebs.url(id));
        let cbsds = edit::add(&cbsds::collection(id), &Section::Cbsds.url(id));
        let apns = edit::add(&path(&["lte", id, "apns"]), &List::Apns.url(id));
        pages.extend([
            ("Add a subscriber", subscribers::add::place(id)),
            ("Import subscribers", subscribers::table::url(id)),
            ("Add an eNodeB", enodebs),
            ("Add a CBSD", cbsds),
            ("Add an APN", apns),
        ]);
    }
    pages
}
