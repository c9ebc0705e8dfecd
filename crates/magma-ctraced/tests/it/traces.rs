//! One trace at a time, honest answers, and a free place after whatever went wrong.

use std::time::Duration;

use magma_ctraced::{CONTENT_BYTES_MAX, CallTraces, Limits};
use magma_rpc::Code;
use tokio::time::timeout;
use wire_orc8r::orc8r::StartTraceRequest;

use crate::fixture::{Gateway, PATIENCE, limits, tool_is_gone};

fn text(content: &[u8]) -> String {
    String::from_utf8_lossy(content).into_owned()
}

#[tokio::test]
async fn a_trace_is_ended_on_request_and_the_capture_comes_with_the_answer() {
    let mut gateway = Gateway::new(limits()).await;
    assert!(gateway.start("t1", 3600, "sctp port 36412; rm -rf /", "").await);
    assert!(!gateway.start("t2", 3600, "", "").await, "one at a time");
    let other = gateway.end("t2").await;
    assert_eq!((other.success, other.trace_content), (false, Vec::new()), "it is not the active one");
    let ended = gateway.end("t1").await;
    assert!(ended.success);
    let said = text(&ended.trace_content);
    assert!(
        said.starts_with("-n -q -i any -f sctp port 36412; rm -rf / -a filesize:4000 -a duration:3600 -w "),
        "{said}"
    );
    let again = gateway.end("t1").await;
    assert_eq!((again.success, again.trace_content), (false, Vec::new()), "it is over");
    assert!(gateway.reports.try_recv().is_err(), "the cloud has it from the answer");
    assert!(gateway.start("t2", 3600, "", "").await, "the place is free");
    assert!(gateway.end("").await.success, "an end without an id is for the active one");
}

#[tokio::test]
async fn a_trace_that_ends_by_itself_is_reported_until_the_cloud_takes_it() {
    let mut gateway = Gateway::new(limits()).await;
    *gateway.refusals.lock().unwrap() = 2;
    assert!(gateway.start("t1", 3600, "short", "").await);
    let report = timeout(PATIENCE, gateway.reports.recv()).await.unwrap().unwrap();
    assert_eq!((report.trace_id.as_str(), report.success), ("t1", true));
    assert!(text(&report.trace_content).contains("-f short"));
    assert!(gateway.start("t2", 3600, "", "").await, "the place is free");
}

#[tokio::test]
async fn a_tool_that_does_not_end_in_time_is_ended() {
    let mut gateway = Gateway::new(limits()).await;
    assert!(gateway.start("t1", 1, "", "").await);
    let report = timeout(PATIENCE, gateway.reports.recv()).await.unwrap().unwrap();
    assert!(report.success);
    assert!(text(&report.trace_content).contains("duration:1"));
}

#[tokio::test]
async fn a_display_filter_is_applied_to_the_finished_capture() {
    let mut gateway = Gateway::new(limits()).await;
    assert!(gateway.start("t1", 3600, "", "s1ap").await);
    let ended = gateway.end("t1").await;
    assert!(ended.success);
    assert!(text(&ended.trace_content).starts_with("filtered -n -q"));
    let names: Vec<_> =
        std::fs::read_dir(gateway.directory()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 1, "the filtered copy is gone: {names:?}");
}

#[tokio::test]
async fn a_display_filter_that_fails_is_told_and_the_capture_is_not_lost() {
    for (filter, post_processing) in [("bad", PATIENCE), ("slow", Duration::from_millis(300))] {
        let mut gateway = Gateway::new(Limits { post_processing, ..limits() }).await;
        assert!(gateway.start("t1", 3600, "", filter).await);
        let ended = gateway.end("t1").await;
        assert!(!ended.success, "{filter}");
        assert!(text(&ended.trace_content).starts_with("-n -q"), "{filter}");
        assert!(gateway.start("t2", 3600, "", "").await, "{filter}: the place is free");
    }
}

#[tokio::test]
async fn every_trace_that_does_not_begin_leaves_the_place_free() {
    let mut gateway = Gateway::new(Limits { file: Duration::from_millis(300), ..limits() }).await;
    for (name, filter) in
        [("a filter that the tool refuses", "unknown"), ("a tool that writes nothing", "silent")]
    {
        assert!(!gateway.start("t1", 3600, filter, "").await, "{name}");
        assert!(!gateway.end("t1").await.success, "{name}");
    }
    std::fs::remove_dir_all(gateway.directory()).unwrap();
    std::fs::write(gateway.directory(), "no folder").unwrap();
    assert!(!gateway.start("t1", 3600, "", "").await, "a folder that cannot be used");
    std::fs::remove_file(gateway.directory()).unwrap();
    std::fs::rename(gateway.folder.path().join("tool"), gateway.folder.path().join("gone")).unwrap();
    assert!(!gateway.start("t1", 3600, "", "").await, "no tool");
    assert!(gateway.reports.try_recv().is_err(), "nothing began, so nothing ended");
}

#[tokio::test]
async fn a_trace_can_begin_after_each_kind_of_failure() {
    let mut gateway = Gateway::new(limits()).await;
    assert!(!gateway.start("t1", 3600, "unknown", "").await);
    assert!(gateway.start("t2", 3600, "", "").await);
    std::fs::remove_dir_all(gateway.directory()).unwrap();
    gateway.traces.abort();
    // The place is free once the aborted task is gone, which needs no more than a turn of the runtime.
    timeout(PATIENCE, async {
        while !gateway.start("t3", 3600, "", "").await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn a_bad_request_names_its_field_and_starts_nothing() {
    let mut gateway = Gateway::new(limits()).await;
    let request = StartTraceRequest {
        trace_id: "t1".into(),
        capture_filters: "-w /etc/passwd".into(),
        ..Default::default()
    };
    let status = gateway.client.start_call_trace(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert!(status.message().contains("capture_filters"), "{}", status.message());
    assert!(!gateway.directory().exists(), "nothing was started");
}

#[tokio::test]
async fn a_capture_larger_than_a_message_is_cut() {
    let mut gateway = Gateway::new(limits()).await;
    assert!(gateway.start("t1", 3600, "", "").await);
    let file = std::fs::read_dir(gateway.directory()).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, vec![7; CONTENT_BYTES_MAX + 1]).unwrap();
    assert_eq!(gateway.end("t1").await.trace_content.len(), CONTENT_BYTES_MAX);
}

#[tokio::test]
async fn the_tool_ends_with_the_service() {
    for leaves in [CallTraces::abort as fn(&CallTraces), |_| {}] {
        let mut gateway = Gateway::new(limits()).await;
        assert!(gateway.start("t1", 3600, "", "").await);
        leaves(&gateway.traces);
        let Gateway { traces, client, folder, server, .. } = gateway;
        server.abort();
        drop((traces, client));
        tool_is_gone(folder.path()).await;
    }
}
