//! People sign in at their organisation's OpenID provider: all of it over TLS, as a browser does it.

use axum::http::{HeaderMap, header};
use magma_rpc::tls::{ClientTls, TrustAnchors};
use orc8r::Config;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;

use crate::edge::{DOMAIN, Edge, LIMIT};
use crate::openid_provider::{Manner, Provider, part};

/// One request of a browser without a client certificate.
async fn browse(edge: &Edge, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, String) {
    let trust = TrustAnchors::from_pem(edge.certificate_file("rootCA.pem").as_bytes()).unwrap();
    let tls = ClientTls::new(&trust, None).unwrap();
    let (name, port) = (format!("controller.{DOMAIN}"), edge.running.addresses().rest.port());
    let exchange = async {
        let mut stream = magma_rpc::tls_stream::connect(&name, port, &tls, None).await.unwrap();
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("GET {path} HTTP/1.1\r\nhost: {name}\r\nconnection: close\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    };
    let answer = timeout(LIMIT, exchange).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let mut found = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        found.append(header::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    (status, found, body.to_owned())
}

/// Begins at the Orchestrator, is at the provider for a moment, and comes back.
async fn sign_in(edge: &Edge, provider: &Provider) -> (u16, HeaderMap, String) {
    let (status, headers, body) = browse(edge, "/sign-in/oidc", &[]).await;
    assert_eq!(status, 303, "{body}");
    let location = headers[header::LOCATION].to_str().unwrap();
    assert!(location.starts_with(&format!("{}/authorize?", provider.issuer)), "{location}");
    *provider.nonce.lock().unwrap() = part(location, "nonce=").to_owned();
    let cookie = headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
    let back = format!("/sign-in/oidc/callback?code=c&state={}", part(location, "state="));
    browse(edge, &back, &[("cookie", &cookie)]).await
}

async fn start(provider: &Provider, authority: &str) -> Edge {
    let data = tempfile::tempdir().unwrap();
    if let Some(url) = orc8r_store::testing::database().unwrap() {
        std::fs::write(data.path().join("database.url"), url).unwrap();
    }
    let (file, authorities) = (data.path().join("oidc.json"), data.path().join("id-ca.pem"));
    let secret = data.path().join("secret");
    std::fs::write(&authorities, authority).unwrap();
    std::fs::write(&secret, "s3cret\n").unwrap();
    let settings = json!({
        "issuer": provider.issuer, "client_id": "orc8r", "client_secret_file": secret, "authorities": authorities,
        "redirect_url": format!("https://controller.{DOMAIN}/sign-in/oidc/callback"),
        "roles": [{"value": "noc", "role": "operator"}],
    });
    std::fs::write(&file, settings.to_string()).unwrap();
    let mut config = Config::on_loopback(data.path(), DOMAIN);
    config.oidc = Some(file);
    Edge { running: orc8r::start(config).await.unwrap(), data }
}

#[tokio::test]
async fn somebody_whom_the_provider_knows_gets_a_session() {
    let (provider, authority) = Provider::start().await;
    let edge = start(&provider, &authority).await;
    edge.make_gateways(&[]).await;
    let (status, headers, body) = sign_in(&edge, &provider).await;
    assert_eq!(status, 200, "{body}");
    let cookies = headers.get_all(header::SET_COOKIE).into_iter().map(|cookie| cookie.to_str().unwrap());
    let session = { cookies }.find(|cookie| cookie.starts_with("__Host-orc8r-session=op_")).unwrap();
    let session = session.split(';').next().unwrap();
    let path = "/magma/v1/networks";
    let (status, _, list) =
        browse(&edge, path, &[("cookie", session), ("sec-fetch-site", "same-origin")]).await;
    assert_eq!((status, serde_json::from_str::<Value>(&list).unwrap()), (200, json!(["n1"])));
    assert_eq!(browse(&edge, path, &[("cookie", session), ("sec-fetch-site", "cross-site")]).await.0, 401);
    for manner in [Manner::Huge, Manner::Elsewhere] {
        *provider.manner.lock().unwrap() = manner;
        let (status, _, body) = sign_in(&edge, &provider).await;
        assert_eq!(status, 401, "{body}");
    }
    assert!(!*provider.was_misled.lock().unwrap(), "redirections are not followed");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_provider_whom_nobody_vouches_for_is_not_asked() {
    let (provider, _) = Provider::start().await;
    let (_, other_authority) = Provider::start().await;
    let edge = start(&provider, &other_authority).await;
    let (status, _, body) = browse(&edge, "/sign-in/oidc", &[]).await;
    assert_eq!(status, 503, "{body}");
    edge.running.shutdown().await;
}

#[tokio::test]
async fn a_file_that_makes_no_sense_is_named_at_the_start() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("oidc.json");
    std::fs::write(&file, "{}").unwrap();
    let mut config = Config::on_loopback(data.path(), DOMAIN);
    config.oidc = Some(file);
    let problem = orc8r::start(config).await.err().unwrap().to_string();
    assert!(problem.contains("oidc.json: missing field `issuer`"), "{problem}");
}
