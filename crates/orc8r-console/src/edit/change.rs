//! Changing a resource: fill in, look at what differs, save.

use crate::edit::diff::{diff, differences};
use crate::edit::operations::{Place, body};
use crate::edit::secrets::{hidden, restored, veiled};
use crate::edit::sheet::{self, Filled, NEW, STEP, Sheet, WAS};
use crate::edit::{About, history};
use crate::failure::Failure;
use crate::form::Sent;
use crate::rest::escaped;
use crate::said::done;
use crate::session::local;
use crate::subscribers;
use crate::visit::Visit;
use axum::extract::{Form, Query};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use wire_rest::{Schema, problems};

/// A resource that somebody is changing.
struct Change {
    visit: Visit,
    place: Place,
    schema: &'static Schema,
    about: About,
    /// As it is now, with its secrets.
    current: Value,
}

impl Change {
    async fn of(visit: Visit, about: About) -> Result<Self, Failure> {
        let (place, operation) = Place::find(&Method::PUT, &about.resource)?;
        let schema = body(operation)?;
        // A network of another organisation is not there.
        place.network(&visit)?;
        let shown: Value = visit.rest.find(&place.path).await?.unwrap_or_default();
        // A subscriber's static addresses are sent at another place than where they are shown.
        let is_subscriber = place.pattern == "/lte/{network_id}/subscribers/{subscriber_id}";
        let shown = if is_subscriber { subscribers::body(&shown) } else { shown };
        let current = sheet::fit(schema, shown);
        Ok(Self { visit, place, schema, about, current })
    }

    fn back(&self) -> &str {
        local(&self.about.back)
    }

    fn title(&self) -> String {
        format!("Change {}", self.place.title())
    }

    fn page(&self, markup: impl FnOnce(&Self) -> Markup) -> Result<Response, Failure> {
        let page = sheet::page(&self.visit, &self.place, self.title(), self.back())?;
        Ok(page.show(markup(self)))
    }

    fn form(
        &self,
        was: &Value,
        shown: &Value,
        problems: &[String],
        json: Option<&str>,
    ) -> Result<Response, Failure> {
        let here = super::change(&self.place.path, self.back());
        let other = if json.is_some() { here } else { format!("{here}&json=1") };
        self.page(|change| {
            let button = "Look at the changes";
            let back = change.back();
            let (schema, name) = (change.schema, &change.place.name());
            let sheet = Sheet { schema, was, shown, problems, name, json, button, back, other: &other };
            html! {
                p { a href=(history(&change.place.path, &other_way_back(change))) { "History" } }
                (sheet.markup())
            }
        })
    }

    /// What differs, before it is saved.
    fn review(&self, new: &Value, others: Option<&Value>) -> Result<Response, Failure> {
        let now = hidden(&self.current);
        self.page(|change| {
            html! {
                @if let Some(was) = others {
                    div.problem role="alert" {
                        p { "Somebody has changed this since you opened it. It is not saved yet: your changes are put onto what is there now." }
                    }
                    h2 { "What was changed meanwhile" }
                    (diff(was, &now))
                }
                h2 { "What you change" }
                (diff(&now, &veiled(new)))
                form.sheet method="post" {
                    input type="hidden" name=(WAS) value=(now);
                    input type="hidden" name=(NEW) value=(new);
                    div.buttons {
                        button.main type="submit" name=(STEP) value="save" { "Save" }
                        button type="submit" name=(STEP) value="edit" { "Back to the form" }
                        a.button href=(change.back()) { "Cancel" }
                    }
                }
            }
        })
    }

    async fn save(&self, new: &Value, full: &Value) -> Result<Response, Failure> {
        match self.visit.rest.send(Method::PUT, &self.place.path, Some(full)).await {
            Ok(_) => Ok(done(self.back(), &format!("{} is changed.", capital(&self.place.title())))),
            Err(refusal) => {
                let page = self.form(&hidden(&self.current), new, &[refusal.message], None)?;
                Ok(sheet::refused(page, refusal.status))
            }
        }
    }
}

/// Back from the history to this form.
fn other_way_back(change: &Change) -> String {
    super::change(&change.place.path, change.back())
}

