//! What all pages have: their frame, their headers, and the parts of them that are live.

use crate::assets::Asset;
use crate::navigation::{self, Section, keys};
use crate::said;
use crate::visit::{Theme, Visit};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use maud::{DOCTYPE, Markup, html};
use std::sync::Arc;

/// htmx evaluates nothing, adds no style of its own, and asks nobody but us.
const HTMX: &str = r#"{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,"historyCacheSize":0,"scrollBehavior":"auto","defaultSwapStyle":"innerHTML","responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"[45]..","swap":true,"error":true}]}"#;

/// The live parts of a page: their ids, and how they look now.
#[derive(Debug, Clone, Default)]
pub(crate) struct LiveParts(pub(crate) Arc<Vec<(String, String)>>);

/// A page under way.
pub(crate) struct Page {
    visit: Visit,
    title: String,
    section: Section,
    network: Option<String>,
    path: Vec<(String, String)>,
    parts: Vec<(String, String)>,
    assets: Vec<Asset>,
    images_from: Option<String>,
    body: Markup,
}

impl Page {
    pub(crate) fn new(visit: &Visit, section: Section, title: impl Into<String>) -> Self {
        Self {
            visit: visit.clone(),
            title: title.into(),
            section,
            network: None,
            path: Vec::new(),
            parts: Vec::new(),
            assets: Vec::new(),
            images_from: None,
            body: Markup::default(),
        }
    }

    /// It is about this network.
    pub(crate) fn of_network(mut self, network: &str) -> Self {
        self.network = Some(network.to_owned());
        self
    }

    /// What it lies below, the nearest last: a title and a URL.
    pub(crate) fn below(mut self, title: impl Into<String>, url: impl Into<String>) -> Self {
        self.path.push((title.into(), url.into()));
        self
    }

    /// It needs a script that not every page has.
    pub(crate) fn uses(&mut self, asset: Asset) {
        if !self.assets.contains(&asset) {
            self.assets.push(asset);
        }
    }

    /// It shows images of this origin, besides its own: the policy lets exactly that one in.
    pub(crate) fn images_from(&mut self, origin: &str) {
        self.images_from = Some(origin.to_owned());
    }

    /// A part that is sent again when it looks different; its id is the page's own.
    pub(crate) fn live(&mut self, id: &str, content: &Markup) -> Markup {
        let part = html! { div id=(id) data-live { (content) } };
        self.parts.push((id.to_owned(), part.0.clone()));
        part
    }

    /// The whole page.
    pub(crate) fn show(mut self, body: Markup) -> Response {
        self.body = body;
        let parts = LiveParts(Arc::new(std::mem::take(&mut self.parts)));
        let mut response = Html(self.markup(!parts.0.is_empty()).into_string()).into_response();
        protect(&mut response);
        if let Some(origin) = &self.images_from {
            let policy = POLICY.replace("img-src 'self'", &format!("img-src 'self' {origin}"));
            let policy = HeaderValue::from_str(&policy).ok();
            policy.map(|policy| response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy));
        }
        if self.visit.said.is_some() {
            said::forget(&mut response);
        }
        response.extensions_mut().insert(parts);
        response
    }

    fn markup(&self, is_live: bool) -> Markup {
        let theme = self.visit.theme;
        let body = html! {
            a.skip href="#main" { "Skip to content" }
            (navigation::top(&self.visit, self.network.as_deref(), theme))
            div.frame {
                (navigation::side(&self.visit, self.network.as_deref(), self.section))
                main id="main" tabindex="-1" {
                    @if !self.path.is_empty() {
                        nav.path aria-label="Where this is" {
                            ol { @for (title, url) in &self.path { li { a href=(url) { (title) } } } }
                        }
                    }
                    div.title {
                        h1 { (self.title) }
                        @if is_live { (live_state()) }
                    }
                    div id="lost" role="status" hidden {}
                    @if let Some(said) = &self.visit.said { p.done role="status" { (said) } }
                    (self.body)
                }
            }
            (navigation::palette(self.network.as_deref()))
            (keys::dialog())
            div id="said" role="status" aria-live="polite" {}
        };
        document(&self.title, theme, &self.assets, &body)
    }
}

/// Says whether what one sees is what is, and stops it on request.
fn live_state() -> Markup {
    html! {
        div.live-state id="live-state" data-state="waiting" {
            span.dot aria-hidden="true" {}
            span.text { "Shown as it was loaded" }
            button.quiet type="button" id="pause" aria-pressed="false" hidden { "Pause" }
        }
    }
}

/// A page of its own, for who is not known yet and for what cannot be shown.
pub(crate) fn bare(title: &str, body: &Markup) -> Response {
    let body = html! {
        main.bare id="main" {
            p.brand { (navigation::mark()) " Magma" }
            h1 { (title) }
            (body)
        }
    };
    let mut response = Html(document(title, Theme::System, &[], &body).into_string()).into_response();
    protect(&mut response);
    response
}

fn document(title: &str, theme: Theme, assets: &[Asset], body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-theme=(theme.name()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="htmx-config" content=(HTMX);
                title { (title) " · Magma" }
                link rel="icon" href=(navigation::ICON);
                link rel="stylesheet" href=(Asset::Style.url());
                script src=(Asset::Script.url()) defer {}
                @for asset in assets {
                    @if asset.is_script() { script src=(asset.url()) defer {} } @else { link rel="stylesheet" href=(asset.url()); }
                }
            }
            body { (body) }
        }
    }
}

/// Nothing but what this origin serves, no inline script or style, and no page around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Holds a browser to the policy, and keeps what somebody sees out of anybody's cache.
fn protect(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
