//! What is in the tables, and what they refuse.

use super::*;

/// The tables of package `p` in a contract that is one file.
fn tables_of(proto: &str) -> Result<String> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("p.proto"), proto)?;
    let set = protox::compile(["p.proto"], [folder.path()])?;
    generate(&set, "p")
}

fn version_3(body: &str) -> String {
    format!("syntax = \"proto3\"; package p; {body}")
}

#[test]
fn tables_say_what_the_contract_says() {
    let body = "enum E { ZERO = 0; LESS = -1; } \
                message M { bool later_field = 2; N first = 1; message N { repeated E es = 3; } \
                            map<string, int64> counts = 4; oneof o { string a = 5; M b = 6; } \
                            optional float f = 7; repeated uint32 loose = 8 [packed = false]; }";
    let tables = tables_of(&version_3(body)).unwrap();
    for (row, expected) in [
        ("the package", r#"package: "p""#),
        ("the contract's order", "fields: Span(0, 7) }, // 0: .p.M\n"),
        ("nested messages behind theirs", "fields: Span(7, 1) }, // 1: .p.M.N\n"),
        (
            "a map's entry has no name",
            "Message { name: Name(0, 0), fields: Span(8, 2) }, // 2: .p.M.CountsEntry",
        ),
        (
            "messages are always explicit",
            "kind: Kind::Message(1), cardinality: Cardinality::Explicit, oneof: 0",
        ),
        ("plain fields are not", "kind: Kind::Bool, cardinality: Cardinality::Implicit, oneof: 0"),
        ("a packed list", "kind: Kind::Enum(0), cardinality: Cardinality::Packed, oneof: 0"),
        ("one that is not", "kind: Kind::Uint32, cardinality: Cardinality::Unpacked, oneof: 0 }, // M.loose"),
        ("a map", "kind: Kind::Message(2), cardinality: Cardinality::Map, oneof: 0 }, // M.counts"),
        ("a oneof", "kind: Kind::Message(0), cardinality: Cardinality::Explicit, oneof: 1 }, // M.b"),
        ("`optional` is no oneof", "kind: Kind::Float, cardinality: Cardinality::Explicit, oneof: 0"),
        ("an enum", "Enum { values: Span(0, 2) }, // 0: .p.E"),
        ("a number below zero", "number: -1 }, // LESS"),
        ("JSON's names", "\"laterField\",\n"),
    ] {
        assert!(tables.contains(expected), "{row}: {tables}");
    }
    let position = |field: &str| tables.find(&format!("// {field}\n")).unwrap();
    assert!(position("M.first") < position("M.later_field"), "by number: {tables}");
}

#[test]
fn what_tables_cannot_say_is_refused() {
    let check = |row: &str, proto: &str, expected: &str| {
        let error = format!("{:#}", tables_of(proto).expect_err(row));
        assert!(error.contains(expected), "{row}: {error}");
    };
    let any = "syntax = \"proto3\"; package p; import \"google/protobuf/any.proto\"; \
               message M { google.protobuf.Any a = 1; }";
    let timestamp = "syntax = \"proto3\"; package p; import \"google/protobuf/timestamp.proto\"; \
                     message M { google.protobuf.Timestamp a = 1; }";
    check("a timestamp that would be read", timestamp, ".google.protobuf.Timestamp has a JSON form");
    check("one of Google's types", any, "message .p.M: field a: .google.protobuf.Any has a JSON form");
    check("version 2", "syntax = \"proto2\"; package p;", "p.proto is not of version 3");
    let number = version_3("message M { bool a = 65536; }");
    check("a high number", &number, "field a: field numbers above 65535 have no room");
    let names = version_3("message M { bool a_b = 1; bool c_d = 2 [json_name = \"a_b\"]; }");
    check("two fields of one name", &names, "fields c_d and a_b have the same name in JSON");
    let long = version_3(&format!("message {} {{}}", "M".repeat(256)));
    check("a long name", &long, "is too long");
}

#[test]
fn only_one_package_can_be_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let other =
        "syntax = \"proto3\"; package other; message Used { bool a = 1; } message Unused { bool b = 1; }";
    std::fs::write(folder.path().join("other.proto"), other).unwrap();
    let proto = "syntax = \"proto3\"; package p; import \"other.proto\"; message M { other.Used used = 1; }";
    std::fs::write(folder.path().join("p.proto"), proto).unwrap();
    let tables = generate(&protox::compile(["p.proto"], [folder.path()]).unwrap(), "p").unwrap();
    assert!(
        tables.contains("Message { name: Name(0, 0), fields: Span(1, 1) }, // 1: .other.Used"),
        "{tables}"
    );
    assert!(!tables.contains("Unused"), "{tables}");
}

#[test]
fn messages_that_are_only_written_are_asked_for_by_name_and_may_have_timestamps() {
    let folder = tempfile::tempdir().unwrap();
    let proto = "syntax = \"proto3\"; package p.q; import \"google/protobuf/timestamp.proto\"; \
                 message M { google.protobuf.Timestamp at = 1; Used used = 2; } message Used {} message Unused {}";
    std::fs::write(folder.path().join("p.proto"), proto).unwrap();
    let set = protox::compile(["p.proto"], [folder.path()]).unwrap();
    let tables = generate_written(&set, "p", &["q.M"]).unwrap();
    for (row, expected) in [
        ("the asked for", "\"q.M"),
        ("its timestamp", "kind: Kind::Timestamp, cardinality: Cardinality::Explicit"),
        ("what it consists of", "Message { name: Name(0, 0), fields: Span(2, 0) }, // 1: .p.q.Used"),
    ] {
        assert!(tables.contains(expected), "{row}: {tables}");
    }
    assert!(!tables.contains("Unused"), "{tables}");
}
