//! The doctor in environments that are broken on purpose: each time the right step fails, and says what to do.

use std::collections::BTreeMap;
use std::future::pending;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use magma_free_port::free_port;
use magma_rpc::Status;
use magma_rpc::server::{Router, serve_tls};
use magma_rpc::tls::{ClientAuth, Identity, ServerTls};
use magmad::doctor::{Examination, Finding, Verdict};
use magmad::http_proxies::HttpProxies;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::certificates::Authority;
use crate::cloud::{Cloud, DOMAIN, Mood};
use crate::gateway::{Gateway, HARDWARE_ID};

const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

fn examination(gateway: &Gateway) -> Examination {
    Examination::new(gateway.options.paths.clone())
}

fn step<'a>(found: &'a [Finding], name: &str) -> &'a Finding {
    found.iter().find(|finding| finding.step == name).unwrap_or_else(|| panic!("no step {name}: {found:#?}"))
}

/// The step fails, says this, and advises that.
fn check(row: &str, found: &[Finding], name: &str, says: &str, next: &str) {
    let finding = step(found, name);
    assert_eq!(finding.verdict, Verdict::Fail, "{row}: {finding:#?}");
    assert!(finding.says.contains(says), "{row}: {finding:#?}");
    assert!(finding.next.contains(next), "{row}: {finding:#?}");
}

fn is_ok(found: &[Finding], names: &[&str]) {
    for name in names {
        assert_eq!(step(found, name).verdict, Verdict::Ok, "{found:#?}");
    }
}

/// Every file below a folder, with its contents.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                false => drop(files.insert(path.display().to_string(), std::fs::read(&path).unwrap())),
            }
        }
    }
    files
}

#[tokio::test]
async fn a_gateway_in_order_has_no_failure_and_nothing_of_it_changes() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    gateway.write("etc/magma/control_proxy.yml", &cloud.control_proxy(true));
    magmad::show::identity(&gateway.options.paths).unwrap();
    let (path, examination) = (gateway.root().to_owned(), examination(&gateway));
    let mut running = gateway.start();
    running.until_serving().await;
    running.until_checked_in().await;
    let before = files(&path);
    let found = examination.findings().await;
    assert!(found.iter().all(|finding| finding.verdict != Verdict::Fail), "{found:#?}");
    let must = [
        "hardware id",
        "challenge key",
        "clock",
        "root certificate",
        "bootstrapper name",
        "bootstrapper TCP",
        "bootstrapper TLS",
        "registration",
        "cloud TCP",
        "cloud TLS",
        "check-in, direct",
        "check-in, proxied",
        "magmad",
    ];
    is_ok(&found, &must);
    let reports = cloud.seen().reports.clone();
    let said = reports.iter().flat_map(|report| &report.states).filter(|state| state.r#type == "string_map");
    assert!(said.clone().all(|state| state.device_id == HARDWARE_ID));
    assert_eq!(said.count(), 2, "one directly, one through the proxy");
    assert_eq!(files(&path).keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    running.stop().await;
}

#[tokio::test]
async fn a_fresh_gateway_is_told_how_it_gets_an_identity_and_none_is_made() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    std::fs::remove_file(gateway.path("etc/snowflake")).unwrap();
    let found = examination(&gateway).findings().await;
    let id = step(&found, "hardware id");
    assert_eq!(id.verdict, Verdict::Warn);
    assert!(id.says.contains("etc/snowflake is missing") && id.next.contains("magmad show"), "{id:#?}");
    assert_eq!(step(&found, "gateway certificate").verdict, Verdict::Warn);
    assert_eq!(step(&found, "registration").verdict, Verdict::Skipped);
    assert_eq!(step(&found, "check-in, direct").verdict, Verdict::Skipped);
    check("stopped", &found, "magmad", "magmad does not answer at 127.0.0.1", "start it");
    assert!(!gateway.path("etc/snowflake").exists(), "the doctor makes nothing");
    assert!(!gateway.path("var/opt/magma/certs/gw_challenge.key").exists());
}

#[tokio::test]
async fn offline_means_that_nobody_outside_is_called() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let found = Examination { offline: true, ..examination(&gateway) }.findings().await;
    assert_eq!(step(&found, "cloud").verdict, Verdict::Skipped);
    assert!(!found.iter().any(|finding| finding.step.contains("TCP") || finding.step == "registration"));
    assert!(cloud.seen().authorities.is_empty() && cloud.seen().reports.is_empty());
}

