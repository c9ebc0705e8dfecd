//! From nothing to a command's answer, and on after a power cut, with direct connections to the cloud.

use crate::cloud::{Cloud, gateway_path, magmad_config};
use crate::gateway::{Gateway, Running, TICKER, magmad_yml};
use magma_free_port::free_port;
use serde_json::json;

pub fn direct_gateway(cloud: &Cloud) -> Gateway {
    let registry = format!("services:\n  magmad:\n    ip_address: 127.0.0.1\n    port: {}\n", free_port());
    Gateway::new(cloud, &magmad_yml(&[TICKER]), "local_port: 1\nproxy_cloud_connections: False\n", &registry)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gateway_joins_is_configured_and_commanded_and_comes_back_after_a_power_cut_of_its_cloud() {
    let mut cloud = Cloud::start().await;
    let token = cloud.make_gateway().await;
    let gateway = direct_gateway(&cloud);
    gateway.register(&cloud, &token).await.unwrap();
    let again = direct_gateway(&cloud).register(&cloud, &token).await.unwrap_err();
    assert!(again.contains("used"), "a token is good for one gateway: {again}");

    let mut agent = gateway.start();
    agent.until_bootstrapped().await;
    agent.until_checked_in().await;
    the_status_is_the_gateways(&cloud, &agent).await;

    agent.until_configured("checkinInterval", &json!(60)).await;
    cloud.do_rest("PUT", &gateway_path("/magmad"), Some(magmad_config(77))).await;
    agent.until_configured("checkinInterval", &json!(77)).await;

    agent.until_commanded().await;
    commands_come_back(&cloud).await;

    agent.forget();
    cloud.kill();
    agent.until("failed check-in", |event| matches!(event, magmad::events::Event::Failed { .. })).await;
    agent.forget();
    cloud.restart().await;
    let restarted = milliseconds();
    agent.until_commanded().await;
    cloud.status(|status| status["checkin_time"].as_u64().unwrap() > restarted).await;
    cloud.do_rest("PUT", &gateway_path("/magmad"), Some(magmad_config(88))).await;
    agent.until_configured("checkinInterval", &json!(88)).await;
    commands_come_back(&cloud).await;

    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_pushed_to_a_gateway_that_would_ask_for_it_in_an_hour() {
    let mut cloud = Cloud::start().await;
    let token = cloud.make_gateway().await;
    let gateway = direct_gateway(&cloud);
    gateway.write("etc/magma/streamer.yml", "reconnect_sec: 3600\nstream_timeout: 150\n");
    gateway.register(&cloud, &token).await.unwrap();
    let agent = gateway.start_with(|options| options.timings.config_stream.pause = None);
    agent.until_configured("checkinInterval", &json!(60)).await;
    for interval in [77, 78, 79] {
        let begun = std::time::Instant::now();
        cloud.do_rest("PUT", &gateway_path("/magmad"), Some(magmad_config(interval))).await;
        agent.until_configured("checkinInterval", &json!(interval)).await;
        println!("a change was in effect after {:?}", begun.elapsed());
    }
    cloud.kill();
    cloud.restart().await;
    cloud.do_rest("PUT", &gateway_path("/magmad"), Some(magmad_config(88))).await;
    agent.until_configured("checkinInterval", &json!(88)).await;
    agent.stop().await;
}

async fn the_status_is_the_gateways(cloud: &Cloud, agent: &Running) {
    let status = cloud.status(|_| true).await;
    let hardware_id = std::fs::read_to_string(agent.gateway.path("etc/snowflake")).unwrap();
    assert_eq!(status["hardware_id"], hardware_id.trim());
    assert!(status["system_status"]["mem_total"].as_u64().unwrap() > 1 << 20, "{status}");
    assert!(
        status["cert_expiration_time"].as_i64().unwrap() > milliseconds().cast_signed() / 1000,
        "{status}"
    );
}

/// `ping`, `generic` and `tail_logs` as an operator calls them.
pub async fn commands_come_back(cloud: &Cloud) {
    let ping = json!({"hosts": ["127.0.0.1"], "packets": 1});
    let answer = cloud.do_rest("POST", &gateway_path("/command/ping"), Some(ping)).await;
    assert_eq!(answer["pings"][0]["host_or_ip"], "127.0.0.1", "{answer}");

    let echo = json!({"command": "echo", "params": {"shell_params": ["to and fro"]}});
    let answer = cloud.do_rest("POST", &gateway_path("/command/generic"), Some(echo)).await;
    let response = &answer["response"];
    assert_eq!(
        (&response["stdout"], &response["returncode"]),
        (&json!("to and fro\n"), &json!(0)),
        "{answer}"
    );

    let tail = json!({"service": "ticker"});
    let mut lines = cloud.open("POST", &gateway_path("/command/tail_logs"), Some(tail)).await;
    assert_eq!(lines.status, 200);
    let mut text = String::new();
    while text.matches("tick\n").count() < 3 {
        let chunk = lines.chunk().await.unwrap().expect("the log goes on");
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
}

fn milliseconds() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}
