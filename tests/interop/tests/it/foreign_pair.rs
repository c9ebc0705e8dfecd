//! The two Python programs with each other: whatever fails here is their fault, not that of our programs.

use serde_json::json;

use crate::cloud_program::Cloud;
use crate::gateway_program::{self, Invitation};
use crate::python;

const DOMAIN: &str = "interop.localhost";
const ECHO_HARDWARE_ID: &str = "5e0d3ab5-6f5b-4a5d-9e0f-7d9f6a0c1b11";
const TOKEN: &str = "reg_0123456789abcdefghijklmnopqrst";

#[tokio::test]
async fn a_foreign_gateway_joins_a_foreign_cloud() {
    if !python::is_here().await {
        return;
    }
    let mut cloud = Cloud::start(DOMAIN).await;
    cloud.command("device", json!({"hardware_id": ECHO_HARDWARE_ID, "key": null})).await;
    cloud.command("token", json!(TOKEN)).await;
    let magmad = json!({"@type": "type.googleapis.com/magma.mconfig.MagmaD", "checkinInterval": 60});
    cloud.command("config", json!({"magmad": magmad})).await;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root_ca = cloud.root_ca.clone();
    let invitation = Invitation {
        cloud_port: cloud.cloud_port,
        bootstrap_port: cloud.bootstrap_port,
        rest_port: None,
        domain: DOMAIN,
        root_ca: &root_ca,
        network: "network",
        gateway: "gateway",
        token: TOKEN,
        echo_hardware_id: ECHO_HARDWARE_ID,
    };
    let mut gateway = gateway_program::start(&invitation, folder.path());

    let (hardware_id, key) = gateway_program::registers(&mut gateway).await;
    let registered = cloud.program.step_where("registered", |line| line["error"] == "").await;
    assert_eq!(registered["key"], key);
    gateway_program::bootstraps(&mut gateway, &hardware_id, ECHO_HARDWARE_ID).await;
    assert_eq!(gateway_program::works(&mut gateway).await["configsByKey"]["magmad"], magmad);
    gateway_program::is_kept_in_bounds(&mut gateway).await;
    for step in ["states", "stream_asked", "metrics"] {
        assert_eq!(cloud.program.step(step).await["gateway"], hardware_id);
    }

    cloud.program.step("sync_rpc_heartbeat").await;
    let path = "/magma.orc8r.Magmad/GenericCommand";
    let parameters = json!({"command": "echo", "params": {"shell_params": ["to", "and", "fro"]}});
    let called = cloud.call(&hardware_id, "magmad", path, parameters).await;
    assert_eq!(called.answer()["response"]["stdout"], "to and fro\n");
    let called = cloud.call(&hardware_id, "magmad", path, json!({"command": "refuse"})).await;
    assert_eq!(called.grpc_status(), "3");
    let called = cloud.call(&hardware_id, "magmad", "/magma.orc8r.Magmad/TailLogs", json!({})).await;
    assert_eq!(called.answers.len(), 2, "{:?}", called.answers);

    gateway.command("reopen").await;
    assert_eq!(gateway.step("sync_rpc_ended").await["code"], "OK");
    cloud.program.step("sync_rpc_closed").await;
    cloud.program.step("sync_rpc_heartbeat").await;
    let called = cloud.call(&hardware_id, "magmad", path, json!({"command": "as_go_agents_do"})).await;
    assert_eq!(called.answer()["response"]["result"], 0.0);

    cloud.program.command("drop").await;
    assert_eq!(gateway.step("sync_rpc_ended").await["code"], "UNAVAILABLE");
    assert!(gateway.end().await.success());
    assert!(cloud.program.end().await.success());
}
