//! The resources that are carried, in the order in which they can be made, and those that are left behind.

use wire_rest::types::{
    AlertReceiverConfig, AlertRoutingTree, Apn, BaseNameRecord, Cbsd, CellularGatewayPool, ControlProxy,
    CwfGateway, CwfHaPair, CwfNetwork, Enodeb, FederationGateway, FegLteNetwork, FegNetwork,
    GatewayVpnConfigs, LiUes, LteGateway, LteNetwork, MagmadGateway, MsisdnAssignment, MutableCbsd,
    MutableCellularGatewayPool, MutableCwfGateway, MutableCwfHaPair, MutableFederationGateway,
    MutableLteGateway, MutableSubscriber, Network, NetworkProbeDestination, NetworkProbeTask,
    NetworkSentryConfig, NetworkSubscriberConfig, PolicyQosProfile, PolicyRule, PromAlertConfig, RatingGroup,
    ReleaseChannel, StateConfig, Subscriber, Tenant, Tier,
};
use wire_rest::{HasSchema, Schema};

/// How the members of a collection are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// The networks of the resource's types; each is read by itself.
    Networks,
    /// A list of ids; each is read by itself.
    Ids,
    /// A list of objects.
    Objects,
    /// An object of objects by id.
    Map,
    /// Pages of a [`Listing::Map`] in this member; the token of the next page is in the other one.
    Pages(&'static str, &'static str),
    /// Parts of a list of objects in this member, by `offset` and `limit`.
    Offsets(&'static str),
    /// One document; 404 when there is none.
    One,
}

/// How a resource is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// POST to the collection, PUT to the item.
    PostPut,
    /// POST of a list to the collection, PUT to the item.
    Batch,
    /// PUT of the whole.
    Put,
    /// POST of the whole.
    Post,
    /// POST to the collection; to change it, DELETE of the item first.
    PostDelete,
}

/// One kind of thing that an operator configures.
#[derive(Debug)]
pub struct Resource {
    /// Its name in reports.
    pub noun: &'static str,
    /// The types of network that have it; empty: all, and what belongs to no network. [`OTHER`]: the types that no
    /// other row of the table names.
    pub networks: &'static [&'static str],
    /// Its collection's path in the contract.
    pub collection: &'static str,
    /// Its own path in the contract.
    pub item: &'static str,
    /// How its collection is listed.
    pub listing: Listing,
    /// How it is written.
    pub write: Write,
    /// The member of its body that is its id.
    pub id: &'static str,
    /// What an Orchestrator shows.
    pub shown: &'static Schema,
    /// What an Orchestrator takes.
    pub taken: &'static Schema,
    /// Members that another resource tells: empty in what is made, and left as they are in what is changed.
    pub told_elsewhere: &'static [&'static str],
    /// Members that are shown only, though the contract has them in what is taken.
    pub shown_only: &'static [&'static str],
}

/// Networks of a type that no other row names.
pub(crate) const OTHER: &str = "*";

/// What is taken and kept with members that the contract does not have.
pub(crate) const OPEN: &str = "alert receiver";

const LTE: &[&str] = &["lte", "feg_lte"];
/// What has subscribers.
const ACCESS: &[&str] = &["lte", "feg_lte", "carrier_wifi_network"];
const WIFI: &[&str] = &["carrier_wifi_network"];
const FULL_RULES: &str = "/networks/{network_id}/policies/rules?view=full";
const FULL_BASE_NAMES: &str = "/networks/{network_id}/policies/base_names?view=full";

/// A row with what most have.
const fn row(
    noun: &'static str,
    collection: &'static str,
    item: &'static str,
    body: &'static Schema,
) -> Resource {
    Resource {
        noun,
        networks: &[],
        collection,
        item,
        listing: Listing::Map,
        write: Write::PostPut,
        id: "id",
        shown: body,
        taken: body,
        told_elsewhere: &[],
        shown_only: &[],
    }
}

/// A row of one document, which belongs to something else.
const fn part(noun: &'static str, path: &'static str, body: &'static Schema) -> Resource {
    Resource { listing: Listing::One, write: Write::Put, ..row(noun, path, path, body) }
}

const fn network(
    networks: &'static [&'static str],
    collection: &'static str,
    item: &'static str,
    body: &'static Schema,
) -> Resource {
    Resource { networks, listing: Listing::Networks, ..row("network", collection, item, body) }
}

