//! Registration by token.

use magma_rpc::{Code, Status};
use orc8r_model::{AccessList, AccessTarget, DeviceKey, EntityId, GatewayId, NetworkId, Permissions, Tenant};
use wire_orc8r::orc8r::cloud_registration_client::CloudRegistrationClient;
use wire_orc8r::orc8r::registration_client::RegistrationClient;
use wire_orc8r::orc8r::{
    AccessGatewayId, ChallengeKey, GatewayDeviceInfo, GetGatewayDeviceInfoRequest,
    GetGatewayRegistrationInfoRequest, GetTokenRequest, RegisterRequest, challenge_key,
    get_gateway_device_info_response, register_response,
};

use crate::world::{Door, World};

/// What gateways send: the base64 text of a P-384 key in DER form.
const KEY: &str = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

async fn token(door: &Door, network: &str, gateway: &str, refresh: bool) -> Result<String, Status> {
    let info = GatewayDeviceInfo { network_id: network.into(), logical_id: gateway.into() };
    let request = GetTokenRequest { gateway_device_info: Some(info), refresh };
    let response = CloudRegistrationClient::new(door.clone()).get_token(request).await?;
    Ok(response.into_inner().token)
}

fn ecdsa_key() -> Option<ChallengeKey> {
    let key_type = challenge_key::KeyType::SoftwareEcdsaSha256 as i32;
    Some(ChallengeKey { key_type, key: KEY.as_bytes().to_vec() })
}

async fn register(
    world: &World,
    token: &str,
    hardware_id: &str,
    challenge_key: Option<ChallengeKey>,
) -> Result<String, String> {
    let hwid = Some(AccessGatewayId { id: hardware_id.into() });
    let request = RegisterRequest { token: token.into(), hwid, challenge_key };
    let response = RegistrationClient::new(world.open()).register(request).await.unwrap().into_inner();
    match response.response.unwrap() {
        register_response::Response::ControlProxy(text) => Ok(text),
        register_response::Response::Error(text) => Err(text),
    }
}

async fn world_with_newcomer() -> (World, Door) {
    let world = World::new().await;
    world.add_gateway("n1", "new1", None).await;
    let operator = world.add_operator("ann", AccessList::administrator()).await;
    (world, operator)
}

#[tokio::test]
async fn a_token_makes_a_device_the_gateways_and_leaves_its_configuration_alone() {
    let (world, operator) = world_with_newcomer().await;
    let network = NetworkId::parse("n1").unwrap();
    let id = EntityId::gateway(&GatewayId::parse("new1").unwrap());
    let before = world.store.entity(&network, &id).await.unwrap();
    let token = token(&operator, "n1", "new1", false).await.unwrap();
    assert!(token.starts_with("reg_") && token.len() == 34, "{token}");
    let control_proxy = register(&world, &token, "hw5", ecdsa_key()).await.unwrap();
    assert!(control_proxy.contains("cloud_address: controller.magma.test\n"), "{control_proxy}");
    let after = world.store.entity(&network, &id).await.unwrap();
    assert_eq!(after.physical_id.as_deref(), Some("hw5"));
    assert_eq!(after.config, before.config);
    let device = world.store.device("hw5").await.unwrap().unwrap();
    assert!(matches!(device.key, DeviceKey::SoftwareEcdsaSha256(der) if der.len() == 120));
}

#[tokio::test]
async fn a_token_is_worth_one_registration_within_half_an_hour() {
    let (world, operator) = world_with_newcomer().await;
    world.add_gateway("n1", "new2", None).await;
    let used = token(&operator, "n1", "new1", false).await.unwrap();
    register(&world, &used, "hw5", ecdsa_key()).await.unwrap();
    let again = register(&world, &used, "hw6", ecdsa_key()).await.unwrap_err();
    assert!(again.contains("used already"), "{again}");
    let kept = token(&operator, "n1", "new2", false).await.unwrap();
    assert_eq!(token(&operator, "n1", "new2", false).await.unwrap(), kept, "shown again while it is valid");
    let fresh = token(&operator, "n1", "new2", true).await.unwrap();
    let replaced = register(&world, &kept, "hw6", ecdsa_key()).await.unwrap_err();
    assert!(replaced.contains("not known"), "{replaced}");
    world.pass(1800);
    let late = register(&world, &fresh, "hw6", ecdsa_key()).await.unwrap_err();
    assert!(late.contains("expired"), "{late}");
    assert!(world.store.device("hw6").await.unwrap().is_none(), "none of that left a device behind");
}

