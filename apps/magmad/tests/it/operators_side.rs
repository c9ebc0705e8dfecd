//! The command line against an agent that runs, and against none: every verb, as text and as JSON.

use std::process::Output;

use magma_free_port::free_port;
use serde_json::Value;

use crate::cloud::{Cloud, Mood};
use crate::gateway::{Gateway, HARDWARE_ID, MAGMAD_YML, Running};

/// Runs the program beside the agent in this process, which must go on meanwhile.
async fn magmad(gateway: &Gateway, arguments: &[&str]) -> Output {
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_magmad"));
    command.arg("--config-root").arg(gateway.root()).args(arguments).kill_on_drop(true);
    command.output().await.expect("the program runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// The answer as text, after success.
async fn said(gateway: &Gateway, arguments: &[&str]) -> String {
    let output = magmad(gateway, arguments).await;
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", text(&output));
    text(&output)
}

/// The answer as JSON with its exit status.
async fn json(gateway: &Gateway, arguments: &[&str]) -> (Value, i32) {
    let output = magmad(gateway, &[arguments, &["--json"]].concat()).await;
    let document = serde_json::from_slice(&output.stdout);
    let document = document.unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", text(&output)));
    (document, output.status.code().unwrap())
}

fn files(cloud: &Cloud) -> Gateway {
    let gateway = Gateway::with_certificate(cloud);
    let more = "magma_services: [ticker]\nservice_commands: {ticker: [/bin/sh, -c, 'echo tick; exec sleep 1000']}\n\
        generic_command_config: {shell_commands: [{name: echo, command: 'echo {}', allow_params: true}, \
        {name: fail, command: 'false'}]}";
    let yml = MAGMAD_YML
        .replace("magma_services: []", more)
        .replace("non_service303_services: []", "non_service303_services: [ticker]");
    gateway.write("etc/magma/magmad.yml", &yml);
    gateway
}

async fn running(cloud: &Cloud) -> Running {
    let mut running = files(cloud).start();
    running.until_serving().await;
    running.until_checked_in().await;
    running
}

#[tokio::test]
async fn status_tells_how_the_agent_is() {
    let cloud = Cloud::start().await;
    let running = running(&cloud).await;
    let session = cloud.session().await;
    let gateway = &running.gateway;
    let (status, code) = json(gateway, &["status"]).await;
    assert_eq!(code, 0, "{status:#}");
    assert_eq!(status["running"], true);
    assert_eq!(status["hardware_id"], HARDWARE_ID);
    assert_eq!(status["agent"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(status["agent"]["state"], "ALIVE");
    assert_eq!(status["certificate"]["valid"], true);
    assert_eq!(status["certificate"]["for"], HARDWARE_ID);
    assert!(status["steps"]["check_in"]["succeeded_at"].as_u64().is_some(), "{status:#}");
    assert!(status["steps"]["check_in"]["failed"].is_null(), "{status:#}");
    assert_eq!(status["services"][0]["name"], "ticker");
    assert_eq!(status["problems"], serde_json::json!([]));
    let text = said(gateway, &["status"]).await;
    for words in ["runs since", HARDWARE_ID, "check-in         worked", "ticker"] {
        assert!(text.contains(words), "{words}: {text}");
    }
    drop(session);

    #[cfg(feature = "resources")]
    {
        let (used, code) = json(gateway, &["resources", "--seconds", "1"]).await;
        assert_eq!((code, &used["process"]), (0, &std::process::id().into()), "{used:#}");
        for part in [&used["tasks"], &used["memory"]["resident"], &used["descriptors"]["socket"]] {
            assert!(part.as_u64().is_some_and(|amount| amount > 0), "{used:#}");
        }
        let elsewhere = magmad(&Gateway::new(&cloud), &["resources"]).await;
        let said = String::from_utf8_lossy(&elsewhere.stderr);
        assert!(said.contains("no magmad runs with these files"), "{said}");
    }

    cloud.behave(|b| b.state = Mood::Http(503));
    let mut running = running;
    running.failure(magmad::events::Step::CheckIn).await;
    let (status, code) = json(&running.gateway, &["status"]).await;
    assert_eq!(code, 1, "{status:#}");
    let problem = status["problems"].to_string();
    assert!(problem.contains("check in: HTTP status 503"), "{problem}");
    let gateway = running.stop().await;

    let (status, code) = json(&gateway, &["status"]).await;
    assert_eq!((code, &status["running"]), (3, &Value::Bool(false)));
    assert_eq!(status["hardware_id"], HARDWARE_ID, "the files speak also without it");
    assert!(status["problems"][0].as_str().unwrap().contains("start it with: magmad run"), "{status:#}");
}

#[tokio::test]
async fn files_that_are_broken_or_absent_are_named_and_nothing_is_said_to_be_well() {
    let cloud = Cloud::start().await;
    let gateway = files(&cloud);
    let orders: [&[&str]; 3] = [&["services"], &["services", "restart"], &["services", "stop"]];
    for broken in [Some("magma_services: [a\n b: {"), None] {
        match broken {
            Some(text) => gateway.write("etc/magma/magmad.yml", text),
            None => std::fs::remove_file(gateway.path("etc/magma/magmad.yml")).unwrap(),
        }
        for order in orders {
            let (answer, code) = json(&gateway, order).await;
            let error = answer["error"].as_str().unwrap_or_default();
            assert!(code == 1 && error.contains("etc/magma/magmad.yml"), "{order:?}: {answer:#}");
        }
        let (status, code) = json(&gateway, &["status"]).await;
        assert_eq!(code, 3, "{status:#}");
        let first = status["problems"][0].as_str().unwrap_or_default();
        assert!(first.contains("etc/magma/magmad.yml"), "{status:#}");
    }
    gateway.write("etc/magma/control_proxy.yml", "proxy_cloud_connections: False\n");
    let (status, _) = json(&gateway, &["status"]).await;
    assert!(status["cloud"]["controller"].is_null(), "no address is made up: {status:#}");
    gateway.write("etc/magma/magmad.yml", MAGMAD_YML);
    let (answer, code) = json(&gateway, &["services", "restart"]).await;
    assert_eq!((code, answer["error"].to_string().contains("magma_services")), (1, true), "{answer:#}");
    for unknown in [&["services", "status", "sshd"], &["services", "start", "sshd"]] {
        let (answer, code) = json(&gateway, unknown).await;
        assert_eq!((code, answer.to_string().contains("no service named")), (1, true), "{answer:#}");
    }
    gateway.write("etc/snowflake", "rubbish");
    let (status, _) = json(&gateway, &["status"]).await;
    let problems = status["problems"].to_string();
    assert!(problems.contains("is not a hardware id") && !problems.contains("magmad show"), "{problems}");
    let (answer, code) = json(&gateway, &["services", "dance"]).await;
    assert_eq!((code, answer["error"].to_string().contains("dance")), (2, true), "{answer:#}");
}

#[tokio::test]
async fn orders_reach_the_agent() {
    let cloud = Cloud::start().await;
    let running = running(&cloud).await;
    let gateway = &running.gateway;
    assert_eq!(said(gateway, &["gateway-id"]).await, format!("{HARDWARE_ID}\n"));
    assert_eq!(said(gateway, &["gateway_id"]).await, format!("{HARDWARE_ID}\n"));
    assert_eq!(said(gateway, &["generic-command", "echo", "a"]).await.trim(), "a");
    let many = magmad(gateway, &["generic-command", "echo", "a", "b"]).await;
    assert!(!many.status.success() && text(&many).contains("takes 1 parameter"), "{}", text(&many));
    assert_eq!(said(gateway, &["generic-command", "echo", "--", "-x"]).await.trim(), "-x");
    let object = r#"{"shell_params": ["from json"]}"#;
    let (answer, code) = json(gateway, &["generic-command", "echo", object]).await;
    assert_eq!((code, answer["stdout"].as_str().map(str::trim)), (0, Some("from json")), "{answer:#}");
    let failed = magmad(gateway, &["generic-command", "fail"]).await;
    assert_eq!(failed.status.code(), Some(1), "{}", text(&failed));
    let unknown = magmad(gateway, &["generic-command", "nothing"]).await;
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown).contains("nothing"), "{}", text(&unknown));

    assert!(said(gateway, &["services", "restart", "ticker"]).await.contains("restart ticker"));
    let none = magmad(gateway, &["services", "restart", "sshd"]).await;
    assert!(!none.status.success() && text(&none).contains("sshd"), "{}", text(&none));
    let single = magmad(gateway, &["services", "stop", "ticker"]).await;
    assert!(
        !single.status.success() && text(&single).contains("run by the agent itself"),
        "{}",
        text(&single)
    );

    let (log, code) = json(gateway, &["logs", "ticker"]).await;
    assert_eq!((code, &log["lines"][0]), (0, &Value::from("tick")), "{log:#}");
    let unknown = magmad(gateway, &["logs", "sshd"]).await;
    assert!(!unknown.status.success() && text(&unknown).contains("sshd"), "{}", text(&unknown));

    let (pinged, _) = json(gateway, &["ping", "not a host"]).await;
    assert!(pinged["pings"][0]["error"].is_string(), "{pinged:#}");
    running.stop().await;
}

#[tokio::test]
async fn any_service_of_the_registry_is_asked_and_ordered() {
    let cloud = Cloud::start().await;
    let mut running = running(&cloud).await;
    let gateway = &running.gateway;
    let (info, code) = json(gateway, &["service303", "info", "magmad"]).await;
    assert_eq!((code, &info["name"], &info["state"]), (0, &"magmad".into(), &"ALIVE".into()), "{info:#}");
    let (metrics, _) = json(gateway, &["service303", "metrics", "magmad"]).await;
    assert_eq!(metrics["checkin_status"], 1, "{metrics:#}");
    let unknown = magmad(gateway, &["service303", "info", "mme"]).await;
    assert_eq!(unknown.status.code(), Some(1));
    assert!(text(&unknown).contains("\"mme\" in service_registry.yml"), "{}", text(&unknown));
    let missing = magmad(gateway, &["service303", "log-level", "magmad"]).await;
    assert!(text(&missing).contains("LEVEL is missing"), "{}", text(&missing));
    let refused = magmad(gateway, &["service303", "log-level", "magmad", "debug"]).await;
    assert!(text(&refused).contains("not this program's to change"), "{}", text(&refused));
    let reloaded = said(gateway, &["service303", "reload", "magmad"]).await;
    assert!(reloaded.contains("uses its new configuration"), "{reloaded}");
    let yml = gateway.read("etc/magma/magmad.yml");
    gateway.write("etc/magma/magmad.yml", &format!("{yml}max_skipped_checkins: many\n"));
    let failed = magmad(gateway, &["service303", "reload", "magmad"]).await;
    assert_eq!(failed.status.code(), Some(1));
    assert!(text(&failed).contains("its log says why"), "{}", text(&failed));
    gateway.write("etc/magma/magmad.yml", &yml);
    said(gateway, &["service303", "stop", "magmad"]).await;
    let stopping =
        |event: &magmad::events::Event| matches!(event, magmad::events::Event::Stopping).then_some(());
    running.until("the end", stopping).await;
    let gateway = running.stop().await;
    for verb in [&["gateway-id"][..], &["ping", "127.0.0.1"], &["reboot"], &["check-stateless"]] {
        let output = magmad(&gateway, verb).await;
        assert_eq!(output.status.code(), Some(1), "{verb:?}");
        let said = text(&output);
        assert!(
            said.contains("magmad does not answer at 127.0.0.1") && said.contains("start it with"),
            "{said}"
        );
    }
}

#[tokio::test]
async fn configuration_is_shown_tested_and_changed() {
    let cloud = Cloud::start().await;
    let gateway = files(&cloud);
    gateway.write("etc/magma/mme.yml", "use_stateless: True\nlog_level: INFO\nsecret_token: abc\n");
    gateway.write("var/opt/magma/configs/mme.yml", "# by hand\nextra: [1, 2]\n");
    let (all, _) = json(&gateway, &["show-config", "-s", "mme"]).await;
    assert_eq!(all["keys"]["extra"]["value"], serde_json::json!([1, 2]));
    assert!(all["keys"]["extra"]["from"].as_str().unwrap().ends_with("var/opt/magma/configs/mme.yml:2"));
    assert_eq!(all["keys"]["secret_token"]["value"], "(masked)");
    assert_eq!(said(&gateway, &["show-config", "-s", "mme", "-v", "use_stateless"]).await, "True\n");
    assert_eq!(
        said(&gateway, &["show-config", "-v", "bootstrap_config.challenge_key"]).await,
        "/var/opt/magma/certs/gw_challenge.key\n"
    );
    let rows = [("use_stateless", 0), ("extra", 0), ("nothing", 2), ("extra.7", 2)];
    for (path, expected) in rows {
        let output = magmad(&gateway, &["show-config", "-s", "mme", "-t", "-v", path]).await;
        assert_eq!(output.status.code(), Some(expected), "{path}: {}", text(&output));
        assert_eq!(text(&output), "", "{path}");
    }
    let absent = magmad(&gateway, &["show-config", "-s", "mme", "-v", "nothing"]).await;
    assert_eq!(absent.status.code(), Some(1));
    assert!(text(&absent).contains("its keys are: extra, log_level"), "{}", text(&absent));

    let managed = r#"{"configsByKey": {"magmad": {"featureFlags": {"a": true, "b": false}, "tierId": "t",
        "images": [{"name": "i"}]}, "shared_mconfig": {"sentryConfig": {"dsnPython": "https://k@s/1"}}}}"#;
    gateway.write("var/opt/magma/configs/gateway.mconfig", managed);
    let (all, _) = json(&gateway, &["show-config", "--managed", "-s", "shared_mconfig"]).await;
    assert_eq!(all["keys"]["sentryConfig"]["value"]["dsnPython"], "(masked)", "{all:#}");
    assert!(all["keys"]["sentryConfig"]["from"].as_str().unwrap().ends_with("/gateway.mconfig"), "{all:#}");
    for (flag, expected) in [("a", 0), ("b", 2), ("c", 2)] {
        let flag = format!("featureFlags.{flag}");
        let output = magmad(&gateway, &["show-config", "-m", "-t", "-v", &flag]).await;
        assert_eq!(output.status.code(), Some(expected), "{flag}: {}", text(&output));
    }
    let absent = magmad(&gateway, &["show-config", "-m", "-s", "mme"]).await;
    assert!(text(&absent).contains("no entry for mme; it has: magmad, shared_mconfig"), "{}", text(&absent));
    let checked = text(&magmad(&gateway, &["check-config"]).await);
    for words in ["2: a on, b off", "magmad.images: has no effect", "magmad.tier_id: has no effect"] {
        assert!(checked.contains(words), "{words}: {checked}");
    }

    assert!(said(&gateway, &["config", "log-level", "-s", "mme"]).await.contains("log_level: INFO"));
    said(&gateway, &["config", "log-level", "debug", "-s", "mme"]).await;
    assert_eq!(gateway.read("var/opt/magma/configs/mme.yml"), "# by hand\nextra: [1, 2]\nlog_level: DEBUG\n");
    said(&gateway, &["config", "streamer", "off"]).await;
    let (streamer, _) = json(&gateway, &["config", "streamer"]).await;
    assert_eq!(streamer["value"], false);
    for wrong in [
        &["config", "log-level", "loud"][..],
        &["config", "streamer", "maybe"],
        &["config", "log-level", "info", "-s", "../x"],
    ] {
        let output = magmad(&gateway, wrong).await;
        assert_eq!(output.status.code(), Some(1), "{wrong:?}: {}", text(&output));
    }
}

