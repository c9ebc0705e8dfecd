//! `/sign-in/oidc`: who is let in by an OpenID provider, and all that a hostile one, or somebody in between, may try.

use crate::cloud::{Cloud, Reply};
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use orc8r_accounts::oidc::Settings;
use orc8r_rest::{Provider, ProviderAnswer, ProviderCalls};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

const ISSUER: &str = "https://id.test";
const BEGIN: &str = "/sign-in/oidc";

/// A provider that does what the test says.
struct Fake {
    state: Mutex<State>,
}

struct State {
    key: EcdsaKeyPair,
    key_id: String,
    /// What the next token says differently.
    claims: Value,
    /// What is answered in place of the right answer, by the end of the URL.
    instead: Option<(&'static str, Result<Vec<u8>, String>)>,
    never: bool,
    nonce: String,
    forms: Vec<String>,
    calls: Vec<String>,
}

fn key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).unwrap()
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

impl State {
    fn answer(&self, url: &str) -> Value {
        if url.ends_with("openid-configuration") {
            return json!({"issuer": ISSUER, "authorization_endpoint": "https://id.test/authorize",
                          "token_endpoint": "https://id.test/token", "jwks_uri": "https://id.test/keys"});
        }
        if url.ends_with("keys") {
            let point = self.key.public_key().as_ref();
            let part = |range: std::ops::Range<usize>| URL_SAFE_NO_PAD.encode(&point[range]);
            return json!({"keys": [{"kty": "EC", "crv": "P-256", "kid": self.key_id, "x": part(1..33), "y": part(33..65)}]});
        }
        json!({"access_token": "a", "token_type": "Bearer", "id_token": self.token("ES256")})
    }

    fn token(&self, algorithm: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut claims = json!({"iss": ISSUER, "aud": "orc8r", "sub": "s1", "nonce": self.nonce, "exp": now + 300, "iat": now,
                                "email": "kim@noc.test", "email_verified": true, "groups": ["noc"]});
        claims.as_object_mut().unwrap().extend(self.claims.as_object().unwrap().clone());
        let header = json!({"alg": algorithm, "kid": self.key_id});
        let signed = format!("{}.{}", encoded(&header), encoded(&claims));
        let signature = self.key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl Fake {
    fn ask(&self, url: String) -> ProviderAnswer<'_> {
        let mut state = self.state.lock().unwrap();
        state.calls.push(url.clone());
        if state.never {
            return Box::pin(std::future::pending());
        }
        let instead = state.instead.as_ref().filter(|(end, _)| url.ends_with(end));
        let answer = match instead {
            Some((_, answer)) => answer.clone(),
            None => Ok(state.answer(&url).to_string().into_bytes()),
        };
        Box::pin(std::future::ready(answer))
    }
}

impl ProviderCalls for Fake {
    fn get(&self, url: String) -> ProviderAnswer<'_> {
        self.ask(url)
    }

    fn post_form(&self, url: String, authorization: Option<String>, form: String) -> ProviderAnswer<'_> {
        self.state.lock().unwrap().forms.push(format!("{} {form}", authorization.unwrap_or_default()));
        self.ask(url)
    }
}

struct Place {
    cloud: Cloud,
    fake: Arc<Fake>,
}