/// A TLS server with such a certificate; its port.
async fn tls_server(authority: &Authority, names: &[&str], begins_in: i64, ends_in: i64) -> u16 {
    let (cert, key) = authority.server_valid(names, begins_in, ends_in);
    let identity = Identity::from_pem(cert.as_bytes(), key.as_bytes()).unwrap();
    let tls = ServerTls::new(&identity, ClientAuth::None).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(serve_tls(listener, tls, Router::new(), pending::<()>()));
    port
}

/// A server that reads something and then says `answer`, or nothing at all; its port.
async fn says(answer: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((mut tcp, _)) = listener.accept().await {
            if !answer.is_empty() {
                let mut buffer = [0; 4096];
                let _read: usize = tcp.read(&mut buffer).await.unwrap_or_default();
                tcp.write_all(answer.as_bytes()).await.ok();
                tcp.shutdown().await.ok();
            }
            kept.push(tcp);
        }
    });
    port
}

/// A gateway whose bootstrapper is at this port, and who trusts that authority.
fn toward(cloud: &Cloud, port: u16, root: &str) -> Gateway {
    let gateway = Gateway::with_certificate(cloud);
    let yml = cloud.control_proxy(false);
    let right = format!("bootstrap_port: {}", cloud.bootstrap_port);
    gateway.write("etc/magma/control_proxy.yml", &yml.replace(&right, &format!("bootstrap_port: {port}")));
    gateway.write("var/opt/magma/certs/rootCA.pem", root);
    gateway
}

#[tokio::test]
async fn each_fault_of_tls_is_told_from_the_others() {
    let cloud = Cloud::start().await;
    let root = Authority::new("another root");
    let wildcard = format!("*.{DOMAIN}");
    let names: &[&str] = &[&wildcard];
    let rows = [
        (
            "another root",
            tls_server(&Authority::new("foreign"), names, -60, 3600).await,
            "not issued by the trusted root",
            "rootCA.pem of this cloud into",
        ),
        (
            "another root of the same name",
            tls_server(&Authority::new("another root"), names, -60, 3600).await,
            "with another key",
            "rootCA.pem of this cloud into",
        ),
        (
            "expired",
            tls_server(&root, names, -7200, -3600).await,
            "it has expired",
            "renew the server's certificate",
        ),
        (
            "not valid yet",
            tls_server(&root, names, 3600, 7200).await,
            "not valid yet",
            "set this machine's clock by NTP",
        ),
        (
            "another name",
            tls_server(&root, &["else.localhost"], -60, 3600).await,
            "for another name",
            "correct bootstrap_address in",
        ),
        (
            "plain HTTP",
            says("HTTP/1.1 400 Bad Request\r\n\r\n").await,
            "is it a TLS port?",
            "check that bootstrap_port in",
        ),
    ];
    for (row, port, words, next) in rows {
        let gateway = toward(&cloud, port, &root.pem());
        let found = examination(&gateway).findings().await;
        is_ok(&found, &["bootstrapper name", "bootstrapper TCP", "root certificate"]);
        check(row, &found, "bootstrapper TLS", words, next);
        assert_eq!(step(&found, "registration").verdict, Verdict::Skipped, "{row}");
        let finding = step(&found, "bootstrapper TLS");
        let names_file = finding.next.contains(&gateway.root().display().to_string());
        assert!(names_file || finding.next.contains("NTP"), "{row}: the file is named: {finding:#?}");
    }
}

#[tokio::test]
async fn a_closed_port_a_black_hole_and_a_name_without_an_address_are_told_apart() {
    let cloud = Cloud::start().await;
    let free = free_port();
    let gateway = toward(&cloud, free, &cloud.root_pem());
    let found = examination(&gateway).findings().await;
    check("closed", &found, "bootstrapper TCP", "refused", "check bootstrap_port in");
    assert!(!found.iter().any(|finding| finding.step == "bootstrapper TLS"), "it is not tried for nothing");

    let gateway = toward(&cloud, says("").await, &cloud.root_pem());
    let impatient = Examination { connect_limit: Duration::from_secs(2), ..examination(&gateway) };
    let found = impatient.findings().await;
    check("black hole", &found, "bootstrapper TLS", "does not speak TLS", "MTU");

    let yml =
        cloud.control_proxy(false).replace("controller.magma.localhost\n", "controller.magma.invalid\n");
    gateway.write("etc/magma/control_proxy.yml", &yml);
    let found = examination(&gateway).findings().await;
    check("no name", &found, "cloud name", "controller.magma.invalid", "check cloud_address in");

    gateway.write("etc/magma/control_proxy.yml", "proxy_cloud_connections: False\n");
    let found = examination(&gateway).findings().await;
    check("not set", &found, "configuration", "error", "magmad check-config");
    check("not set", &found, "bootstrapper name", "bootstrap_address is not set", "magmad register");
}