#[tokio::test]
async fn the_go_agents_words_are_understood() {
    let cloud = Cloud::start().await;
    let gateway = files(&cloud);
    for word in ["-show", "--show", "-s"] {
        assert!(
            said(&gateway, &[word])
                .await
                .starts_with(&format!("\nHardware ID:\n------------\n{HARDWARE_ID}\n"))
        );
    }
    let (shown, _) = json(&gateway, &["show"]).await;
    assert_eq!(shown["hardware_id"], HARDWARE_ID);
    assert!(shown["challenge_key"].as_str().unwrap().starts_with("MHYw"), "{shown:#}");
    let (checked, code) = json(&gateway, &["check-config"]).await;
    assert_eq!((code, &checked["usable"]), (0, &Value::Bool(true)), "{checked:#}");
    gateway.write("etc/magma/control_proxy.yml", "cloud_port: many\n");
    let (checked, code) = json(&gateway, &["check-config"]).await;
    assert_eq!((code, &checked["usable"]), (1, &Value::Bool(false)));
    let wrong = checked["problems"].as_array().unwrap().iter().find(|problem| problem["key"] == "cloud_port");
    assert_eq!(wrong.unwrap()["line"], 1, "{checked:#}");
}

#[tokio::test]
async fn doctor_ends_with_its_verdict() {
    let cloud = Cloud::start().await;
    let running = running(&cloud).await;
    let (found, code) = json(&running.gateway, &["doctor"]).await;
    assert_eq!((code, &found["ok"]), (0, &Value::Bool(true)), "{found:#}");
    let gateway = running.stop().await;
    let output = magmad(&gateway, &["doctor", "--offline"]).await;
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output);
    assert!(said.contains("FAIL     magmad") && said.contains("-> start it"), "{said}");
}