/// A sentence's first letter.
pub(super) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    // What has a capital inside is a name that is written so.
    match letters.next() {
        Some(first) if !text.split(' ').next().unwrap_or_default().chars().any(char::is_uppercase) => {
            first.to_uppercase().chain(letters).collect()
        }
        _ => text.to_owned(),
    }
}

pub(super) async fn show(visit: Visit, Query(about): Query<About>) -> Result<Response, Failure> {
    let is_json = !about.json.is_empty();
    let change = Change::of(visit, about).await?;
    if !sheet::may_write(&change.visit, &change.place)? {
        return change.page(|_| sheet::may_not());
    }
    let now = hidden(&change.current);
    change.form(&now, &now, &[], is_json.then_some(""))
}

pub(super) async fn act(
    visit: Visit,
    Query(about): Query<About>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let sent: Sent = pairs.into_iter().collect();
    let change = Change::of(visit, about).await?;
    if !sheet::may_write(&change.visit, &change.place)? {
        return Ok(sheet::refused(change.page(|_| sheet::may_not())?, StatusCode::FORBIDDEN));
    }
    let was = sheet::was(&sent);
    let typed = match sheet::filled(change.schema, &was, &sent) {
        Filled::Value(value) => value,
        Filled::Unreadable(text, problem) => {
            let page = change.form(&was, &Value::Null, &[problem], Some(&text))?;
            return Ok(sheet::refused(page, StatusCode::UNPROCESSABLE_ENTITY));
        }
    };
    let now = hidden(&change.current);
    if sent.last(STEP) == Some("edit") {
        return change.form(&now, &typed, &[], None);
    }
    let new = merged(&was, &typed, &now);
    let full = restored(&new, &change.current);
    let wrong = problems(change.schema, &full);
    if !wrong.is_empty() {
        let page = change.form(&now, &new, &wrong, None)?;
        return Ok(sheet::refused(page, StatusCode::UNPROCESSABLE_ENTITY));
    }
    if was != now {
        return Ok(sheet::refused(change.review(&new, Some(&was))?, StatusCode::CONFLICT));
    }
    if differences(&now, &new).is_empty() {
        return change.form(&now, &new, &["nothing differs from what is there".to_owned()], None);
    }
    match sent.last(STEP) {
        Some("save") => change.save(&new, &full).await,
        _ => change.review(&new, None),
    }
}

/// What somebody changed from `was` to `new`, put onto what is there now.
fn merged(was: &Value, new: &Value, now: &Value) -> Value {
    match (was, new, now) {
        (was, new, now) if was == new => now.clone(),
        (Value::Object(was), Value::Object(new), Value::Object(now)) => {
            let mut merged = now.clone();
            let none = Value::Null;
            let of = |map: &serde_json::Map<String, Value>, name: &str| {
                map.get(name).cloned().unwrap_or(none.clone())
            };
            for name in was.keys().chain(new.keys()) {
                match super::change::merged(&of(was, name), &of(new, name), &of(now, name)) {
                    Value::Null => merged.remove(name),
                    value => merged.insert(name.clone(), value),
                };
            }
            Value::Object(merged)
        }
        _ => new.clone(),
    }
}

/// A page that asks to bring back what a resource was.
pub(super) fn bring_back(resource: &str, back: &str, was: &Value, then: &Value) -> Markup {
    html! {
        form method="post" action={ "/console/change?resource=" (escaped(resource)) "&back=" (escaped(back)) } {
            input type="hidden" name=(WAS) value=(was);
            input type="hidden" name=(NEW) value=(then);
            button type="submit" name=(STEP) value="review" { "Bring back what was before" }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_others_changed_meanwhile_stays() {
        let was = json!({"a": 1, "b": {"c": 1, "d": 1}, "e": 1});
        let new = json!({"a": 2, "b": {"c": 1, "d": 2}});
        let now = json!({"a": 1, "b": {"c": 3, "d": 1}, "e": 1, "f": 1});
        assert_eq!(merged(&was, &new, &now), json!({"a": 2, "b": {"c": 3, "d": 2}, "f": 1}));
        assert_eq!(merged(&was, &was, &now), now);
    }

    #[test]
    fn a_sentence_begins_with_a_capital_where_a_word_does() {
        assert_eq!(capital("policy p1"), "Policy p1");
        assert_eq!(capital("eNodeB 12"), "eNodeB 12");
        assert_eq!(capital("APN internet"), "APN internet");
    }
}
