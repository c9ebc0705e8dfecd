//! `/lte/{network_id}/gateways/{gateway_id}/{cellular…,vpn}`: parts of a gateway's configuration.

use crate::error::ApiError;
use crate::gateway_parts::{GatewayPart, read_part, replace_part, replace_part_with_201};
use crate::gateway_pools::pool_edges;
use crate::networks::from_json;
use crate::routes::Routes;
use orc8r_model::{EdgeChange, Entity, entity_type};
use serde_json::Value;
use wire_rest::types::{
    CellularGatewayPoolRecords, GatewayCellularConfigs, GatewayDnsConfigs, GatewayDnsRecords,
    GatewayEpcConfigs, GatewayNgcConfigs, GatewayNonEpsConfigs, GatewayRanConfigs, GatewayVpnConfigs,
};

pub(crate) fn routes() -> Routes {
    Routes::new()
        .get("/lte/{network_id}/gateways/{gateway_id}/cellular", read_part::<GatewayCellularConfigs>)
        .put("/lte/{network_id}/gateways/{gateway_id}/cellular", replace_part::<GatewayCellularConfigs>)
        .get("/lte/{network_id}/gateways/{gateway_id}/cellular/ran", read_part::<GatewayRanConfigs>)
        .put("/lte/{network_id}/gateways/{gateway_id}/cellular/ran", replace_part::<GatewayRanConfigs>)
        .get("/lte/{network_id}/gateways/{gateway_id}/cellular/epc", read_part::<GatewayEpcConfigs>)
        .put("/lte/{network_id}/gateways/{gateway_id}/cellular/epc", replace_part::<GatewayEpcConfigs>)
        .get("/lte/{network_id}/gateways/{gateway_id}/cellular/ngc", read_part::<GatewayNgcConfigs>)
        .put("/lte/{network_id}/gateways/{gateway_id}/cellular/ngc", replace_part::<GatewayNgcConfigs>)
        .get("/lte/{network_id}/gateways/{gateway_id}/cellular/non_eps", read_part::<GatewayNonEpsConfigs>)
        .put("/lte/{network_id}/gateways/{gateway_id}/cellular/non_eps", replace_part::<GatewayNonEpsConfigs>)
        .get("/lte/{network_id}/gateways/{gateway_id}/cellular/dns", read_part::<GatewayDnsConfigs>)
        .put("/lte/{network_id}/gateways/{gateway_id}/cellular/dns", replace_part::<GatewayDnsConfigs>)
        .get("/lte/{network_id}/gateways/{gateway_id}/cellular/dns/records", read_part::<GatewayDnsRecords>)
        .put(
            "/lte/{network_id}/gateways/{gateway_id}/cellular/dns/records",
            replace_part::<GatewayDnsRecords>,
        )
        .get(
            "/lte/{network_id}/gateways/{gateway_id}/cellular/pooling",
            read_part::<CellularGatewayPoolRecords>,
        )
        .put(
            "/lte/{network_id}/gateways/{gateway_id}/cellular/pooling",
            replace_part_with_201::<CellularGatewayPoolRecords>,
        )
        .get("/lte/{network_id}/gateways/{gateway_id}/vpn", read_part::<GatewayVpnConfigs>)
        .put("/lte/{network_id}/gateways/{gateway_id}/vpn", replace_part::<GatewayVpnConfigs>)
}

macro_rules! parts {
    ($($name:ident at $($member:literal).+;)*) => {$(
        impl GatewayPart for $name {
            const SIDE: &str = entity_type::CELLULAR_GATEWAY;
            const PLACE: &[&str] = &[$($member),+];
        }
    )*};
}

parts! {
    GatewayRanConfigs at "ran";
    GatewayEpcConfigs at "epc";
    GatewayNgcConfigs at "ngc";
    GatewayNonEpsConfigs at "non_eps_service";
    GatewayDnsConfigs at "dns";
}

impl GatewayPart for GatewayDnsRecords {
    const SIDE: &str = entity_type::CELLULAR_GATEWAY;
    const PLACE: &[&str] = &["dns", "records"];
    const ABSENT_IS_EMPTY: bool = true;
}

impl GatewayPart for GatewayVpnConfigs {
    const SIDE: &str = entity_type::MAGMAD_GATEWAY;
    const PLACE: &[&str] = &["vpn"];
}

impl GatewayPart for GatewayCellularConfigs {
    const SIDE: &str = entity_type::CELLULAR_GATEWAY;

    fn parents(side: &Entity, config: &Value) -> Result<EdgeChange, ApiError> {
        pools_of(side, config)
    }
}

impl GatewayPart for CellularGatewayPoolRecords {
    const SIDE: &str = entity_type::CELLULAR_GATEWAY;
    const PLACE: &[&str] = &["pooling"];
    const ABSENT_IS_EMPTY: bool = true;

    fn parents(side: &Entity, config: &Value) -> Result<EdgeChange, ApiError> {
        pools_of(side, config)
    }
}

fn pools_of(side: &Entity, config: &Value) -> Result<EdgeChange, ApiError> {
    let config: GatewayCellularConfigs = from_json("the cellular configuration of a gateway", config)?;
    Ok(pool_edges(side, &config.pooling))
}
