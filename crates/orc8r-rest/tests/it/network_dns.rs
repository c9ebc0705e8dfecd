//! The names that a network resolves by itself.

use crate::cloud::Cloud;
use serde_json::{Value, json};

fn record(domain: &str, address: &str) -> Value {
    json!({"domain": domain, "a_record": [address], "aaaa_record": [], "cname_record": []})
}

#[tokio::test]
async fn records_are_made_replaced_and_deleted_one_by_one() {
    let cloud = Cloud::new().await;
    let records = "/networks/n1/dns/records";
    assert_eq!(cloud.post(&format!("{records}/b.test"), record("b.test", "10.0.0.2")).await.status, 201);
    assert_eq!(cloud.put(&format!("{records}/a.test"), record("a.test", "10.0.0.3")).await.status, 204);
    let expect = json!([record("a.test", "10.0.0.3"), record("b.test", "10.0.0.2")]);
    assert_eq!(cloud.get(records).await.json(), expect);
    assert_eq!(cloud.get("/networks/n1/dns").await.json()["records"], expect);
    assert_eq!(cloud.delete(&format!("{records}/a.test")).await.status, 204);
    assert_eq!(cloud.get(records).await.json(), json!([record("b.test", "10.0.0.2")]));
    assert_eq!(
        cloud.get("/networks/n1/dns").await.json()["local_ttl"],
        0,
        "the rest of the configuration stays"
    );
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_changes() {
    let cloud = Cloud::new().await;
    let before = cloud.get("/networks/n1/dns").await.json();
    let (a, none) = ("/networks/n1/dns/records/a.test", Value::Null);
    let gone = "DNS record no.test of network n1 not found";
    cloud
        .check(&[
            ("made twice", "POST", a, record("a.test", "10.0.0.9"), 400, "DNS record a.test already exists"),
            (
                "another name",
                "PUT",
                a,
                record("b.test", "10.0.0.9"),
                400,
                "domain in body 'b.test' is not that of the path 'a.test'",
            ),
            (
                "no address",
                "PUT",
                a,
                record("a.test", "ten"),
                400,
                "a_record.0 in body must be of type ipv4: \"ten\"",
            ),
            (
                "a record without a name",
                "PUT",
                "/networks/n1/dns/records",
                json!([{}]),
                400,
                "0.domain in body is required",
            ),
            ("no record", "GET", "/networks/n1/dns/records/no.test", none.clone(), 404, gone),
            (
                "no record to change",
                "PUT",
                "/networks/n1/dns/records/no.test",
                record("no.test", "10.0.0.9"),
                404,
                gone,
            ),
            ("no record to delete", "DELETE", "/networks/n1/dns/records/no.test", none.clone(), 404, gone),
            ("no network", "GET", "/networks/none/dns/records", none, 404, "network none not found"),
        ])
        .await;
    assert_eq!(cloud.get("/networks/n1/dns").await.json(), before);
    assert_eq!(cloud.delete("/networks/n1/dns").await.status, 204);
    let reply = cloud.post("/networks/n1/dns/records/b.test", record("b.test", "10.0.0.9")).await;
    assert_eq!(
        (reply.status.as_u16(), reply.message().as_str()),
        (404, "dnsd_network of network n1 not found")
    );
}

#[tokio::test]
async fn records_that_are_made_at_the_same_time_are_all_kept() {
    let cloud = std::sync::Arc::new(Cloud::new().await);
    let makers = (0..4).map(|number| {
        let cloud = cloud.clone();
        tokio::spawn(async move {
            let domain = format!("d{number}.test");
            cloud
                .post(&format!("/networks/n1/dns/records/{domain}"), record(&domain, "10.0.0.9"))
                .await
                .status
        })
    });
    let mut made = 1;
    for maker in makers.collect::<Vec<_>>() {
        made += usize::from(maker.await.unwrap() == 201);
    }
    let records = cloud.get("/networks/n1/dns/records").await.json();
    assert_eq!((records.as_array().unwrap().len(), made), (5, 5), "none was lost, none was refused");
}
