//! Taking back a radio's registration, or its grants alone.

use crate::cbsds::{nobody_asks, resource, url};
use crate::failure::Failure;
use crate::navigation::Section;
use crate::page::Page;
use crate::said::done;
use crate::visit::Visit;
use axum::extract::Path;
use axum::http::Method;
use axum::response::Response;
use maud::html;
use wire_rest::types::Cbsd;

/// What is taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leaving {
    /// The registration, with all grants.
    Deregister,
    /// All grants; it stays registered.
    Relinquish,
}

impl Leaving {
    pub(super) const ALL: [Self; 2] = [Self::Deregister, Self::Relinquish];

    /// The one of a URL.
    fn named(name: &str) -> Result<Self, Failure> {
        let found = Self::ALL.into_iter().find(|leaving| leaving.name() == name);
        found.ok_or_else(|| Failure::not_found("There is no such page."))
    }

    /// Its name in a URL, here and in the API.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Deregister => "deregister",
            Self::Relinquish => "relinquish",
        }
    }

    /// What its button says.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Deregister => "Deregister",
            Self::Relinquish => "Relinquish grants",
        }
    }

    /// What it does.
    fn meaning(self) -> &'static str {
        match self {
            Self::Deregister => {
                "Its registration and all its grants are given back, and it stops transmitting."
            }
            Self::Relinquish => {
                "All its grants are given back, and it stops transmitting; its registration stays."
            }
        }
    }

    /// What is there to be taken back: if nothing is, nothing changes.
    fn is_there(self, cbsd: &Cbsd) -> bool {
        !cbsd.grants.is_empty() || (self == Self::Deregister && cbsd.state == "registered")
    }

    /// How it is afterwards.
    fn said(self, cbsd: &Cbsd) -> String {
        match self {
            Self::Deregister => format!("CBSD {} is not registered.", cbsd.serial_number),
            Self::Relinquish => format!("CBSD {} has no grants.", cbsd.serial_number),
        }
    }
}

type Place = Path<(String, String, String)>;

pub(super) async fn show(visit: Visit, Path((id, number, leaving)): Place) -> Result<Response, Failure> {
    page(&visit, (&id, &number), Leaving::named(&leaving)?, None).await
}

pub(super) async fn act(visit: Visit, Path((id, number, leaving)): Place) -> Result<Response, Failure> {
    let leaving = Leaving::named(&leaving)?;
    visit.network(&id)?;
    let place = resource(&id, &number);
    let cbsd: Cbsd = visit.rest.get(&place).await?;
    match visit.rest.send(Method::POST, &format!("{place}/{}", leaving.name()), None).await {
        Ok(_) => Ok(done(&url(&id, &number), &leaving.said(&cbsd))),
        Err(refusal) => page(&visit, (&id, &number), leaving, Some(&refusal.message)).await,
    }
}

async fn page(
    visit: &Visit,
    (id, number): (&str, &str),
    leaving: Leaving,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let cbsd: Cbsd = visit.rest.get(&resource(id, number)).await?;
    let title = format!("CBSD {}", cbsd.serial_number);
    let page = Page::new(visit, Section::Cbsds, format!("{}: {title}", leaving.title()))
        .of_network(id)
        .below("CBSDs", Section::Cbsds.url(id))
        .below(title, url(id, number));
    Ok(page.show(html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        @if !network.may_write {
            p.lead { "You may look at this network, but not change it." }
        } @else {
            p.lead {
                (leaving.meaning())
                @if !leaving.is_there(&cbsd) { " It has none of this now, so nothing changes." }
            }
            (nobody_asks())
            form.buttons method="post" {
                button.main type="submit" { (leaving.title()) }
                a.button href=(url(id, number)) { "Cancel" }
            }
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire_rest::types::Grant;

    #[test]
    fn it_is_known_whether_anything_is_taken_back() {
        let radio = |state: &str, grants| Cbsd { state: state.into(), grants, ..Cbsd::default() };
        let check = |cbsd: Cbsd, expected: [bool; 2]| {
            assert_eq!(Leaving::ALL.map(|leaving| leaving.is_there(&cbsd)), expected, "{cbsd:?}");
        };
        check(radio("unregistered", vec![]), [false, false]);
        check(radio("registered", vec![]), [true, false]);
        check(radio("registered", vec![Grant::default()]), [true, true]);
    }
}
