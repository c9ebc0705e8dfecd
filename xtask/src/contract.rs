//! The accepted contract: a committed table of everything in the protos that the wire can show.
//!
//! Gateways and clouds in the field hold us to these numbers, names and types, so a change of a `.proto` file must be
//! seen as what it is. `contracts/contract.tsv` has a line for each file, message, field, enum value, RPC and reserved
//! range; a test compares it with the compiled protos, and only `cargo xtask contract --accept` writes it.

use crate::protos;
use anyhow::{Context, Result, bail};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    ServiceDescriptorProto,
};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

const TABLE: &str = "contracts/contract.tsv";

const HEADER: &str = "\
# The wire contract, one line for each thing in it. Written by `cargo xtask contract --accept`, held by a test.
# file      path       -       package      syntax
# message   name       -       file
# field     message    number  name         type          label        oneof     JSON name
# value     enum       name    number
# rpc       service    method  request      response
# reserved  message    what
";

/// What a line is about; the rest of the line is what the contract says of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    kind: &'static str,
    owner: String,
    /// For fields, which are sorted and known by number.
    number: i32,
    name: String,
}

/// The contract as a table.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table(BTreeMap<Entry, String>);

/// Writes the table from the protos: the new contract is accepted.
pub fn accept(root: &Path) -> Result<()> {
    let table = Table::of(&protos::compile(root)?);
    fs::write(root.join(TABLE), table.to_text()).with_context(|| format!("writing {TABLE}"))?;
    println!("contract: {} entries accepted", table.0.len());
    Ok(())
}

/// Fails, naming each difference, when the protos are not the accepted contract.
pub fn check(root: &Path) -> Result<()> {
    let accepted = fs::read_to_string(root.join(TABLE))
        .with_context(|| format!("reading {TABLE}; `cargo xtask contract --accept` makes it"))?;
    let table = Table::of(&protos::compile(root)?);
    let differences = differences(&accepted, &table.to_text());
    if differences.is_empty() {
        println!("contract: {} entries agree with {TABLE}", table.0.len());
        return Ok(());
    }
    bail!(
        "the protos are not the accepted contract. A contract file changes only to follow Magma or a standard; if this \
         does, run `cargo xtask contract --accept`:\n  {}",
        differences.join("\n  ")
    )
}

/// Compares two tables line by line, each line known by its first three columns.
fn differences(accepted: &str, compiled: &str) -> Vec<String> {
    let (accepted, compiled) = (lines_by_subject(accepted), lines_by_subject(compiled));
    let subjects: BTreeSet<&String> = accepted.keys().chain(compiled.keys()).collect();
    let describe = |subject: &String| match (accepted.get(subject), compiled.get(subject)) {
        (Some(then), Some(now)) if then == now => None,
        (Some(then), Some(now)) => Some(format!("{subject}: was `{then}`, is `{now}`")),
        (Some(then), None) => Some(format!("{subject}: `{then}` is gone")),
        (None, Some(now)) => Some(format!("{subject}: `{now}` is new")),
        (None, None) => None,
    };
    subjects.into_iter().filter_map(describe).collect()
}

fn lines_by_subject(table: &str) -> BTreeMap<String, String> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let mut columns = line.splitn(4, '\t');
            let subject: Vec<&str> = columns.by_ref().take(3).collect();
            (subject.join(" "), columns.next().unwrap_or_default().replace('\t', " "))
        })
        .collect()
}

impl Table {
    fn of(set: &FileDescriptorSet) -> Self {
        let mut table = Self::default();
        for file in set.file.iter().filter(|file| !file.package().starts_with("google.")) {
            table.add_file(file);
        }
        table
    }

    fn to_text(&self) -> String {
        let line = |(entry, rest): (&Entry, &String)| {
            let key = if entry.kind == "field" { entry.number.to_string() } else { entry.name.clone() };
            format!("{}\t{}\t{key}\t{rest}\n", entry.kind, entry.owner)
        };
        format!("{HEADER}{}", self.0.iter().map(line).collect::<String>())
    }

    fn add(&mut self, kind: &'static str, owner: &str, key: Key<'_>, rest: String) {
        let (number, name) = match key {
            Key::Number(number) => (number, String::new()),
            Key::Name(name) => (0, name.to_owned()),
        };
        self.0.insert(Entry { kind, owner: owner.to_owned(), number, name }, rest);
    }

