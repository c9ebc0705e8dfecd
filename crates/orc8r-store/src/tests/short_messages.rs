//! Short messages: how often they are sent, under which references, and what becomes of them.

use super::{network, store};
use crate::{NewShortMessage, Sending, ShortMessageStatus, Store, StoreError};

const NOW: i64 = 1_700_000_000;
/// A phone has so long for its answer.
const LIMIT: i64 = 360;
const WEEK: i64 = 7 * 24 * 3600;

const ANN: &str = "IMSI001010000000001";
const BOB: &str = "IMSI001010000000002";

use ShortMessageStatus::{Delivered, Failed, Waiting};

fn message(imsi: &str, parts: usize) -> NewShortMessage {
    NewShortMessage { imsi: imsi.into(), source: "611".into(), text: "hello".into(), parts }
}

async fn send(store: &Store, network_id: &str, imsis: &[&str], now: i64) -> Vec<Sending> {
    let imsis = imsis.iter().map(ToString::to_string).collect();
    store.short_messages_to_send(&network(network_id), imsis, now).await.unwrap()
}

/// The references of the only message that is to be sent.
async fn only(store: &Store, now: i64) -> Vec<(u8, bool)> {
    let sent = send(store, "n1", &[ANN], now).await;
    assert_eq!(sent.len(), 1);
    sent[0].references.clone()
}

async fn report(store: &Store, imsi: &str, reference: u8, refusal: Option<&str>) {
    let refusal = refusal.map(str::to_owned);
    store.report_short_message(&network("n1"), imsi, reference, refusal).await.unwrap();
}

/// The status, the attempts and the error of a message.
async fn state(store: &Store, number: u64, now: i64) -> (ShortMessageStatus, u32, Option<String>) {
    let found = store.short_message(&network("n1"), number, now).await.unwrap();
    (found.status, found.attempts, found.error)
}

#[tokio::test]
async fn a_message_is_sent_once_and_delivered_when_the_phone_has_all_parts() {
    let store = store().await;
    let number = store.create_short_message(&network("n1"), message(ANN, 2), NOW).await.unwrap();
    let sent = send(&store, "n1", &[BOB, ANN], NOW + 5).await;
    let [Sending { message: found, references }] = &sent[..] else { panic!("{sent:?}") };
    assert_eq!((found.number, found.message.clone()), (number, message(ANN, 2)));
    assert_eq!((found.created_at, found.attempted_at, found.attempts), (NOW, Some(NOW + 5), 1));
    let [(one, false), (two, false)] = references[..] else { panic!("{references:?}") };
    assert_ne!(one, two);
    assert_eq!(send(&store, "n1", &[ANN], NOW + 6).await, [], "it is on its way");
    for (name, imsi, reference, expected) in [
        ("the first part", ANN, one, Waiting),
        ("again", ANN, one, Waiting),
        ("of somebody else", BOB, two, Waiting),
        ("of nothing", ANN, two.wrapping_add(1), Waiting),
        ("the second", ANN, two, Delivered),
        ("once more", ANN, two, Delivered),
    ] {
        report(&store, imsi, reference, None).await;
        assert_eq!(state(&store, number, NOW + 7).await, (expected, 1, None), "{name}");
    }
    assert_eq!(send(&store, "n1", &[ANN], NOW + LIMIT + 5).await, []);
}

#[tokio::test]
async fn only_what_the_phone_has_not_got_is_sent_again_and_three_times_at_most() {
    let store = store().await;
    let number = store.create_short_message(&network("n1"), message(ANN, 2), NOW).await.unwrap();
    let [(one, _), (two, _)] = only(&store, NOW).await[..] else { panic!("two parts") };
    report(&store, ANN, one, None).await;
    assert_eq!(send(&store, "n1", &[ANN], NOW + LIMIT - 1).await, [], "the phone has its time");
    assert_eq!(only(&store, NOW + LIMIT).await, [(one, true), (two, false)], "the same references");
    report(&store, ANN, two, Some("memory full")).await;
    let error = || Some("memory full".to_owned());
    assert_eq!(state(&store, number, NOW + LIMIT).await, (Waiting, 2, error()));
    assert_eq!(send(&store, "n1", &[ANN], NOW + LIMIT).await, [], "not at once");
    only(&store, NOW + 2 * LIMIT).await;
    assert_eq!(
        state(&store, number, NOW + 3 * LIMIT - 1).await,
        (Waiting, 3, error()),
        "it may still answer"
    );
    assert_eq!(state(&store, number, NOW + 3 * LIMIT).await, (Failed, 3, error()));
    assert_eq!(send(&store, "n1", &[ANN], NOW + 9 * LIMIT).await, []);
    report(&store, ANN, two, None).await;
    assert_eq!(state(&store, number, NOW + 3 * LIMIT).await, (Delivered, 3, None), "late is not never");
}

