//! Registration by token: what the cloud gets, what is saved, and what a failure says.

use std::fs;

use magma_identity::ChallengeKey;
use magmad::registration::{Registration, RegistrationError, register};
use wire_orc8r::orc8r::register_response::Response;

use crate::cloud::{Cloud, DOMAIN};
use crate::gateway::{Gateway, HARDWARE_ID};

const SAVED: &str = "var/opt/magma/configs/control_proxy.yml";

fn registration(cloud: &Cloud) -> Registration {
    Registration {
        domain: DOMAIN.into(),
        token: "reg_0123456789".into(),
        ca_file: None,
        cloud_port: cloud.bootstrap_port,
        save_control_proxy: true,
    }
}

async fn fails(gateway: &Gateway, registration: &Registration) -> String {
    let error: RegistrationError =
        register(&gateway.options.paths, registration).await.expect_err("a failure");
    error.to_string()
}

#[tokio::test]
async fn a_gateway_registers_and_keeps_what_the_cloud_sends() {
    let cloud = Cloud::start().await;
    let text = cloud.control_proxy(false);
    cloud.behave(|b| b.registration = Response::ControlProxy(text.clone()));
    let gateway = Gateway::new(&cloud);
    let done = register(&gateway.options.paths, &registration(&cloud)).await.expect("registered");
    assert_eq!((done.hardware_id.as_str(), done.control_proxy.as_str()), (HARDWARE_ID, text.as_str()));
    assert_eq!(done.saved, Some(gateway.path(SAVED)));
    assert_eq!(gateway.read(SAVED), text);

    let request = cloud.seen().registrations[0].clone();
    assert_eq!((request.token.as_str(), request.hwid.unwrap().id.as_str()), ("reg_0123456789", HARDWARE_ID));
    let key =
        ChallengeKey::load(&gateway.path("var/opt/magma/certs/gw_challenge.key")).expect("a key was made");
    let sent = request.challenge_key.unwrap();
    assert_eq!(sent.key, key.public_key_base64().into_bytes(), "the base64 text, as the cloud expects it");
    assert_eq!(sent.key_type, 2);
}

#[tokio::test]
async fn the_settings_are_not_saved_when_they_are_not_wanted() {
    let cloud = Cloud::start().await;
    cloud.behave(|b| b.registration = Response::ControlProxy("cloud_port: 1\n".into()));
    let gateway = Gateway::new(&cloud);
    let registration = Registration { save_control_proxy: false, ..registration(&cloud) };
    let done = register(&gateway.options.paths, &registration).await.expect("registered");
    assert_eq!(done.saved, None);
    assert!(!gateway.path(SAVED).exists());
}

#[tokio::test]
async fn failures_say_what_to_do_and_save_nothing() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    let rows = [
        ("token reg_x has expired", "token reg_x has expired; a token is valid for one gateway, once"),
        ("could not get token info from nonce reg_x", "get a new one"),
        ("device x is already mapped to gateway g1", "gateway g1; this gateway is registered: start magmad"),
    ];
    for (error, words) in rows {
        cloud.behave(|b| b.registration = Response::Error(error.into()));
        let said = fails(&gateway, &registration(&cloud)).await;
        assert!(said.contains(words), "{said}");
    }

    let no_root = Registration { ca_file: Some(gateway.path("absent.pem")), ..registration(&cloud) };
    let said = fails(&gateway, &no_root).await;
    assert!(said.contains("absent.pem") && said.contains("--ca-file"), "{said}");

    gateway.write("foreign.pem", &crate::certificates::Authority::new("foreign").pem());
    let foreign = Registration { ca_file: Some(gateway.path("foreign.pem")), ..registration(&cloud) };
    let said = fails(&gateway, &foreign).await;
    assert!(said.contains("foreign.pem") && said.contains("not issued by"), "{said}");

    let elsewhere = Registration { domain: "elsewhere.localhost".into(), ..registration(&cloud) };
    let said = fails(&gateway, &elsewhere).await;
    assert!(
        said.contains("bootstrapper-controller.elsewhere.localhost") && said.contains("another name"),
        "{said}"
    );
    assert!(!gateway.path(SAVED).exists());
}

#[tokio::test]
async fn settings_that_cannot_be_used_do_not_replace_those_that_can() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    for former in [None, Some("cloud_port: 4444\n")] {
        if let Some(former) = former {
            gateway.write(SAVED, former);
        }
        cloud.behave(|b| b.registration = Response::ControlProxy("cloud_port: {none of them\n".into()));
        let said = fails(&gateway, &registration(&cloud)).await;
        assert!(
            said.contains("the gateway is registered, but") && said.contains("control_proxy.yml:"),
            "{said}"
        );
        assert_eq!(fs::read_to_string(gateway.path(SAVED)).ok().as_deref(), former);
    }
}

#[tokio::test]
async fn settings_that_cannot_be_saved_are_shown() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    gateway.write("var/opt/magma/configs", "a file where the folder should be: as good as a full disk");
    cloud.behave(|b| b.registration = Response::ControlProxy("cloud_port: 4444\n".into()));
    let said = fails(&gateway, &registration(&cloud)).await;
    assert!(said.contains("the gateway is registered, but") && said.contains("cloud_port: 4444"), "{said}");
}

#[tokio::test]
async fn a_cloud_that_is_not_there_is_named() {
    let cloud = Cloud::start().await;
    let (gateway, registration) = (Gateway::new(&cloud), registration(&cloud));
    cloud.stop().await;
    let error = register(&gateway.options.paths, &registration).await.expect_err("nobody there").to_string();
    assert!(
        error.contains(&format!("bootstrapper-controller.{DOMAIN}")) && error.contains("cannot connect"),
        "{error}"
    );
}