    fn add_file(&mut self, file: &FileDescriptorProto) {
        let syntax = if file.syntax().is_empty() { "proto2" } else { file.syntax() };
        self.add("file", file.name(), Key::Name("-"), format!("{}\t{syntax}", file.package()));
        for message in &file.message_type {
            self.add_message(file.name(), file.package(), message);
        }
        for names in &file.enum_type {
            self.add_enum(file.package(), names);
        }
        for service in &file.service {
            self.add_service(file.package(), service);
        }
    }

    fn add_message(&mut self, file: &str, scope: &str, message: &DescriptorProto) {
        let name = format!("{scope}.{}", message.name());
        self.add("message", &name, Key::Name("-"), file.to_owned());
        for field in &message.field {
            self.add_field(&name, message, field);
        }
        for range in &message.reserved_range {
            let (first, last) = (range.start(), range.end() - 1);
            self.add("reserved", &name, Key::Name(&format!("{first}-{last}")), String::new());
        }
        for reserved in &message.reserved_name {
            self.add("reserved", &name, Key::Name(reserved), String::new());
        }
        for nested in message.nested_type.iter().filter(|nested| !is_map_entry(nested)) {
            self.add_message(file, &name, nested);
        }
        for names in &message.enum_type {
            self.add_enum(&name, names);
        }
    }

    fn add_field(&mut self, owner: &str, message: &DescriptorProto, field: &FieldDescriptorProto) {
        let entry = map_entry(message, field);
        let (kind, label) = match entry {
            Some(entry) => (format!("map<{}>", types_of(entry)), "map"),
            None => (type_name(field), label(field)),
        };
        let oneof = match field.oneof_index {
            Some(index) if !field.proto3_optional() => message.oneof_decl[index as usize].name(),
            _ => "-",
        };
        let rest = format!("{}\t{kind}\t{label}\t{oneof}\t{}", field.name(), field.json_name());
        self.add("field", owner, Key::Number(field.number()), rest);
    }

    fn add_enum(&mut self, scope: &str, names: &EnumDescriptorProto) {
        let owner = format!("{scope}.{}", names.name());
        for value in &names.value {
            self.add("value", &owner, Key::Name(value.name()), value.number().to_string());
        }
    }

    fn add_service(&mut self, package: &str, service: &ServiceDescriptorProto) {
        let owner = format!("{package}.{}", service.name());
        for method in &service.method {
            let request = streamed(method.client_streaming(), method.input_type());
            let response = streamed(method.server_streaming(), method.output_type());
            self.add("rpc", &owner, Key::Name(method.name()), format!("{request}\t{response}"));
        }
    }
}

/// How an entry is known within its owner.
enum Key<'a> {
    Number(i32),
    Name(&'a str),
}

fn streamed(stream: bool, message: &str) -> String {
    format!("{}{}", if stream { "stream " } else { "" }, message.trim_start_matches('.'))
}

fn is_map_entry(message: &DescriptorProto) -> bool {
    message.options.as_ref().is_some_and(|options| options.map_entry())
}

/// The nested message that makes `field` a map, if it is one.
fn map_entry<'a>(message: &'a DescriptorProto, field: &FieldDescriptorProto) -> Option<&'a DescriptorProto> {
    let is_its_type = |nested: &&DescriptorProto| field.type_name().ends_with(&format!(".{}", nested.name()));
    message.nested_type.iter().filter(|nested| is_map_entry(nested)).find(is_its_type)
}

fn types_of(entry: &DescriptorProto) -> String {
    entry.field.iter().map(type_name).collect::<Vec<_>>().join(",")
}

fn type_name(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message | Type::Enum | Type::Group => field.type_name().trim_start_matches('.').to_owned(),
        scalar => scalar.as_str_name().trim_start_matches("TYPE_").to_ascii_lowercase(),
    }
}

