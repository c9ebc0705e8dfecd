//! Container images: containers are made anew, go back, and survive being left alone in the middle.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use magma_upgrade::disk::{Disk, SystemDisk};
use magma_upgrade::installer::Installer;
use magma_upgrade::journal::Outcome;
use magma_upgrade::layout::Request;
use magma_upgrade::manifest::{Artefact, Kind, Manifest};
use magma_upgrade::oci::Oci;
use magma_upgrade::upgrader::{Health, Running, Upgrader};
use serde_json::json;

use crate::docker::{Docker, REPOSITORY};
use crate::gateway::{End, Gateway, PACKAGED};
use crate::release::{key, publish, version};
use crate::web::Web;

const OLD: &str = "id-of-the-old-image";

struct Machine {
    docker: Docker,
    gateway: Gateway,
    env: tempfile::TempDir,
    new: String,
    image: Artefact,
    web: Web,
}

async fn machine() -> Machine {
    let (web, docker) = (Web::start().await, Docker::start());
    let sha256 = "ab".repeat(32);
    let containers = ["state", "eventd", "absent", "magmad"].map(str::to_owned).to_vec();
    let image = Artefact {
        kind: Kind::Oci,
        arch: "any".to_owned(),
        name: REPOSITORY.to_owned(),
        size: 0,
        sha256: sha256.clone(),
        containers,
    };
    publish(&web, &key(1), &Manifest { version: version("1.9.0"), artefacts: vec![image.clone()] });
    docker.state.lock().unwrap().registry.push(format!("sha256:{sha256}"));
    docker.state.lock().unwrap().images.insert(OLD.to_owned(), OLD.to_owned());
    for name in ["state", "eventd", "magmad", "redis"] {
        docker.run(name, OLD);
    }
    let env = tempfile::tempdir().unwrap();
    fs::write(env.path().join(".env"), "DOCKER_REGISTRY=x/\nIMAGE_VERSION=1.8.0\nOTHER=1\n").unwrap();
    let gateway = Gateway::new(&web, "1.9.0");
    Machine { docker, gateway, env, new: format!("id-of-sha256:{sha256}"), image, web }
}

impl Machine {
    fn agent(&self) -> Upgrader {
        let oci = Oci::new(&self.docker.socket, self.env.path().join(".env"), "magmad")
            .with_logins(vec![self.env.path().join("config.json")]);
        let running = Running { packaged: PACKAGED.to_owned(), slot: None };
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let (layout, timings) = (self.gateway.layout.clone(), self.gateway.timings.clone());
        Upgrader::open(disk, layout, Installer::Oci(oci), running, timings)
    }

    async fn settle(&self, healthy: bool) {
        let mut agent = self.agent();
        assert_eq!(self.gateway.drive(&mut agent, healthy, || false).await, End::Rest);
    }

    /// Which containers run which image: what is not to be touched always runs the old one.
    fn runs(&self, image: &str) -> bool {
        let expected = [("eventd", image), ("magmad", OLD), ("redis", OLD), ("state", image)];
        self.docker.running() == expected.map(|(name, image)| (name.to_owned(), image.to_owned()))
    }

    fn compose_says(&self, text: &str) -> bool {
        let env = fs::read_to_string(self.env.path().join(".env")).unwrap();
        env == format!("DOCKER_REGISTRY=x/\nIMAGE_VERSION={text}\nOTHER=1\n")
    }

    fn outcome(&self) -> Outcome {
        self.gateway.journal().last.unwrap().outcome
    }
}

#[tokio::test]
async fn containers_run_the_new_image_with_their_old_settings_and_go_back() {
    let machine = machine().await;
    machine.settle(true).await;
    assert!(
        machine.runs(&machine.new),
        "{:?} {:?}",
        machine.docker.running(),
        machine.gateway.journal().refused
    );
    assert!(machine.compose_says("1.9.0"));
    let settings = machine.docker.state.lock().unwrap().containers["state"].settings.clone();
    assert_eq!(settings["Image"], format!("{REPOSITORY}:1.9.0"));
    assert_eq!(settings["Env"], serde_json::json!(["A=1"]));
    let names = machine.docker.names();
    assert!(names.contains(&"state.before-upgrade".to_owned()), "kept for the way back: {names:?}");
    let calls = machine.docker.state.lock().unwrap().calls.len();
    machine.settle(true).await;
    assert_eq!(machine.docker.state.lock().unwrap().calls.len(), calls, "there is nothing to do");

    let mut agent = machine.agent();
    agent.request(Request::RollBack).unwrap();
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert!(machine.runs(OLD) && machine.compose_says("1.8.0"), "{:?}", machine.docker.running());
    assert_eq!(machine.docker.names(), ["eventd", "magmad", "redis", "state"]);
}

