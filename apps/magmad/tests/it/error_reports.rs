//! An error of the program's log reaches the Sentry that control_proxy.yml names.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::cloud::Cloud;
use crate::gateway::{Gateway, MAGMAD_YML};

const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_service_that_cannot_be_started_is_told_to_sentry() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    // There is no such script.
    let yml = MAGMAD_YML
        .replace("magma_services: []", "magma_services: [mme_of_no_machine]")
        .replace("init_system: process", "init_system: initd");
    gateway.write("etc/magma/magmad.yml", &yml);
    let sentry = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("sentry_url_python: http://k3y@{}/7\n", sentry.local_addr().unwrap());
    gateway.write("etc/magma/control_proxy.yml", &format!("{}{url}", cloud.control_proxy(false)));
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_magmad"));
    program.arg("run").arg("--config-root").arg(gateway.root());
    let _program = program.stderr(Stdio::null()).kill_on_drop(true).spawn().expect("the program runs");
    let report = async {
        let (mut stream, _) = sentry.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"}\n") && stream.read_buf(&mut request).await.unwrap() > 0 {}
        String::from_utf8(request).unwrap()
    };
    let report = tokio::time::timeout(PATIENCE, report).await.expect("a report");
    assert!(report.starts_with("POST /api/7/envelope/ HTTP/1.1\r\n"), "{report}");
    assert!(
        report.contains("/etc/init.d/mme_of_no_machine") && report.contains("\"service_name\":\"magmad\""),
        "{report}"
    );
}
