//! Deleting a rule or a receiver, which asks for its name.

use super::{Tab, may_not, page, url};
use crate::failure::Failure;
use crate::rest::escaped;
use crate::said;
use crate::visit::Visit;
use axum::http::Method;
use axum::response::Response;
use maud::html;
use serde::Deserialize;

/// What kind of thing is deleted.
pub(super) struct Removal {
    pub(super) noun: &'static str,
    pub(super) tab: Tab,
    /// Its page, below those of alerts.
    pub(super) page: &'static str,
    /// Where the API has it, up to its name.
    pub(super) place: fn(&str) -> String,
    /// What one should know before.
    pub(super) warning: &'static str,
}

/// Which one, and what was typed as its name.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named {
    pub(super) name: String,
    typed: String,
}

impl Removal {
    /// Asks for its name.
    pub(super) fn ask(&self, visit: &Visit, network: &str, named: &Named) -> Result<Response, Failure> {
        self.show(visit, network, named, false)
    }

    /// Deletes it when its name was typed.
    pub(super) async fn delete(
        &self,
        visit: &Visit,
        network: &str,
        named: &Named,
    ) -> Result<Response, Failure> {
        if named.typed != named.name || named.name.is_empty() {
            return self.show(visit, network, named, true);
        }
        let place = format!("{}{}", (self.place)(network), escaped(&named.name));
        visit.rest.send(Method::DELETE, &place, None).await?;
        Ok(said::done(&self.tab.url(network), &format!("The {} {} is deleted.", self.noun, named.name)))
    }

    fn show(&self, visit: &Visit, id: &str, named: &Named, wrong: bool) -> Result<Response, Failure> {
        let network = visit.network(id)?;
        let Named { name, .. } = named;
        let page = page(visit, network, &format!("Delete {} {name}", self.noun))
            .below(self.tab.title(), self.tab.url(id));
        Ok(page.show(html! {
            @if !self.warning.is_empty() { p { (self.warning) } }
            @if !network.may_write { (may_not()) } @else {
                @if wrong { p.problem role="alert" { "What you typed is another name: nothing was deleted." } }
                form.fields method="post" action=(url(id, self.page)) {
                    input type="hidden" name="name" value=(name);
                    label { span { "Type " strong { (name) } " to delete this " (self.noun) "." } input name="typed" autocomplete="off" spellcheck="false" required; }
                    div.buttons { button.danger type="submit" { "Delete" } }
                }
            }
        }))
    }
}