#[tokio::test]
async fn an_image_whose_containers_do_not_start_is_taken_back() {
    let machine = machine().await;
    machine.docker.state.lock().unwrap().broken.push(machine.new.clone());
    machine.settle(true).await;
    assert!(machine.runs(OLD) && machine.compose_says("1.8.0"), "{:?}", machine.docker.running());
    assert_eq!(machine.outcome(), Outcome::RolledBack);
}

#[tokio::test]
async fn the_way_back_leads_to_the_version_before_and_not_to_one_before_that() {
    let mut machine = machine().await;
    machine.settle(true).await;
    let bad = "cd".repeat(32);
    let image = Artefact { sha256: bad.clone(), ..machine.image.clone() };
    publish(&machine.web, &key(1), &Manifest { version: version("1.10.0"), artefacts: vec![image] });
    {
        let mut state = machine.docker.state.lock().unwrap();
        state.registry.push(format!("sha256:{bad}"));
        state.broken.push(format!("id-of-sha256:{bad}"));
    }
    "1.10.0".clone_into(&mut machine.gateway.wish.version);
    machine.settle(true).await;
    assert_eq!(machine.outcome(), Outcome::RolledBack);
    assert!(machine.runs(&machine.new) && machine.compose_says("1.9.0"), "{:?}", machine.docker.running());
}

#[tokio::test]
async fn an_image_that_is_not_healthy_is_taken_back() {
    let mut machine = machine().await;
    machine.gateway.timings.window = Duration::ZERO;
    let mut agent = machine.agent();
    let mut health = Health { check_ins: 1, answering: ["state".to_owned()].into() };
    while machine.outcome_if_any().is_none() {
        agent.turn(&machine.gateway.wish, Ok(&machine.gateway.source), &health).await;
        if machine.runs(&machine.new) {
            health.answering.clear();
        }
    }
    assert_eq!(machine.outcome(), Outcome::RolledBack);
    assert!(machine.runs(OLD) && machine.compose_says("1.8.0"), "{:?}", machine.docker.running());
}

