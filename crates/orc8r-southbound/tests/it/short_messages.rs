//! Short messages on their way to phones, and phones' answers, through the gate.

use magma_rpc::{Code, Status};
use orc8r_model::NetworkId;
use orc8r_store::{NewShortMessage, ShortMessage, ShortMessageStatus};
use wire_lte::lte::sms_d_client::SmsDClient;
use wire_lte::lte::{GetMessagesRequest, ReportDeliveryRequest, SmoUplinkUnitdata};

use crate::world::{Door, START, World};

const IMSI: &str = "IMSI001010000000001";
const NOW: i64 = START as i64;

async fn send(world: &World, imsi: &str, text: &str, parts: usize) -> u64 {
    let message =
        NewShortMessage { imsi: imsi.into(), source: "18658675309".into(), text: text.into(), parts };
    let n1 = NetworkId::parse("n1").unwrap();
    world.store.create_short_message(&n1, message, NOW).await.unwrap()
}

async fn kept(world: &World, number: u64) -> ShortMessage {
    let now = world.now() as i64;
    world.store.short_message(&NetworkId::parse("n1").unwrap(), number, now).await.unwrap()
}

async fn ask(door: &Door, imsis: &[&str]) -> Result<Vec<(String, Vec<u8>)>, Status> {
    let imsis = imsis.iter().map(ToString::to_string).collect();
    let answer = SmsDClient::new(door.clone()).get_messages(GetMessagesRequest { imsis }).await?;
    let messages = answer.into_inner().messages.into_iter();
    Ok(messages.map(|message| (message.imsi, message.nas_message_container)).collect())
}

async fn report(door: &Door, imsi: &str, container: &[u8]) -> Result<(), Status> {
    let report = SmoUplinkUnitdata {
        imsi: imsi.into(),
        nas_message_container: container.to_vec(),
        ..SmoUplinkUnitdata::default()
    };
    let request = ReportDeliveryRequest { report: Some(report) };
    SmsDClient::new(door.clone()).report_delivery(request).await.map(drop)
}

/// The reference of a CP-DATA with an RP-DATA.
fn reference((_, octets): &(String, Vec<u8>)) -> u8 {
    assert_eq!((octets[1], octets[3]), (1, 1), "CP-DATA, RP-DATA: {octets:?}");
    octets[4]
}

fn taken(reference: u8) -> [u8; 5] {
    [0x99, 1, 2, 2, reference]
}

#[tokio::test]
async fn a_message_reaches_a_phone_and_its_answer_comes_back() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let number = send(&world, IMSI, "Here's a test.", 1).await;
    // A gateway's services name subscribers with the prefix, or without.
    let sent = ask(&gateway, &["IMSI001019999999999", "001010000000001"]).await.unwrap();
    let text = [0xc8, 0xb2, 0xbc, 0x7c, 0x9a, 0x83, 0xc2, 0x20, 0x7a, 0x79, 0x4e, 0x77, 0x01];
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].0, IMSI);
    assert!(sent[0].1.ends_with(&text), "{:x?}", sent[0].1);
    assert_eq!(ask(&gateway, &[IMSI]).await.unwrap(), [], "it is on its way");
    assert_eq!(kept(&world, number).await.status, ShortMessageStatus::Waiting);
    report(&gateway, IMSI, &[0x99, 4]).await.unwrap();
    assert_eq!(kept(&world, number).await.status, ShortMessageStatus::Waiting, "the layer below has it");
    report(&gateway, "001010000000001", &taken(reference(&sent[0]))).await.unwrap();
    assert_eq!(kept(&world, number).await.status, ShortMessageStatus::Delivered);
    world.pass(3600);
    assert_eq!(ask(&gateway, &[IMSI]).await.unwrap(), []);
}

#[tokio::test]
async fn a_part_that_was_refused_is_sent_again_alone() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let number = send(&world, IMSI, &"я".repeat(71), 2).await;
    let sent = ask(&gateway, &[IMSI]).await.unwrap();
    let references: Vec<u8> = sent.iter().map(reference).collect();
    let [one, two] = references[..] else { panic!("{sent:?}") };
    report(&gateway, IMSI, &taken(one)).await.unwrap();
    report(&gateway, IMSI, &[0x99, 1, 4, 4, two, 1, 22]).await.unwrap();
    assert_eq!(kept(&world, number).await.error.as_deref(), Some("the phone's memory is full (22)"));
    world.pass(359);
    assert_eq!(ask(&gateway, &[IMSI]).await.unwrap(), []);
    world.pass(1);
    assert_eq!(ask(&gateway, &[IMSI]).await.unwrap(), sent[1..], "the same octets");
    report(&gateway, IMSI, &taken(two)).await.unwrap();
    let end = kept(&world, number).await;
    assert_eq!((end.status, end.attempts, end.error), (ShortMessageStatus::Delivered, 2, None));
}

#[tokio::test]
async fn a_gateway_of_another_network_gets_nothing_and_ends_nothing() {
    let world = World::new().await;
    let (ours, theirs) = (world.gateway("hw1").await, world.gateway("hw2").await);
    let number = send(&world, IMSI, "hello", 1).await;
    assert_eq!(ask(&theirs, &[IMSI]).await.unwrap(), []);
    let attempts = kept(&world, number).await.attempts;
    assert_eq!(attempts, 0, "that did not count");
    let sent = ask(&ours, &[IMSI]).await.unwrap();
    report(&theirs, IMSI, &taken(reference(&sent[0]))).await.unwrap();
    assert_eq!(kept(&world, number).await.status, ShortMessageStatus::Waiting);
    let code = |outcome: Result<(), Status>| outcome.map_or_else(|status| status.code(), |()| Code::Ok);
    let stranger = world.gateway("hw9").await;
    for (door, expected) in [(world.open(), Code::Unauthenticated), (stranger, Code::PermissionDenied)] {
        assert_eq!(code(ask(&door, &[IMSI]).await.map(drop)), expected);
        assert_eq!(code(report(&door, IMSI, &taken(0)).await), expected);
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_and_nothing_changes() {
    let world = World::new().await;
    let gateway = world.gateway("hw1").await;
    let number = send(&world, IMSI, "hello", 1).await;
    let sent = ask(&gateway, &[IMSI]).await.unwrap();
    for (name, container, expected) in [
        ("nothing", &[][..], Code::InvalidArgument),
        ("no short message", &[0x20, 0x94, 0x91], Code::InvalidArgument),
        ("less than it says", &[0x99, 1, 9, 2], Code::InvalidArgument),
        ("a message of the phone", &[0x09, 1, 3, 0, 1, 0], Code::Unimplemented),
        ("of another message", &taken(reference(&sent[0]).wrapping_add(1)), Code::Ok),
    ] {
        let outcome = report(&gateway, IMSI, container).await;
        assert_eq!(outcome.map_or_else(|status| status.code(), |()| Code::Ok), expected, "{name}");
    }
    let empty = ReportDeliveryRequest { report: None };
    SmsDClient::new(gateway.clone()).report_delivery(empty).await.unwrap();
    assert_eq!(kept(&world, number).await.status, ShortMessageStatus::Waiting);
    let everybody = vec![IMSI; 20_001];
    assert_eq!(ask(&gateway, &everybody).await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(ask(&gateway, &[]).await.unwrap(), []);
}
