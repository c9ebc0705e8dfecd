//! Users, tokens, and the audit log.

use super::*;
use crate::{AuditEntry, AuditFilter, UserToken};
use orc8r_model::{Action, Effect, Policy, PolicyResource, Role, RoleGrant, Tenant};

fn token(digest: &str, policies: Option<Vec<Policy>>, expires_at: Option<i64>) -> UserToken {
    UserToken { digest: digest.into(), shown: digest[..2].into(), policies, expires_at }
}

#[tokio::test]
async fn a_user_is_made_changed_and_deleted_with_his_tokens() {
    let store = store().await;
    store.create_user("ann", "hash 1").await.unwrap();
    assert_eq!(store.create_user("ann", "x").await.unwrap_err().to_string(), "user ann already exists");
    assert_eq!(store.users().await.unwrap(), ["ann"]);
    assert_eq!(store.password_of("ann").await.unwrap().as_deref(), Some("hash 1"));
    assert_eq!(store.roles_of("ann").await.unwrap(), []);
    let roles = vec![RoleGrant { tenant: Some(1), role: Role::Operator }];
    store.set_roles("ann", roles.clone()).await.unwrap();
    assert_eq!(store.roles_of("ann").await.unwrap(), roles);
    store.add_token("ann", token("session", None, Some(10))).await.unwrap();
    store.add_token("ann", token("token", Some(vec![]), None)).await.unwrap();
    store.set_password("ann", "hash 2").await.unwrap();
    assert_eq!(store.session("session", 0).await.unwrap(), None, "a new password ends sessions");
    assert_eq!(store.tokens_of("ann").await.unwrap().len(), 1, "and no tokens");
    store.delete_user("ann").await.unwrap();
    assert_eq!(store.session("token", 0).await.unwrap(), None);
    for missing in [
        store.set_password("ann", "").await,
        store.set_roles("ann", vec![]).await,
        store.roles_of("ann").await.map(drop),
        store.tokens_of("ann").await.map(drop),
        store.add_token("ann", token("token", None, None)).await,
        store.delete_user("ann").await,
    ] {
        assert_eq!(missing.unwrap_err().to_string(), "user ann not found");
    }
}

#[tokio::test]
async fn who_replaces_his_own_password_keeps_the_session_in_which_he_does() {
    let store = store().await;
    store.create_user("ann", "hash 1").await.unwrap();
    store.create_user("bob", "hash 1").await.unwrap();
    for digest in ["this", "that"] {
        store.add_token("ann", token(digest, None, Some(10))).await.unwrap();
    }
    store.add_token("ann", token("program", Some(vec![]), None)).await.unwrap();
    store.add_token("bob", token("bob's", None, Some(10))).await.unwrap();
    let late = store.replace_password("ann", "hash 0", "hash 2", "this").await.unwrap_err();
    assert!(late.to_string().contains("has been changed meanwhile"), "{late}");
    assert!(store.session("that", 0).await.unwrap().is_some(), "nothing was done");
    store.replace_password("ann", "hash 1", "hash 2", "this").await.unwrap();
    assert_eq!(store.password_of("ann").await.unwrap().as_deref(), Some("hash 2"));
    assert_eq!(store.session("that", 0).await.unwrap(), None, "his other session has ended");
    for digest in ["this", "program", "bob's"] {
        assert!(store.session(digest, 0).await.unwrap().is_some(), "{digest}");
    }
    assert_eq!(store.session("this", 0).await.unwrap().unwrap().ends_at, Some(10));
    let missing = store.replace_password("eve", "", "", "").await.unwrap_err();
    assert_eq!(missing.to_string(), "user eve not found");
}

