//! Logs by words, fields and times.

use std::sync::Arc;

use orc8r_store::{ArchiveFilter, ArchivePage, DocumentMatch, Found, Order};
use serde_json::{Map, Value, json};

use super::fields::Fields;
use super::needle::Needle;
use super::simple_query::{QUESTION_BYTES_MAX, Question};
use super::words::{Phrase, words};
use super::{SearchError, instant, listed};
use crate::Archives;
use crate::intake::timestamp;

/// What is looked into when no field is named.
const MESSAGE: &str = "message";
/// Stands for every field.
const ANY_FIELD: &str = "*";
/// How many fields and filters a question may name.
const NAMES_MAX: usize = 32;

/// Which logs are asked for: texts as they stand in a query, empty where all are meant.
#[derive(Debug, Clone, Default)]
pub struct LogQuery {
    /// Of this network.
    pub network: String,
    /// Words: see docs/events-and-logs.md.
    pub simple_query: String,
    /// The fields that are looked into, with commas; `message` when none is named.
    pub fields: String,
    /// `field:value`, with commas or semicolons: what the fields must be.
    pub filters: String,
    /// Not before.
    pub start: String,
    /// Not after.
    pub end: String,
}

/// What a question means.
struct Wanted {
    filter: ArchiveFilter,
    matching: Option<DocumentMatch>,
}

impl Archives {
    /// One page of logs, newest first, each in the form of Elasticsearch's answers.
    ///
    /// Deviation: in Magma a search of logs also finds events, as far as they have such fields; here it does not.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn logs(&self, query: &LogQuery, page: ArchivePage) -> Result<Vec<Value>, SearchError> {
        let Some(Wanted { filter, matching }) = wanted(query)? else { return Ok(Vec::new()) };
        let found = self.logs.search(filter, matching, Order::NewestFirst, page).await?;
        Ok(found.iter().map(hit).collect())
    }

    /// How many logs there are.
    ///
    /// # Errors
    /// [`SearchError`].
    pub async fn count_logs(&self, query: &LogQuery) -> Result<u64, SearchError> {
        let Some(Wanted { filter, matching }) = wanted(query)? else { return Ok(0) };
        Ok(self.logs.count(filter, matching).await?)
    }
}

/// None: nothing can be found.
fn wanted(query: &LogQuery) -> Result<Option<Wanted>, SearchError> {
    if query.simple_query.len() > QUESTION_BYTES_MAX {
        let message = format!("simple_query may have {QUESTION_BYTES_MAX} bytes at most");
        return Err(SearchError::Question(message));
    }
    let mut filter = ArchiveFilter {
        network: query.network.clone(),
        from_ms: instant::milliseconds("start", &query.start)?,
        until_ms: instant::milliseconds("end", &query.end)?,
        ..ArchiveFilter::default()
    };
    let mut rest = Vec::new();
    for (field, value) in filters(&query.filters)? {
        let list = match field {
            "network_id" if value == query.network => continue,
            "network_id" => return Ok(None),
            "gateway_id" => &mut filter.gateways,
            "hw_id" => &mut filter.hardware_ids,
            _ => {
                rest.push((field.to_owned(), Phrase { words: words(value), prefix: false }));
                continue;
            }
        };
        if list.iter().any(|other| other != value) {
            return Ok(None);
        }
        *list = vec![value.to_owned()];
    }
    let fields = match listed(&query.fields) {
        fields if fields.len() > NAMES_MAX => {
            return Err(SearchError::Question(format!("{NAMES_MAX} fields at most may be named")));
        }
        fields if fields.is_empty() => vec![MESSAGE.to_owned()],
        // `field^2` weighs a field; there are no weights where all is sorted by time.
        fields => fields.iter().map(|field| field.split('^').next().unwrap_or_default().to_owned()).collect(),
    };
    let question = Question::read(&query.simple_query);
    let matching = (question.is_some() || !rest.is_empty()).then(|| matching(question, fields, rest));
    Ok(Some(Wanted { filter, matching }))
}

/// `field:value` pairs. Magma-compat: between commas.
fn filters(text: &str) -> Result<Vec<(&str, &str)>, SearchError> {
    let pairs = text.split([',', ';']).map(str::trim).filter(|pair| !pair.is_empty());
    let pairs: Vec<_> = pairs
        .map(|pair| {
            let malformed = || SearchError::Question(format!("malformed filter: {pair}; write field:value"));
            let (field, value) = pair.split_once(':').ok_or_else(malformed)?;
            let (field, value) = (field.trim(), value.trim());
            if field.is_empty() || words(value).is_empty() { Err(malformed()) } else { Ok((field, value)) }
        })
        .collect::<Result<_, _>>()?;
    if pairs.len() > NAMES_MAX {
        return Err(SearchError::Question(format!("{NAMES_MAX} filters at most may be named")));
    }
    Ok(pairs)
}