/// What is carried, in the order in which it can be made.
pub const RESOURCES: &[Resource] = &[
    Resource {
        listing: Listing::Ids,
        ..row("release channel", "/channels", "/channels/{channel_id}", ReleaseChannel::SCHEMA)
    },
    network(&["feg"], "/feg", "/feg/{network_id}", FegNetwork::SCHEMA),
    network(&["lte"], "/lte", "/lte/{network_id}", LteNetwork::SCHEMA),
    network(&["feg_lte"], "/feg_lte", "/feg_lte/{network_id}", FegLteNetwork::SCHEMA),
    network(WIFI, "/cwf", "/cwf/{network_id}", CwfNetwork::SCHEMA),
    network(&[OTHER], "/networks", "/networks/{network_id}", Network::SCHEMA),
    part("Sentry configuration", "/networks/{network_id}/sentry", NetworkSentryConfig::SCHEMA),
    part("state configuration", "/networks/{network_id}/state", StateConfig::SCHEMA),
    Resource {
        networks: &["feg_lte"],
        ..part(
            "network-wide policies",
            "/feg_lte/{network_id}/subscriber_config",
            NetworkSubscriberConfig::SCHEMA,
        )
    },
    Resource { networks: WIFI, ..part("intercepted UEs", "/cwf/{network_id}/li_ues", LiUes::SCHEMA) },
    Resource {
        listing: Listing::Ids,
        told_elsewhere: &["gateways"],
        ..row("tier", "/networks/{network_id}/tiers", "/networks/{network_id}/tiers/{tier_id}", Tier::SCHEMA)
    },
    Resource {
        networks: LTE,
        id: "apn_name",
        ..row("APN", "/lte/{network_id}/apns", "/lte/{network_id}/apns/{apn_name}", Apn::SCHEMA)
    },
    Resource {
        networks: ACCESS,
        ..row(
            "QoS profile",
            "/lte/{network_id}/policy_qos_profiles",
            "/lte/{network_id}/policy_qos_profiles/{profile_id}",
            PolicyQosProfile::SCHEMA,
        )
    },
    row(
        "rating group",
        "/networks/{network_id}/rating_groups",
        "/networks/{network_id}/rating_groups/{rating_group_id}",
        RatingGroup::SCHEMA,
    ),
    Resource {
        told_elsewhere: &["assigned_subscribers"],
        ..row("policy", FULL_RULES, "/networks/{network_id}/policies/rules/{rule_id}", PolicyRule::SCHEMA)
    },
    Resource {
        id: "name",
        told_elsewhere: &["assigned_subscribers"],
        ..row(
            "base name",
            FULL_BASE_NAMES,
            "/networks/{network_id}/policies/base_names/{base_name}",
            BaseNameRecord::SCHEMA,
        )
    },
    Resource {
        networks: LTE,
        id: "gateway_pool_id",
        taken: MutableCellularGatewayPool::SCHEMA,
        ..row(
            "gateway pool",
            "/lte/{network_id}/gateway_pools",
            "/lte/{network_id}/gateway_pools/{gateway_pool_id}",
            CellularGatewayPool::SCHEMA,
        )
    },
    Resource {
        networks: LTE,
        id: "serial",
        listing: Listing::Pages("enodebs", "page_token"),
        shown_only: &["attached_gateway_id"],
        ..row(
            "eNodeB",
            "/lte/{network_id}/enodebs",
            "/lte/{network_id}/enodebs/{enodeb_serial}",
            Enodeb::SCHEMA,
        )
    },
    Resource {
        networks: LTE,
        taken: MutableLteGateway::SCHEMA,
        ..row(
            "gateway",
            "/lte/{network_id}/gateways",
            "/lte/{network_id}/gateways/{gateway_id}",
            LteGateway::SCHEMA,
        )
    },
    Resource {
        networks: LTE,
        ..part(
            "VPN configuration of a gateway",
            "/lte/{network_id}/gateways/{gateway_id}/vpn",
            GatewayVpnConfigs::SCHEMA,
        )
    },
    Resource {
        networks: &["feg"],
        taken: MutableFederationGateway::SCHEMA,
        ..row(
            "gateway",
            "/feg/{network_id}/gateways",
            "/feg/{network_id}/gateways/{gateway_id}",
            FederationGateway::SCHEMA,
        )
    },
    Resource {
        networks: WIFI,
        taken: MutableCwfGateway::SCHEMA,
        ..row(
            "gateway",
            "/cwf/{network_id}/gateways",
            "/cwf/{network_id}/gateways/{gateway_id}",
            CwfGateway::SCHEMA,
        )
    },
    // Those that are of no kind above.
    Resource {
        listing: Listing::Pages("gateways", "page_token"),
        shown_only: &["status", "registration_info"],
        ..row(
            "gateway",
            "/networks/{network_id}/gateways",
            "/networks/{network_id}/gateways/{gateway_id}",
            MagmadGateway::SCHEMA,
        )
    },
    Resource {
        networks: WIFI,
        id: "ha_pair_id",
        taken: MutableCwfHaPair::SCHEMA,
        ..row(
            "high-availability pair",
            "/cwf/{network_id}/ha_pairs",
            "/cwf/{network_id}/ha_pairs/{ha_pair_id}",
            CwfHaPair::SCHEMA,
        )
    },
    Resource {
        networks: ACCESS,
        listing: Listing::Pages("subscribers", "next_page_token"),
        write: Write::Batch,
        taken: MutableSubscriber::SCHEMA,
        ..row(
            "subscriber",
            "/lte/{network_id}/subscribers",
            "/lte/{network_id}/subscribers/{subscriber_id}",
            Subscriber::SCHEMA,
        )
    },
    Resource {
        networks: ACCESS,
        id: "msisdn",
        write: Write::PostDelete,
        ..row(
            "MSISDN",
            "/lte/{network_id}/msisdns",
            "/lte/{network_id}/msisdns/{msisdn}",
            MsisdnAssignment::SCHEMA,
        )
    },
    Resource {
        networks: LTE,
        id: "destination_id",
        ..row(
            "network probe destination",
            "/lte/{network_id}/network_probe/destinations",
            "/lte/{network_id}/network_probe/destinations/{destination_id}",
            NetworkProbeDestination::SCHEMA,
        )
    },
    Resource {
        networks: LTE,
        id: "task_id",
        ..row(
            "network probe task",
            "/lte/{network_id}/network_probe/tasks",
            "/lte/{network_id}/network_probe/tasks/{task_id}",
            NetworkProbeTask::SCHEMA,
        )
    },
    Resource {
        networks: LTE,
        id: "serial_number",
        listing: Listing::Offsets("cbsds"),
        taken: MutableCbsd::SCHEMA,
        ..row("CBSD", "/dp/{network_id}/cbsds", "/dp/{network_id}/cbsds/{cbsd_id}", Cbsd::SCHEMA)
    },
    Resource {
        id: "alert",
        listing: Listing::Objects,
        ..row(
            "alert rule",
            "/networks/{network_id}/prometheus/alert_config",
            "/networks/{network_id}/prometheus/alert_config/{alert_name}",
            PromAlertConfig::SCHEMA,
        )
    },
    Resource {
        id: "name",
        listing: Listing::Objects,
        ..row(
            OPEN,
            "/networks/{network_id}/prometheus/alert_receiver",
            "/networks/{network_id}/prometheus/alert_receiver/{receiver}",
            AlertReceiverConfig::SCHEMA,
        )
    },
    Resource {
        write: Write::Post,
        ..part(
            "alert route",
            "/networks/{network_id}/prometheus/alert_receiver/route",
            AlertRoutingTree::SCHEMA,
        )
    },
    Resource {
        listing: Listing::Objects,
        ..row("organisation", "/tenants", "/tenants/{tenant_id}", Tenant::SCHEMA)
    },
    part("control_proxy of an organisation", "/tenants/{tenant_id}/control_proxy", ControlProxy::SCHEMA),
];