#[cfg(feature = "directoryd")]
#[tokio::test]
async fn the_directory_is_asked_and_changed() {
    let cloud = Cloud::start().await;
    let gateway = files(&cloud);
    let port = free_port();
    let registry = crate::gateway::registry_yml(gateway.port, &[("directoryd", port)]);
    gateway.write("etc/magma/service_registry.yml", &registry);
    gateway.write("etc/magma/directoryd.yml", "store: file\n");
    let yml = gateway.read("etc/magma/magmad.yml") + "embedded_services: [directoryd]\n";
    gateway.write("etc/magma/magmad.yml", &yml);
    let mut running = gateway.start();
    running.until_serving().await;
    let gateway = &running.gateway;
    let id = "IMSI001010000000001";
    // The agent serves itself and the directory in any order.
    let recorded =
        async { while !magmad(gateway, &["directory", "update", id, "mac", "aa"]).await.status.success() {} };
    tokio::time::timeout(std::time::Duration::from_secs(120), recorded).await.expect("a record");
    assert_eq!(said(gateway, &["directory", "get", id, "mac"]).await, "aa\n");
    let (all, _) = json(gateway, &["directory", "list"]).await;
    assert_eq!(all["records"][0]["id"], id, "{all:#}");
    assert_eq!(all["records"][0]["location_history"][0], HARDWARE_ID, "{all:#}");
    said(gateway, &["directory", "delete", id]).await;
    let gone = magmad(gateway, &["directory", "get", id, "mac"]).await;
    assert!(text(&gone).contains("directoryd says no"), "{}", text(&gone));
    let missing = magmad(gateway, &["directory", "delete"]).await;
    assert!(text(&missing).contains("ID is missing"), "{}", text(&missing));
    let trace = magmad(gateway, &["call-trace", "start", "t1"]).await;
    assert!(text(&trace).contains("\"ctraced\" in service_registry.yml"), "{}", text(&trace));
    running.stop().await;
}

#[cfg(feature = "upgrades")]
#[tokio::test]
async fn upgrades_are_told_and_asked_for() {
    let cloud = Cloud::start().await;
    let gateway = files(&cloud);
    let (status, code) = json(&gateway, &["upgrade"]).await;
    assert_eq!((code, &status["state"]), (0, &Value::from("idle")), "{status:#}");
    assert_eq!(status["in_use"], env!("CARGO_PKG_VERSION"));
    let now = magmad(&gateway, &["upgrade", "now"]).await;
    assert_eq!(now.status.code(), Some(1));
    assert!(text(&now).contains("set enable_upgrade_manager: True in magmad.yml"), "{}", text(&now));
    let back = magmad(&gateway, &["upgrade", "rollback"]).await;
    assert_eq!(back.status.code(), Some(1));
    assert!(text(&back).contains("no upgrade that could be taken back"), "{}", text(&back));
}