#[tokio::test]
async fn an_http_proxy_in_between_is_named_with_its_answer() {
    let cloud = Cloud::start().await;
    let rows = [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "it answered 400"),
        ("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "it does not accept the user and password"),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "it answered 502"),
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n", "it answered 503"),
        ("SSH-2.0-OpenSSH_9.6\r\n\r\n", "is it an HTTP proxy?"),
    ];
    let gateway = Gateway::with_certificate(&cloud);
    let yml = format!("{}allow_http_proxy: True\n", cloud.control_proxy(false));
    gateway.write("etc/magma/control_proxy.yml", &yml);
    for (answer, words) in rows {
        let url = format!("http://user:hunter2@127.0.0.1:{}", says(answer).await);
        let proxies = HttpProxies::new(Some(&url), None, None);
        let found = Examination { proxies, ..examination(&gateway) }.findings().await;
        check(answer, &found, "bootstrapper TLS", words, "mend the proxy, or correct https_proxy");
        assert!(!format!("{found:?}").contains("hunter2"), "no password is shown");
    }
    let free = free_port();
    let proxies = HttpProxies::new(None, Some(&format!("127.0.0.1:{free}")), None);
    let found = Examination { proxies, ..examination(&gateway) }.findings().await;
    assert_eq!(step(&found, "HTTP proxy").verdict, Verdict::Ok);
    check("closed proxy", &found, "bootstrapper TCP", "refused", "correct https_proxy or http_proxy");
    let next = &step(&found, "bootstrapper TCP").next;
    assert!(!next.contains("bootstrap_port"), "the cloud's port has nothing to do with it: {next}");
    let proxies = HttpProxies::new(Some("http://proxy.invalid:3128"), None, None);
    let found = Examination { proxies, ..examination(&gateway) }.findings().await;
    check("unknown proxy", &found, "bootstrapper name", "proxy.invalid", "correct https_proxy or http_proxy");
    let proxies = HttpProxies::new(Some("https://127.0.0.1:1"), None, None);
    let found = Examination { proxies, ..examination(&gateway) }.findings().await;
    check("unusable URL", &found, "HTTP proxy", "only http:// proxies", "correct https_proxy");
}

#[tokio::test]
async fn what_the_cloud_says_of_this_gateway_leads_to_the_next_step() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    cloud.behave(|b| {
        b.bootstrapper = Mood::Refusing(Status::not_found("Gateway with hwid is not registered"))
    });
    let found = examination(&gateway).findings().await;
    check(
        "unregistered",
        &found,
        "registration",
        &format!("does not know the hardware id {HARDWARE_ID}"),
        "magmad register DOMAIN TOKEN",
    );
    cloud.behave(|b| b.bootstrapper = Mood::Good);

    let denied = Status::permission_denied("Unknown Client Certificate");
    let rows = [
        (Mood::Http(400), "HTTP status 400", "gets a new certificate by itself"),
        (Mood::Http(502), "HTTP status 502", "cannot reach the Orchestrator behind it"),
        (Mood::Http(503), "HTTP status 503", "cannot reach the Orchestrator behind it"),
        (Mood::Http(404), "HTTP status 404", "check that cloud_port in"),
        (Mood::Refusing(denied), "does not accept this gateway", "check its registration"),
        (Mood::Refusing(Status::unimplemented("")), "does not offer this service", "check cloud_address"),
        (Mood::Refusing(Status::unavailable("down")), "down", "the cloud's service is down"),
    ];
    for (mood, words, next) in rows {
        let row = format!("{mood:?}");
        cloud.behave(|b| b.state = mood);
        let found = examination(&gateway).findings().await;
        is_ok(&found, &["registration", "cloud TLS"]);
        check(&row, &found, "check-in, direct", words, next);
        assert_eq!(step(&found, "check-in, proxied").verdict, Verdict::Skipped, "{row}");
    }
    cloud.behave(|b| b.state = Mood::Silent);
    let found = Examination { call_limit: Duration::from_secs(1), ..examination(&gateway) }.findings().await;
    check("silent", &found, "check-in, direct", "no answer within", "the link is slow");
}

