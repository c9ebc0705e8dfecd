//! Silences: what nobody is told of for a while.

use super::firing::moment_ms;
use super::{Tab, may_not, page, tabs, url};
use crate::failure::Failure;
use crate::metrics::now_s;
use crate::rest::{escaped, path};
use crate::said;
use crate::view::status::{Health, worded};
use crate::view::when::when;
use crate::visit::Visit;
use axum::extract::{Form, Path, Query};
use axum::http::Method;
use axum::response::Response;
use maud::{Markup, html};
use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// For how long: its name in the form, how it is called, and its seconds.
const LENGTHS: [(&str, &str, i64); 5] = [
    ("1h", "1 hour", 3600),
    ("4h", "4 hours", 4 * 3600),
    ("1d", "1 day", 86_400),
    ("7d", "7 days", 7 * 86_400),
    ("30d", "30 days", 30 * 86_400),
];

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    matchers: String,
    length: String,
    comment: String,
    id: String,
}

fn place(network: &str) -> String {
    path(&["networks", network, "alerts", "silence"])
}

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let silences: Value = visit.rest.get(&place(&id)).await?;
    let mut silences: Vec<Value> = silences.as_array().cloned().unwrap_or_default();
    let order = |silence: &Value| match silence["status"]["state"].as_str() {
        Some("active") => 0,
        Some("pending") => 1,
        _ => 2,
    };
    silences
        .sort_by_key(|silence| (order(silence), -moment_ms(silence["endsAt"].as_str().unwrap_or_default())));
    let mut page = page(&visit, network, "Silences");
    let list = page.live("silences", &list(&id, &silences, network.may_write));
    Ok(page.show(html! {
        (tabs(&id, Tab::Silences))
        @if network.may_write { div.buttons { a.button.main href=(url(&id, "silences/add")) { "Add a silence" } } }
        (list)
    }))
}

fn list(network: &str, silences: &[Value], may_write: bool) -> Markup {
    if silences.is_empty() {
        return html! { div.empty {
            p.lead { "Nothing is silenced." }
            p { "During maintenance, silence what will fire: it is still shown, and nobody is told." }
        } };
    }
    let text = |silence: &Value, field: &str| silence[field].as_str().unwrap_or_default().to_owned();
    html! {
        div.scroll { table.list {
            thead { tr { @for title in ["State", "Alerts with", "From", "Until", "By", "Why"] { th scope="col" { (title) } } @if may_write { th scope="col" { span.visually-hidden { "End" } } } } }
            tbody { @for silence in silences {
                @let is_over = silence["status"]["state"] == "expired";
                tr {
                    td { @match silence["status"]["state"].as_str() {
                        Some("active") => (worded(Health::Disabled, "Silent")),
                        Some("pending") => (worded(Health::Pending, "To come")),
                        _ => (worded(Health::Unknown, "Over")),
                    } }
                    td { @for matcher in silence["matchers"].as_array().into_iter().flatten() { code { (shown(matcher)) } " " } }
                    td { (when(moment_ms(&text(silence, "startsAt")))) }
                    td { (when(moment_ms(&text(silence, "endsAt")))) }
                    td { (text(silence, "createdBy")) }
                    td { (text(silence, "comment")) }
                    @if may_write { td { @if !is_over {
                        form method="post" action=(url(network, "silences/end")) {
                            input type="hidden" name="id" value=(text(silence, "id"));
                            button type="submit" { "End now" }
                        }
                    } } }
                }
            } }
        } }
    }
}

fn shown(matcher: &Value) -> String {
    let sign = if matcher["isRegex"] == true { "=~" } else { "=" };
    format!(
        "{}{sign}{}",
        matcher["name"].as_str().unwrap_or_default(),
        matcher["value"].as_str().unwrap_or_default()
    )
}

pub(super) async fn ask(
    visit: Visit,
    Path(id): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Failure> {
    show_form(&visit, &id, &wanted, None)
}

fn show_form(visit: &Visit, id: &str, wanted: &Wanted, problem: Option<&str>) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let page = page(visit, network, "Add a silence").below("Silences", Tab::Silences.url(id));
    Ok(page.show(html! {
        (tabs(id, Tab::Silences))
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        @if !network.may_write { (may_not()) } @else {
            form.sheet method="post" action=(url(id, "silences")) {
                label { span.name { "Alerts with all of these labels" }
                    textarea name="matchers" rows="5" required spellcheck="false" { (wanted.matchers) }
                    span.help { "name=value, or name=~regular expression, one a line; such as gatewayID=gw1" } }
                label { span.name { "For" } select name="length" { @for (name, words, _) in LENGTHS { option value=(name) selected[name == wanted.length] { (words) } } } }
                label { span.name { "Why" } input name="comment" value=(wanted.comment) required autocomplete="off"; }
                div.buttons { button.main type="submit" { "Silence" } }
            }
        }
    }))
}

pub(super) async fn add(
    visit: Visit,
    Path(id): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    visit.network(&id)?;
    let matchers = match matchers(&wanted.matchers) {
        Ok(matchers) => matchers,
        Err(problem) => return show_form(&visit, &id, &wanted, Some(&problem)),
    };
    let now_s = now_s();
    let length = LENGTHS.iter().find(|(name, ..)| *name == wanted.length).unwrap_or(&LENGTHS[0]);
    let silence = json!({
        "matchers": matchers, "startsAt": moment(now_s), "endsAt": moment(now_s + length.2),
        "createdBy": visit.me.name, "comment": wanted.comment.trim(),
    });
    match visit.rest.send(Method::POST, &place(&id), Some(&silence)).await {
        Ok(_) => Ok(said::done(&Tab::Silences.url(&id), &format!("Silent for {}.", length.1))),
        Err(refusal) => show_form(&visit, &id, &wanted, Some(&refusal.message)),
    }
}

/// `name=value` or `name=~expression`, one a line.
fn matchers(text: &str) -> Result<Vec<Value>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let found: Result<Vec<Value>, String> = lines
        .map(|line| {
            let (name, value) =
                line.split_once('=').ok_or_else(|| format!("{line:?} has no “=”: write name=value."))?;
            let (value, is_regex) = value.strip_prefix('~').map_or((value, false), |value| (value, true));
            Ok(json!({"name": name.trim(), "value": value.trim().trim_matches('"'), "isRegex": is_regex}))
        })
        .collect();
    match found?.as_slice() {
        [] => Err("Without a label, all alerts would be silent: write one.".to_owned()),
        found => Ok(found.to_vec()),
    }
}

fn moment(seconds: i64) -> String {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    moment.format(&Rfc3339).unwrap_or_default()
}

/// It ends now.
pub(super) async fn end(
    visit: Visit,
    Path(id): Path<String>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Failure> {
    let place = format!("{}?silence_id={}", place(&id), escaped(&wanted.id));
    visit.rest.send(Method::DELETE, &place, None).await?;
    Ok(said::done(&Tab::Silences.url(&id), "The silence is over."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_matchers() {
        let found = matchers("alertname=Hot\n gatewayID=~gw.* \n").unwrap();
        assert_eq!(found[0], json!({"name": "alertname", "value": "Hot", "isRegex": false}));
        assert_eq!(shown(&found[1]), "gatewayID=~gw.*");
        assert!(matchers("").unwrap_err().contains("all alerts"));
        assert!(matchers("x").unwrap_err().contains("name=value"));
    }
}
