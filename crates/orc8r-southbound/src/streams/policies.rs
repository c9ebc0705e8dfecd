//! From the entities of policies to what streams carry.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orc8r_model::{Entity, EntityId, Network, entity_type};
use orc8r_store::PolicyEdges;
use prost::Message;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use wire_lte::lte::flow_description::Action;
use wire_lte::lte::flow_match::{Direction, IpProto};
use wire_lte::lte::ip_address::IpVersion;
use wire_lte::lte::policy_rule::{AppName, AppServiceType, TrackingType};
use wire_lte::lte::qos_arp::{PreCap, PreVul};
use wire_lte::lte::rating_group::LimitType;
use wire_lte::lte::redirect_information::{AddressType, Support};
use wire_lte::lte::{
    ApnPolicySet, AssignedPolicies, ChargingRuleNameSet, FlowDescription, FlowMatch, FlowQos,
    HeaderEnrichment, IpAddress, PolicyRule, QosArp, RatingGroup, RedirectInformation, ServiceIdentifier,
    SubscriberPolicySet,
};
use wire_orc8r::orc8r::DataUpdate;
use wire_rest::types;

const SUBSCRIBER_CONFIG: &str = "network_subscriber_config";

fn update(key: impl Into<String>, value: &impl Message) -> DataUpdate {
    DataUpdate { key: key.into(), value: value.encode_to_vec() }
}

/// What was kept, as its model; what does not fit counts as empty, and does not keep the others from the gateway.
fn config<T: DeserializeOwned + Default>(entity: &Entity) -> T {
    read(entity.config.as_ref())
}

fn read<T: DeserializeOwned + Default>(config: Option<&Value>) -> T {
    config.and_then(|value| T::deserialize(value).ok()).unwrap_or_default()
}

/// The stream `policydb`.
pub(super) fn rules(policies: &[Entity], profiles: &[Entity]) -> Vec<DataUpdate> {
    let profiles: BTreeMap<&str, types::PolicyQosProfile> =
        profiles.iter().map(|profile| (profile.id.key.as_str(), config(profile))).collect();
    let rule = |policy: &Entity| {
        let profile = policy.children_of_type(entity_type::POLICY_QOS_PROFILE).next();
        let qos = profile.and_then(|id| profiles.get(id)).map(flow_qos);
        update(&policy.id.key, &policy_rule(&policy.id.key, &config(policy), qos))
    };
    policies.iter().map(rule).collect()
}

pub(super) fn policy_rule(id: &str, config: &types::PolicyRuleConfig, qos: Option<FlowQos>) -> PolicyRule {
    let named = |name: &Option<String>| name.clone().unwrap_or_default();
    let monitoring_key = named(&config.monitoring_key);
    let urls = config.header_enrichment_targets.clone();
    PolicyRule {
        id: id.to_owned(),
        priority: config.priority,
        rating_group: config.rating_group.unwrap_or_default(),
        // Text that is no base64 is taken as it is.
        monitoring_key: STANDARD.decode(&monitoring_key).unwrap_or(monitoring_key.into_bytes()),
        redirect: config.redirect.as_ref().map(redirect),
        flow_list: config.flow_list.iter().map(flow).collect(),
        qos,
        tracking_type: TrackingType::from_str_name(&named(&config.tracking_type)).unwrap_or_default().into(),
        hard_timeout: 0,
        service_identifier: config
            .service_identifier
            .filter(|value| *value != 0)
            .map(|value| ServiceIdentifier { value }),
        app_name: AppName::from_str_name(&named(&config.app_name)).unwrap_or_default().into(),
        app_service_type: AppServiceType::from_str_name(&named(&config.app_service_type))
            .unwrap_or_default()
            .into(),
        he: (!urls.is_empty()).then_some(HeaderEnrichment { urls }),
        online: false,
        offline: false,
    }
}

fn redirect(config: &types::RedirectInformation) -> RedirectInformation {
    RedirectInformation {
        support: Support::from_str_name(&config.support).unwrap_or_default().into(),
        address_type: AddressType::from_str_name(&config.address_type).unwrap_or_default().into(),
        server_address: config.server_address.clone(),
    }
}

fn flow(config: &types::FlowDescription) -> FlowDescription {
    let of = &config.r#match;
    FlowDescription {
        r#match: Some(FlowMatch {
            tcp_src: of.tcp_src.unwrap_or_default(),
            tcp_dst: of.tcp_dst.unwrap_or_default(),
            udp_src: of.udp_src.unwrap_or_default(),
            udp_dst: of.udp_dst.unwrap_or_default(),
            ip_proto: IpProto::from_str_name(&of.ip_proto).unwrap_or_default().into(),
            direction: Direction::from_str_name(&of.direction).unwrap_or_default().into(),
            app_name: String::new(),
            ip_src: address(of.ip_src.as_ref(), of.ipv4_src.as_deref()),
            ip_dst: address(of.ip_dst.as_ref(), of.ipv4_dst.as_deref()),
            ipv4_src: of.ipv4_src.clone().unwrap_or_default(),
            ipv4_dst: of.ipv4_dst.clone().unwrap_or_default(),
        }),
        action: Action::from_str_name(&config.action).unwrap_or_default().into(),
    }
}