fn matching(
    question: Option<Question>,
    fields: Vec<String>,
    filters: Vec<(String, Phrase)>,
) -> DocumentMatch {
    let of_filters = filters.iter().filter_map(|(_, phrase)| Needle::of_phrase(phrase));
    let of_question = question.as_ref().and_then(Needle::of_question);
    let needle = Needle::all(of_filters.chain(of_question));
    let wanted = if fields.iter().any(|field| field == ANY_FIELD) {
        Fields::All
    } else {
        let of_filters = filters.iter().map(|(field, _)| field);
        Fields::Named(fields.iter().chain(of_filters).cloned().collect())
    };
    Arc::new(move |document| {
        if needle.as_ref().is_some_and(|needle| !needle.may_be_in(document)) {
            return false;
        }
        let document = wanted.of(document);
        let fits = |(field, phrase): &(String, Phrase)| {
            document.get(field).is_some_and(|value| phrase.is_in(&words_of(value)))
        };
        filters.iter().all(fits)
            && question.as_ref().is_none_or(|question| question.fits(&words_of_fields(&document, &fields)))
    })
}

fn words_of_fields(document: &Map<String, Value>, fields: &[String]) -> Vec<Vec<String>> {
    if fields.iter().any(|field| field == ANY_FIELD) {
        return document.values().map(words_of).collect();
    }
    fields.iter().filter_map(|field| document.get(field)).map(words_of).collect()
}

fn words_of(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => words(text),
        Value::Null => Vec::new(),
        other => words(&other.to_string()),
    }
}

/// As Elasticsearch shows it.
fn hit(found: &Found) -> Value {
    let day = timestamp(found.record.time_ms)[..10].replace('-', ".");
    let source: Value = serde_json::from_str(&found.record.document).unwrap_or_default();
    let sort = json!([found.record.time_ms]);
    json!({
        "_index": format!("fluentd-{day}"), "_type": "_doc", "_id": found.id,
        // In the contract it is `_sort`, in what Magma answers `sort`.
        "_source": source, "_sort": sort, "sort": sort,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(query: LogQuery, document: &Value) -> bool {
        let Some(Wanted { matching, .. }) = wanted(&query).unwrap() else { return false };
        matching.is_none_or(|matching| matching(&document.to_string()))
    }

    #[test]
    fn words_fields_and_filters_are_asked_together() {
        let document = json!({
            "message": "Attach request", "ident": "mme", "tag": "mme.service", "pri": 30, "network_id": "n1", "nothing": null,
        });
        for (words, fields, filters, expected) in [
            ("", "", "", true),
            ("attach", "", "", true),
            ("mme", "", "", false),
            ("mme", "ident", "", true),
            ("mme", "message, ident^3", "", true),
            ("mme", "*", "", true),
            ("mme", "unknown", "", false),
            ("-mme", "unknown", "", true),
            ("", "", "ident:mme", true),
            ("", "", "ident:MME;tag:service", true),
            ("", "", "ident:mme,tag:other", false),
            ("", "", "pri:30", true),
            ("", "", "nothing:30", false),
            ("", "", "unknown:30", false),
            ("", "", "network_id:n1", true),
            ("", "", "network_id:n2", false),
            ("detach", "", "ident:mme", false),
            ("attach", "", "tag:mme.service", true),
        ] {
            let query = LogQuery {
                network: "n1".into(),
                simple_query: words.into(),
                fields: fields.into(),
                filters: filters.into(),
                ..LogQuery::default()
            };
            assert_eq!(fits(query, &document), expected, "{words} in {fields} with {filters}");
        }
    }

    #[test]
    fn a_gateway_is_found_by_its_index() {
        let query = |filters: &str| LogQuery { filters: filters.into(), ..LogQuery::default() };
        let found = wanted(&query("gateway_id:gw-1,hw_id:a.b")).unwrap().unwrap();
        assert_eq!(
            (found.filter.gateways, found.filter.hardware_ids),
            (vec!["gw-1".into()], vec!["a.b".into()])
        );
        assert!(found.matching.is_none());
        assert!(wanted(&query("gateway_id:gw1,gateway_id:gw2")).unwrap().is_none(), "no record is of both");
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (query, expected) in [
            (LogQuery { filters: "gateway_id".into(), ..Default::default() }, "malformed filter: gateway_id"),
            (LogQuery { filters: "a:b,:c".into(), ..Default::default() }, "malformed filter: :c"),
            (LogQuery { filters: "a:".into(), ..Default::default() }, "malformed filter: a:"),
            (LogQuery { start: "then".into(), ..Default::default() }, "start must be a time"),
            (LogQuery { end: "then".into(), ..Default::default() }, "end must be a time"),
            (LogQuery { simple_query: "a".repeat(2000), ..Default::default() }, "1024 bytes"),
            (LogQuery { fields: "a,".repeat(40), ..Default::default() }, "32 fields"),
            (LogQuery { filters: "a:b,".repeat(40), ..Default::default() }, "32 filters"),
        ] {
            let Err(SearchError::Question(message)) = wanted(&query) else { panic!("{query:?}") };
            assert!(message.contains(expected), "{message}");
        }
    }
}
