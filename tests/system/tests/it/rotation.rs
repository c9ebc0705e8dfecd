//! A rotation of the Orchestrator's authorities, and an agent whom nobody helps through it.

use std::ffi::OsString;
use std::fs;
use std::process::ExitCode;

use magmad::events::Event;

use crate::cloud::Cloud;
use crate::flow::direct_gateway;
use crate::gateway::Running;

/// A step, as an operator takes it beside the Orchestrator that runs.
async fn step(cloud: &Cloud, step: &[&str]) {
    let folder = cloud.certificates().parent().unwrap().as_os_str().to_owned();
    let mut words: Vec<OsString> = ["orc8r", "cert", "rotate-ca", "--data-dir"].map(OsString::from).into();
    words.push(folder);
    words.extend(step.iter().map(OsString::from));
    let code = tokio::task::spawn_blocking(|| orc8r::cli::run(words)).await.unwrap();
    assert_eq!(code, ExitCode::SUCCESS, "{step:?}");
}

/// Cuts all connections, so that both sides have to show their certificates again; returns when a check-in was taken.
async fn meet_again(cloud: &mut Cloud, agent: &mut Running) {
    cloud.kill();
    agent.catch_up();
    agent.forget();
    cloud.restart().await;
    agent.until_commanded().await;
    agent.catch_up();
    agent.forget();
    agent.until_checked_in().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_goes_through_a_rotation_of_the_authorities_by_itself() {
    let mut cloud = Cloud::start().await;
    let token = cloud.make_gateway().await;
    let gateway = direct_gateway(&cloud);
    gateway.register(&cloud, &token).await.unwrap();
    let mut agent = gateway.start();
    agent.until_checked_in().await;
    let certificates = agent.gateway.certificates();
    let file = |name: &str| fs::read_to_string(certificates.join(name)).unwrap();
    let (root, first) = (file("rootCA.pem"), file("gateway.crt"));

    for name in ["begin", "switch"] {
        step(&cloud, &[name]).await;
        meet_again(&mut cloud, &mut agent).await;
        assert_eq!(file("gateway.crt"), first, "{name}: the certificate of before is good");
    }
    step(&cloud, &["retire", "--force"]).await;
    meet_again(&mut cloud, &mut agent).await;
    let second = file("gateway.crt");
    assert_ne!(second, first, "it was refused, and got another one");
    assert_eq!(file("rootCA.pem"), root, "nobody has brought it another root");

    step(&cloud, &["cut-off"]).await;
    cloud.kill();
    agent.catch_up();
    agent.forget();
    cloud.restart().await;
    let distrust =
        |event: &Event| matches!(event, Event::Failed { message, .. } if message.contains("rootCA.pem"));
    agent.until("refusal", distrust).await;
    agent.catch_up();
    agent.forget();
    fs::copy(cloud.certificates().join("rootCA.pem"), certificates.join("rootCA.pem")).unwrap();
    agent.until_checked_in().await;
    assert_eq!(file("gateway.crt"), second, "its own certificate was never in question");
    agent.stop().await;
}