#[tokio::test]
async fn the_third_refusal_and_the_third_silence_end_it() {
    let store = store().await;
    for refusal in [Some("rejected"), None] {
        let number = store.create_short_message(&network("n1"), message(ANN, 1), NOW).await.unwrap();
        let mut reference = 0;
        for attempt in 0..3 {
            reference = only(&store, NOW + attempt * LIMIT).await[0].0;
            if refusal.is_some() {
                report(&store, ANN, reference, refusal).await;
            }
        }
        let (last, after) = (NOW + 2 * LIMIT, NOW + 3 * LIMIT);
        let expected = refusal.map(str::to_owned);
        let early = if refusal.is_some() { Failed } else { Waiting };
        assert_eq!(state(&store, number, last).await, (early, 3, expected.clone()));
        let silent = || Some("no answer from the phone".to_owned());
        assert_eq!(state(&store, number, after).await, (Failed, 3, expected.or_else(silent)));
        // The next message frees the references of what was never answered.
        let next = store.create_short_message(&network("n1"), message(ANN, 1), after).await.unwrap();
        report(&store, ANN, reference, None).await;
        assert_eq!(state(&store, number, after).await.0, Failed, "its reference is nobody's");
        store.delete_short_message(&network("n1"), next).await.unwrap();
    }
}

#[tokio::test]
async fn messages_of_another_network_are_nobodys() {
    let store = store().await;
    let (n1, n2) = (network("n1"), network("n2"));
    let number = store.create_short_message(&n1, message(ANN, 1), NOW).await.unwrap();
    assert_eq!(send(&store, "n2", &[ANN], NOW).await, []);
    let missing =
        |result: Result<(), StoreError>| assert!(matches!(result, Err(StoreError::NotFound { .. })));
    missing(store.short_message(&n2, number, NOW).await.map(drop));
    missing(store.delete_short_message(&n2, number).await);
    missing(store.create_short_message(&network("n3"), message(ANN, 1), NOW).await.map(drop));
    missing(store.short_messages(&network("n3"), NOW).await.map(drop));
    assert_eq!(store.short_messages(&n2, NOW).await.unwrap(), []);
    let reference = only(&store, NOW).await[0].0;
    store.report_short_message(&n2, ANN, reference, None).await.unwrap();
    assert_eq!(state(&store, number, NOW).await.0, Waiting);
    store.delete_network(&n1).await.unwrap();
    missing(store.short_message(&n1, number, NOW).await.map(drop));
}

#[tokio::test]
async fn no_two_parts_on_their_way_to_one_subscriber_share_a_reference() {
    let store = store().await;
    for _ in 0..17 {
        store.create_short_message(&network("n1"), message(ANN, 16), NOW).await.unwrap();
    }
    store.create_short_message(&network("n1"), message(BOB, 16), NOW).await.unwrap();
    let sent = send(&store, "n1", &[ANN, BOB], NOW).await;
    assert_eq!(sent.len(), 17, "256 parts to one and 16 to the other");
    let to_ann = sent.iter().filter(|sending| sending.message.message.imsi == ANN);
    let references: std::collections::BTreeSet<u8> =
        to_ann.flat_map(|sending| sending.references.iter().map(|(reference, _)| *reference)).collect();
    assert_eq!(references.len(), 256);
    assert_eq!(send(&store, "n1", &[ANN], NOW).await, [], "the seventeenth waits for references");
    for (reference, _) in &sent[0].references {
        report(&store, ANN, *reference, None).await;
    }
    assert_eq!(send(&store, "n1", &[ANN], NOW).await.len(), 1);
}

#[tokio::test]
async fn messages_are_kept_for_a_week_and_not_too_many() {
    let store = store().await;
    let n1 = network("n1");
    let number = store.create_short_message(&n1, message(ANN, 1), NOW).await.unwrap();
    assert_eq!(store.purge_short_messages(NOW + WEEK - 1).await.unwrap(), 0);
    assert_eq!(send(&store, "n1", &[ANN], NOW + WEEK).await, [], "nobody waits that long");
    assert!(store.short_message(&n1, number, NOW + WEEK).await.is_err());
    assert_eq!(store.short_messages(&n1, NOW + WEEK).await.unwrap(), []);
    assert_eq!(store.purge_short_messages(NOW + WEEK).await.unwrap(), 1);
    for _ in 0..100 {
        store.create_short_message(&n1, message(ANN, 1), NOW).await.unwrap();
    }
    let full = store.create_short_message(&n1, message(ANN, 1), NOW).await.unwrap_err();
    assert!(full.to_string().contains("100 short messages wait for this subscriber"), "{full}");
    store.create_short_message(&n1, message(BOB, 1), NOW).await.unwrap();
    assert_eq!(store.short_messages(&n1, NOW).await.unwrap().len(), 101);
    assert_eq!(send(&store, "n1", &[ANN, BOB], NOW).await.len(), 100, "a hundred at once");
    let last = send(&store, "n1", &[ANN, BOB], NOW).await;
    assert_eq!(last[0].message.message.imsi, BOB, "then the rest");
}
