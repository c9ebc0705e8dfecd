//! Registration tokens.

use super::*;
use crate::{IssueToken, Refresh, TokenRefusal, TokenUse};

const NOW: i64 = 1_000;
const END: i64 = 2_800;

async fn issue(store: &Store, candidate: &str, now: i64, refresh: Refresh) -> Result<String, StoreError> {
    let issue = IssueToken { candidate: candidate.into(), now, expires_at: now + END - NOW, refresh };
    store.issue_registration_token(&network("n1"), &gateway_id("g2"), issue).await.map(|issued| issued.token)
}

fn accepted() -> TokenUse {
    TokenUse::Accepted { network: network("n1"), gateway: gateway_id("g2") }
}

#[tokio::test]
async fn a_token_registers_one_device_once() {
    let store = store().await;
    issue(&store, "reg_a", NOW, Refresh::KeepValid).await.unwrap();
    assert_eq!(store.check_registration_token("reg_a", NOW).await.unwrap(), accepted());
    assert_eq!(store.use_registration_token("reg_a", device("h2"), NOW).await.unwrap(), accepted());
    let g2 = store.gateway_record(&network("n1"), &gateway_id("g2")).await.unwrap();
    assert_eq!((g2.entity.physical_id.as_deref(), g2.device), (Some("h2"), Some(device("h2"))));

    let again = store.use_registration_token("reg_a", device("h3"), NOW).await.unwrap();
    assert_eq!(again, TokenUse::Refused(TokenRefusal::AlreadyUsed));
    assert_eq!(store.device("h3").await.unwrap(), None);
    assert_eq!(store.gateway_by_hardware_id("h3").await.unwrap(), None);
    let more = issue(&store, "reg_b", NOW, Refresh::KeepValid).await.unwrap_err();
    assert_eq!(more.to_string(), "device h2 of gateway g2 already exists");
}

#[tokio::test]
async fn of_many_who_use_a_token_at_once_one_wins() {
    let store = store().await;
    issue(&store, "reg_a", NOW, Refresh::KeepValid).await.unwrap();
    let attempts = (0..20).map(|number| {
        let store = store.clone();
        tokio::spawn(async move {
            store.use_registration_token("reg_a", device(&format!("d{number}")), NOW).await
        })
    });
    let mut winners = 0;
    for attempt in attempts.collect::<Vec<_>>() {
        winners += usize::from(attempt.await.unwrap().unwrap() == accepted());
    }
    assert_eq!(winners, 1);
}

#[tokio::test]
async fn a_token_that_is_not_valid_is_refused_by_its_reason() {
    let store = store().await;
    issue(&store, "reg_a", NOW, Refresh::KeepValid).await.unwrap();
    let rows = [
        ("unknown", "reg_x", NOW, TokenUse::Refused(TokenRefusal::Unknown)),
        ("empty", "", NOW, TokenUse::Refused(TokenRefusal::Unknown)),
        ("a part", "reg_", NOW, TokenUse::Refused(TokenRefusal::Unknown)),
        ("in the last second", "reg_a", END - 1, accepted()),
        ("over", "reg_a", END, TokenUse::Refused(TokenRefusal::Expired)),
    ];
    for (name, token, now, expect) in rows {
        assert_eq!(store.check_registration_token(token, now).await.unwrap(), expect, "{name}");
    }
    let late = store.use_registration_token("reg_a", device("h2"), END).await.unwrap();
    assert_eq!(late, TokenUse::Refused(TokenRefusal::Expired));
    assert_eq!(store.device("h2").await.unwrap(), None);
}

#[tokio::test]
async fn a_valid_token_is_shown_again_and_a_refresh_ends_it() {
    let store = store().await;
    assert_eq!(issue(&store, "reg_a", NOW, Refresh::KeepValid).await.unwrap(), "reg_a");
    assert_eq!(issue(&store, "reg_b", NOW + 1, Refresh::KeepValid).await.unwrap(), "reg_a");
    assert_eq!(issue(&store, "reg_c", NOW + 2, Refresh::Replace).await.unwrap(), "reg_c");
    let former = store.check_registration_token("reg_a", NOW + 3).await.unwrap();
    assert_eq!(former, TokenUse::Refused(TokenRefusal::Unknown));
    assert_eq!(
        issue(&store, "reg_d", END + 2, Refresh::KeepValid).await.unwrap(),
        "reg_d",
        "an expired one is replaced"
    );
}

#[tokio::test]
async fn a_refused_device_leaves_the_token_valid() {
    let store = store().await;
    issue(&store, "reg_a", NOW, Refresh::KeepValid).await.unwrap();
    let taken = store.use_registration_token("reg_a", device("h1"), NOW).await.unwrap_err();
    assert_eq!(taken.to_string(), "device h1 is already mapped to gateway g1");
    assert_eq!(store.check_registration_token("reg_a", NOW).await.unwrap(), accepted());

    write(&store, new_device_of("g2", Some("h2"))).await.unwrap();
    let full = store.use_registration_token("reg_a", device("h3"), NOW).await.unwrap_err();
    assert_eq!(full.to_string(), "device h2 of gateway g2 already exists");
}

#[tokio::test]
async fn a_token_goes_with_its_gateway() {
    let store = store().await;
    issue(&store, "reg_a", NOW, Refresh::KeepValid).await.unwrap();
    write(&store, EntityWrite::Delete(gateway("g2"))).await.unwrap();
    write(&store, EntityWrite::Create(Entity::new(gateway("g2")))).await.unwrap();
    let gone = store.check_registration_token("reg_a", NOW).await.unwrap();
    assert_eq!(gone, TokenUse::Refused(TokenRefusal::Unknown));
}
