//! Keys of operators, gateways and interception: sealed in the store, open for gateways and for who may change them.

use crate::cloud::{Cloud, federation, lte_gateway};
use orc8r_model::{AccessList, AccessTarget, EntityId, GatewayId, NetworkId, Permissions};
use serde_json::json;

#[tokio::test]
async fn secrets_of_a_network_and_its_gateways_are_shown_to_who_may_change_them_and_to_gateways() {
    let cloud = Cloud::new().await;
    cloud.add_lte().await;
    cloud.add_federation().await;
    let read = Permissions::READ;
    let everywhere = AccessList::default()
        .with(AccessTarget::Network("n1".into()), read)
        .with(AccessTarget::AnyNetwork, read)
        .with(AccessTarget::AnyOperator, read)
        .with(AccessTarget::AnyGateway, read);
    cloud.store.put_operator("reader", everywhere).await.unwrap();
    let mut gateway = lte_gateway("g1", Some("h1"));
    gateway["cellular"]["he_config"] = json!({
        "enable_header_enrichment": true, "enable_encryption": true, "encryption_key": "KEY-E", "hmac_key": "KEY-H",
        "he_encryption_algorithm": "RC4", "he_hash_function": "MD5", "he_encoding_type": "BASE64",
    });
    assert_eq!(cloud.put("/lte/n1/gateways/g1", gateway).await.status.as_u16(), 204);
    let mut hss = federation();
    hss["hss"]["lte_auth_op"] = json!("S0VZLU8=");
    hss["hss"]["lte_auth_amf"] = json!("S0VZLUE=");
    for path in ["/feg/f1/federation", "/feg/f1/gateways/fg1/federation"] {
        assert!(cloud.put(path, hss.clone()).await.status.is_success(), "{path}");
    }
    let (op, amf) = ("EREREREREREREREREREREQ==", "\"lte_auth_amf\":\"gAA=\"");
    let (he, destination) = (&["KEY-E", "KEY-H"][..], &["\"private_key\":\"AA==\""][..]);
    let federation = &["S0VZLU8=", "S0VZLUE="][..];
    for (path, secrets) in [
        ("/lte/n1", &[op, amf][..]),
        ("/lte/n1/cellular", &[op, amf]),
        ("/lte/n1/cellular/epc", &[op, amf]),
        ("/lte/n1/gateways", he),
        ("/lte/n1/gateways/g1", he),
        ("/lte/n1/gateways/g1/cellular", he),
        ("/lte/n1/network_probe/destinations", destination),
        ("/lte/n1/network_probe/destinations/dest1", destination),
        ("/feg/f1", federation),
        ("/feg/f1/federation", federation),
        ("/feg/f1/gateways", federation),
        ("/feg/f1/gateways/fg1", federation),
        ("/feg/f1/gateways/fg1/federation", federation),
    ] {
        let shown = cloud.get(path).await;
        let read = cloud.ask(Some("reader"), "GET", &format!("/magma/v1{path}"), "").await;
        assert_eq!(read.status.as_u16(), 200, "{path}: {read:?}");
        for secret in secrets {
            assert!(shown.text.contains(secret), "{path}: {}", shown.text);
            assert!(!read.text.contains(secret), "{path}: {}", read.text);
        }
        for reply in [&shown, &read] {
            assert!(!reply.text.contains("sealed"), "{path}: {}", reply.text);
            assert!(!reply.text.contains("configuration_problems"), "{path}: {}", reply.text);
        }
        if !matches!(path, "/lte/n1/gateways" | "/feg/f1/gateways" | "/lte/n1/network_probe/destinations") {
            let again = cloud.put(path, shown.json()).await;
            assert!(again.status.is_success(), "{path}: what is shown can be written: {again:?}");
        }
    }
    let (n1, g1) = (NetworkId::parse("n1").unwrap(), GatewayId::parse("g1").unwrap());
    let around = cloud.store.neighbourhood(&n1, &g1).await.unwrap();
    let text = format!("{around:?}");
    assert!(
        text.contains(op) && text.contains("KEY-E") && !text.contains("sealed"),
        "as the gateway gets it"
    );
    let side = cloud.store.entity(&n1, &EntityId::new("cellular_gateway", "g1")).await.unwrap();
    let destination = EntityId::new("network_probe_destination", "dest1");
    let kept = (cloud.store.network(&n1).await, side, cloud.store.entity(&n1, &destination).await);
    let text = format!("{kept:?}");
    for secret in [op, "gAA=", "KEY-E", "KEY-H", "\"private_key\": String(\"AA==\")"] {
        assert!(!text.contains(secret), "{secret} stands in the database");
    }
}