fn label(field: &FieldDescriptorProto) -> &'static str {
    match field.label() {
        Label::Repeated => "repeated",
        Label::Required => "required",
        Label::Optional if field.proto3_optional() => "explicit",
        Label::Optional => "single",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace_root;

    #[test]
    fn the_protos_are_the_accepted_contract() {
        check(&workspace_root()).unwrap();
    }

    const FILE: &str = r#"
        syntax = "proto3";
        package p;
        service Talk { rpc Say(Words) returns (stream Words); rpc Stop(Words) returns (Words); }
        enum Mood { CALM = 0; LOUD = 1; }
        message Words {
            reserved 9;
            string text = 1;
            repeated int64 pauses = 2;
            map<string, Mood> moods = 3;
            oneof end { bool dot = 4; string PlmnIds = 5; }
            message Inner { Mood mood = 1; }
            optional Inner inner = 6;
        }
    "#;

    fn table_of(proto: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("contracts/protos")).unwrap();
        fs::write(folder.path().join("contracts/protos/p.proto"), proto).unwrap();
        Table::of(&protos::compile(folder.path()).unwrap()).to_text()
    }

    #[test]
    fn the_table_has_a_line_for_everything_on_the_wire() {
        let table = table_of(FILE);
        let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            lines,
            [
                "field\tp.Words\t1\ttext\tstring\tsingle\t-\ttext",
                "field\tp.Words\t2\tpauses\tint64\trepeated\t-\tpauses",
                "field\tp.Words\t3\tmoods\tmap<string,p.Mood>\tmap\t-\tmoods",
                "field\tp.Words\t4\tdot\tbool\tsingle\tend\tdot",
                "field\tp.Words\t5\tPlmnIds\tstring\tsingle\tend\tPlmnIds",
                "field\tp.Words\t6\tinner\tp.Words.Inner\texplicit\t-\tinner",
                "field\tp.Words.Inner\t1\tmood\tp.Mood\tsingle\t-\tmood",
                "file\tp.proto\t-\tp\tproto3",
                "message\tp.Words\t-\tp.proto",
                "message\tp.Words.Inner\t-\tp.proto",
                "reserved\tp.Words\t9-9\t",
                "rpc\tp.Talk\tSay\tp.Words\tstream p.Words",
                "rpc\tp.Talk\tStop\tp.Words\tp.Words",
                "value\tp.Mood\tCALM\t0",
                "value\tp.Mood\tLOUD\t1",
            ]
        );
    }

    #[test]
    fn each_difference_is_named() {
        let check = |row: &str, from: &str, to: &str, expected: &[&str]| {
            let changed = FILE.replace(from, to);
            assert_ne!(changed, FILE, "{row}: `{from}` is in the file");
            assert_eq!(differences(&table_of(FILE), &table_of(&changed)), expected, "{row}");
        };
        check("a comment is none", "message Words {", "/* words */ message Words {", &[]);
        let renamed = "field p.Words 1: was `text string single - text`, is `said string single - said`";
        check("a renamed field", "string text", "string said", &[renamed]);
        let new = "field p.Words 7: `text string single - text` is new";
        let gone = "field p.Words 1: `text string single - text` is gone";
        check("a renumbered field", "text = 1", "text = 7", &[gone, new]);
        let retyped = "field p.Words 1: was `text string single - text`, is `text bytes single - text`";
        check("another type", "string text", "bytes text", &[retyped]);
        let repeated = "field p.Words 1: was `text string single - text`, is `text string repeated - text`";
        check("another label", "string text", "repeated string text", &[repeated]);
        let map = "field p.Words 3: was `moods map<string,p.Mood> map - moods`, is `moods map<string,bool> map - moods`";
        check("another map", "map<string, Mood>", "map<string, bool>", &[map]);
        let json = "field p.Words 5: was `PlmnIds string single end PlmnIds`, is `PlmnIds string single end plmnIds`";
        check("another JSON name", "PlmnIds = 5", "PlmnIds = 5 [json_name = \"plmnIds\"]", &[json]);
        check("an enum value", "LOUD = 1", "LOUD = 2", &["value p.Mood LOUD: was `1`, is `2`"]);
        check("no reserved range", "reserved 9;", "", &["reserved p.Words 9-9: `` is gone"]);
        let streaming = "rpc p.Talk Say: was `p.Words stream p.Words`, is `p.Words p.Words`";
        check("another streaming", "(stream Words)", "(Words)", &[streaming]);
        let rpc = "rpc p.Talk Stop: `p.Words p.Words` is gone";
        check("no RPC", "rpc Stop(Words) returns (Words);", "", &[rpc]);
    }
}
