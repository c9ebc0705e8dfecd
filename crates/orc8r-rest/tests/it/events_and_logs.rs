//! Events and logs, as the web UI asks for them.

use axum::http::StatusCode;
use orc8r_store::{NewRecord, Source};
use serde_json::{Value, json};

use crate::cloud::Cloud;

const START_MS: i64 = 1_700_000_000_000;

fn source(network: &str, gateway: &str) -> Source {
    Source { network: network.into(), gateway: gateway.into(), hardware_id: format!("hw-{gateway}") }
}

fn event(second: i64, stream: &str, event_type: &str, tag: &str, value: &str) -> NewRecord {
    NewRecord {
        time_ms: START_MS + second * 1000,
        stream: stream.into(),
        event_type: event_type.into(),
        event_tag: tag.into(),
        document: json!({"value": value}).to_string(),
    }
}

fn log(second: i64, ident: &str, message: &str) -> NewRecord {
    NewRecord {
        time_ms: START_MS + second * 1000,
        stream: "syslog".into(),
        event_type: String::new(),
        event_tag: String::new(),
        document: json!({"ident": ident, "message": message, "tag": "syslog"}).to_string(),
    }
}

/// Networks `n1` and `n2` with events and logs.
async fn told() -> Cloud {
    let cloud = Cloud::new().await;
    for (source, events, logs) in [
        (
            source("n1", "g1"),
            vec![
                event(1, "magmad", "restarted_services", "hw-g1", r#"{"services": ["mme"]}"#),
                event(2, "mme", "attach_success", "IMSI001", r#"{"imsi": "IMSI001"}"#),
                event(3, "mme", "detach_success", "IMSI001", "no JSON"),
            ],
            vec![log(1, "mme", "Attach request"), log(2, "sessiond", "Session for IMSI001 failed")],
        ),
        (
            source("n1", "g2"),
            vec![event(4, "mme", "attach_success", "IMSI002", "{}")],
            vec![log(3, "mme", "Attach failed")],
        ),
        (
            source("n2", "g3"),
            vec![event(5, "mme", "attach_success", "IMSI001", "{}")],
            vec![log(4, "mme", "secret")],
        ),
    ] {
        cloud.archives.events.append(source.clone(), events).await.unwrap();
        cloud.archives.logs.append(source, logs).await.unwrap();
    }
    cloud
}

/// After all that gateways tell here.
const GATEWAYS_END: &str = "2023-12-01T00:00:00.000Z";

async fn ask(cloud: &Cloud, path: &str) -> Value {
    let reply = cloud.get(path).await;
    assert_eq!(reply.status, StatusCode::OK, "{path}: {reply:?}");
    reply.json()
}

#[tokio::test]
async fn events_are_found_by_each_filter() {
    let cloud = told().await;
    for (query, expected) in [
        // The cloud's own events are newer.
        (&*format!("end={GATEWAYS_END}"), vec![4, 3, 2, 1]),
        ("streams=mme", vec![4, 3, 2]),
        ("streams=mme,magmad&size=2", vec![4, 3]),
        ("streams=mme,magmad&size=2&from=2", vec![2, 1]),
        ("events=attach_success", vec![4, 2]),
        ("tags=IMSI001,001", vec![3, 2]),
        ("hw_ids=hw-g2", vec![4]),
        ("hw_ids=hw-g3", vec![]),
        ("start=2023-11-14T22:13:22.000Z&end=2023-11-14T22:13:23.000Z", vec![3, 2]),
        ("streams=mme&events=attach_success&tags=IMSI001&hw_ids=hw-g1", vec![2]),
        (&*format!("streams=&size=&from=&start=&end={GATEWAYS_END}&unknown=1"), vec![4, 3, 2, 1]),
    ] {
        let found = ask(&cloud, &format!("/events/n1?{query}")).await;
        let seconds: Vec<i64> = found
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["timestamp"].as_str().unwrap()[17..19].parse::<i64>().unwrap() - 20)
            .collect();
        assert_eq!(seconds, expected, "{query}");
        if !query.contains("size") {
            let count = ask(&cloud, &format!("/events/n1/about/count?{query}")).await;
            assert_eq!(count, json!(expected.len()), "{query}");
        }
    }
    let (all, empty) = (ask(&cloud, "/events/n1").await, ask(&cloud, "/events/n1?streams=&end=").await);
    assert!(all == empty && all.as_array().unwrap().len() > 4, "the cloud's own, too: {all}");
    assert_eq!(ask(&cloud, "/events/n3").await, json!([]));
}

#[tokio::test]
async fn an_event_has_its_value_as_an_object() {
    let cloud = told().await;
    let found = ask(&cloud, "/events/n1/mme?tag=IMSI001&hardware_id=hw-g1").await;
    assert_eq!(
        found,
        json!([
            {
                "stream_name": "mme", "event_type": "detach_success", "hardware_id": "hw-g1", "tag": "IMSI001",
                "timestamp": "2023-11-14T22:13:23.000Z", "value": {"value": "no JSON"},
            },
            {
                "stream_name": "mme", "event_type": "attach_success", "hardware_id": "hw-g1", "tag": "IMSI001",
                "timestamp": "2023-11-14T22:13:22.000Z", "value": {"imsi": "IMSI001"},
            },
        ])
    );
    assert_eq!(ask(&cloud, "/events/n1/mme?event_type=nothing").await, json!([]));
}

#[tokio::test]
async fn logs_are_found_as_the_web_ui_asks() {
    let cloud = told().await;
    for (query, expected) in [
        ("", vec!["Attach failed", "Session for IMSI001 failed", "Attach request"]),
        ("simple_query=attach", vec!["Attach failed", "Attach request"]),
        ("simple_query=attach&size=1&from=1", vec!["Attach request"]),
        ("simple_query=fail*&filters=gateway_id:g1", vec!["Session for IMSI001 failed"]),
        ("simple_query=mme&fields=ident&filters=gateway_id:g1", vec!["Attach request"]),
        ("filters=gateway_id:g1,ident:sessiond,tag:syslog", vec!["Session for IMSI001 failed"]),
        ("filters=network_id:n2", vec![]),
        ("start=2023-11-14T22:13:22.000Z&end=2023-11-14T22:13:22.500Z", vec!["Session for IMSI001 failed"]),
        ("simple_query=secret", vec![]),
    ] {
        let found = ask(&cloud, &format!("/networks/n1/logs/search?{query}")).await;
        let messages: Vec<&str> =
            found.as_array().unwrap().iter().map(|hit| hit["_source"]["message"].as_str().unwrap()).collect();
        assert_eq!(messages, expected, "{query}");
        if !query.contains("size") {
            let count = ask(&cloud, &format!("/networks/n1/logs/count?{query}")).await;
            assert_eq!(count, json!(expected.len()), "{query}");
        }
    }
    let hit = ask(&cloud, "/networks/n1/logs/search?size=1").await[0].clone();
    assert_eq!((&hit["_index"], &hit["_type"]), (&json!("fluentd-2023.11.14"), &json!("_doc")));
    assert_eq!((&hit["_id"], &hit["sort"]), (&json!("1-3"), &json!([START_MS + 3000])));
}

#[tokio::test]
async fn questions_without_sense_and_strangers_are_refused() {
    let cloud = told().await;
    for (path, expected) in [
        ("/events/n1?size=many", "size must be a number"),
        ("/events/n1?from=-1", "from must be a number"),
        ("/events/n1?size=10001", "10000 at most"),
        ("/events/n1?start=then", "start must be a time"),
        ("/events/n1/about/count?end=then", "end must be a time"),
        ("/networks/n1/logs/search?filters=x", "malformed filter"),
        ("/networks/n1/logs/search?size=x", "size must be a number"),
        ("/networks/n1/logs/count?start=x", "start must be a time"),
    ] {
        let reply = cloud.get(path).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(reply.message().contains(expected), "{path}: {reply:?}");
    }
    for path in ["/events/n1", "/events/n1/about/count", "/networks/n1/logs/search"] {
        let reply = cloud.ask(Some("stranger"), "GET", &format!("/magma/v1{path}"), "").await;
        assert_eq!(reply.status, StatusCode::FORBIDDEN, "{path}");
    }
}
