//! Every key that is read, each with values that it must refuse: no key is without a row, and no refusal without its
//! file, line, key and advice.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::block::Report;
use crate::{Paths, Problem, Severity, not_honoured, read_all};

/// What a value may be, as refused values and what is said of each.
type Refused = &'static [(&'static str, &'static str)];

const TEXT: Refused =
    &[("7", "in quotes"), ("True", "in quotes"), ("[a]", "must be a text"), ("{a: b}", "must be a text")];
const NAME: Refused = &[("7", "in quotes"), ("'a b'", "a service's name"), ("{a: b}", "must be a text")];
const BOOLEAN: Refused =
    &[("'True'", "without quotes"), ("7", "True or False"), ("maybe", "True or False"), ("[True]", "True")];
const SECONDS: Refused =
    &[("0", "from 1 to 86400"), ("86401", "from 1 to 86400"), ("1m", "(seconds)"), ("[60]", "(seconds)")];
const COUNT: Refused = &[
    ("-1", "whole number"),
    ("1000001", "whole number"),
    ("1.5", "whole number"),
    ("many", "whole number"),
    ("[1]", "whole number"),
];
const PORT: Refused = &[("0", "(a port)"), ("65536", "(a port)"), ("http", "(a port)"), ("[1]", "(a port)")];
const PORT_OR_0: Refused = &[("-1", "from 0 to 65535"), ("65536", "from 0 to 65535"), ("x", "from 0")];
const HOST: Refused = &[
    ("7", "host name"),
    ("True", "host name"),
    ("'a b'", "host name"),
    ("https://a", "scheme"),
    ("[a]", "host name"),
];
const PATH: Refused =
    &[("7", "starts with /"), ("a/b", "starts with /"), ("/a/../b", "`..`"), ("[/a]", "must be a text")];
const MEBIBYTES: Refused =
    &[("0", "above 0"), ("1025", "up to 1024"), ("much", "must be a number"), ("[1]", "must be a number")];
const LIST: Refused = &[("7", "must be a list"), ("a", "must be a list"), ("{a: b}", "must be a list")];
const BLOCK: Refused = &[("7", "`key: value` lines"), ("[a]", "`key: value` lines")];
const LEVEL: Refused = &[("LOUD", "DEBUG, INFO"), ("7", "DEBUG, INFO"), ("[INFO]", "DEBUG, INFO")];
const ONE_LOG: Refused = &[("LOUD", "in magmad.yml"), ("7", "in magmad.yml"), ("[INFO]", "in magmad.yml")];
const FILE: Refused = &[("7", "in quotes"), ("../x", "without /"), ("[a]", "must be a text")];
const METRIC: Refused = &[("7", "in quotes"), ("'a b'", "metric's name"), ("[a]", "must be a text")];
/// It is for others, and nothing of ours depends on what it is.
const ANY: Refused = &[];

/// A service's file, a key in it, a document with `@` for its value, a value that it takes, and some that it refuses.
type Row = (&'static str, &'static str, &'static str, &'static str, Vec<(&'static str, &'static str)>);

const ROWS: &str = include_str!("every_key.tsv");

/// The values of a kind that rows share.
fn of_kind(kind: &str) -> Option<Refused> {
    Some(match kind {
        "TEXT" => TEXT,
        "NAME" => NAME,
        "BOOLEAN" => BOOLEAN,
        "SECONDS" => SECONDS,
        "COUNT" => COUNT,
        "PORT" => PORT,
        "PORT_OR_0" => PORT_OR_0,
        "HOST" => HOST,
        "PATH" => PATH,
        "MEBIBYTES" => MEBIBYTES,
        "LIST" => LIST,
        "BLOCK" => BLOCK,
        "LEVEL" => LEVEL,
        "ONE_LOG" => ONE_LOG,
        "FILE" => FILE,
        "METRIC" => METRIC,
        "ANY" => ANY,
        _ => return None,
    })
}

fn rows() -> impl Iterator<Item = Row> {
    ROWS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or_else(|| panic!("five columns: {line}"));
        let (service, key, lines, value, refused) = (next(), next(), next(), next(), next());
        let pairs = || refused.split(" | ").map(|pair| pair.split_once(" => ").expect("a value and advice"));
        let refused = of_kind(refused).map_or_else(|| pairs().collect(), <[_]>::to_vec);
        (service, key, lines, value, refused)
    })
}

