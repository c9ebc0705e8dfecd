//! Short messages as an operator sends them and sees what became of them.

use crate::cloud::Cloud;
use orc8r_model::NetworkId;
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const IMSI: &str = "IMSI001010000000001";

fn message(source: &str, text: &str) -> Value {
    json!({"imsi": IMSI, "source_msisdn": source, "message": text})
}

/// What a gateway does with the only message: it gets it, and the phone answers.
async fn send(cloud: &Cloud, refusal: Option<&str>) {
    let n1 = NetworkId::parse("n1").unwrap();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64;
    let sent = cloud.store.short_messages_to_send(&n1, vec![IMSI.into()], now).await.unwrap();
    let (reference, _) = sent[0].references[0];
    cloud.store.report_short_message(&n1, IMSI, reference, refusal.map(str::to_owned)).await.unwrap();
}

#[tokio::test]
async fn a_message_waits_is_delivered_and_is_deleted() {
    let cloud = Cloud::new().await;
    let made = cloud.post("/lte/n1/sms", message("611", "hello")).await;
    assert_eq!((made.status.as_u16(), made.json()), (201, json!("1")));
    let mut waiting = cloud.get("/lte/n1/sms/1").await.json();
    assert_eq!(cloud.get("/lte/n1/sms").await.json(), json!([waiting]));
    let created = waiting["time_created"].take();
    assert!(created.as_str().is_some_and(|text| text.ends_with('Z')), "{created}");
    let expected = json!({"pk": "1", "status": "Waiting", "imsi": IMSI, "source_msisdn": "611", "message": "hello",
                          "time_created": null, "attempt_count": 0});
    assert_eq!(waiting, expected, "nothing is said of an attempt that was not made");
    send(&cloud, None).await;
    let delivered = cloud.get("/lte/n1/sms/1").await.json();
    assert_eq!(delivered["status"], "Delivered");
    assert_eq!(delivered["attempt_count"], 1);
    assert!(delivered["time_last_attempted"].as_str() >= created.as_str());
    for (method, path, status) in [
        ("DELETE", "/lte/n2/sms/1", 404),
        ("GET", "/lte/n2/sms/1", 404),
        ("DELETE", "/lte/n1/sms/1", 204),
        ("DELETE", "/lte/n1/sms/1", 404),
        ("GET", "/lte/n1/sms/1", 404),
        ("GET", "/lte/n1/sms/one", 404),
        ("GET", "/lte/n9/sms", 404),
    ] {
        assert_eq!(cloud.send(method, path, "").await.status.as_u16(), status, "{method} {path}");
    }
    assert_eq!(cloud.get("/lte/n1/sms").await.json(), json!([]));
}

#[tokio::test]
async fn why_a_phone_refused_a_message_is_told() {
    let cloud = Cloud::new().await;
    cloud.post("/lte/n1/sms", message("611", "hello")).await;
    send(&cloud, Some("the phone's memory is full (22)")).await;
    let refused = cloud.get("/lte/n1/sms/1").await.json();
    assert_eq!(refused["status"], "Waiting", "it is tried again");
    assert_eq!(refused["error_status"], "the phone's memory is full (22)");
}

#[tokio::test]
async fn what_no_phone_could_take_is_refused() {
    let cloud = Cloud::new().await;
    let nobody = json!({"imsi": "1", "source_msisdn": "1", "message": "m"});
    for (name, network, body, status, told) in [
        ("a name too long", "n1", message("a name too long", "m"), 400, "source_msisdn: the source must be"),
        ("a book", "n1", message("1", &"b".repeat(2449)), 400, "needs 17 parts, and may have 16"),
        ("nothing", "n1", message("1", ""), 400, "message in body is required"),
        ("nobody", "n1", nobody, 400, "imsi in body should match"),
        ("no network", "n9", message("1", "m"), 404, "n9"),
    ] {
        let reply = cloud.post(&format!("/lte/{network}/sms"), body).await;
        assert_eq!(reply.status.as_u16(), status, "{name}: {reply:?}");
        assert!(reply.message().contains(told), "{name}: {reply:?}");
    }
    assert_eq!(cloud.get("/lte/n1/sms").await.json(), json!([]), "nothing was kept");
}

#[tokio::test]
async fn words_to_a_subscriber_are_not_in_the_audit_log() {
    let cloud = Cloud::new().await;
    cloud.post("/lte/n1/sms", message("611", "your code is 4711")).await;
    let log = cloud.get("/audit?network_id=n1").await.text;
    assert!(log.contains("/lte/n1/sms") && log.contains(IMSI), "{log}");
    assert!(!log.contains("4711"), "{log}");
}