impl Place {
    async fn new() -> Self {
        let state = State {
            key: key(),
            key_id: "k1".into(),
            claims: json!({}),
            instead: None,
            never: false,
            nonce: String::new(),
            forms: vec![],
            calls: vec![],
        };
        let fake = Arc::new(Fake { state: Mutex::new(state) });
        let settings = json!({
            "issuer": ISSUER, "client_id": "orc8r", "redirect_url": "https://o.test/sign-in/oidc/callback",
            "roles": [{"value": "noc", "role": "operator"}, {"value": "acme", "tenant": 1, "role": "owner"}],
        });
        let settings = Settings::parse(&settings.to_string()).unwrap();
        let provider = Provider::new(settings, Some("s3cret".into()), fake.clone());
        Self { cloud: Cloud::new().await.with_provider(provider), fake }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.fake.state.lock().unwrap());
    }

    /// A browser begins, and the provider notes its nonce: the state, and the cookie.
    async fn begin(&self) -> (String, String) {
        let response = self.ask("GET", BEGIN, &[]).await;
        assert_eq!(response.status(), 303);
        let location = response.headers()[header::LOCATION].to_str().unwrap().to_owned();
        let parameter = |name: &str| {
            let rest =
                location.split(&format!("{name}=")).nth(1).unwrap_or_else(|| panic!("{name}: {location}"));
            rest.split('&').next().unwrap().to_owned()
        };
        assert!(
            location.starts_with("https://id.test/authorize?response_type=code&client_id=orc8r"),
            "{location}"
        );
        assert_eq!(parameter("code_challenge_method"), "S256");
        assert_eq!(parameter("scope"), "openid%20profile%20email");
        self.change(|state| state.nonce = parameter("nonce"));
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
        (parameter("state"), cookie.split(';').next().unwrap().to_owned())
    }

    async fn end(&self, query: &str, cookie: &str) -> Response {
        self.ask("GET", &format!("{BEGIN}/callback?{query}"), &[("cookie", cookie)]).await
    }

    async fn sign_in(&self) -> Response {
        let (state, cookie) = self.begin().await;
        self.end(&format!("code=c0de&state={state}"), &cookie).await
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.cloud.pass(request.body(Body::empty()).unwrap()).await
    }
}

/// The session's cookie, as a browser sends it back.
fn session(response: &Response) -> String {
    let cookies = response.headers().get_all(header::SET_COOKIE).into_iter();
    let session = cookies.map(|cookie| cookie.to_str().unwrap()).find(|cookie| cookie.contains("session="));
    let session = session.expect("there is a session");
    assert!(session.contains("; Secure; HttpOnly; SameSite=Strict"), "{session}");
    session.split(';').next().unwrap().to_owned()
}

async fn reply(response: Response) -> Reply {
    let status = response.status();
    let bytes = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    Reply { status, text: String::from_utf8(bytes.to_vec()).unwrap() }
}

#[tokio::test]
async fn somebody_of_the_organisation_is_let_in_with_his_roles() {
    let place = Place::new().await;
    let signed_in = place.sign_in().await;
    assert_eq!(signed_in.status(), 200);
    let session = session(&signed_in);
    let cookie = ("cookie", session.as_str());
    let ours = ("sec-fetch-site", "same-origin");
    for (row, method, path, headers, status) in [
        ("his page reads", "GET", "/magma/v1/networks/n1/name", vec![cookie, ours], 200),
        ("and he may not manage users", "GET", "/magma/v1/user", vec![cookie, ours], 403),
        (
            "a page of another site",
            "GET",
            "/magma/v1/networks/n1/name",
            vec![cookie, ("sec-fetch-site", "cross-site")],
            401,
        ),
        (
            "of a neighbour",
            "GET",
            "/magma/v1/networks/n1/name",
            vec![cookie, ("sec-fetch-site", "same-site")],
            401,
        ),
        ("no browser", "GET", "/magma/v1/networks/n1/name", vec![cookie], 401),
        (
            "another site changes",
            "DELETE",
            "/magma/v1/networks/n1",
            vec![cookie, ("sec-fetch-site", "cross-site")],
            403,
        ),
    ] {
        assert_eq!(place.ask(method, path, &headers).await.status().as_u16(), status, "{row}");
    }
    place.change(|state| {
        let form = state.forms.pop().unwrap();
        assert!(
            form.starts_with("Basic b3JjOHI6czNjcmV0 grant_type=authorization_code&code=c0de&"),
            "{form}"
        );
        assert!(form.contains("&code_verifier="), "{form}");
    });
    assert_eq!(place.cloud.get("/user/kim@noc.test/roles").await.json(), json!([{"role": "operator"}]));
    // His roles follow the provider, at the next sign-in.
    place.change(|state| state.claims = json!({"groups": ["acme", "x"]}));
    assert_eq!(place.sign_in().await.status(), 200);
    let roles = place.cloud.get("/user/kim@noc.test/roles").await.json();
    assert_eq!(roles, json!([{"tenant": 1, "role": "owner"}]));
    // He has no password, and nobody can guess one.
    let body = json!({"username": "kim@noc.test", "password": format!("oidc {ISSUER} s1")}).to_string();
    assert_eq!(place.cloud.ask(None, "POST", "/magma/v1/user/login", body).await.status, 401);
    assert_eq!(place.ask("POST", "/sign-out", &[cookie, ours]).await.status(), 204);
    assert_eq!(
        place.ask("GET", "/magma/v1/networks/n1/name", &[cookie, ours]).await.status(),
        401,
        "signed out"
    );
}

