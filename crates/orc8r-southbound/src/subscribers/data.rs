//! A subscriber as a gateway gets him.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use orc8r_model::{Entity, NetworkId, entity_type};
use orc8r_store::SubscriberView;
use serde::Deserialize;
use wire_lte::lte::apn_configuration::{ApnResource, QoSProfile};
use wire_lte::lte::core_network_type::CoreNetworkTypes;
use wire_lte::lte::lte_subscription::LteSubscriptionState;
use wire_lte::lte::suci_profile::EciesProtectionScheme;
use wire_lte::lte::{
    AggregatedMaximumBitrate, ApnConfiguration, CoreNetworkType, LteSubscription, Non3GppUserProfile,
    SubscriberData, SubscriberId, SuciProfile,
};
use wire_rest::types;

/// The profile of a subscriber who has none.
const DEFAULT_PROFILE: &str = "default";

/// What a gateway needs of a subscriber whose keys are open. What is missing or does not fit is left out: one bad record
/// must not keep the others from the gateway.
pub(crate) fn subscriber_data(
    network: &NetworkId,
    subscriber: &Entity,
    view: &SubscriberView,
) -> SubscriberData {
    let config: types::SubscriberConfig = subscriber
        .config
        .as_ref()
        .and_then(|config| types::SubscriberConfig::deserialize(config).ok())
        .unwrap_or_default();
    let apns = subscriber.children_of_type(entity_type::APN);
    let apn_config =
        apns.filter_map(|apn| apn_configuration(apn, config.static_ips.get(apn), view)).collect();
    let forbidden = config
        .forbidden_network_types
        .iter()
        .filter_map(|name| CoreNetworkTypes::from_str_name(&format!("NT_{name}")).map(i32::from));
    SubscriberData {
        sid: Some(SubscriberId { id: bare_id(&subscriber.id.key).to_owned(), r#type: 0 }),
        lte: Some(LteSubscription {
            state: i32::from(if config.lte.state == "ACTIVE" {
                LteSubscriptionState::Active
            } else {
                LteSubscriptionState::Inactive
            }),
            // MILENAGE, the only one.
            auth_algo: 0,
            auth_key: bytes(&config.lte.auth_key),
            auth_opc: bytes(config.lte.auth_opc.as_deref().unwrap_or_default()),
            assigned_base_names: Vec::new(),
            assigned_policies: Vec::new(),
        }),
        network_id: Some(wire_orc8r::orc8r::NetworkId { id: network.to_string() }),
        sub_profile: some_or(config.lte.sub_profile, DEFAULT_PROFILE),
        non_3gpp: Some(Non3GppUserProfile { apn_config, ..Non3GppUserProfile::default() }),
        sub_network: Some(CoreNetworkType { forbidden_network_types: forbidden.collect() }),
        ..SubscriberData::default()
    }
}

/// The digits alone: the type says that it is an IMSI.
fn bare_id(id: &str) -> &str {
    id.strip_prefix("IMSI").unwrap_or(id)
}

fn apn_configuration(
    apn: &str,
    static_ip: Option<&String>,
    view: &SubscriberView,
) -> Option<ApnConfiguration> {
    let config = types::ApnConfiguration::deserialize(view.apns.get(apn)?).ok()?;
    let resource = view.resources.get(apn).and_then(|value| types::ApnResource::deserialize(value).ok());
    let qos = config.qos_profile;
    Some(ApnConfiguration {
        context_id: 0,
        service_selection: apn.to_owned(),
        // The defaults are those of the contract.
        qos_profile: Some(QoSProfile {
            class_id: qos.class_id.unwrap_or(9),
            priority_level: qos.priority_level.unwrap_or(15),
            preemption_capability: qos.preemption_capability.unwrap_or(true),
            preemption_vulnerability: qos.preemption_vulnerability.unwrap_or(false),
        }),
        ambr: Some(AggregatedMaximumBitrate {
            max_bandwidth_ul: config.ambr.max_bandwidth_ul,
            max_bandwidth_dl: config.ambr.max_bandwidth_dl,
            br_unit: 0,
        }),
        pdn: config.pdn_type.and_then(|pdn| i32::try_from(pdn).ok()).unwrap_or_default(),
        assigned_static_ip: static_ip.cloned().unwrap_or_default(),
        resource: resource.map(|resource| ApnResource {
            apn_name: resource.apn_name,
            gateway_ip: resource.gateway_ip.unwrap_or_default(),
            gateway_mac: resource.gateway_mac.unwrap_or_default(),
            vlan_id: resource.vlan_id.unwrap_or_default(),
        }),
        is_default: config.is_default.unwrap_or_default(),
    })
}

/// A key pair for concealed identities, with its private key open.
pub(super) fn suci_profile(profile: &types::SuciProfile) -> SuciProfile {
    let scheme = EciesProtectionScheme::from_str_name(text(&profile.protection_scheme));
    SuciProfile {
        home_net_public_key_id: profile.home_network_public_key_identifier.unwrap_or_default(),
        protection_scheme: i32::from(scheme.unwrap_or(EciesProtectionScheme::ProfileA)),
        home_net_public_key: bytes(text(&profile.home_network_public_key)),
        home_net_private_key: bytes(text(&profile.home_network_private_key)),
    }
}

fn text(text: &Option<String>) -> &str {
    text.as_deref().unwrap_or_default()
}

fn bytes(text: &str) -> Vec<u8> {
    STANDARD.decode(text).unwrap_or_default()
}

fn some_or(text: String, otherwise: &str) -> String {
    if text.is_empty() { otherwise.to_owned() } else { text }
}
