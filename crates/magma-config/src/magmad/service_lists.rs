//! The lists of services in `magmad.yml`, held against each other.

use std::collections::BTreeSet;

use crate::block::{Block, Place, Report};
use crate::value::service_name;
use crate::yaml::{Node, Value};

/// The lists, with what does not fit left out.
pub(super) struct ServiceLists {
    pub(super) magma_services: Vec<String>,
    pub(super) non_service303_services: BTreeSet<String>,
    pub(super) registered_dynamic_services: Vec<String>,
    pub(super) linked_services: Vec<Vec<String>>,
    pub(super) skip_checkin_if_missing_meta_services: BTreeSet<String>,
    pub(super) services_to_restart: Vec<String>,
}

impl ServiceLists {
    pub(super) fn read(block: &mut Block<'_>) -> Self {
        let place = block.place_of("magma_services");
        let none_is_meant = block.says_none("magma_services");
        let magma_services = read_names(block, "magma_services");
        if magma_services.is_empty() && !none_is_meant {
            block.report().warning(
                &place,
                "names no service, so magmad will start and watch none; list them, or write []",
            );
        }
        let magma_services = names(magma_services);
        let dynamic = read_names(block, "registered_dynamic_services");
        warn_of_overlap(&magma_services, &dynamic, block.report());
        let registered_dynamic_services = names(dynamic);
        let any: Vec<String> = magma_services.iter().chain(&registered_dynamic_services).cloned().collect();
        Self {
            non_service303_services: read_members(block, "non_service303_services", &any),
            linked_services: read_groups(block, &magma_services),
            skip_checkin_if_missing_meta_services: read_members(
                block,
                "skip_checkin_if_missing_meta_services",
                &magma_services,
            ),
            services_to_restart: read_members(block, "services_to_restart", &magma_services)
                .into_iter()
                .collect(),
            magma_services,
            registered_dynamic_services,
        }
    }

    /// Every service that may have to be started.
    pub(super) fn managed(&self) -> impl Iterator<Item = &str> {
        let dynamic =
            self.registered_dynamic_services.iter().filter(|name| !self.magma_services.contains(name));
        self.magma_services.iter().chain(dynamic).map(String::as_str)
    }
}

fn names(list: Vec<(Place, String)>) -> Vec<String> {
    list.into_iter().map(|(_, name)| name).collect()
}

/// A list of names, each of them once.
fn read_names(block: &mut Block<'_>, key: &str) -> Vec<(Place, String)> {
    let mut seen = BTreeSet::new();
    let mut list = block.read_list(key, service_name);
    list.retain(|(place, name)| {
        let new = seen.insert(name.clone());
        if !new {
            block
                .report()
                .warning(place, format!("{name} is listed twice; it counts once, remove the other"));
        }
        new
    });
    list
}

/// A list of names that only makes sense for services of another list; others are left out.
fn read_members(block: &mut Block<'_>, key: &str, known: &[String]) -> BTreeSet<String> {
    let mut members = BTreeSet::new();
    for (place, name) in read_names(block, key) {
        if known.contains(&name) {
            members.insert(name);
        } else {
            block.report().warning(&place, not_managed(&name));
        }
    }
    members
}

fn not_managed(name: &str) -> String {
    format!("{name} is not in magma_services, so this has no effect; add it there or remove it here")
}

/// A service in both lists was stopped by Magma's Python agent as soon as the cloud sent a configuration without it.
fn warn_of_overlap(magma_services: &[String], dynamic: &[(Place, String)], report: &Report) {
    for (place, name) in dynamic.iter().filter(|(_, name)| magma_services.contains(name)) {
        let message = format!(
            "{name} is also in magma_services, so it always runs and the cloud cannot switch it off; \
             remove it from one of the two lists"
        );
        report.warning(place, message);
    }
}

/// `linked_services`: groups of services that restart together.
fn read_groups(block: &mut Block<'_>, magma_services: &[String]) -> Vec<Vec<String>> {
    let mut groups = Vec::new();
    for (place, members) in block.read_list("linked_services", group) {
        let mut kept: Vec<String> = Vec::new();
        for (line, name) in members {
            let place = place.at_line(line);
            if !magma_services.contains(&name) {
                block.report().warning(&place, not_managed(&name));
            } else if kept.contains(&name) {
                block.report().warning(&place, format!("{name} is listed twice in its group; remove one"));
            } else {
                kept.push(name);
            }
        }
        if kept.len() > 1 {
            groups.push(kept);
        }
    }
    groups
}

fn group(node: &Node) -> Result<Vec<(u32, String)>, String> {
    match &node.value {
        Value::Sequence(items) => items.iter().map(|item| Ok((item.line, service_name(item)?))).collect(),
        _ => Err("must be a list of lists: each group of services under a `-` of its own".to_owned()),
    }
}
