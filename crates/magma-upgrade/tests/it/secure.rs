//! Downloads over HTTPS, and through an HTTP proxy: whom a gateway believes, what it sends to whom, and that a bad line ends
//! in the right file or in none.

use std::fs;
use std::sync::Arc;

use magma_upgrade::disk::{Disk, SystemDisk};
use magma_upgrade::fetch::{FetchError, SYNC_EVERY, Source};
use magma_upgrade::manifest::Kind;

use crate::gateway::Gateway;
use crate::release::{file, key, program, publish_program, version};
use crate::roads::{Authority, NAME, Proxy, with_tls};
use crate::web::{Fault, Web};

const PATH: &str = "/1.9.0/magmad";
const STEP: usize = SYNC_EVERY as usize;

struct Download {
    web: Web,
    gateway: Gateway,
    authority: Authority,
    contents: Vec<u8>,
}

impl Download {
    /// From a server whose certificate is by an authority that the gateway trusts.
    async fn of(size: usize) -> Self {
        let (web, contents, authority) = (Web::start().await, program("new", size).0, Authority::new());
        let mut gateway = Gateway::new(&web, "1.9.0");
        publish_program(&web, &key(1), "1.9.0", &contents);
        gateway.source.base_url = with_tls(&web, &authority.server(NAME, false)).await;
        gateway.source.tls = authority.trusted();
        Self { web, gateway, authority, contents }
    }

    fn source(&mut self) -> &mut Source {
        &mut self.gateway.source
    }

    async fn fetch(&self) -> Result<(), FetchError> {
        let disk: Arc<dyn Disk> = Arc::new(SystemDisk);
        let artefact = file(Kind::Binary, "magmad", &self.contents);
        self.gateway.source.file(&disk, &self.gateway.layout, &version("1.9.0"), &artefact).await
    }

    fn is_whole(&self) -> bool {
        fs::read(self.gateway.layout.download("magmad")).is_ok_and(|contents| contents == self.contents)
    }
}

