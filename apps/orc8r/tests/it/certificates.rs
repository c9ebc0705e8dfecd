//! The certificates of operators: those that exist already, and the folder's own.

use std::path::Path;
use std::process::{Command, Stdio};

use orc8r::{Config, FIRST_OPERATOR, StartError};
use orc8r_model::{CertificateInfo, HardwareId, Identity};

use crate::edge::{Client, DOMAIN, Edge, echo_device};

pub const ORC8R: &str = env!("CARGO_BIN_EXE_orc8r");

/// Runs openssl, or says that the test is skipped.
fn openssl(arguments: &[&str]) -> Option<()> {
    let output = match Command::new("openssl").args(arguments).stderr(Stdio::piped()).output() {
        Ok(output) => output,
        Err(error) => {
            println!("skipped: openssl cannot be run ({error})");
            return None;
        }
    };
    assert!(output.status.success(), "openssl {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Some(())
}

/// A certificate of X.509 version 1, made as Magma's deployment makes `admin_operator.pem`: without an extension file.
fn version_1_certificate(folder: &Path, authority: &Path, name: &str) -> Option<Client> {
    let file = |suffix: &str| folder.join(format!("{name}{suffix}")).to_str().unwrap().to_owned();
    let (key, request, certificate) = (file(".key"), file(".csr"), file(".pem"));
    let (ca, ca_key) = (authority.join("certifier.pem"), authority.join("certifier.key"));
    let subject = format!("/CN={name}");
    openssl(&[
        "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", &key, "-out", &request, "-subj", &subject,
    ])?;
    openssl(&[
        "x509",
        "-req",
        "-in",
        &request,
        "-CA",
        ca.to_str()?,
        "-CAkey",
        ca_key.to_str()?,
        "-set_serial",
        "0x0ABCDEF0123456789",
        "-days",
        "365",
        "-sha256",
        "-out",
        &certificate,
    ])?;
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    Some(Client { certificate: read(&certificate), key: read(&key) })
}

pub fn orc8r(edge: &Edge, arguments: &[&str]) -> (bool, String) {
    let (group, rest) = arguments.split_at(2);
    let output =
        Command::new(ORC8R).args(group).arg("--data-dir").arg(edge.data.path()).args(rest).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[tokio::test]
async fn an_existing_version_1_certificate_is_accepted_once_it_is_imported() {
    let edge = Edge::start().await;
    let Some(client) = version_1_certificate(edge.data.path(), &edge.certificates(), "old_admin") else {
        return;
    };
    let (status, answer) = edge.rest_as(&client, "GET", "/networks", None).await;
    assert_eq!((status, answer["message"].as_str()), (401, Some("Unknown Client Certificate")));
    let file = edge.data.path().join("old_admin.pem");
    let file = file.to_str().unwrap();
    let (done, text) = orc8r(&edge, &["certs", "import", "--operator", "ann", file]);
    assert!(!done && text.contains("--admin"), "a new operator needs permissions: {text}");
    let (done, text) = orc8r(&edge, &["certs", "import", "--operator", "ann", "--admin", file]);
    assert!(done && text.contains("ABCDEF0123456789"), "{text}");
    let (status, answer) = edge.rest_as(&client, "GET", "/networks", None).await;
    assert_eq!(status, 200, "{answer}");
    let (_, text) = orc8r(&edge, &["certs", "list"]);
    assert!(text.contains("ABCDEF0123456789 ") && text.contains("operator ann"), "{text}");
    let (_, text) = orc8r(&edge, &["operator", "list"]);
    assert!(text.contains("ann\n  read and write Id_Wildcard_Gateway"), "{text}");
    let (done, text) = orc8r(&edge, &["certs", "revoke", "ab:cd:ef:01:23:45:67:89"]);
    assert!(done && !text.contains("bootstrap"), "{text}");
    let (status, _) = edge.rest_as(&client, "GET", "/networks", None).await;
    assert_eq!(status, 401);
    let (done, text) = orc8r(&edge, &["certs", "import", "--operator", "ann", "--admin", file]);
    assert!(!done && text.contains("ABCDEF0123456789 was revoked here"), "{text}");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn the_certificate_of_a_gateway_is_never_an_operators() {
    let edge = Edge::start().await;
    edge.make_gateways(&[("g1", echo_device("hw1"))]).await;
    if version_1_certificate(edge.data.path(), &edge.certificates(), "hw1").is_none() {
        return;
    }
    let file = edge.data.path().join("hw1.pem");
    let import = ["certs", "import", "--operator", "x", "--admin", file.to_str().unwrap()];
    let (done, text) = orc8r(&edge, &import);
    assert!(!done && text.contains("names the hardware id of a gateway, hw1"), "{text}");
    let identity = Identity::Gateway { hardware_id: HardwareId::parse("hw9").unwrap() };
    let info = CertificateInfo { identity, not_before: 0, not_after: i64::from(u32::MAX) };
    edge.store().add_certificate("ABCDEF0123456789", info).await.unwrap();
    let (done, text) = orc8r(&edge, &import);
    assert!(!done && text.contains("was issued to gateway hw9"), "{text}");
    let (done, text) = orc8r(&edge, &["certs", "revoke", "ABCDEF0123456789"]);
    assert!(done && text.contains("gateway hw9 will bootstrap a new certificate"), "{text}");
    let (done, text) = orc8r(&edge, &import);
    assert!(!done && text.contains("was revoked here"), "{text}");
    let names: Vec<_> = edge.store().operators().await.unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, [FIRST_OPERATOR]);
    edge.running.shutdown().await;
}

#[tokio::test]
async fn an_operator_of_one_network_may_not_touch_others() {
    let edge = Edge::start().await;
    let Some(client) = version_1_certificate(edge.data.path(), &edge.certificates(), "reader") else {
        return;
    };
    edge.make_gateways(&[]).await;
    let file = edge.data.path().join("reader.pem");
    let file = file.to_str().unwrap();
    let (done, text) = orc8r(&edge, &["certs", "import", "--operator", "reader", "--network", "n1:R", file]);
    assert!(done, "{text}");
    let mut codes = Vec::new();
    for (method, path) in [("GET", "/networks/n1"), ("DELETE", "/networks/n1"), ("GET", "/networks/n2")] {
        codes.push(edge.rest_as(&client, method, path, None).await.0);
    }
    assert_eq!(codes, [200, 403, 403]);
    edge.running.shutdown().await;
}

#[tokio::test]
async fn what_is_not_of_our_authority_cannot_be_imported() {
    let edge = Edge::start().await;
    let root = edge.certificates().join("rootCA.pem");
    let (done, text) =
        orc8r(&edge, &["certs", "import", "--operator", "x", "--admin", root.to_str().unwrap()]);
    assert!(!done && text.contains("not issued by certifier.pem"), "{text}");
    let key = edge.certificates().join("rootCA.key");
    let (done, text) =
        orc8r(&edge, &["certs", "import", "--operator", "x", "--admin", key.to_str().unwrap()]);
    assert!(!done && text.contains("not an X.509 certificate"), "{text}");
    let (done, text) = orc8r(&edge, &["certs", "revoke", "123"]);
    assert!(!done && text.contains("not found: `orc8r cert list`"), "{text}");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn an_existing_folder_with_its_administrator_is_taken_over() {
    let edge = Edge::start().await;
    let old = edge.certificates();
    let Some(client) = version_1_certificate(edge.data.path(), &old, FIRST_OPERATOR) else { return };
    let data = tempfile::tempdir().unwrap();
    let certs = data.path().join("certs");
    std::fs::create_dir(&certs).unwrap();
    for name in
        ["rootCA.pem", "rootCA.key", "certifier.pem", "certifier.key", "controller.crt", "controller.key"]
    {
        std::fs::copy(old.join(name), certs.join(name)).unwrap();
    }
    std::fs::write(certs.join("admin_operator.pem"), &client.certificate).unwrap();
    edge.running.shutdown().await;
    let edge = Edge::start_in(data).await;
    let (status, answer) = edge.rest_as(&client, "GET", "/networks", None).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(edge.certificate_file("admin_operator.pem"), client.certificate, "untouched");
    let serial = edge.store().certificates().await.unwrap()[0].0.clone();
    edge.store().revoke_certificate(&serial).await.unwrap();
    let edge = edge.restart().await;
    assert_eq!(edge.rest_as(&client, "GET", "/networks", None).await.0, 401, "revoked stays revoked");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_folder_that_cannot_serve_says_why() {
    let edge = Edge::start().await;
    let taken = edge.running.addresses().rest;
    let mut config = Config::on_loopback(tempfile::tempdir().unwrap().path(), DOMAIN);
    config.listen.rest = taken;
    let error = orc8r::start(config).await.err().unwrap().to_string();
    assert!(error.contains(&taken.to_string()) && error.contains("--listen-rest"), "{error}");
    let config = Config::on_loopback(tempfile::tempdir().unwrap().path(), "no domain");
    assert!(matches!(orc8r::start(config).await.err(), Some(StartError::Domain(_))));
    let damaged = tempfile::tempdir().unwrap();
    std::fs::create_dir(damaged.path().join("certs")).unwrap();
    std::fs::write(damaged.path().join("certs/certifier.pem"), edge.certificate_file("certifier.pem"))
        .unwrap();
    let error = orc8r::start(Config::on_loopback(damaged.path(), DOMAIN)).await.err().unwrap().to_string();
    assert!(error.contains("certifier.key"), "{error}");
    edge.running.shutdown().await;
}
