//! The bootstrapper: a gateway proves that it holds its registered key, and gets a client certificate.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use magma_rpc::tonic::async_trait;
use magma_rpc::{Request, Response, Status};
use orc8r_ca::{
    CertificateAuthorities, ChallengeAnswer, ClientSubject, IssuedCertificate, RegisteredKey, verify_answer,
};
use orc8r_logs::CloudEvents;
use orc8r_model::{CertificateInfo, Device, DeviceKey, HardwareId, Identity, KeyType};
use orc8r_store::{RegisteredDevice, Store};
use serde_json::json;
use wire_orc8r::orc8r::bootstrapper_server::Bootstrapper;
use wire_orc8r::orc8r::{
    AccessGatewayId, CertType, Certificate, Challenge, Csr, Response as ChallengeResponse, certificate,
    challenge_key, response,
};

use crate::clock::Clock;
use crate::events::of_gateway;
use crate::failure::store_failure;
use crate::refusals::{Refusals, peer_of};

pub(crate) struct BootstrapperService {
    pub(crate) store: Store,
    pub(crate) authorities: Arc<CertificateAuthorities>,
    pub(crate) clock: Clock,
    pub(crate) refusals: Refusals,
    pub(crate) events: Option<CloudEvents>,
}

#[async_trait]
impl Bootstrapper for BootstrapperService {
    async fn get_challenge(&self, request: Request<AccessGatewayId>) -> Result<Response<Challenge>, Status> {
        let RegisteredDevice { device, .. } =
            self.registered_device(&request.get_ref().id, peer_of(&request)).await?;
        let challenges = self.authorities.challenges();
        let challenge = challenges
            .issue(device.hardware_id.as_str(), self.clock.now())
            .map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Response::new(Challenge { key_type: wire_key_type(device.key.key_type()) as i32, challenge }))
    }

    async fn request_sign(
        &self,
        request: Request<ChallengeResponse>,
    ) -> Result<Response<Certificate>, Status> {
        let peer = peer_of(&request);
        let message = request.into_inner();
        let hardware_id = message.hw_id.as_ref().map_or("", |id| id.id.as_str());
        let RegisteredDevice { network, gateway, device } = self.registered_device(hardware_id, peer).await?;
        self.verify(&device, &message, peer)?;
        let csr =
            message.csr.ok_or_else(|| Status::invalid_argument("the answer has no certificate request"))?;
        let issued = self.sign(&device, &csr)?;
        self.remember(&device, &issued).await?;
        tracing::info!(hardware_id = %device.hardware_id, serial = %issued.facts.serial, "gateway certificate issued");
        if let Some(events) = &self.events {
            let more = json!({ "serial": issued.facts.serial, "not_after": issued.facts.not_after });
            events.tell(of_gateway(&network, &gateway, "certificate_issued", &device.hardware_id, more));
        }
        Ok(Response::new(wire_certificate(issued)))
    }
}

impl BootstrapperService {
    /// The device of a gateway that some network knows, with the gateway.
    async fn registered_device(
        &self,
        hardware_id: &str,
        peer: Option<SocketAddr>,
    ) -> Result<RegisteredDevice, Status> {
        let refused = |hardware_id: Option<&HardwareId>| {
            let whom = hardware_id.map_or("no usable hardware id", HardwareId::as_str);
            self.refusals.report(whom, peer, "bootstrap: the hardware id is not registered");
            not_registered(hardware_id)
        };
        // What is no id at all is not repeated: it may be long, and an error's text travels in a header.
        let hardware_id = HardwareId::parse(hardware_id).map_err(|_| refused(None))?;
        let device = self.store.registered_device(hardware_id.as_str()).await.map_err(store_failure)?;
        device.ok_or_else(|| refused(Some(&hardware_id)))
    }

