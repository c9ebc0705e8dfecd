//! Policies that a gateway gives a subscriber or takes from him, kept in the cloud.

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_model::{EdgeChange, EntityId, EntityUpdate, entity_type};
use orc8r_store::{EntityWrite, Store};
use std::collections::BTreeSet;
use wire_lte::lte::policy_assignment_controller_server::PolicyAssignmentController;
use wire_lte::lte::{DisableStaticRuleRequest, EnableStaticRuleRequest};
use wire_orc8r::orc8r::Void;

use crate::failure::store_failure;
use crate::principal::{GatewayPrincipal, calling_gateway};
use crate::subscribers::subscriber_key;

pub(crate) struct PolicyAssignmentService {
    pub(crate) store: Store,
}

#[async_trait]
impl PolicyAssignmentController for PolicyAssignmentService {
    async fn enable_static_rules(
        &self,
        request: Request<EnableStaticRuleRequest>,
    ) -> Result<Response<Void>, Status> {
        let gateway = calling_gateway(&request)?;
        let EnableStaticRuleRequest { imsi, rule_ids, base_names } = request.into_inner();
        let add = policies(rule_ids, base_names);
        self.change(&gateway, &imsi, EdgeChange::Change { add, remove: BTreeSet::new() }).await
    }

    async fn disable_static_rules(
        &self,
        request: Request<DisableStaticRuleRequest>,
    ) -> Result<Response<Void>, Status> {
        let gateway = calling_gateway(&request)?;
        let DisableStaticRuleRequest { imsi, rule_ids, base_names } = request.into_inner();
        let remove = policies(rule_ids, base_names);
        self.change(&gateway, &imsi, EdgeChange::Change { add: BTreeSet::new(), remove }).await
    }
}

impl PolicyAssignmentService {
    /// Changes a subscriber of the caller's own network.
    async fn change(
        &self,
        gateway: &GatewayPrincipal,
        imsi: &str,
        children: EdgeChange,
    ) -> Result<Response<Void>, Status> {
        let id = EntityId::new(entity_type::SUBSCRIBER, subscriber_key(imsi));
        let update = EntityUpdate { children, ..EntityUpdate::of(id) };
        let written = self.store.write_entities(&gateway.network, vec![EntityWrite::Update(update)]).await;
        written.map_err(store_failure)?;
        Ok(Response::new(Void {}))
    }
}

fn policies(rule_ids: Vec<String>, base_names: Vec<String>) -> BTreeSet<EntityId> {
    let rules = rule_ids.into_iter().map(|id| EntityId::new(entity_type::POLICY, id));
    let base_names = base_names.into_iter().map(|id| EntityId::new(entity_type::BASE_NAME, id));
    rules.chain(base_names).collect()
}
