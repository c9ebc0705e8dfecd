//! A disk that is full, and one that is read-only: the agent goes on, says so, and nothing that was there is lost.
//!
//! Each test gives the agent a mount namespace of its own, so that nobody else sees the disk.

use std::fs;

use magma_config::mconfig::GatewayMconfig;

use super::program::{Agent, PATIENCE, log, may_mount, until_logged};
use crate::cloud::{Cloud, Feed, mconfig};
use crate::gateway::Gateway;

const CONFIGS: &str = "var/opt/magma/configs";
const MCONFIG: &str = "var/opt/magma/configs/gateway.mconfig";

fn document(value: u32) -> Vec<u8> {
    mconfig(&[("magmad", r#"{"checkinInterval": 5}"#), ("mme", &format!("{{\"a\": {value}}}"))])
}

fn stored(bytes: &[u8]) -> u64 {
    let stored = GatewayMconfig::parse(bytes).expect("a whole configuration");
    stored.get("mme").and_then(|entry| entry["a"].as_u64()).expect("its entry")
}

/// A gateway with a certificate and configuration number 1, of a cloud that sends number 2.
fn gateway(cloud: &Cloud) -> Gateway {
    let gateway = Gateway::with_certificate(cloud);
    gateway.write(MCONFIG, std::str::from_utf8(&document(1)).unwrap());
    cloud.behave(|behaviour| behaviour.feed = Feed::Once(document(2)));
    gateway
}

#[tokio::test]
async fn a_full_disk_keeps_the_old_configuration_until_there_is_room_for_the_new_one() {
    if !may_mount() {
        return;
    }
    let cloud = Cloud::start().await;
    let gateway = gateway(&cloud);
    // The configuration folder becomes a disk of its own, filled to the last block.
    let configs = gateway.path(CONFIGS);
    let script = format!(
        "cp {0}/gateway.mconfig {1} && mount -t tmpfs -o size=64k none {0} && cp {1} {0}/gateway.mconfig \
         && {{ cat /dev/zero > {0}/filler 2>/dev/null; exec \"$0\" \"$@\"; }}",
        configs.display(),
        gateway.path("saved").display()
    );
    let mut agent = Agent::start(&gateway, &["unshare", "-m", "sh", "-c", &script]);
    cloud.until("a check-in with a full disk", |seen| !seen.reports.is_empty()).await;
    until_logged(&gateway, "No space left on device").await;
    assert!(agent.ended().is_none(), "{}", log(&gateway));
    let inside = |name: &str| format!("/proc/{}/root{}/{name}", agent.id(), configs.display());
    assert_eq!(stored(&fs::read(inside("gateway.mconfig")).unwrap()), 1, "the old one is whole");

    fs::remove_file(inside("filler")).unwrap();
    let began = std::time::Instant::now();
    while stored(&fs::read(inside("gateway.mconfig")).unwrap()) != 2 {
        assert!(began.elapsed() < PATIENCE, "it does not try again\n{}", log(&gateway));
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_read_only_disk_keeps_the_gateway_in_its_network() {
    if !may_mount() {
        return;
    }
    let cloud = Cloud::start().await;
    let gateway = gateway(&cloud);
    let var = gateway.path("var");
    let script =
        format!("mount --bind {0} {0} && mount -o remount,ro,bind {0} && exec \"$0\" \"$@\"", var.display());
    let mut agent = Agent::start(&gateway, &["unshare", "-m", "sh", "-c", &script]);
    cloud.until("check-ins from a read-only disk", |seen| seen.reports.len() >= 2).await;
    until_logged(&gateway, "Read-only file system").await;
    cloud.session().await;
    assert!(agent.ended().is_none(), "{}", log(&gateway));
    assert_eq!(stored(&fs::read(gateway.path(MCONFIG)).unwrap()), 1);
}
