//! People sign in at their organisation's OpenID provider: all of it over TLS, as a browser does it.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use magma_rpc::server::serve_tls;
use magma_rpc::tls::{ClientAuth, ClientTls, Identity, ServerTls, TrustAnchors};
use orc8r::Config;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::edge::{DOMAIN, Edge, LIMIT};

const NAME: &str = "id.localhost";

/// What the provider does when a code is redeemed.
#[derive(Clone, Copy, PartialEq)]
enum Manner {
    Good,
    Huge,
    Elsewhere,
}

struct Provider {
    issuer: String,
    key: EcdsaKeyPair,
    manner: Mutex<Manner>,
    nonce: Mutex<String>,
    /// Whether somebody was redirected to.
    was_misled: Mutex<bool>,
}

impl Provider {
    /// Begins to serve; the authority of its certificate beside it.
    async fn start() -> (Arc<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("https://{NAME}:{}", listener.local_addr().unwrap().port());
        let mut authority = CertificateParams::default();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let (authority_key, key) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
        let root = authority.self_signed(&authority_key).unwrap().pem();
        let issuer_of = Issuer::new(authority, authority_key);
        let certificate =
            CertificateParams::new([NAME.to_owned()]).unwrap().signed_by(&key, &issuer_of).unwrap();
        let identity = Identity::from_pem(certificate.pem().as_bytes(), key.serialize_pem().as_bytes());
        let tls = ServerTls::new(&identity.unwrap(), ClientAuth::None).unwrap();
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
        let key =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap();
        let provider = Arc::new(Self {
            issuer,
            key,
            manner: Mutex::new(Manner::Good),
            nonce: Mutex::default(),
            was_misled: Mutex::default(),
        });
        let by = |answer: fn(&Self) -> Response| {
            let provider = provider.clone();
            move || std::future::ready(answer(&provider))
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(by(Self::description)))
            .route("/keys", get(by(Self::keys)))
            .route("/token", post(by(Self::token)))
            .route("/elsewhere", get(by(Self::elsewhere)).post(by(Self::elsewhere)));
        tokio::spawn(serve_tls(listener, tls, router, std::future::pending::<()>()));
        (provider, root)
    }

    fn description(&self) -> Response {
        let at = |path: &str| format!("{}{path}", self.issuer);
        axum::Json(json!({"issuer": self.issuer, "authorization_endpoint": at("/authorize"),
                          "token_endpoint": at("/token"), "jwks_uri": at("/keys")}))
        .into_response()
    }

    fn keys(&self) -> Response {
        let point = self.key.public_key().as_ref();
        let (x, y) = (encoded(&point[1..33]), encoded(&point[33..65]));
        axum::Json(json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": "k", "x": x, "y": y}]}))
            .into_response()
    }

    fn token(&self) -> Response {
        match *self.manner.lock().unwrap() {
            Manner::Good => {}
            Manner::Huge => return vec![b' '; 2 << 20].into_response(),
            Manner::Elsewhere => return Redirect::temporary("/elsewhere").into_response(),
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims = json!({"iss": self.issuer, "aud": "orc8r", "sub": "s1", "exp": now + 300, "iat": now,
                            "nonce": *self.nonce.lock().unwrap(), "email": "kim@noc.test", "email_verified": true,
                            "groups": ["noc"]});
        let header = encoded(json!({"alg": "ES256", "kid": "k"}).to_string().as_bytes());
        let signed = format!("{header}.{}", encoded(claims.to_string().as_bytes()));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        axum::Json(json!({"id_token": format!("{signed}.{}", encoded(signature.as_ref()))})).into_response()
    }

    fn elsewhere(&self) -> Response {
        *self.was_misled.lock().unwrap() = true;
        StatusCode::OK.into_response()
    }
}

fn encoded(octets: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(octets)
}

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

fn part<'a>(text: &'a str, after: &str) -> &'a str {
    let rest = text.split(after).nth(1).unwrap_or_else(|| panic!("{after} is not in {text}"));
    rest.split(['&', ';']).next().unwrap_or_default()
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
