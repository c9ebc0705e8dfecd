//! Call traces of a gateway.

use super::{Detail, Tab, may_not};
use crate::failure::Failure;
use crate::said;
use crate::traces::list::{Trace, find, table};
use crate::traces::order::{self, Sent};
use crate::visit::Visit;
use axum::extract::{Form, Path};
use axum::response::Response;
use maud::{Markup, html};

/// So many are shown; the network's page has all.
const TRACES_MAX: usize = 100;

pub(super) async fn show(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    page(&detail, &Sent::default(), None).await
}

pub(super) async fn act(
    visit: Visit,
    Path((network, gateway)): Path<(String, String)>,
    Form(mut sent): Form<Sent>,
) -> Result<Response, Failure> {
    let detail = Detail::load(visit, &network, gateway).await?;
    sent.gateway_id.clone_from(&detail.id);
    match order::act(&detail.visit, &detail.network.id, &sent).await {
        Ok(said) => Ok(said::done(&detail.url(Tab::Traces), &said)),
        Err(problem) => page(&detail, &sent, Some(&problem)).await,
    }
}

async fn page(detail: &Detail, sent: &Sent, problem: Option<&str>) -> Result<Response, Failure> {
    let found = find(&detail.visit, &detail.network.id, Some(&detail.id)).await?;
    let mut page = detail.page(Tab::Traces);
    let list = page.live("traces", &list(detail, &found));
    Ok(page.show(html! {
        (detail.tabs(Tab::Traces))
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        (list)
        @if !detail.network.may_write { (may_not("traces are begun by who may.")) }
        @else if detail.hardware_id().is_empty() { p { "No device has registered for this gateway yet, which could capture anything." } }
        @else { (order::form(&detail.url(Tab::Traces), sent, &html! {})) }
    }))
}

fn list(detail: &Detail, traces: &[Trace]) -> Markup {
    let shown: Vec<&Trace> = traces.iter().take(TRACES_MAX).collect();
    let place = detail.url(Tab::Traces);
    html! {
        @if shown.is_empty() {
            div.empty { p.lead { "No call trace of this gateway." } p { "A trace captures the packets of its interfaces, for Wireshark." } }
        } @else {
            (table(&detail.network.id, &shown, detail.network.may_write.then_some(place.as_str()), false))
        }
    }
}
