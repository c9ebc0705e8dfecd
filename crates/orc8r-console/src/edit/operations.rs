//! What can be done with a path of the API, by the table of what is served.

use crate::edit::words::noun;
use crate::failure::Failure;
use crate::rest::unescaped;
use crate::visit::{MyNetwork, Visit};
use axum::http::Method;
use orc8r_rest::Operation;
use std::sync::LazyLock;
use wire_rest::Schema;

static OPERATIONS: LazyLock<Vec<Operation>> = LazyLock::new(orc8r_rest::operations);

/// A path of the API, and what it is.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The path itself.
    pub(super) path: String,
    /// The same with the names of its parts in braces.
    pub(super) pattern: &'static str,
    /// The network that it belongs to.
    pub(super) network: Option<String>,
}

impl Place {
    /// The place of a path for a method.
    ///
    /// # Errors
    /// [`Failure`] when there is no such operation.
    pub(super) fn find(method: &Method, path: &str) -> Result<(Self, &'static Operation), Failure> {
        let operations = OPERATIONS.iter().filter(|operation| operation.method == *method);
        let fitting = operations.filter(|operation| fits(operation.path, path));
        // A name that stands there counts more than a part that may be anything.
        let Some(operation) = fitting.min_by_key(|operation| operation.path.matches('{').count()) else {
            return Err(Failure::not_found(format!("There is nothing at {path} that this page can change.")));
        };
        let parts = operation.path.split('/').zip(path.split('/'));
        let network =
            parts.into_iter().find(|(name, _)| *name == "{network_id}").map(|(_, value)| unescaped(value));
        Ok((Self { path: path.to_owned(), pattern: operation.path, network }, operation))
    }

    /// The network, if it is one that the visitor sees.
    pub(super) fn network<'a>(&self, visit: &'a Visit) -> Result<Option<&'a MyNetwork>, Failure> {
        self.network.as_deref().map(|id| visit.network(id)).transpose()
    }

    /// What it is, in a word.
    pub(super) fn noun(&self) -> String {
        let named = self.pattern.rsplit('/').find(|part| !part.starts_with('{'));
        noun(named.unwrap_or_default())
    }

    /// The name of this one; empty for what is one of its kind, such as the configuration of a network's DNS.
    pub(super) fn name(&self) -> String {
        let is_named = self.pattern.ends_with('}');
        let last = self.path.rsplit('/').next().unwrap_or_default();
        if is_named { unescaped(last) } else { String::new() }
    }

    /// Noun and name, such as "APN internet".
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.noun(), self.name()).trim().to_owned()
    }
}

/// The schema of an operation's body.
///
/// # Errors
/// [`Failure`] when it takes none.
pub(super) fn body(operation: &Operation) -> Result<&'static Schema, Failure> {
    let body = operation.request.as_ref().map(|body| body.schema);
    body.ok_or_else(|| Failure::not_found(format!("Nothing can be sent to {}.", operation.path)))
}

fn fits(pattern: &str, path: &str) -> bool {
    let (mut names, mut parts) = (pattern.split('/'), path.split('/'));
    loop {
        match (names.next(), parts.next()) {
            (None, None) => return true,
            (Some(name), Some(part)) if name == part || (name.starts_with('{') && !part.is_empty()) => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_with_its_network_and_name() {
        let (place, operation) = Place::find(&Method::PUT, "/lte/n1/apns/inter%20net").unwrap();
        assert_eq!(operation.path, "/lte/{network_id}/apns/{apn_name}");
        assert_eq!((place.network.as_deref(), place.name().as_str()), (Some("n1"), "inter net"));
        assert!(Place::find(&Method::DELETE, "/lte/n1/apns/internet").is_ok());
        assert!(Place::find(&Method::POST, "/lte/n1/apns/internet").is_err());
        assert!(Place::find(&Method::PUT, "/lte/n1/apns/").is_err());
        assert!(Place::find(&Method::PUT, "/elsewhere").is_err());
        let (place, _) = Place::find(&Method::PUT, "/networks/n1/dns").unwrap();
        assert_eq!(place.name(), "");
    }
}
