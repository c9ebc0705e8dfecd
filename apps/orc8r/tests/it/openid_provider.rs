//! An OpenID provider on loopback: who signs in there is `kim@noc.test`, of the group `noc`.

use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use magma_rpc::server::serve_tls;
use magma_rpc::tls::{ClientAuth, Identity, ServerTls};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::json;
use tokio::net::TcpListener;

const NAME: &str = "id.localhost";

/// What the provider does when a code is redeemed.
#[derive(Clone, Copy, PartialEq)]
pub enum Manner {
    Good,
    Huge,
    Elsewhere,
}

pub struct Provider {
    pub issuer: String,
    key: EcdsaKeyPair,
    pub manner: Mutex<Manner>,
    pub nonce: Mutex<String>,
    /// Where browsers go back to.
    pub callback: Mutex<String>,
    /// Whether somebody was redirected to.
    pub was_misled: Mutex<bool>,
}

impl Provider {
    /// Begins to serve; the authority of its certificate beside it.
    pub async fn start() -> (Arc<Self>, String) {
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
            callback: Mutex::default(),
            was_misled: Mutex::default(),
        });
        let by = |answer: fn(&Self) -> Response| {
            let provider = provider.clone();
            move || std::future::ready(answer(&provider))
        };
        let page = provider.clone();
        let authorize = move |uri: Uri| std::future::ready(page.authorize(&uri));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(by(Self::description)))
            .route("/authorize", get(authorize))
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

    /// What a person sees, who may sign in, refuse, or be led to the end of somebody else's sign-in.
    fn authorize(&self, uri: &Uri) -> Response {
        let query = format!("&{}", uri.query().unwrap_or_default());
        *self.nonce.lock().unwrap() = part(&query, "&nonce=").to_owned();
        let (state, callback) = (part(&query, "&state="), self.callback.lock().unwrap());
        Html(format!(
            "<!DOCTYPE html><html lang=en><title>Provider</title><h1>Who are you?</h1>\
             <a id=yes href='{callback}?code=c&amp;state={state}'>Kim</a>\
             <a id=no href='{callback}?error=access_denied&amp;state={state}'>Nobody</a>\
             <a id=other href='{callback}?code=c&amp;state=another'>Another</a></html>"
        ))
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

/// What stands after a text, as far as the next parameter.
pub fn part<'a>(text: &'a str, after: &str) -> &'a str {
    let rest = text.split(after).nth(1).unwrap_or_else(|| panic!("{after} is not in {text}"));
    rest.split(['&', ';']).next().unwrap_or_default()
}
