//! Who may call what: the one table. What is not in it is not answered, whatever is registered behind it.

use std::time::Duration;

use magma_rpc::Status;

use crate::principal::Principal;

/// How long a call of somebody unknown may take until its answer begins: all that it sends is a few kilobytes.
const OPEN_CALL_LIMIT: Duration = Duration::from_secs(30);
/// The same with a certificate: a large message over a slow line. Gateways themselves give up after two minutes.
const CERTIFIED_CALL_LIMIT: Duration = Duration::from_secs(300);

/// A call to a gateway whose stream another node holds; no RPC of Magma's.
pub(crate) const NODE_CALL: &str = "/orc8r.node.Calls/Call";

/// The kinds of principals that an RPC is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Everybody, with or without a certificate: how gateways come by one.
    Anyone,
    /// Gateways that belong to a network.
    Gateways,
    /// Operators. What each one may do to which network, the handler asks its access list.
    Operators,
    /// The other nodes of this Orchestrator.
    Nodes,
}

/// Deviation: Magma has no such table; there, any gateway may call whatever it can reach.
const TABLE: &[(&str, Audience)] = &[
    ("/magma.orc8r.Bootstrapper/GetChallenge", Audience::Anyone),
    ("/magma.orc8r.Bootstrapper/RequestSign", Audience::Anyone),
    ("/magma.orc8r.Registration/Register", Audience::Anyone),
    ("/magma.orc8r.CloudRegistration/GetToken", Audience::Operators),
    ("/magma.orc8r.CloudRegistration/GetGatewayRegistrationInfo", Audience::Operators),
    ("/magma.orc8r.CloudRegistration/GetGatewayDeviceInfo", Audience::Operators),
    ("/magma.orc8r.Streamer/GetUpdates", Audience::Gateways),
    ("/magma.lte.SubscriberDBCloud/CheckInSync", Audience::Gateways),
    ("/magma.lte.SubscriberDBCloud/Sync", Audience::Gateways),
    ("/magma.lte.SubscriberDBCloud/ListSubscribers", Audience::Gateways),
    ("/magma.lte.SubscriberDBCloud/ListSuciProfiles", Audience::Gateways),
    ("/magma.lte.PolicyAssignmentController/EnableStaticRules", Audience::Gateways),
    ("/magma.lte.PolicyAssignmentController/DisableStaticRules", Audience::Gateways),
    ("/magma.lte.SmsD/GetMessages", Audience::Gateways),
    ("/magma.lte.SmsD/ReportDelivery", Audience::Gateways),
    ("/magma.orc8r.StateService/ReportStates", Audience::Gateways),
    ("/magma.orc8r.StateService/SyncStates", Audience::Gateways),
    ("/magma.orc8r.StateService/DeleteStates", Audience::Gateways),
    ("/magma.orc8r.MetricsController/Collect", Audience::Gateways),
    ("/magma.orc8r.CallTraceController/ReportEndedCallTrace", Audience::Gateways),
    ("/magma.orc8r.SyncRPCService/EstablishSyncRPCStream", Audience::Gateways),
    ("/magma.orc8r.SyncRPCService/SyncRPC", Audience::Gateways),
    ("/magma.orc8r.configurator.SouthboundConfigurator/GetMconfig", Audience::Gateways),
    ("/magma.orc8r.GatewayDirectoryService/UpdateRecord", Audience::Gateways),
    ("/magma.orc8r.GatewayDirectoryService/DeleteRecord", Audience::Gateways),
    ("/magma.orc8r.GatewayDirectoryService/GetDirectoryField", Audience::Gateways),
    ("/magma.orc8r.GatewayDirectoryService/GetAllDirectoryRecords", Audience::Gateways),
    (NODE_CALL, Audience::Nodes),
    ("/magma.feg.Health/UpdateHealth", Audience::Gateways),
];

/// Whom an RPC is for.
///
/// # Errors
/// `Unimplemented` for a path that is not in the table.
pub(crate) fn audience(path: &str) -> Result<Audience, Status> {
    let entry = TABLE.iter().find(|(rpc, _)| *rpc == path);
    entry
        .map(|(_, audience)| *audience)
        .ok_or_else(|| Status::unimplemented(format!("this orchestrator does not serve {path}")))
}

