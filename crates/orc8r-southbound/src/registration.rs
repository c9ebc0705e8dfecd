//! Registration by token: what a gateway calls to join, and what operators call to let it.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_ca::{CertificateAuthorities, RegistrationToken};
use orc8r_logs::CloudEvents;
use orc8r_model::{
    AccessList, AccessTarget, Device, DeviceKey, GatewayId, HardwareId, KeyType, NetworkId, Permissions,
};
use orc8r_store::{IssueToken, Refresh, Store, TokenUse};
use serde_json::json;
use wire_orc8r::orc8r::cloud_registration_server::CloudRegistration;
use wire_orc8r::orc8r::registration_server::Registration;
use wire_orc8r::orc8r::{
    ChallengeKey, GatewayDeviceInfo, GetGatewayDeviceInfoRequest, GetGatewayDeviceInfoResponse,
    GetGatewayRegistrationInfoRequest, GetGatewayRegistrationInfoResponse, GetTokenRequest, GetTokenResponse,
    RegisterRequest, RegisterResponse, challenge_key, get_gateway_device_info_response, register_response,
};

use crate::clock::Clock;
use crate::control_proxy::GatewayAddress;
use crate::events::of_gateway;
use crate::failure::store_failure;
use crate::principal::calling_operator;
use crate::refusals::{Refusals, peer_of};

/// How long a registration token is valid (spec: Magma's registration, 30 minutes).
pub const REGISTRATION_TOKEN_VALIDITY: Duration = Duration::from_secs(30 * 60);

/// Longer texts are no tokens of ours.
const TOKEN_LENGTH_MAX: usize = 256;
/// A P-384 key takes 160 letters of base64.
const KEY_LENGTH_MAX: usize = 4096;

/// What a gateway calls, on the port that asks for no certificate.
pub(crate) struct RegistrationService {
    pub(crate) store: Store,
    pub(crate) address: GatewayAddress,
    pub(crate) clock: Clock,
    pub(crate) refusals: Refusals,
    pub(crate) events: Option<CloudEvents>,
}

/// What operators call.
pub(crate) struct CloudRegistrationService {
    pub(crate) store: Store,
    pub(crate) authorities: Arc<CertificateAuthorities>,
    pub(crate) address: GatewayAddress,
    pub(crate) clock: Clock,
}

#[async_trait]
impl Registration for RegistrationService {
    /// Magma-compat: what is wrong comes back in the answer, with gRPC status OK; `register.py` shows it.
    async fn register(
        &self,
        request: Request<RegisterRequest>,
    ) -> Result<Response<RegisterResponse>, Status> {
        let (peer, request) = (peer_of(&request), request.into_inner());
        let hardware_id = request.hwid.clone().and_then(|id| HardwareId::parse(id.id).ok());
        let response = match self.register_device(request).await {
            Ok(control_proxy) => register_response::Response::ControlProxy(control_proxy),
            Err(reason) => {
                let whom = hardware_id.as_ref().map_or("no usable hardware id", HardwareId::as_str);
                self.refusals.report(whom, peer, &format!("registration by token: {reason}"));
                register_response::Response::Error(reason)
            }
        };
        Ok(Response::new(RegisterResponse { response: Some(response) }))
    }
}

impl RegistrationService {
    /// Makes the token's gateway this device, in one transaction that leaves its configuration alone. Returns the
    /// gateway's `control_proxy.yml`: its tenant's, if that has one.
    async fn register_device(&self, request: RegisterRequest) -> Result<String, String> {
        let hardware_id = request.hwid.map(|id| id.id).unwrap_or_default();
        let hardware_id = HardwareId::parse(hardware_id).map_err(|_| {
            "the hardware id is missing or not usable: send the one that the gateway shows".to_owned()
        })?;
        let key = device_key(request.challenge_key)?;
        if request.token.len() > TOKEN_LENGTH_MAX {
            return Err(
                "this is not a registration token: get the current one from the gateway's page".to_owned()
            );
        }
        let device = Device { hardware_id: hardware_id.clone(), key };
        let used = self.store.use_registration_token(&request.token, device, self.clock.unix_seconds()).await;
        match used {
            Ok(TokenUse::Accepted { network, gateway }) => {
                tracing::info!(%network, %gateway, %hardware_id, "gateway registered by token");
                if let Some(events) = &self.events {
                    events.tell(of_gateway(
                        &network,
                        gateway.as_str(),
                        "gateway_registered",
                        &hardware_id,
                        json!({}),
                    ));
                }
                Ok(self.control_proxy(&network).await)
            }
            Ok(TokenUse::Refused(refusal)) => Err(refusal.to_string()),
            Err(error) => Err(store_failure(error).message().to_owned()),
        }
    }

