//! What a service's unit tells when the service has ended, through the program and a real Redis.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;

use magma_redis::ExitStatuses;
use magma_redis::testing::RedisServer;
use tokio::process::Command;

/// Runs the program as systemd does after a service has ended: so it ended, or nothing was told.
async fn service_util(root: &std::path::Path, service: &str, end: Option<[&str; 3]>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_magmad"));
    command.arg("--config-root").arg(root).args(["service-util", service, "--json"]).kill_on_drop(true);
    for (at, name) in ["SERVICE_RESULT", "EXIT_CODE", "EXIT_STATUS"].into_iter().enumerate() {
        match end {
            Some(end) => command.env(name, end[at]),
            None => command.env_remove(name),
        };
    }
    command.output().await.expect("the program runs")
}

#[tokio::test]
async fn a_unit_counts_how_its_service_ended() {
    let Some(server) = RedisServer::start().await.expect("it starts") else { return };
    let root = server.folder();
    fs::create_dir_all(root.join("etc/magma")).expect("a folder");
    symlink(server.socket(), root.join("socket")).expect("a link");
    fs::write(root.join("etc/magma/redis.yml"), "unixsocket: /socket\n").expect("a file");

    for end in [["exit-code", "exited", "3"], ["success", "exited", "0"], ["signal", "killed", "KILL"]] {
        let output = service_util(root, "mme", Some(end)).await;
        assert_eq!(output.status.code(), Some(0), "{end:?}: {output:?}");
    }
    let output = service_util(root, "mme", None).await;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && said.contains("SERVICE_RESULT"), "by hand: {said}");
    let output = service_util(root, "mme:directory_record", Some(["success", "exited", "0"])).await;
    assert_eq!(output.status.code(), Some(1), "no other record is touched: {output:?}");

    let statuses = ExitStatuses::new(server.redis()).all().await.expect("it answers");
    let [(service, status)] = statuses.as_slice() else { panic!("{statuses:?}") };
    assert_eq!((service.as_str(), status.num_clean_exits, status.num_fail_exits), ("mme", 1, 2));
}
