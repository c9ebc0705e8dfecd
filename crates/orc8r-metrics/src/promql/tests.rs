//! What queries give, what they refuse, and that nobody sees what is not his.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::labels::Labels;
use crate::series::{Sample, Source};
use crate::tsdb::{Batch, Scope, Settings, Tsdb};
use inventor::Inventor;

#[path = "../../tests/it/inventor.rs"]
mod inventor;

const NOW: i64 = 1_700_000_000_000;

/// A store with one gateway in each of some networks, each with `up` and `load{core}`, whose values tell the network.
fn store(networks: &[&str]) -> (Tsdb, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let store = Tsdb::open(folder.path(), Settings::default(), NOW).unwrap();
    for (number, network) in networks.iter().enumerate() {
        let source = Source { network: (*network).to_owned(), gateway: "g1".to_owned() };
        for minute in 0..30 {
            let mut batch = Batch::default();
            let time_ms = NOW - minute * 60_000;
            let value = (1000 * (number + 1)) as f64 + minute as f64 / 100.0;
            batch.push("up", [].into_iter(), Sample { value, time_ms });
            batch.push("load", [("core", "0")].into_iter(), Sample { value: value + 0.5, time_ms });
            store.append(&source, &batch, NOW);
        }
    }
    store.append(
        &Source::default(),
        &{
            let mut batch = Batch::default();
            batch.push("own", [].into_iter(), Sample { value: 9_000_000.0, time_ms: NOW });
            batch
        },
        NOW,
    );
    (store, folder)
}

fn engine(networks: &[&str]) -> (Engine, tempfile::TempDir) {
    let (store, folder) = store(networks);
    (Engine::new(store, Limits::default()), folder)
}

fn ask(engine: &Engine, text: &str, scope: &Scope) -> Result<Answer, QueryError> {
    engine.instant(&InstantQuery { text: text.to_owned(), time_ms: NOW }, scope)
}

#[test]
fn what_is_not_supported_is_named() {
    let (engine, _folder) = engine(&["n1"]);
    for (text, named) in [
        ("histogram_stddev(up)", "the function histogram_stddev()"),
        ("double_exponential_smoothing(up[5m], 0.5, 0.5)", "double_exponential_smoothing"),
        ("holt_winters(up[5m], 0.5, 0.5)", "holt_winters"),
        ("limitk(1, up)", "limitk"),
        ("sort_by_label(up, \"a\")", "sort_by_label"),
        ("{a=\"b\" or c=\"d\"}", "\"or\" between matchers"),
        ("up + fill(0) up", "fill"),
        ("no_such_function(up)", "no_such_function"),
    ] {
        let error = ask(&engine, text, &Scope::All).unwrap_err();
        assert_eq!(error.kind, ErrorKind::BadData, "{text}");
        assert!(error.message.contains(named), "{text}: {error}");
    }
}

#[test]
fn limits_are_kept_and_told_as_prometheus_tells_them() {
    let (store, _folder) = store(&["n1", "n2"]);
    let limited = Limits { points: 100, samples: 1000, series: 3, ..Limits::default() };
    let engine = Engine::new(store.clone(), limited);
    let range = |text: &str, seconds: i64, step: i64| {
        let query = RangeQuery {
            text: text.to_owned(),
            start_ms: NOW - seconds * 1000,
            end_ms: NOW,
            step_ms: step * 1000,
        };
        engine.range(&query, &Scope::All).map(|answer| answer.to_json())
    };
    let message = |answer: Result<String, QueryError>| answer.unwrap_err().message;
    assert!(range("up", 100, 1).is_ok(), "a hundred steps and the first");
    assert!(
        message(range("up", 101, 1)).starts_with("exceeded maximum resolution of 100 points per timeseries")
    );
    assert!(message(range("up", 10, 0)).contains("zero or negative"));
    assert!(message(range("up", -10, 1)).contains("before start"));
    assert!(message(range("up[5m]", 10, 1)).contains("range query"));
    assert!(message(range("{__name__=~\"up|load\"}", 10, 1)).contains("more than 3 series"));
    assert!(message(range("sum_over_time(vector(1)[1d:1s])", 10, 1)).contains("too many samples"));
    let slow = Engine::new(store, Limits { time: Duration::ZERO, ..Limits::default() });
    assert_eq!(ask(&slow, "up", &Scope::All).unwrap_err().kind, ErrorKind::Timeout);
}