    /// Deviation: a gateway whose tenant has no `control_proxy` cannot register with Magma, though its device is written
    /// already; here it gets where this Orchestrator is.
    async fn control_proxy(&self, network: &NetworkId) -> String {
        let own = self.store.control_proxy_of_network(network).await;
        let own = own.inspect_err(|error| {
            tracing::warn!(%network, %error, "the tenant's control_proxy cannot be read: a gateway gets the Orchestrator's own");
        });
        own.ok().flatten().unwrap_or_else(|| self.address.control_proxy_yml())
    }
}

/// The key as `register.py` sends it: the base64 *text* of the public key in DER form.
fn device_key(key: Option<ChallengeKey>) -> Result<DeviceKey, String> {
    let key = key.ok_or("the challenge key is missing: send the gateway's public key")?;
    // Deviation: an ECHO device would let everybody in who knows the hardware id: an operator may choose that by REST,
    // whoever holds a token may not.
    if key.key_type != challenge_key::KeyType::SoftwareEcdsaSha256 as i32 {
        return Err("only keys of type SOFTWARE_ECDSA_SHA256 can be registered by token".to_owned());
    }
    let not_base64 = "the challenge key is not the base64 text of a public key in DER form";
    if key.key.len() > KEY_LENGTH_MAX {
        return Err(not_base64.to_owned());
    }
    let der = STANDARD.decode(key.key.trim_ascii()).map_err(|_| not_base64)?;
    DeviceKey::parse(KeyType::SoftwareEcdsaSha256.as_str(), Some(der)).map_err(|error| error.to_string())
}

#[async_trait]
impl CloudRegistration for CloudRegistrationService {
    async fn get_token(
        &self,
        request: Request<GetTokenRequest>,
    ) -> Result<Response<GetTokenResponse>, Status> {
        let access = calling_operator(&request)?;
        let GetTokenRequest { gateway_device_info, refresh } = request.into_inner();
        let info = gateway_device_info.unwrap_or_default();
        let invalid = |error: orc8r_model::Invalid| Status::invalid_argument(error.to_string());
        let network = NetworkId::parse(info.network_id).map_err(invalid)?;
        let gateway = GatewayId::parse(info.logical_id).map_err(invalid)?;
        check_access(&access, Permissions::WRITE, &network)?;
        let issue = self.new_token(if refresh { Refresh::Replace } else { Refresh::KeepValid })?;
        let issued =
            self.store.issue_registration_token(&network, &gateway, issue).await.map_err(store_failure)?;
        let timeout = prost_types::Timestamp { seconds: issued.expires_at, nanos: 0 };
        Ok(Response::new(GetTokenResponse { token: issued.token, timeout: Some(timeout) }))
    }

    async fn get_gateway_registration_info(
        &self,
        request: Request<GetGatewayRegistrationInfoRequest>,
    ) -> Result<Response<GetGatewayRegistrationInfoResponse>, Status> {
        calling_operator(&request)?;
        Ok(Response::new(GetGatewayRegistrationInfoResponse {
            root_ca: String::from_utf8_lossy(&self.authorities.root_pem()).into_owned(),
            domain_name: self.address.domain.to_string(),
        }))
    }

    async fn get_gateway_device_info(
        &self,
        request: Request<GetGatewayDeviceInfoRequest>,
    ) -> Result<Response<GetGatewayDeviceInfoResponse>, Status> {
        let access = calling_operator(&request)?;
        let token = request.into_inner().token;
        let found = self.store.check_registration_token(&token, self.clock.unix_seconds()).await;
        let response = match found.map_err(store_failure)? {
            TokenUse::Accepted { network, gateway } => {
                check_access(&access, Permissions::READ, &network)?;
                get_gateway_device_info_response::Response::GatewayDeviceInfo(GatewayDeviceInfo {
                    network_id: network.into(),
                    logical_id: gateway.into(),
                })
            }
            TokenUse::Refused(refusal) => {
                get_gateway_device_info_response::Response::Error(refusal.to_string())
            }
        };
        Ok(Response::new(GetGatewayDeviceInfoResponse { response: Some(response) }))
    }
}

fn check_access(access: &AccessList, asked: Permissions, network: &NetworkId) -> Result<(), Status> {
    access
        .check(asked, &[AccessTarget::Network(network.to_string())])
        .map_err(|denied| Status::permission_denied(denied.to_string()))
}

impl CloudRegistrationService {
    fn new_token(&self, refresh: Refresh) -> Result<IssueToken, Status> {
        let token = RegistrationToken::generate().map_err(|error| Status::unavailable(error.to_string()))?;
        let now = self.clock.unix_seconds();
        let expires_at = now.saturating_add_unsigned(REGISTRATION_TOKEN_VALIDITY.as_secs());
        Ok(IssueToken { candidate: token.as_str().to_owned(), now, expires_at, refresh })
    }
}