impl Audience {
    /// How long a call may take until its answer begins, so that nobody holds one open by sending slowly.
    pub(crate) fn call_limit(self) -> Duration {
        match self {
            Self::Anyone => OPEN_CALL_LIMIT,
            Self::Gateways | Self::Operators | Self::Nodes => CERTIFIED_CALL_LIMIT,
        }
    }

    /// Lets a principal through, or says why not.
    ///
    /// # Errors
    /// `Unauthenticated` without a certificate where one is needed, `PermissionDenied` for the wrong kind.
    pub(crate) fn admit(self, principal: &Principal) -> Result<(), Status> {
        match (self, principal) {
            (Self::Anyone, _)
            | (Self::Gateways, Principal::Gateway(_))
            | (Self::Operators, Principal::Operator { .. })
            | (Self::Nodes, Principal::Node { .. }) => Ok(()),
            (_, Principal::Anonymous) => Err(Status::unauthenticated(
                "this RPC needs a client certificate: call the port that asks for one",
            )),
            (_, Principal::Unregistered { hardware_id }) => {
                Err(Status::permission_denied(format!("Unregistered Gateway {hardware_id}")))
            }
            (Self::Gateways, Principal::Operator { .. } | Principal::Node { .. }) => {
                Err(Status::permission_denied("Invalid Certificate Owner"))
            }
            (Self::Operators, Principal::Gateway(_) | Principal::Node { .. }) => {
                Err(Status::permission_denied("this RPC is for operators"))
            }
            (Self::Nodes, Principal::Gateway(_) | Principal::Operator { .. }) => {
                Err(Status::permission_denied("this RPC is for the nodes of this Orchestrator"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use magma_rpc::Code;
    use orc8r_model::{AccessList, GatewayId, HardwareId, NetworkId};

    use super::*;
    use crate::principal::GatewayPrincipal;

    fn principals() -> [Principal; 5] {
        let hardware_id = HardwareId::parse("hw1").unwrap();
        let gateway = GatewayPrincipal {
            hardware_id: hardware_id.clone(),
            network: NetworkId::parse("n1").unwrap(),
            gateway: GatewayId::parse("g1").unwrap(),
        };
        [
            Principal::Anonymous,
            Principal::Unregistered { hardware_id },
            Principal::Gateway(gateway),
            Principal::Operator { name: "ann".into(), access: AccessList::default() },
            Principal::Node { name: "node1".into() },
        ]
    }

    #[test]
    fn each_audience_admits_its_own_kind_and_no_other() {
        const DENIED: Code = Code::PermissionDenied;
        for (audience, expected) in [
            (Audience::Anyone, [Code::Ok; 5]),
            (Audience::Gateways, [Code::Unauthenticated, DENIED, Code::Ok, DENIED, DENIED]),
            (Audience::Operators, [Code::Unauthenticated, DENIED, DENIED, Code::Ok, DENIED]),
            (Audience::Nodes, [Code::Unauthenticated, DENIED, DENIED, DENIED, Code::Ok]),
        ] {
            let codes = principals()
                .map(|who| audience.admit(&who).map_or_else(|status| status.code(), |()| Code::Ok));
            assert_eq!(codes, expected, "{audience:?}");
        }
    }

    #[test]
    fn only_three_rpcs_are_for_everybody() {
        let open: Vec<_> = TABLE.iter().filter(|(_, audience)| *audience == Audience::Anyone).collect();
        let paths: Vec<_> = open.iter().map(|(path, _)| *path).collect();
        assert_eq!(
            paths,
            [
                "/magma.orc8r.Bootstrapper/GetChallenge",
                "/magma.orc8r.Bootstrapper/RequestSign",
                "/magma.orc8r.Registration/Register",
            ]
        );
    }

    #[test]
    fn what_is_not_in_the_table_is_not_served() {
        for path in [
            "",
            "/",
            "/magma.orc8r.Bootstrapper/",
            "/magma.orc8r.Bootstrapper/GetChallenge/",
            "/magma.orc8r.configurator.SouthboundConfigurator/GetMconfigInternal",
            "/magma.orc8r.Service303/StopService",
            "/magma.orc8r.CloudStateService/GetStates",
            "/magma.feg.CloudHealth/GetHealth",
        ] {
            assert_eq!(audience(path).unwrap_err().code(), Code::Unimplemented, "{path}");
        }
    }
}