#[test]
fn deep_and_long_texts_are_refused_before_anything_recurses() {
    for text in [
        "(".repeat(100_000),
        format!("{}1{}", "(".repeat(1000), ")".repeat(1000)),
        format!("1{}", "+1".repeat(1000)),
        format!("{}1", "-".repeat(10_000)),
        format!("up{}", " and up".repeat(500)),
        format!("{}up{}", "abs(".repeat(70), ")".repeat(70)),
        format!("up{{a=\"{}\"}}", "x".repeat(TEXT_BYTES_MAX)),
    ] {
        assert_eq!(parse(&text).unwrap_err().kind, ErrorKind::BadData);
    }
    assert!(parse(&format!("up{{a=\"{}\"}}", "(+".repeat(500))).is_ok(), "a text is no operator");
    assert!(parse(&format!("{}up{}", "abs(".repeat(50), ")".repeat(50))).is_ok());
    assert!(parse(&format!("1{}", " + 1".repeat(190))).is_ok());
}

#[test]
fn selectors_are_selectors_and_nothing_else() {
    assert!(selector("up{a=\"b\"}").is_ok());
    for text in ["sum(up)", "up offset 5m", "up[5m]", "1", "up @ 5", "{}"] {
        assert!(selector(text).is_err(), "{text}");
    }
}

/// The values of n1 are from 1000 to 1001; of others, and of none, they begin at 2000. What an expression gives must
/// be the same whether others have samples or not.
#[test]
fn no_expression_shows_a_sample_of_another_network() {
    let (with_others, _folder) = engine(&["n1", "n2", "n3"]);
    let (alone, _alone_folder) = {
        let (store, folder) = store(&["n1"]);
        (Engine::new(store, Limits::default()), folder)
    };
    let scope = Scope::network("n1");
    let mut inventor = Inventor::new(0x1234_5678_9abc_def1);
    let (mut answered, mut found) = (0, 0);
    for _ in 0..800 {
        let text = inventor.vector(1 + (answered % 4) as u32);
        let here = ask(&with_others, &text, &scope).map(|answer| answer.to_json());
        let there = ask(&alone, &text, &scope).map(|answer| answer.to_json());
        assert_eq!(here, there, "{text}");
        let query = RangeQuery { text: text.clone(), start_ms: NOW - 600_000, end_ms: NOW, step_ms: 300_000 };
        let range = |engine: &Engine| engine.range(&query, &scope).map(|answer| answer.to_json());
        assert_eq!(range(&with_others), range(&alone), "{text}");
        answered += 1;
        found += usize::from(here.is_ok_and(|json| json.contains("\"value\"")));
        let nobody = Scope::Networks(BTreeSet::new());
        if let Ok(answer) = ask(&with_others, &text, &nobody) {
            let seen = answer.instant_values();
            assert!(seen.iter().all(|(_, value)| value.is_nan() || value.abs() < 100.0), "{text}: {seen:?}");
        }
    }
    assert!(found > 100, "many find something: {found}");
}

#[test]
fn series_show_no_other_network_either() {
    let (engine, _folder) = engine(&["n1", "n2"]);
    let mut inventor = Inventor::new(77);
    let mut found = BTreeSet::new();
    for _ in 0..500 {
        let Ok(selector) = selector(&inventor.selector()) else { continue };
        found.extend(engine.series(&[selector], (0, i64::MAX), &Scope::network("n1")).unwrap());
    }
    let networks: BTreeSet<&str> = found.iter().map(|labels: &Labels| labels.get("networkID")).collect();
    assert_eq!(networks, BTreeSet::from(["n1"]));
}

#[test]
fn a_restriction_in_writing_does_what_the_scope_does() {
    let (engine, _folder) = engine(&["n1", "n2", "n3"]);
    let mut inventor = Inventor::new(0x1234_5678_9abc_def1);
    for number in 0..800 {
        let text = inventor.vector(1 + number % 4);
        let scope = match number % 3 {
            0 => Scope::Networks(["n1".to_owned(), "n3".to_owned()].into()),
            _ => Scope::network("n1"),
        };
        let scoped = ask(&engine, &text, &scope).map(|answer| answer.to_json());
        let written = match restricted_text(&text, &scope) {
            Ok(written) => written,
            Err(error) => {
                assert_eq!(scoped, Err(error), "{text}");
                continue;
            }
        };
        let answer = ask(&engine, &written, &Scope::All).map(|answer| answer.to_json());
        assert_eq!(answer, scoped, "{text} as {written}");
    }
}