/// An address, whose bytes are text here.
///
/// Deviation: an address in the older form is told in both; gateways read the newer one.
fn address(newer: Option<&types::IpAddress>, older: Option<&str>) -> Option<IpAddress> {
    if let Some(newer) = newer {
        let is_v6 = newer.version.as_deref() == Some("IPv6");
        return Some(IpAddress {
            version: (if is_v6 { IpVersion::Ipv6 } else { IpVersion::Ipv4 }).into(),
            address: newer.address.clone().unwrap_or_default().into_bytes(),
        });
    }
    let older = older.filter(|text| !text.is_empty())?;
    Some(IpAddress { version: IpVersion::Ipv4.into(), address: older.as_bytes().to_vec() })
}

pub(super) fn flow_qos(profile: &types::PolicyQosProfile) -> FlowQos {
    FlowQos {
        max_req_bw_ul: profile.max_req_bw_ul,
        max_req_bw_dl: profile.max_req_bw_dl,
        gbr_ul: profile.gbr.as_ref().map(|gbr| gbr.uplink).unwrap_or_default(),
        gbr_dl: profile.gbr.as_ref().map(|gbr| gbr.downlink).unwrap_or_default(),
        // The enumeration's numbers are the classes themselves.
        qci: profile.class_id,
        arp: profile.arp.as_ref().map(|arp| {
            let may_push_out = arp.preemption_capability.unwrap_or(true);
            let may_be_pushed_out = arp.preemption_vulnerability.unwrap_or(false);
            QosArp {
                priority_level: arp.priority_level.unwrap_or(15),
                pre_capability: (if may_push_out { PreCap::Enabled } else { PreCap::Disabled }).into(),
                pre_vulnerability: (if may_be_pushed_out { PreVul::Enabled } else { PreVul::Disabled })
                    .into(),
            }
        }),
    }
}

/// The stream `base_names`.
pub(super) fn base_names(base_names: &[Entity]) -> Vec<DataUpdate> {
    let set = |base_name: &Entity| {
        let rule_names = base_name.children_of_type(entity_type::POLICY).map(str::to_owned).collect();
        update(&base_name.id.key, &ChargingRuleNameSet { rule_names })
    };
    base_names.iter().map(set).collect()
}

/// The stream `rating_groups`.
pub(super) fn rating_groups(groups: &[Entity]) -> Vec<DataUpdate> {
    let group = |group: &Entity| {
        let config: types::MutableRatingGroup = config(group);
        let id = group.id.key.parse().ok()?;
        let limit_type = LimitType::from_str_name(&config.limit_type).unwrap_or_default().into();
        Some(update(&group.id.key, &RatingGroup { id, limit_type }))
    };
    groups.iter().filter_map(group).collect()
}

/// The stream `apn_rule_mappings`. Who has nothing is named too: gateways forget an assignment by no other word.
pub(super) fn apn_rules(edges: &PolicyEdges) -> Vec<DataUpdate> {
    let mapping = |(subscriber, to): &(String, Vec<EntityId>)| {
        let set = SubscriberPolicySet {
            global_policies: keys(to, entity_type::POLICY),
            global_base_names: keys(to, entity_type::BASE_NAME),
            rules_per_apn: to
                .iter()
                .filter(|id| id.entity_type == entity_type::APN_POLICY_PROFILE)
                .filter_map(|id| apn_rules_of(edges.profiles.get(&id.key)?))
                .collect(),
        };
        update(subscriber, &set)
    };
    edges.subscribers.iter().map(mapping).collect()
}

fn apn_rules_of(profile: &[EntityId]) -> Option<ApnPolicySet> {
    Some(ApnPolicySet {
        apn: keys(profile, entity_type::APN).into_iter().next()?,
        assigned_base_names: Vec::new(),
        assigned_policies: keys(profile, entity_type::POLICY),
    })
}

fn keys(ids: &[EntityId], entity_type: &str) -> Vec<String> {
    ids.iter().filter(|id| id.entity_type == entity_type).map(|id| id.key.clone()).collect()
}

/// The stream `network_wide_rules`: one update with an empty key, or none.
pub(super) fn network_wide_rules(network: &Network) -> Vec<DataUpdate> {
    let Some(config) = network.configs.get(SUBSCRIBER_CONFIG) else { return Vec::new() };
    let config: types::NetworkSubscriberConfig = read(Some(config));
    let policies = AssignedPolicies {
        assigned_base_names: config.network_wide_base_names,
        assigned_policies: config.network_wide_rule_names,
    };
    vec![update("", &policies)]
}
