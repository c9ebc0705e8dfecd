//! Tenants.

use super::*;
use orc8r_model::Tenant;

fn tenant(id: i64, name: &str, networks: &[&str]) -> Tenant {
    Tenant { id, name: name.into(), networks: networks.iter().map(|id| (*id).to_owned()).collect() }
}

#[tokio::test]
async fn a_tenant_is_made_replaced_listed_and_deleted() {
    let store = store().await;
    store.create_tenant(tenant(2, "b", &[])).await.unwrap();
    store.create_tenant(tenant(0, "a", &["n1", "not yet"])).await.unwrap();
    let again = store.create_tenant(tenant(0, "c", &[])).await.unwrap_err();
    assert_eq!(again.to_string(), "tenant 0 already exists");
    store.update_tenant(tenant(2, "B", &["n1", "n2"])).await.unwrap();
    assert_eq!(
        store.tenants().await.unwrap(),
        [tenant(0, "a", &["n1", "not yet"]), tenant(2, "B", &["n1", "n2"])]
    );
    assert_eq!(store.tenant(2).await.unwrap(), tenant(2, "B", &["n1", "n2"]));
    store.delete_tenant(2).await.unwrap();
    for missing in [
        store.tenant(2).await.map(drop),
        store.update_tenant(tenant(2, "", &[])).await,
        store.delete_tenant(2).await,
        store.tenant_control_proxy(2).await.map(drop),
        store.set_tenant_control_proxy(2, "").await,
    ] {
        assert_eq!(missing.unwrap_err().to_string(), "tenant 2 not found");
    }
}

#[tokio::test]
async fn a_networks_control_proxy_is_its_first_tenants() {
    let store = store().await;
    store.create_tenant(tenant(1, "a", &["n1"])).await.unwrap();
    store.create_tenant(tenant(2, "b", &["n1", "n2"])).await.unwrap();
    assert_eq!(store.control_proxy_of_network(&network("n1")).await.unwrap(), None);
    store.set_tenant_control_proxy(2, "two").await.unwrap();
    assert_eq!(store.control_proxy_of_network(&network("n1")).await.unwrap().as_deref(), Some("two"));
    store.set_tenant_control_proxy(1, "one").await.unwrap();
    assert_eq!(store.control_proxy_of_network(&network("n1")).await.unwrap().as_deref(), Some("one"));
    store.update_tenant(tenant(1, "a", &[])).await.unwrap();
    assert_eq!(store.tenant_control_proxy(1).await.unwrap().as_deref(), Some("one"), "it stays");
    assert_eq!(store.control_proxy_of_network(&network("n2")).await.unwrap().as_deref(), Some("two"));
}