#[tokio::test]
async fn a_token_is_found_until_it_ends_with_the_networks_that_it_names() {
    let store = store().await;
    store
        .create_tenant(Tenant { id: 1, name: "T".into(), networks: ["n1".to_owned()].into() })
        .await
        .unwrap();
    store
        .create_tenant(Tenant { id: 2, name: "T".into(), networks: ["n2".to_owned()].into() })
        .await
        .unwrap();
    store.create_user("ann", "").await.unwrap();
    store.set_roles("ann", vec![RoleGrant { tenant: Some(1), role: Role::Owner }]).await.unwrap();
    let policy =
        Policy { effect: Effect::Allow, action: Action::Read, resource: PolicyResource::Tenants([2].into()) };
    store.add_token("ann", token("aa1", Some(vec![policy.clone()]), None)).await.unwrap();
    store.add_token("ann", token("bb1", None, Some(10))).await.unwrap();
    let session = store.session("aa1", 0).await.unwrap().unwrap();
    assert_eq!((session.user.as_str(), session.rights.policies), ("ann", Some(vec![policy])));
    assert_eq!(session.rights.networks.len(), 2);
    assert_eq!(store.session("bb1", 9).await.unwrap().unwrap().rights.policies, None);
    assert_eq!(store.session("bb1", 10).await.unwrap(), None, "it ended");
    assert_eq!(store.purge_ended_tokens(10).await.unwrap(), 1);
    assert_eq!(store.session("cc1", 0).await.unwrap(), None, "nobody's");
}

#[tokio::test]
async fn tokens_are_bounded_and_taken_back_one_by_one() {
    let store = store().await;
    store.create_user("ann", "").await.unwrap();
    for number in 0..100 {
        let digest = format!("{number:02}");
        store.add_token("ann", token(&digest, Some(vec![]), None)).await.unwrap();
        store.add_token("ann", token(&format!("s{digest}"), None, Some(number))).await.unwrap();
    }
    let more = store.add_token("ann", token("more", Some(vec![]), None)).await.unwrap_err();
    assert!(more.to_string().contains("has 100 tokens already"), "{more}");
    store.add_token("ann", token("session", None, Some(1000))).await.unwrap();
    assert_eq!(store.session("s00", -1).await.unwrap(), None, "the oldest session made room");
    assert!(store.session("s01", 0).await.unwrap().is_some());
    store.delete_token("ann", "07").await.unwrap();
    assert!(store.delete_token("ann", "07").await.is_err());
    store.add_token("ann", token("080", Some(vec![]), None)).await.unwrap();
    let several = store.delete_token("ann", "08").await.unwrap_err();
    assert!(several.to_string().contains("several"), "{several}");
    assert_eq!(store.tokens_of("ann").await.unwrap().len(), 100, "none was deleted");
}

#[tokio::test]
async fn the_audit_log_is_read_from_its_end() {
    let store = store().await;
    for (time_ms, actor, network) in [(1, "ann", Some("n1")), (2, "bob", None), (3, "ann", Some("n2"))] {
        let entry = AuditEntry {
            time_ms,
            actor: actor.into(),
            method: "PUT".into(),
            path: "/x".into(),
            network: network.map(str::to_owned),
            status: 204,
            before: None,
            after: Some("{}".into()),
        };
        store.add_audit_entry(entry).await.unwrap();
    }
    let times = async |filter, count| {
        let found = store.audit_entries(filter, count).await.unwrap();
        found.into_iter().map(|(_, entry)| entry.time_ms).collect::<Vec<_>>()
    };
    assert_eq!(times(AuditFilter::default(), 10).await, [3, 2, 1]);
    assert_eq!(times(AuditFilter::default(), 2).await, [3, 2]);
    assert_eq!(times(AuditFilter { actor: Some("ann".into()), ..Default::default() }, 10).await, [3, 1]);
    let path = |path: &str| AuditFilter { path: Some(path.into()), ..Default::default() };
    assert_eq!(times(path("/x"), 2).await, [3, 2]);
    assert!(times(path("/y"), 2).await.is_empty());
    assert_eq!(times(AuditFilter { network: Some("n1".into()), ..Default::default() }, 10).await, [1]);
    assert_eq!(times(AuditFilter { from_ms: Some(2), to_ms: Some(2), ..Default::default() }, 10).await, [2]);
    let last = store.audit_entries(AuditFilter::default(), 1).await.unwrap()[0].0;
    assert_eq!(times(AuditFilter { before_number: Some(last), ..Default::default() }, 10).await, [2, 1]);
}