#[test]
fn names_and_texts_that_look_like_an_expression_stay_names_and_texts() {
    let scope = Scope::network("n1");
    for (text, want) in [
        ("{\"a} or up{\"}", "{__name__=\"a} or up{\",networkID=\"n1\"}"),
        ("{\"nan\"}", "{__name__=\"nan\",networkID=\"n1\"}"),
        (
            "{__name__=\"with\",a='\"} or up{b=\"'}",
            "{__name__=\"with\",a=\"\\\"} or up{b=\\\"\",networkID=\"n1\"}",
        ),
        ("up{a=\"\\\\\"}", "up{a=\"\\\\\",networkID=\"n1\"}"),
        ("up{a=`\"`}", "up{a=\"\\\"\",networkID=\"n1\"}"),
        ("up{a=\"\\n\\u0001\"}", "up{a=\"\\n\\u0001\",networkID=\"n1\"}"),
        ("up # } or load", "up{networkID=\"n1\"}"),
        ("-up ^ -2", "-(up{networkID=\"n1\"} ^ (-2))"),
        ("1 - (2 - 3)", "1 - (2 - 3)"),
        ("1 - 2 - 3", "(1 - 2) - 3"),
        ("1e300 + 0x1F + 1e-9 + Inf", "((1e300 + 31) + 1e-9) + Inf"),
        ("sum by () (up)", "sum by()(up{networkID=\"n1\"})"),
        (
            "up * ignoring() group_left load",
            "up{networkID=\"n1\"} * ignoring() group_left() load{networkID=\"n1\"}",
        ),
        ("up > bool on(a) 90m", "parse error"),
        ("up[90m] @ -1.5 offset -25h", "up{networkID=\"n1\"}[90m] @ -1.500 offset -25h"),
        ("up[5m:] @ end()", "up{networkID=\"n1\"}[5m:] @ end()"),
        ("{\"a b\"=\"c\"}", "\"a b\" is no name of a label"),
        ("sum by (\"a) or up or sum by (b\") (up)", "is no name of a label"),
        ("up + fill(0) up", "\"fill\" cannot be passed on"),
        ("{a=\"b\" or c=\"d\"}", "\"or\" between matchers cannot be passed on"),
        ("histogram_stddev(up)", "histogram_stddev(up{networkID=\"n1\"})"),
    ] {
        match restricted_text(text, &scope) {
            Ok(written) => assert_eq!(written, want, "{text}"),
            Err(error) => assert!(error.message.contains(want), "{text}: {error}"),
        }
    }
}

#[test]
fn a_restricted_expression_keeps_what_was_written_and_adds_the_networks() {
    let two = Scope::Networks(["n1".to_owned(), "n.2".to_owned()].into());
    for (text, scope, want) in [
        ("up", Scope::network("n1"), "up{networkID=\"n1\"}"),
        ("up{networkID!=\"n1\"}", Scope::network("n1"), "up{networkID!=\"n1\",networkID=\"n1\"}"),
        (
            "sum(rate(up[5m] offset 1m))",
            Scope::network("n1"),
            "sum(rate(up{networkID=\"n1\"}[5m] offset 1m))",
        ),
        (
            "max_over_time((up + up)[1h:1m])",
            Scope::network("n1"),
            "max_over_time((up{networkID=\"n1\"} + up{networkID=\"n1\"})[1h:1m])",
        ),
        (
            "topk(scalar(up), up)",
            Scope::network("n1"),
            "topk(scalar(up{networkID=\"n1\"}), up{networkID=\"n1\"})",
        ),
        ("up", two, "up{networkID=~\"n\\\\.2|n1\"}"),
        ("up", Scope::All, "up"),
        ("up", Scope::Networks([].into()), "up{networkID=\"\\u0001no network\"}"),
    ] {
        let restricted = restricted_text(text, &scope).unwrap();
        assert_eq!(restricted, want, "{text}");
        assert!(parse(&restricted).is_ok(), "{restricted} can be read again");
    }
}