    fn verify(
        &self,
        device: &Device,
        message: &ChallengeResponse,
        peer: Option<SocketAddr>,
    ) -> Result<(), Status> {
        let refused = |reason: String| {
            self.refusals.report(device.hardware_id.as_str(), peer, &format!("bootstrap: {reason}"));
            Status::aborted(format!("Failed to verify challenge/response: {reason}"))
        };
        let challenges = self.authorities.challenges();
        challenges
            .verify(device.hardware_id.as_str(), &message.challenge, self.clock.now())
            .map_err(|error| refused(error.to_string()))?;
        let answer = answer(message).ok_or_else(|| refused("there is no answer in it".to_owned()))?;
        verify_answer(registered_key(&device.key), &message.challenge, answer)
            .map_err(|error| refused(error.to_string()))
    }

    /// Signs for the hardware id that has just proved itself.
    ///
    /// Deviation: who the request says it is for (`csr.id`) is not read. Magma signs for it, so that any gateway can
    /// become any other, or the administrator.
    fn sign(&self, device: &Device, csr: &Csr) -> Result<IssuedCertificate, Status> {
        if csr.cert_type != CertType::Default as i32 {
            return Err(Status::aborted("only client certificates (type DEFAULT) are signed here"));
        }
        let subject = ClientSubject::Gateway { hardware_id: device.hardware_id.as_str() };
        self.authorities
            .sign_client_certificate(&csr.csr_der, subject, valid_time(csr), self.clock.now())
            .map_err(|error| Status::aborted(format!("Failed to sign certificate: {error}")))
    }

    async fn remember(&self, device: &Device, issued: &IssuedCertificate) -> Result<(), Status> {
        let info = CertificateInfo {
            identity: Identity::Gateway { hardware_id: device.hardware_id.clone() },
            not_before: issued.facts.not_before,
            not_after: issued.facts.not_after,
        };
        self.store.add_certificate(&issued.facts.serial, info).await.map_err(store_failure)
    }
}

fn not_registered(hardware_id: Option<&HardwareId>) -> Status {
    let shown = hardware_id.map_or("", HardwareId::as_str);
    Status::not_found(format!(
        "Gateway with hwid {shown:?} is not registered: give it to a gateway of a network, or register it by token"
    ))
}

/// Missing, negative and zero all mean: as long as possible.
fn valid_time(csr: &Csr) -> Option<Duration> {
    csr.valid_time.and_then(|duration| Duration::try_from(duration).ok())
}

fn registered_key(key: &DeviceKey) -> RegisteredKey<'_> {
    match key {
        DeviceKey::Echo => RegisteredKey::Echo,
        DeviceKey::SoftwareRsaSha256(der) => RegisteredKey::SoftwareRsaSha256(der),
        DeviceKey::SoftwareEcdsaSha256(der) => RegisteredKey::SoftwareEcdsaSha256(der),
    }
}

fn answer(message: &ChallengeResponse) -> Option<ChallengeAnswer<'_>> {
    Some(match message.response.as_ref()? {
        response::Response::EchoResponse(echo) => ChallengeAnswer::Echo(&echo.response),
        response::Response::RsaResponse(rsa) => ChallengeAnswer::Rsa(&rsa.signature),
        response::Response::EcdsaResponse(ecdsa) => ChallengeAnswer::Ecdsa { r: &ecdsa.r, s: &ecdsa.s },
    })
}

fn wire_key_type(key_type: KeyType) -> challenge_key::KeyType {
    match key_type {
        KeyType::Echo => challenge_key::KeyType::Echo,
        KeyType::SoftwareRsaSha256 => challenge_key::KeyType::SoftwareRsaSha256,
        KeyType::SoftwareEcdsaSha256 => challenge_key::KeyType::SoftwareEcdsaSha256,
    }
}

fn wire_certificate(issued: IssuedCertificate) -> Certificate {
    let timestamp = |seconds| prost_types::Timestamp { seconds, nanos: 0 };
    Certificate {
        sn: Some(certificate::Sn { sn: issued.facts.serial }),
        not_before: Some(timestamp(issued.facts.not_before)),
        not_after: Some(timestamp(issued.facts.not_after)),
        cert_der: issued.der,
    }
}