fn said(result: Result<(), FetchError>) -> String {
    match result.unwrap_err() {
        FetchError::Unreachable(why) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_whole_upgrade_comes_over_https() {
    let download = Download::of(3 * STEP).await;
    let (runs, _) = download.gateway.settle().await;
    assert_eq!(runs.unwrap().0, download.contents);
}

#[tokio::test]
async fn a_server_whose_certificate_is_not_good_is_asked_for_nothing() {
    let mut download = Download::of(1000).await;
    let stranger = Authority::new();
    for (name, certificate, words) in [
        ("another authority's", stranger.server(NAME, false), "another key"),
        ("another name's", download.authority.server("elsewhere.localhost", false), NAME),
        ("an expired one", download.authority.server(NAME, true), "expired"),
    ] {
        download.source().base_url = with_tls(&download.web, &certificate).await;
        let why = said(download.fetch().await);
        assert!(why.contains(words), "{name}: {why}");
    }
    assert_eq!(download.web.requests(), 0);
}

#[tokio::test]
async fn a_bad_line_or_server_ends_in_the_right_file() {
    for (name, faults, asked) in [
        ("cut", vec![Fault::Cut(STEP + 5)], vec![None, Some(SYNC_EVERY)]),
        ("cut, and then no ranges", vec![Fault::Cut(STEP + 5), Fault::Whole], vec![None, Some(SYNC_EVERY)]),
        ("a length that is too long", vec![Fault::Length(1)], vec![None, None]),
        ("a length that is too short", vec![Fault::Length(-1)], vec![None, None]),
        ("endless", vec![Fault::Endless], vec![None, None]),
        ("elsewhere", vec![Fault::Redirect("/mirror".to_owned())], vec![None]),
    ] {
        let download = Download::of(2 * STEP).await;
        download.web.put("/mirror", download.contents.clone());
        download.web.spoil(PATH, faults);
        let attempts = asked.len();
        for attempt in 1..=attempts {
            assert_eq!(download.fetch().await.is_ok(), attempt == attempts, "{name}: {attempt}");
            assert_eq!(download.is_whole(), attempt == attempts, "{name}: {attempt}");
        }
        assert_eq!(download.web.asked(PATH), asked, "{name}");
    }
}

#[tokio::test]
async fn a_redirection_stays_secret_and_is_believed_no_more_than_the_first_server() {
    let download = Download::of(1000).await;
    let (good, bad) = (download.authority.server(NAME, false), Authority::new().server(NAME, false));
    let mirror = with_tls(&download.web, &good).await;
    download.web.put("/mirror", download.contents.clone());
    let open = download.web.url.clone();
    for (to, words) in [
        (format!("{open}/mirror"), "redirects to"),
        (format!("{}/mirror", with_tls(&download.web, &bad).await), "another key"),
        ("https:///nowhere".to_owned(), "redirects to"),
    ] {
        download.web.spoil(PATH, [Fault::Redirect(to)]);
        let why = said(download.fetch().await);
        assert!(why.contains(words), "{why}");
    }
    assert!(download.web.asked("/mirror").is_empty());
    download.web.spoil(PATH, [Fault::Redirect(format!("{mirror}/mirror"))]);
    download.fetch().await.unwrap();
    assert!(download.is_whole());
}

#[tokio::test]
async fn a_proxy_carries_tls_that_it_cannot_see_and_a_download_goes_on_through_it() {
    let mut download = Download::of(3 * STEP).await;
    let proxy = Proxy::start(None).await;
    download.source().proxy = proxy.way("user:secret@");
    let authority = download.gateway.source.base_url.replace("https://", "");
    download.gateway.source.manifest(&version("1.9.0")).await.unwrap();
    for head in proxy.heads() {
        assert!(head.starts_with(&format!("CONNECT {authority} HTTP/1.1\r\n")), "{head}");
        assert!(head.contains("Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n"), "{head}");
        assert!(!head.contains("1.9.0"), "{head}");
    }
    assert_eq!(proxy.heads().len(), 2);
    proxy.cut(2 * STEP + STEP / 2);
    said(download.fetch().await);
    download.fetch().await.unwrap();
    assert!(download.is_whole());
    let asked = download.web.asked(PATH);
    assert!(matches!(asked[..], [None, Some(from)] if from >= SYNC_EVERY), "{asked:?}");
}

#[tokio::test]
async fn a_proxy_is_asked_for_plain_urls_as_such() {
    let mut download = Download::of(2 * STEP).await;
    let proxy = Proxy::start(None).await;
    download.source().base_url = download.web.url.clone();
    download.source().proxy = proxy.way("user:secret@");
    download.web.spoil(PATH, [Fault::Cut(STEP + 1)]);
    said(download.fetch().await);
    download.fetch().await.unwrap();
    assert!(download.is_whole());
    assert_eq!(download.web.asked(PATH), [None, Some(SYNC_EVERY)]);
    let base = download.web.url.clone();
    for head in proxy.heads() {
        assert!(head.starts_with(&format!("GET {base}/1.9.0/m")), "{head}");
        assert!(head.to_lowercase().contains("proxy-authorization: basic dxnlcjpzzwnyzxq=\r\n"), "{head}");
    }
}

#[tokio::test]
async fn what_a_proxy_refuses_is_said_and_tried_again_later() {
    for (refusal, tls, words) in [
        ("407 Proxy Authentication Required", true, "wants a user and a password"),
        ("403 Forbidden", true, "does not allow this"),
        ("502 Bad Gateway", true, "502"),
        ("407 Proxy Authentication Required", false, "407"),
    ] {
        let mut download = Download::of(1000).await;
        if !tls {
            download.source().base_url = download.web.url.clone();
        }
        download.source().proxy = Proxy::start(Some(refusal)).await.way("");
        let why = said(download.fetch().await);
        assert!(why.contains(words), "{refusal}: {why}");
        assert_eq!(download.web.requests(), 0);
    }
    let mut download = Download::of(1000).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    download.source().proxy = Some(magma_rpc::http_proxy::HttpProxy::from_url(&nobody.to_string()).unwrap());
    said(download.fetch().await);
}
