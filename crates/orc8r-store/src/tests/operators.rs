//! Operators.

use super::*;
use orc8r_model::{AccessList, AccessTarget, Permissions};

#[tokio::test]
async fn an_operator_is_made_replaced_listed_and_deleted() {
    let store = store().await;
    let reader = AccessList::default().with(AccessTarget::Network("n1".into()), Permissions::READ);
    store.put_operator("b", AccessList::administrator()).await.unwrap();
    store.put_operator("a", AccessList::administrator()).await.unwrap();
    store.put_operator("a", reader.clone()).await.unwrap();
    let all = [("a".to_owned(), reader.clone()), ("b".to_owned(), AccessList::administrator())];
    assert_eq!(store.operators().await.unwrap(), all);
    assert_eq!(store.operator_acl("a").await.unwrap(), Some(reader));
    store.delete_operator("a").await.unwrap();
    assert_eq!(store.operator_acl("a").await.unwrap(), None);
}
