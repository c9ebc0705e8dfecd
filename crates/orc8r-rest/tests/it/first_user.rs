//! `/about/setup`: the first user, and nobody who guesses.

use crate::cloud::{Cloud, Reply};
use serde_json::json;

async fn set_up(cloud: &Cloud, code: &str, name: &str) -> Reply {
    let body = json!({"code": code, "username": name, "password": "correct horse"}).to_string();
    cloud.ask(None, "POST", "/magma/v1/about/setup", body).await
}

#[tokio::test]
async fn who_guesses_the_code_waits_and_the_right_one_is_good_afterwards() {
    let (cloud, code) = Cloud::empty().await.with_setup();
    for number in 0..5 {
        let wrong = set_up(&cloud, &format!("AAAAA-AAAAA-AAAAA-AAAA{number}"), "eve").await;
        assert_eq!(
            (wrong.status.as_u16(), wrong.message().contains("the code is another one")),
            (401, true),
            "{number}"
        );
    }
    let late = set_up(&cloud, &code, "ann").await;
    assert_eq!((late.status.as_u16(), late.message().contains("too many attempts")), (429, true), "{late:?}");
    assert!(cloud.store.users().await.unwrap().is_empty(), "nobody was made");
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(30)).await;
    assert_eq!(set_up(&cloud, &code, "ann").await.status, 201);
    assert_eq!(cloud.store.users().await.unwrap(), ["ann"]);
    assert_eq!(set_up(&cloud, &code, "bob").await.status, 409, "it was good for one");
}
