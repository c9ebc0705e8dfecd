//! With `tshark`, which takes its arguments as we give them.

use std::process::Command;

use tempfile::TempDir;

use crate::fixture::{Gateway, PATIENCE, limits};

/// The first block of a pcapng file.
const SECTION_HEADER: [u8; 4] = [0x0a, 0x0d, 0x0d, 0x0a];

#[tokio::test]
async fn packets_on_loopback_are_captured_and_filtered() {
    let can_capture =
        Command::new("tshark").args(["-n", "-q", "-i", "lo", "-a", "duration:1", "-w", "/dev/null"]).output();
    if !can_capture.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: tshark is not installed (.ci/install installs it) or may not capture here");
        return;
    }
    let folder = TempDir::new().unwrap();
    let mut gateway = Gateway::with_tool(folder, "tshark".into(), &["lo"], limits()).await;
    for (capture, display, success) in
        [("tcp", "", true), ("", "tcp.port > 0", true), ("", "no such field", false)]
    {
        assert!(gateway.start("t1", 3600, capture, display).await, "{capture}");
        // The calls themselves are packets on loopback.
        let ended = tokio::time::timeout(PATIENCE, gateway.end("t1")).await.unwrap();
        assert_eq!(ended.success, success, "{capture} {display}");
        assert!(ended.trace_content.starts_with(&SECTION_HEADER), "{capture} {display}");
    }
    assert!(!gateway.start("t1", 3600, "no such filter at all", "").await);
}
