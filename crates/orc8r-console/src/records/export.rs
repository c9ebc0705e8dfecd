//! Records as a file: a table, or a JSON object in each line.

use super::{Question, ROWS_MAX};
use crate::csv::{self, Column};
use crate::failure::Failure;
use crate::visit::Visit;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

/// So many are asked for at once.
const CHUNK: usize = 1000;

/// The newest records of a question, in the format that the URL names.
pub(super) async fn file(
    visit: &Visit,
    question: &Question,
    name: &str,
    format: &str,
    columns: &[Column],
    row: fn(&Value) -> Vec<String>,
) -> Result<Response, Failure> {
    let mut all: Vec<Value> = Vec::new();
    while all.len() < ROWS_MAX {
        let some = question.records(visit, all.len(), CHUNK).await?;
        let is_last = some.len() < CHUNK;
        all.extend(some);
        if is_last {
            break;
        }
    }
    match format {
        "csv" => Ok(csv::download(name, csv::write(columns, all.iter().map(row)))),
        "ndjson" => Ok(lines(name, &all)),
        other => Err(Failure::bad(format!("There is no format {other:?}; there are csv and ndjson."))),
    }
}

fn lines(name: &str, records: &[Value]) -> Response {
    let mut text = String::new();
    for record in records {
        text.push_str(&record.to_string());
        text.push('\n');
    }
    let mut response = csv::download(name, text);
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    let name: String = name.chars().map(letter).collect();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.ndjson\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response.into_response()
}