#[tokio::test]
async fn a_new_key_is_fetched_and_an_unknown_one_does_not_make_us_ask_for_ever() {
    let place = Place::new().await;
    assert_eq!(place.sign_in().await.status(), 200);
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(11)).await;
    tokio::time::resume();
    place.change(|state| (state.key, state.key_id) = (key(), "k2".into()));
    assert_eq!(place.sign_in().await.status(), 200, "the provider has a new key");
    let keys = place.cloud_calls("/keys");
    assert_eq!(keys, 2);
    let good = place.fake.state.lock().unwrap().answer("keys").to_string().into_bytes();
    place.change(|state| {
        state.instead = Some(("/keys", Ok(good)));
        (state.key, state.key_id) = (key(), "k3".into());
    });
    for _ in 0..5 {
        assert_eq!(place.sign_in().await.status(), 401);
    }
    assert_eq!(place.cloud_calls("/keys"), 2, "keys are not fetched again within ten seconds");
}

impl Place {
    fn cloud_calls(&self, end: &str) -> usize {
        self.fake.state.lock().unwrap().calls.iter().filter(|url| url.ends_with(end)).count()
    }
}

#[tokio::test]
async fn only_the_browser_that_began_ends_it() {
    let place = Place::new().await;
    let (state, cookie) = place.begin().await;
    let (other_state, other_cookie) = place.begin().await;
    let late = format!("{}.1000000000", cookie.split('.').next().unwrap());
    let calls = place.cloud_calls("token");
    for (row, query, cookie) in [
        ("no cookie: a link that somebody sent", format!("code=c&state={state}"), ""),
        ("another browser's", format!("code=c&state={state}"), other_cookie.as_str()),
        ("another attempt's state", format!("code=c&state={other_state}"), cookie.as_str()),
        ("no state", "code=c".to_owned(), cookie.as_str()),
        ("too late", format!("code=c&state={state}"), late.as_str()),
        ("another provider", format!("code=c&state={state}&iss=https://evil.test"), cookie.as_str()),
        ("no code", format!("state={state}"), cookie.as_str()),
        ("an error", format!("state={state}&code=c&error=access_denied"), cookie.as_str()),
        ("too long", format!("state={state}&code={}", "c".repeat(5000)), cookie.as_str()),
        ("no query that can be read", "state=%ff&state=%ff&code=1&code=2".to_owned(), cookie.as_str()),
    ] {
        let response = reply(place.end(&query, cookie).await).await;
        assert_eq!(response.status, 401, "{row}: {response:?}");
    }
    assert_eq!(place.cloud_calls("token"), calls, "the provider was not asked");
    assert_eq!(place.cloud.store.users().await.unwrap(), ["ann"], "nobody came into being");
}

#[tokio::test]
async fn what_a_token_says_wrong_lets_nobody_in() {
    let place = Place::new().await;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    for (row, claims, status) in [
        ("another issuer", json!({"iss": "https://evil.test"}), 401),
        ("for somebody else", json!({"aud": "other"}), 401),
        ("of another sign-in", json!({"nonce": "n"}), 401),
        ("it ended", json!({"exp": now - 100}), 401),
        ("of the future", json!({"iat": now + 1000}), 401),
        ("nobody", json!({"sub": ""}), 401),
        ("no group of ours", json!({"groups": ["others"]}), 403),
        ("no groups", json!({"groups": null}), 403),
        ("anybody's address", json!({"email_verified": false}), 403),
        ("a name that is none", json!({"email": "a b"}), 403),
        ("the name of a user with a password", json!({"email": "ann"}), 400),
    ] {
        place.change(|state| state.claims = claims);
        let response = reply(place.sign_in().await).await;
        assert_eq!(response.status.as_u16(), status, "{row}: {response:?}");
    }
    assert_eq!(place.cloud.store.users().await.unwrap(), ["ann"], "nobody came into being");
    place.change(|state| state.claims = json!({}));
    assert_eq!(place.sign_in().await.status(), 200);
    place.change(|state| state.claims = json!({"sub": "s2"}));
    assert_eq!(place.sign_in().await.status(), 400, "his name was given to another");
}

