//! What is filled in: a form or JSON, with what is wrong with it.

use crate::edit::operations::Place;
use crate::failure::Failure;
use crate::form::{Controls, Sent, read};
use crate::navigation::Section;
use crate::page::Page;
use crate::visit::Visit;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};
use serde_json::Value;
use wire_rest::Schema;

/// The JSON that a form began with.
pub(super) const WAS: &str = "_was";
/// The JSON that was looked at before it is saved.
pub(super) const NEW: &str = "_new";
/// JSON that somebody wrote himself.
pub(super) const TEXT: &str = "_text";
/// What is to be done: look at it, save it, or go back to the form.
pub(super) const STEP: &str = "_step";

/// A form, or JSON.
pub(super) struct Sheet<'a> {
    pub(super) schema: &'a Schema,
    /// What the form began with, without secrets.
    pub(super) was: &'a Value,
    /// What it shows, without secrets.
    pub(super) shown: &'a Value,
    pub(super) problems: &'a [String],
    /// What it is called, for good.
    pub(super) name: &'a str,
    /// JSON instead of controls; the text that does not parse, if there is one.
    pub(super) json: Option<&'a str>,
    /// What the button says.
    pub(super) button: &'a str,
    pub(super) back: &'a str,
    /// The same sheet the other way.
    pub(super) other: &'a str,
}

impl Sheet<'_> {
    pub(super) fn markup(&self) -> Markup {
        html! {
            (problems(self.problems))
            nav.views aria-label="How to edit" {
                @if self.json.is_some() {
                    a href=(self.other) { "Form" } span aria-current="true" { "JSON" }
                } @else {
                    span aria-current="true" { "Form" } a href=(self.other) { "JSON" }
                }
            }
            form.sheet method="post" {
                input type="hidden" name=(WAS) value=(self.was);
                @if let Some(text) = self.json {
                    label { span.name { "JSON" }
                        textarea.json name=(TEXT) rows="24" spellcheck="false" { (self.json_text(text)) }
                        span.help { "Secrets are not shown; where the text for them stays, they stay." }
                    }
                } @else {
                    (Controls { problems: self.problems, name: self.name }.show(self.schema, self.shown))
                }
                div.buttons {
                    button.main type="submit" name=(STEP) value="review" { (self.button) }
                    a.button href=(self.back) { "Cancel" }
                }
            }
        }
    }

    fn json_text(&self, typed: &str) -> String {
        match typed {
            "" => serde_json::to_string_pretty(self.shown).unwrap_or_default(),
            typed => typed.to_owned(),
        }
    }
}

pub(super) fn problems(problems: &[String]) -> Markup {
    html! {
        @if !problems.is_empty() {
            div.problem role="alert" {
                p { "It is not saved, because:" }
                ul { @for problem in problems { li { (problem) } } }
            }
        }
    }
}

/// What was filled in, in either way.
pub(super) enum Filled {
    Value(Value),
    /// JSON that is none, and why.
    Unreadable(String, String),
}

/// Reads what was sent.
pub(super) fn filled(schema: &Schema, was: &Value, sent: &Sent) -> Filled {
    let json = sent.last(NEW).or_else(|| sent.last(TEXT));
    match json {
        None => Filled::Value(read(schema, was, sent)),
        Some(text) => match serde_json::from_str(text) {
            Ok(value) => Filled::Value(value),
            Err(error) => Filled::Unreadable(text.to_owned(), format!("this is no JSON: {error}")),
        },
    }
}

/// What a form began with.
pub(super) fn was(sent: &Sent) -> Value {
    sent.last(WAS).and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

/// Of what a resource shows, what can be sent back.
pub(super) fn fit(schema: &Schema, value: Value) -> Value {
    match (schema, value) {
        (Schema::Named(definition), value) => fit(&definition.schema, value),
        (Schema::Object(fields), Value::Object(mut map)) => {
            map.retain(|name, value| !value.is_null() && fields.iter().any(|field| field.name == name));
            Value::Object(map)
        }
        (_, value) => value,
    }
}

/// The page around it all. `Err`: the visitor may not change this.
pub(super) fn page(visit: &Visit, place: &Place, title: String, back: &str) -> Result<Page, Failure> {
    let network = place.network(visit)?;
    let Some(network) = network else {
        let page = Page::new(visit, Section::Home, title);
        return Ok(if back == HOME { page } else { page.below("Back", back) });
    };
    let section = Section::of_page(back, &network.id).unwrap_or(Section::Network);
    let mut above = vec![(network.title(), Section::Network.url(&network.id))];
    if section != Section::Network {
        above.push((section.title(), section.url(&network.id)));
    }
    if back != HOME && above.iter().all(|(_, url)| url != back) {
        above.push(("Back", back.to_owned()));
    }
    let page = Page::new(visit, section, title).of_network(&network.id);
    Ok(above.into_iter().fold(page, |page, (title, url)| page.below(title, url)))
}

/// Where one goes who came from nowhere.
const HOME: &str = "/console/";

/// For who may not write: why there is no form.
pub(super) fn may_not() -> Markup {
    html! {
        p.lead { "You may look at this network, but not change it." }
        p { "Ask an owner of your organisation for the role of an operator." }
    }
}

pub(super) fn may_write(visit: &Visit, place: &Place) -> Result<bool, Failure> {
    Ok(place.network(visit)?.is_none_or(|network| network.may_write))
}

/// A page that says no.
pub(super) fn refused(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}