/// Something that is not carried.
#[derive(Debug)]
pub struct Left {
    /// Its path in the contract.
    pub path: &'static str,
    /// What it is, and why it stays; empty for what is a view of something that is carried.
    pub why: &'static str,
}

/// What the contract shows and is not carried: all but states and views of what is carried.
pub const LEFT_BEHIND: &[Left] = &[
    Left {
        path: "/user",
        why: "users: neither their passwords nor their tokens can be read; make them anew",
    },
    Left { path: "/lte/{network_id}/sms", why: "short messages that wait for delivery" },
    Left { path: "/networks/{network_id}/tracing", why: "call traces and their captures" },
    Left { path: "/networks/{network_id}/alerts/silence", why: "silences: they end by themselves" },
    Left { path: "/networks/{network_id}/alerts", why: "" },
    Left { path: "/lte/{network_id}/subscriber_state", why: "" },
    Left { path: "/feg/{network_id}/cluster_status", why: "" },
    Left { path: "/cwf/{network_id}/subscribers", why: "" },
    Left { path: "/dp/{network_id}/logs", why: "messages of citizens broadband radios with their SAS" },
    Left { path: "/events/{network_id}", why: "events" },
    Left { path: "/networks/{network_id}/logs/search", why: "logs" },
    Left { path: "/networks/{network_id}/logs/count", why: "" },
    Left { path: "/networks/{network_id}/prometheus/query", why: "metrics" },
    Left { path: "/networks/{network_id}/prometheus/query_range", why: "" },
    Left { path: "/networks/{network_id}/prometheus/series", why: "" },
    Left { path: "/tenants/targets_metadata", why: "" },
    Left { path: "/tenants/{tenant_id}/metrics", why: "" },
    Left { path: "/about/version", why: "" },
    Left { path: "/lte", why: "" },
    Left { path: "/feg", why: "" },
    Left { path: "/feg_lte", why: "" },
    Left { path: "/cwf", why: "" },
    Left { path: "/networks", why: "" },
];