#[tokio::test]
async fn a_provider_that_answers_otherwise_lets_nobody_in() {
    let ok = |value: Value| Ok(value.to_string().into_bytes());
    let metadata = |change: Value| {
        let mut value = json!({"issuer": ISSUER, "authorization_endpoint": "https://id.test/authorize",
                               "token_endpoint": "https://id.test/token", "jwks_uri": "https://id.test/keys"});
        value.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        Ok(value.to_string().into_bytes())
    };
    let discovery = "openid-configuration";
    for (row, end, answer) in [
        ("it is down", discovery, Err("it answers 502".to_owned())),
        ("it redirects", discovery, Err("it answers 302".to_owned())),
        ("no JSON", discovery, Ok(b"<html>".to_vec())),
        ("another issuer", discovery, metadata(json!({"issuer": "https://id.test/"}))),
        ("in the clear", discovery, metadata(json!({"jwks_uri": "http://id.test/keys"}))),
        (
            "a place that is none",
            discovery,
            metadata(json!({"authorization_endpoint": "https://id.test/\r\nx: y"})),
        ),
        ("no keys", "/keys", ok(json!({"keys": []}))),
        ("secret keys", "/keys", ok(json!({"keys": [{"kty": "oct", "k": "AAAA"}]}))),
    ] {
        let place = Place::new().await;
        place.change(|state| state.instead = Some((end, answer)));
        let response = reply(place.ask("GET", BEGIN, &[]).await).await;
        assert_eq!(response.status, 503, "{row}: {response:?}");
    }
    for (row, answer, status) in [
        ("it knows no such code", Err("it answers 400".to_owned()), 401),
        ("no JSON", Ok(b"x".to_vec()), 503),
        ("no token", ok(json!({"access_token": "a"})), 503),
        ("a token that is none", ok(json!({"id_token": "a.b.c"})), 401),
        ("a number", ok(json!({"id_token": 7})), 503),
    ] {
        let place = Place::new().await;
        let (state, cookie) = place.begin().await;
        place.change(|state| state.instead = Some(("/token", answer)));
        let response = reply(place.end(&format!("code=c&state={state}"), &cookie).await).await;
        assert_eq!(response.status.as_u16(), status, "{row}: {response:?}");
        assert_eq!(place.cloud.store.users().await.unwrap(), ["ann"], "{row}");
    }
    for algorithm in ["none", "HS256", "RS256", "ES384"] {
        let place = Place::new().await;
        let (state, cookie) = place.begin().await;
        place.change(|state| {
            let token = state.token(algorithm);
            state.instead = Some(("/token", Ok(json!({"id_token": token}).to_string().into_bytes())));
        });
        let response = reply(place.end(&format!("code=c&state={state}"), &cookie).await).await;
        assert_eq!(response.status, 401, "{algorithm}: {response:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_provider_keeps_nobody_for_long() {
    let place = Place::new().await;
    place.change(|state| state.never = true);
    let begun = tokio::time::Instant::now();
    assert_eq!(place.ask("GET", BEGIN, &[]).await.status(), 503);
    assert_eq!(begun.elapsed().as_secs(), 20);
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_sign_in() {
    let cloud = Cloud::empty().await;
    for path in [BEGIN, "/sign-in/oidc/callback?code=c&state=s"] {
        assert_eq!(cloud.ask(None, "GET", path, "").await.status, 404, "{path}");
    }
    assert!(!cloud.ask(None, "GET", "/swagger/v1/ui/", "").await.text.contains(BEGIN));
    let place = Place::new().await;
    assert!(place.cloud.ask(None, "GET", "/swagger/v1/ui/", "").await.text.contains(BEGIN));
}