#[tokio::test]
async fn the_control_proxy_is_examined_by_itself() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let free = free_port();
    let right = format!("local_port: {}", cloud.proxy_port);
    let yml = cloud.control_proxy(true).replace(&right, &format!("local_port: {free}"));
    gateway.write("etc/magma/control_proxy.yml", &yml);
    let found = examination(&gateway).findings().await;
    is_ok(&found, &["check-in, direct"]);
    check(
        "closed",
        &found,
        "check-in, proxied",
        "the control proxy does not answer",
        "magmad services start control_proxy",
    );
}

#[tokio::test]
async fn a_control_proxy_that_alone_fails_is_told_from_a_cloud_that_does() {
    let (cloud, other) = (Cloud::start().await, Cloud::start().await);
    let gateway = Gateway::with_certificate(&cloud);
    let right = format!("local_port: {}", cloud.proxy_port);
    let yml = cloud.control_proxy(true).replace(&right, &format!("local_port: {}", other.proxy_port));
    gateway.write("etc/magma/control_proxy.yml", &yml);
    for status in [400, 502, 503] {
        other.behave(|b| b.state = Mood::Http(status));
        let found = examination(&gateway).findings().await;
        is_ok(&found, &["check-in, direct"]);
        let says = format!("HTTP status {status}");
        check(&says, &found, "check-in, proxied", &says, "magmad services restart control_proxy");
    }
}

#[tokio::test]
async fn a_certificate_of_another_cloud_is_refused_and_named() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::new(&cloud);
    let (cert, key) = Authority::new("another certifier").client(HARDWARE_ID, -60, 3600);
    gateway.write("var/opt/magma/certs/gateway.crt", &cert);
    gateway.write("var/opt/magma/certs/gateway.key", &key);
    let found = examination(&gateway).findings().await;
    let step = "check-in, direct";
    check("an_old_certificate", &found, step, "refused our client certificate", "remove ");
    assert!(self::step(&found, step).next.contains("gateway.crt"), "{found:#?}");
}

#[tokio::test]
async fn a_wrong_clock_is_named_where_certificates_look_wrong() {
    let cloud = Cloud::start().await;
    let gateway = Gateway::with_certificate(&cloud);
    let at = |now| Examination { now, offline: true, ..examination(&gateway) };
    let found = at(UNIX_EPOCH + Duration::from_secs(60)).findings().await;
    check("never set", &found, "clock", "was never set", "NTP");
    check("never set", &found, "gateway certificate", "this machine's clock is behind", "NTP");
    let found = at(SystemTime::now() - 2 * YEAR).findings().await;
    check("behind", &found, "gateway certificate", "becomes valid only in", "NTP");
    let found = at(SystemTime::now() + 2 * YEAR).findings().await;
    check("ahead", &found, "gateway certificate", "it expired", "NTP");
    let found = at(SystemTime::now()).findings().await;
    assert_ne!(step(&found, "gateway certificate").verdict, Verdict::Fail);
}

#[tokio::test]
async fn files_that_are_wrong_are_named() {
    let cloud = Cloud::start().await;
    let offline = |gateway: &Gateway| Examination { offline: true, ..examination(gateway) };
    let gateway = Gateway::with_certificate(&cloud);
    let (cert, key) = cloud.certifier().client("5b4e28ba-2fa1-41d2-883f-0016d3cca427", -60, 3600);
    gateway.write("var/opt/magma/certs/gateway.crt", &cert);
    gateway.write("var/opt/magma/certs/gateway.key", &key);
    let found = offline(&gateway).findings().await;
    check("another gateway's", &found, "gateway certificate", "it is for 5b4e28ba", "cloned disk");

    gateway.write("var/opt/magma/certs/gateway.key", "rubbish");
    let found = offline(&gateway).findings().await;
    check("no key", &found, "gateway certificate", "gateway.key", "magmad then gets new ones");

    std::fs::remove_file(gateway.path("var/opt/magma/certs/rootCA.pem")).unwrap();
    let found = examination(&gateway).findings().await;
    check("no root", &found, "root certificate", "rootCA.pem", "copy rootCA.pem of your cloud to");
    is_ok(&found, &["bootstrapper name", "bootstrapper TCP"]);
    assert_eq!(step(&found, "registration").verdict, Verdict::Skipped);

    gateway.write("etc/snowflake", "rubbish");
    let found = offline(&gateway).findings().await;
    check("no id", &found, "hardware id", "is not a hardware id", "register anew");
}
