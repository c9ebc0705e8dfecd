//! A visit: who asks for a page, and what he may.

use crate::Console;
use crate::failure::Failure;
use crate::rest::Rest;
use crate::said;
use crate::session;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use std::sync::Arc;

/// Who asks, as the API knows him.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Me {
    /// His name.
    pub(crate) name: String,
    /// `user`, or `operator` for who shows a certificate.
    pub(crate) kind: String,
    /// Whether he may change everything.
    #[serde(default)]
    pub(crate) administers: bool,
    /// The networks that he sees.
    pub(crate) networks: Vec<MyNetwork>,
}

/// A network that somebody sees.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct MyNetwork {
    /// Its id.
    pub(crate) id: String,
    /// Its name, which may be empty.
    pub(crate) name: String,
    /// What kind it is: `lte`, `feg`, `feg_lte`, `carrier_wifi_network`, or another text.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Whether he may change it.
    pub(crate) may_write: bool,
}

impl MyNetwork {
    /// What people call it.
    pub(crate) fn title(&self) -> &str {
        if self.name.is_empty() { &self.id } else { &self.name }
    }

    /// Whether its gateways have radios and subscribers.
    pub(crate) fn is_lte(&self) -> bool {
        matches!(self.kind.as_str(), "lte" | "feg_lte")
    }
}

/// Somebody who asks for a page.
#[derive(Clone)]
pub(crate) struct Visit {
    /// The API as he sees it.
    pub(crate) rest: Rest,
    /// Who he is.
    pub(crate) me: Me,
    /// What he asks for.
    pub(crate) uri: Uri,
    /// What he just did, to be said once.
    pub(crate) said: Option<String>,
    /// Whether he likes it dark, light, or as his machine has it.
    pub(crate) theme: Theme,
}

impl Visit {
    /// The network of a page, if it is one that he sees.
    ///
    /// # Errors
    /// [`Failure`] as for a network that does not exist.
    pub(crate) fn network(&self, id: &str) -> Result<&MyNetwork, Failure> {
        let found = self.me.networks.iter().find(|network| network.id == id);
        found.ok_or_else(|| Failure::not_found(format!("There is no network {id} that you may see.")))
    }
}

impl FromRequestParts<Arc<Console>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Self, Response> {
        let rest = Rest::of(console.rest.clone(), parts);
        let theme = Theme::of(&parts.headers);
        let uri = parts.uri.clone();
        let said = said::said(&parts.headers);
        match rest.get("/about/me").await {
            Ok(me) => Ok(Self { rest, me, uri, said, theme }),
            Err(refusal) if refusal.status == StatusCode::UNAUTHORIZED => {
                Err(session::to_sign_in(&parts.headers, &uri))
            }
            Err(refusal) => Err(Failure::from(refusal).into_response()),
        }
    }
}

/// How light a page is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Theme {
    /// As the machine has it.
    #[default]
    System,
    /// Light, whatever the machine has.
    Light,
    /// Dark, whatever the machine has.
    Dark,
}

impl Theme {
    /// The cookie that remembers it.
    pub(crate) const COOKIE: &str = "console-theme";

    fn of(headers: &HeaderMap) -> Self {
        cookie(headers, Self::COOKIE).map(Self::named).unwrap_or_default()
    }

    /// The one of a name; another name is the machine's.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// Its name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all("cookie").into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(known, _)| *known == name).map(|(_, value)| value).next()
}