impl Resource {
    /// Whether networks of this type have it.
    pub(crate) fn is_of(&self, network_type: &str) -> bool {
        let named = |resource: &Resource| {
            resource.listing == Listing::Networks && resource.networks.contains(&network_type)
        };
        match self.networks {
            [] => true,
            [OTHER] => !RESOURCES.iter().any(named),
            types => types.contains(&network_type),
        }
    }

    /// The path to which it is posted.
    pub(crate) fn posted_to(&self) -> &'static str {
        self.collection.split('?').next().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const OPERATIONS: &str = include_str!("../../../contracts/rest/operations.tsv");

    fn operations() -> BTreeSet<(&'static str, &'static str)> {
        let lines = OPERATIONS.lines().skip(1).map(|line| line.split('\t').collect::<Vec<_>>());
        lines.map(|fields| (fields[1], fields[2])).collect()
    }

    #[test]
    fn each_row_names_operations_of_the_contract() {
        let operations = operations();
        let mut missing = Vec::new();
        for row in RESOURCES {
            let mut needed = vec![("GET", row.collection), ("GET", row.item)];
            match row.write {
                Write::PostPut | Write::Batch => {
                    needed.extend([("POST", row.posted_to()), ("PUT", row.item)])
                }
                Write::Put => needed.push(("PUT", row.item)),
                Write::Post => needed.push(("POST", row.item)),
                Write::PostDelete => needed.extend([("POST", row.posted_to()), ("DELETE", row.item)]),
            }
            // The contract has no GET for one rule and one receiver.
            let alone = |path: &str| path.contains("/prometheus/") && path.ends_with('}');
            needed.retain(|(method, path)| !(*method == "GET" && alone(path)));
            missing.extend(needed.into_iter().filter(|operation| !operations.contains(operation)));
        }
        assert_eq!(missing, []);
    }

    /// So that nothing that an operation of the contract shows is forgotten.
    #[test]
    fn what_the_contract_shows_is_carried_or_said_to_be_left() {
        // A network has its members, and what lies below it is a row of its own.
        let is_member = |row: &Resource, rest: &str| {
            let name = rest.trim_start_matches('/').split('/').next().unwrap_or_default();
            row.listing != Listing::Networks
                || crate::body::fields(row.shown).iter().any(|field| field.name == name)
        };
        let is_of = |row: &Resource, path: &str| match path.strip_prefix(row.item) {
            Some("") => true,
            Some(rest) => rest.starts_with('/') && is_member(row, rest),
            None => path == row.collection || path == row.posted_to(),
        };
        let carried = |path: &str| RESOURCES.iter().any(|row| is_of(row, path));
        let is_left = |left: &Left, path: &str| match path.strip_prefix(left.path) {
            Some("") => true,
            Some(rest) => {
                rest.starts_with('/')
                    && !["/lte", "/feg", "/feg_lte", "/cwf", "/networks"].contains(&left.path)
            }
            None => false,
        };
        let left = |path: &str| LEFT_BEHIND.iter().any(|left| is_left(left, path));
        let forgotten: Vec<_> = operations()
            .into_iter()
            .filter(|(method, path)| *method == "GET" && !carried(path) && !left(path))
            .collect();
        assert_eq!(forgotten, [("GET", "/lte/{network_id}/subscribers?verbose=false")], "a shorter view");
    }

    #[test]
    fn each_type_of_network_has_one_row() {
        for network_type in ["feg", "lte", "feg_lte", "carrier_wifi_network", "", "xwf"] {
            let rows = RESOURCES.iter().filter(|row| row.listing == Listing::Networks);
            assert_eq!(rows.filter(|row| row.is_of(network_type)).count(), 1, "{network_type}");
        }
    }
}