#[tokio::test]
async fn an_image_that_does_not_come_changes_nothing_and_is_tried_again_unless_the_registry_has_it_not() {
    for (name, status, words, outcome) in [
        ("the registry has it not", None, "manifest unknown", Some(Outcome::Failed)),
        ("no way to the registry", Some(500), "no such host", None),
        ("the line breaks in the middle", Some(200), "unexpected EOF", None),
    ] {
        let machine = machine().await;
        machine.docker.state.lock().unwrap().registry_fails = status;
        machine.docker.state.lock().unwrap().registry.clear();
        let mut agent = machine.agent();
        for _ in 0..20 {
            let health = Health { check_ins: 1, ..Health::default() };
            agent.turn(&machine.gateway.wish, Ok(&machine.gateway.source), &health).await;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        assert!(machine.runs(OLD) && machine.compose_says("1.8.0"), "{name}");
        assert!(agent.error().contains(words), "{name}: {}", agent.error());
        assert_eq!(machine.outcome_if_any(), outcome, "{name}");
    }
}

#[tokio::test]
async fn a_registry_is_sent_the_login_that_docker_left() {
    let machine = machine().await;
    let login = json!({
        "username": "magma", "password": "s:cret", "serveraddress": "docker.magma.test:5000"
    });
    machine.docker.state.lock().unwrap().login = Some(URL_SAFE.encode(login.to_string()));
    machine.settle(true).await;
    assert_eq!(machine.outcome(), Outcome::Failed);
    let file = json!({ "auths": { "docker.magma.test:5000": { "auth": STANDARD.encode("magma:s:cret") } } });
    fs::write(machine.env.path().join("config.json"), file.to_string()).unwrap();
    let mut agent = machine.agent();
    agent.request(Request::Now).unwrap();
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    assert!(machine.runs(&machine.new), "{}", agent.error());
}

/// Docker starts containers whose policy is `always` with itself, even those that somebody has stopped.
#[tokio::test]
async fn after_a_start_of_the_machine_only_one_of_two_versions_runs() {
    let machine = machine().await;
    machine
        .docker
        .change("eventd", |container| container.host["RestartPolicy"]["Name"] = "unless-stopped".into());
    machine.settle(true).await;
    machine.docker.start_anew();
    assert!(machine.runs(&machine.new), "{:?}", machine.docker.running());
    let mut agent = machine.agent();
    agent.request(Request::RollBack).unwrap();
    assert_eq!(machine.gateway.drive(&mut agent, true, || false).await, End::Rest);
    machine.docker.start_anew();
    assert!(machine.runs(OLD), "the old ones have their policies again: {:?}", machine.docker.running());
}

#[tokio::test]
async fn networks_volumes_and_what_containers_share_are_taken_over() {
    let machine = machine().await;
    let state_id = machine.docker.state.lock().unwrap().containers["state"].id.clone();
    machine.docker.change("state", |container| {
        container.host["NetworkMode"] = "magma".into();
        container.networks = [
            ("backhaul".to_owned(), json!({ "Aliases": ["state"], "IPAddress": "10.1.0.2" })),
            (
                "magma".to_owned(),
                json!({ "IPAMConfig": { "IPv4Address": "10.0.0.2" }, "Gateway": "10.0.0.1" }),
            ),
        ]
        .into();
        container.mounts = json!([{ "Type": "volume", "Name": "ab12", "Destination": "/data", "RW": true }]);
    });
    machine.docker.change("eventd", |container| {
        container.host["NetworkMode"] = format!("container:{state_id}").into();
        container.networks.clear();
    });
    machine.settle(true).await;
    assert!(machine.runs(&machine.new), "{:?}", machine.gateway.journal().refused);
    let containers = machine.docker.state.lock().unwrap().containers.clone();
    let expected = [
        ("backhaul".to_owned(), json!({ "Aliases": ["state"] })),
        ("magma".to_owned(), json!({ "IPAMConfig": { "IPv4Address": "10.0.0.2" } })),
    ];
    assert_eq!(containers["state"].networks, expected.into());
    assert_eq!(containers["state"].host["Binds"], json!(["ab12:/data"]));
    assert_eq!(containers["eventd"].host["NetworkMode"], "container:state");
}

#[tokio::test]
async fn a_container_that_would_vanish_is_left_alone() {
    let machine = machine().await;
    machine.docker.change("eventd", |container| container.host["AutoRemove"] = true.into());
    machine.settle(true).await;
    assert!(machine.runs(OLD) && machine.compose_says("1.8.0"), "{:?}", machine.docker.running());
    assert_eq!(machine.outcome(), Outcome::Failed);
    assert!(machine.gateway.journal().refused.unwrap().1.contains("--rm"));
}

#[tokio::test]
async fn left_alone_after_any_call_the_next_process_brings_it_to_an_end() {
    for broken in [false, true] {
        let mut calls = 0;
        loop {
            let machine = machine().await;
            if broken {
                machine.docker.state.lock().unwrap().broken.push(machine.new.clone());
            }
            machine.docker.state.lock().unwrap().calls_left = Some(calls);
            let mut health = Health { check_ins: 1, answering: ["state".to_owned()].into() };
            let mut agent = machine.agent();
            // The process is gone as soon as Docker answers no more.
            let mut left = true;
            while left && machine.outcome_if_any().is_none() {
                health.check_ins += 1;
                agent.turn(&machine.gateway.wish, Ok(&machine.gateway.source), &health).await;
                left = machine.docker.state.lock().unwrap().calls_left != Some(0);
            }
            drop(agent);
            machine.docker.state.lock().unwrap().calls_left = None;
            machine.settle(true).await;
            let (image, says) = if broken { (OLD, "1.8.0") } else { (&*machine.new, "1.9.0") };
            assert!(machine.runs(image), "{calls} calls: {:?}", machine.docker.running());
            assert!(machine.compose_says(says), "{calls} calls");
            if left {
                break;
            }
            calls += 1;
        }
        assert!(calls > 10, "{calls} calls are too few to be all");
    }
}

impl Machine {
    fn outcome_if_any(&self) -> Option<Outcome> {
        let journal = self.gateway.journal();
        journal.last.filter(|_| journal.active.is_none()).map(|last| last.outcome)
    }
}