const MAGMAD: &str = "magma_services: [state]\n\
                      init_system: process\n\
                      enable_config_streamer: no\n\
                      enable_sync_rpc: no\n\
                      embedded_services: [control_proxy, eventd, directoryd, state, ctraced, td-agent-bit]\n";

/// The problems of a gateway whose file of `service` has `lines` in its override, as the key and what is said, and the
/// keys that were asked for.
fn read(service: &str, lines: &str) -> (Vec<Problem>, BTreeSet<(&'static str, String)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    };
    write("etc/magma/magmad.yml", MAGMAD);
    write("etc/magma/control_proxy.yml", "cloud_address: a.test\nbootstrap_address: b.test\n");
    for absent in ["service_registry", "streamer", "eventd", "directoryd", "state", "ctraced", "redis"] {
        write(&format!("etc/magma/{absent}.yml"), "");
    }
    write(&format!("var/opt/magma/configs/{service}.yml"), &format!("# nothing\n{lines}\n"));
    let report = Report::default();
    read_all(&Paths::under(folder.path()), &report);
    let asked = report.asked();
    (report.into_problems(), asked)
}

fn said(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{problem}\n")).collect()
}

#[test]
fn every_key_refuses_what_it_cannot_be_and_says_where_and_what_to_write() {
    for (service, key, lines, _, refused) in rows() {
        for (value, advice) in refused {
            let (problems, _) = read(service, &lines.replace('@', value));
            let file = Path::new("var/opt/magma/configs").join(service).with_extension("yml");
            let told = problems.iter().any(|problem| {
                problem.file.ends_with(&file)
                    && problem.key == key
                    && problem.line == Some(2)
                    && problem.message.contains(advice)
            });
            assert!(told, "{service}: {lines} with {value}: no {advice:?} in\n{}", said(&problems));
        }
    }
}

#[test]
fn every_key_takes_what_it_can_be_and_none_is_without_a_row() {
    let (mut asked, mut known) = (BTreeSet::new(), BTreeSet::new());
    for (service, key, lines, value, _) in rows() {
        let (problems, keys) = read(service, &lines.replace('@', value));
        let of_the_key: Vec<&Problem> =
            problems.iter().filter(|p| p.key == key && p.severity != Severity::NoEffect).collect();
        let harmless = of_the_key.iter().all(|p| p.severity == Severity::Warning && p.line != Some(0));
        assert!(harmless, "{service}: {lines} with {value}\n{}", said(&problems));
        let unknown = problems.iter().any(|p| p.message.contains("not a known key"));
        assert!(!unknown, "{service}: {lines} with {value}\n{}", said(&problems));
        asked.extend(keys.into_iter().filter(|(of, _)| *of == service));
        known.insert((service, key.to_owned()));
    }
    // Names that the documents above chose.
    let chosen = |(_, key): &(&str, String)| key.starts_with("services.magmad");
    let without: Vec<_> = asked.difference(&known).filter(|key| !chosen(key)).collect();
    assert!(without.is_empty(), "keys that are read and have no row: {without:?}");
    let not_read: Vec<_> = known.difference(&asked).collect();
    assert!(not_read.is_empty(), "rows of keys that nobody reads: {not_read:?}");
}

#[test]
fn every_key_without_an_effect_is_said_to_have_none() {
    for (service, key) in not_honoured::all() {
        let key =
            if service == "service_registry" { format!("services.state.{key}") } else { key.to_owned() };
        let (above, last) = key.rsplit_once('.').unwrap_or(("", &key));
        let lines = match (service, above) {
            ("service_registry", _) => format!("services: {{state: {{ip_address: a, port: 1, {last}: x}}}}"),
            (_, "") => format!("{last}: x"),
            (_, above) => format!("{above}: {{{last}: x}}"),
        };
        let (problems, _) = read(service, &lines);
        let told = problems.iter().any(|problem| {
            problem.key == key && problem.severity == Severity::NoEffect && problem.line == Some(2)
        });
        assert!(told, "{service}: {lines}\n{}", said(&problems));
        let errors = problems.iter().any(|problem| problem.severity == Severity::Error && problem.key == key);
        assert!(!errors, "nothing depends on it: {}", said(&problems));
    }
}