#[tokio::test]
async fn what_is_wrong_is_said_and_the_token_stays_valid() {
    let (world, operator) = world_with_newcomer().await;
    let token = token(&operator, "n1", "new1", false).await.unwrap();
    let key = |key_type: challenge_key::KeyType, key: &[u8]| {
        Some(ChallengeKey { key_type: key_type as i32, key: key.to_vec() })
    };
    let ecdsa = challenge_key::KeyType::SoftwareEcdsaSha256;
    for (row, token, hardware_id, challenge_key, expected) in [
        ("no token", "", "hw5", ecdsa_key(), "not known"),
        ("a short token", "reg", "hw5", ecdsa_key(), "not known"),
        ("a huge token", &"x".repeat(100_000), "hw5", ecdsa_key(), "not a registration token"),
        ("no hardware id", &token, "", ecdsa_key(), "hardware id"),
        ("a hardware id in use", &token, "hw2", ecdsa_key(), "already mapped to gateway gw2"),
        ("no key", &token, "hw5", None, "challenge key is missing"),
        ("no base64", &token, "hw5", key(ecdsa, b"***"), "base64"),
        ("no key in it", &token, "hw5", key(ecdsa, b"AAAA"), "not an ECDSA public key"),
        ("echo", &token, "hw5", key(challenge_key::KeyType::Echo, b""), "only keys of type"),
    ] {
        let text = register(&world, token, hardware_id, challenge_key).await.unwrap_err();
        assert!(text.contains(expected), "{row}: {text}");
    }
    assert_eq!(world.store.gateway_by_hardware_id("hw5").await.unwrap(), None);
    register(&world, &token, "hw5", ecdsa_key()).await.unwrap();
}

#[tokio::test]
async fn operators_get_tokens_for_the_networks_that_they_may_change() {
    let (world, _) = world_with_newcomer().await;
    let read_only = AccessList::default().with(AccessTarget::Network("n1".into()), Permissions::READ);
    let reader = world.add_operator("reader", read_only).await;
    let elsewhere = AccessList::default().with(AccessTarget::Network("n2".into()), Permissions::READ_WRITE);
    let stranger = world.add_operator("stranger", elsewhere).await;
    for operator in [&reader, &stranger] {
        let status = token(operator, "n1", "new1", false).await.unwrap_err();
        assert_eq!(status.code(), Code::PermissionDenied);
    }
    let admin = world.add_operator("admin", AccessList::administrator()).await;
    for (network, gateway, code) in [
        ("n1", "gw1", Code::AlreadyExists),
        ("n1", "absent", Code::NotFound),
        ("N", "new1", Code::InvalidArgument),
        ("n1", "", Code::InvalidArgument),
    ] {
        let status = token(&admin, network, gateway, false).await.unwrap_err();
        assert_eq!(status.code(), code, "{network}/{gateway}: {}", status.message());
    }
}

#[tokio::test]
async fn operators_learn_what_a_gateway_needs_and_what_a_token_says() {
    let (_world, operator) = world_with_newcomer().await;
    let mut client = CloudRegistrationClient::new(operator.clone());
    let request = GetGatewayRegistrationInfoRequest {};
    let info = client.get_gateway_registration_info(request).await.unwrap().into_inner();
    assert_eq!(info.domain_name, "magma.test");
    assert!(info.root_ca.starts_with("-----BEGIN CERTIFICATE-----"));
    let token = token(&operator, "n1", "new1", false).await.unwrap();
    let request = GetGatewayDeviceInfoRequest { token };
    let found = client.get_gateway_device_info(request).await.unwrap().into_inner().response;
    let expected = GatewayDeviceInfo { network_id: "n1".into(), logical_id: "new1".into() };
    assert_eq!(found, Some(get_gateway_device_info_response::Response::GatewayDeviceInfo(expected)));
    let request = GetGatewayDeviceInfoRequest { token: "x".into() };
    let found = client.get_gateway_device_info(request).await.unwrap().into_inner().response;
    assert!(matches!(found, Some(get_gateway_device_info_response::Response::Error(_))));
}

#[tokio::test]
async fn a_gateway_of_a_tenant_with_a_control_proxy_of_its_own_gets_that() {
    let (world, operator) = world_with_newcomer().await;
    let tenant = Tenant { id: 1, name: "T".into(), networks: ["n1".to_owned()].into() };
    world.store.create_tenant(tenant).await.unwrap();
    world.store.set_tenant_control_proxy(1, "cloud_address: elsewhere\n").await.unwrap();
    let token = token(&operator, "n1", "new1", false).await.unwrap();
    let got = register(&world, &token, "hw-new", ecdsa_key()).await;
    assert_eq!(got.as_deref(), Ok("cloud_address: elsewhere\n"));
}
