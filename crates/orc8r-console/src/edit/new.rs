//! Adding one to a collection.

use crate::edit::About;
use crate::edit::beginnings::beginning;
use crate::edit::change::capital;
use crate::edit::operations::{Place, body};
use crate::edit::sheet::{self, Filled, Sheet};
use crate::failure::Failure;
use crate::form::Sent;
use crate::said::done;
use crate::session::local;
use crate::visit::Visit;
use axum::extract::{Form, Query};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use maud::Markup;
use serde_json::Value;
use wire_rest::{Schema, problems};

/// One that somebody is adding.
struct Addition {
    visit: Visit,
    place: Place,
    schema: &'static Schema,
    about: About,
}

impl Addition {
    fn of(visit: Visit, about: About) -> Result<Self, Failure> {
        let (place, operation) = Place::find(&Method::POST, &about.resource)?;
        place.network(&visit)?;
        Ok(Self { schema: body(operation)?, visit, place, about })
    }

    fn back(&self) -> &str {
        local(&self.about.back)
    }

    fn page(&self, body: Markup) -> Result<Response, Failure> {
        let title = format!("Add: {}", self.place.noun());
        Ok(sheet::page(&self.visit, &self.place, title, self.back())?.show(body))
    }

    fn form(&self, shown: &Value, problems: &[String], json: Option<&str>) -> Result<Response, Failure> {
        let here = super::add(&self.place.path, self.back());
        let other = if json.is_some() { here } else { format!("{here}&json=1") };
        let (schema, back, button) = (self.schema, self.back(), "Add");
        let (was, name) = (shown, "");
        self.page(Sheet { schema, was, shown, problems, name, json, button, back, other: &other }.markup())
    }

    async fn add(&self, new: &Value) -> Result<Response, Failure> {
        let wrong = problems(self.schema, new);
        if !wrong.is_empty() {
            return self.wrong(new, &wrong, StatusCode::UNPROCESSABLE_ENTITY);
        }
        match self.visit.rest.send(Method::POST, &self.place.path, Some(new)).await {
            Ok(_) => Ok(done(self.back(), &format!("{} is added.", capital(&named(&self.place, new))))),
            Err(refusal) => self.wrong(new, &[refusal.message], refusal.status),
        }
    }

    fn wrong(&self, new: &Value, problems: &[String], status: StatusCode) -> Result<Response, Failure> {
        Ok(sheet::refused(self.form(new, problems, None)?, status))
    }
}

/// Noun and name of a new one.
fn named(place: &Place, new: &Value) -> String {
    let fields = [
        "id",
        "name",
        "apn_name",
        "serial",
        "serial_number",
        "username",
        "gateway_pool_id",
        "ha_pair_id",
        "alert",
    ];
    let name = fields.iter().find_map(|field| new[field].as_str()).unwrap_or_default();
    format!("{} {name}", place.noun()).trim().to_owned()
}

pub(super) async fn show(visit: Visit, Query(about): Query<About>) -> Result<Response, Failure> {
    let json = (!about.json.is_empty()).then_some("");
    let addition = Addition::of(visit, about)?;
    if !sheet::may_write(&addition.visit, &addition.place)? {
        return addition.page(sheet::may_not());
    }
    addition.form(&beginning(addition.place.pattern), &[], json)
}

pub(super) async fn act(
    visit: Visit,
    Query(about): Query<About>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, Failure> {
    let sent: Sent = pairs.into_iter().collect();
    let addition = Addition::of(visit, about)?;
    if !sheet::may_write(&addition.visit, &addition.place)? {
        return Ok(sheet::refused(addition.page(sheet::may_not())?, StatusCode::FORBIDDEN));
    }
    match sheet::filled(addition.schema, &sheet::was(&sent), &sent) {
        Filled::Value(new) => addition.add(&new).await,
        Filled::Unreadable(text, problem) => {
            let page = addition.form(&Value::Null, &[problem], Some(&text))?;
            Ok(sheet::refused(page, StatusCode::UNPROCESSABLE_ENTITY))
        }
    }
}
