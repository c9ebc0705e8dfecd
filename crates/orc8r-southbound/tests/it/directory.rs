//! The directory as gateways use it.

use std::collections::BTreeMap;

use magma_rpc::{Code, Status};
use wire_orc8r::orc8r::gateway_directory_service_client::GatewayDirectoryServiceClient;
use wire_orc8r::orc8r::{
    DeleteRecordRequest, DirectoryRecord, GetDirectoryFieldRequest, UpdateRecordRequest, Void,
};

use crate::world::{Door, World, echo};

const IMSI: &str = "IMSI001010000000001";

async fn update(door: &Door, location: &str, fields: &[(&str, &str)]) -> Result<(), Status> {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let request = UpdateRecordRequest { id: IMSI.into(), location: location.into(), fields };
    GatewayDirectoryServiceClient::new(door.clone()).update_record(request).await.map(drop)
}

async fn delete(door: &Door) {
    let request = DeleteRecordRequest { id: IMSI.into() };
    GatewayDirectoryServiceClient::new(door.clone()).delete_record(request).await.unwrap();
}

async fn field(door: &Door, key: &str) -> Result<String, Code> {
    let request = GetDirectoryFieldRequest { id: IMSI.into(), field_key: key.into() };
    let answer = GatewayDirectoryServiceClient::new(door.clone()).get_directory_field(request).await;
    answer.map(|field| field.into_inner().value).map_err(|status| status.code())
}

async fn all(door: &Door) -> Vec<DirectoryRecord> {
    let answer = GatewayDirectoryServiceClient::new(door.clone()).get_all_directory_records(Void {}).await;
    answer.unwrap().into_inner().records
}

#[tokio::test]
async fn a_record_is_written_read_and_deleted_in_the_callers_network() {
    let world = World::new().await;
    let (one, other_network) = (world.gateway("hw1").await, world.gateway("hw2").await);
    for location in ["", "hwid", "hw1"] {
        update(&one, location, &[("ipv4_addr", "10.0.0.1")]).await.unwrap();
        let fields = BTreeMap::from([("ipv4_addr".to_owned(), "10.0.0.1".to_owned())]);
        let record = DirectoryRecord { id: IMSI.into(), location_history: vec!["hw1".into()], fields };
        assert_eq!(all(&one).await, [record]);
        delete(&one).await;
        assert_eq!(all(&one).await, []);
    }
    update(&one, "", &[("mac_addr", "02:00:00:00:00:01")]).await.unwrap();
    assert_eq!(field(&one, "mac_addr").await.as_deref(), Ok("02:00:00:00:00:01"));
    assert_eq!(field(&one, "ipv4_addr").await, Err(Code::NotFound));
    assert_eq!(field(&other_network, "mac_addr").await, Err(Code::NotFound));
    assert_eq!(all(&other_network).await, []);
    delete(&other_network).await;
    assert_eq!(all(&one).await.len(), 1);
}

#[tokio::test]
async fn a_subscriber_who_moves_takes_his_record_along() {
    let world = World::new().await;
    world.add_gateway("n1", "gw3", Some(echo("hw3"))).await;
    let (one, three) = (world.gateway("hw1").await, world.gateway("hw3").await);
    update(&one, "", &[("session_id", "IMSI001010000000001-1")]).await.unwrap();
    update(&three, "", &[("session_id", "IMSI001010000000001-2")]).await.unwrap();
    delete(&one).await;
    assert_eq!(all(&one).await[0].location_history, ["hw3"], "the gateway that he left cannot take it away");
    let network = orc8r_model::NetworkId::parse("n1").unwrap();
    assert_eq!(world.store.imsi_of_session(&network, "2").await.unwrap().as_deref(), Some(IMSI));
    assert_eq!(world.store.imsi_of_session(&network, "1").await.unwrap(), None);
}

#[tokio::test]
async fn a_gateway_speaks_for_itself_alone() {
    let world = World::new().await;
    world.add_gateway("n1", "gw3", Some(echo("hw3"))).await;
    let one = world.gateway("hw1").await;
    assert_eq!(update(&one, "hw3", &[]).await.unwrap_err().code(), Code::PermissionDenied);
    assert_eq!(all(&one).await, []);
    let large = "x".repeat(20_000);
    assert_eq!(update(&one, "", &[("a", &large)]).await.unwrap_err().code(), Code::InvalidArgument);
    let nameless = UpdateRecordRequest::default();
    let status = GatewayDirectoryServiceClient::new(one.clone()).update_record(nameless).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let open = GatewayDirectoryServiceClient::new(world.open()).get_all_directory_records(Void {}).await;
    assert_eq!(open.unwrap_err().code(), Code::Unauthenticated);
}
