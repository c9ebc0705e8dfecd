//! A Rust type for each definition.

use super::definitions::constant;
use super::table::{Contract, Field, Kind};
use heck::{ToSnakeCase, ToUpperCamelCase};
use std::fmt::Write as _;

/// The whole file.
pub fn code(contract: &Contract) -> String {
    let mut emit = Emit { contract, code: String::new() };
    emit.code.push_str(
        "use crate::{HasSchema, Schema, definitions, null_is_empty};\n\
         use serde::{Deserialize, Serialize};\nuse serde_json::Value;\nuse std::collections::BTreeMap;\n",
    );
    for (name, kind) in contract {
        let rust = name.to_upper_camel_case();
        match kind {
            Kind::Object(fields) => emit.object(&rust, &format!("`{name}` of the contract."), fields),
            _ => emit.bare(&rust, name, kind),
        }
        let _ = writeln!(
            emit.code,
            "\nimpl HasSchema for {rust} {{\n    const SCHEMA: &'static Schema = &Schema::Named(&definitions::{});\n}}",
            constant(name)
        );
    }
    emit.code
}

struct Emit<'a> {
    contract: &'a Contract,
    code: String,
}

const DERIVES: &str = "#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]";

/// The same of what holds a secret, which no log may show.
const SECRET_DERIVES: &str = "#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]";

/// Fields that hold a subscriber's or a network's secret key.
const SECRETS: &[&str] = &["auth_key", "auth_opc", "home_network_private_key"];

impl Emit<'_> {
    /// A definition that is no object: a type of its own for where it is a whole body; fields have what is inside.
    fn bare(&mut self, rust: &str, name: &str, kind: &Kind) {
        let inner = self.rust_type(kind, rust);
        let _ = writeln!(
            self.code,
            "\n/// `{name}` of the contract.\n{DERIVES}\n#[serde(transparent)]\npub struct {rust}(\n    \
             /// The value.\n    pub {inner},\n);"
        );
    }

    fn object(&mut self, rust: &str, says: &str, fields: &[Field]) {
        let mut nested = Vec::new();
        let is_secret = fields.iter().any(|field| SECRETS.contains(&field.name.as_str()));
        let derives = if is_secret { SECRET_DERIVES } else { DERIVES };
        let _ = writeln!(self.code, "\n/// {says}\n{derives}\n#[serde(default)]\npub struct {rust} {{");
        for field in fields {
            let inner = format!("{rust}{}", field.name.to_upper_camel_case());
            if let Some(fields) = object_in(&field.kind) {
                nested.push((inner.clone(), field.name.clone(), fields.to_vec()));
            }
            let text = self.field(field, &inner);
            self.code.push_str(&text);
        }
        self.code.push_str("}\n");
        if is_secret {
            let _ = writeln!(
                self.code,
                "\nimpl std::fmt::Debug for {rust} {{\n    /// Nothing of it: it holds a secret.\n    \
                 fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{\n        \
                 f.debug_struct({rust:?}).finish_non_exhaustive()\n    }}\n}}"
            );
        }
        for (inner, name, fields) in nested {
            self.object(&inner, &format!("`{name}` of [`{rust}`]."), &fields);
        }
    }

    fn field(&self, field: &Field, inner: &str) -> String {
        let rust_name = rust_field(&field.name);
        let mut attributes = Vec::new();
        if rust_name.trim_start_matches("r#") != field.name {
            attributes.push(format!("rename = {:?}", field.name));
        }
        let value = self.rust_type(&field.kind, inner);
        let is_list = value.starts_with("Vec<");
        let is_map = value.starts_with("BTreeMap<");
        let optional = !field.required && !is_list && !is_map;
        if optional {
            attributes.push("skip_serializing_if = \"Option::is_none\"".to_owned());
        } else {
            attributes.push("deserialize_with = \"null_is_empty\"".to_owned());
        }
        if is_list && field.omit_empty && !field.required {
            attributes.push("skip_serializing_if = \"Vec::is_empty\"".to_owned());
        }
        if is_map && !field.required {
            attributes.push("skip_serializing_if = \"BTreeMap::is_empty\"".to_owned());
        }
        let value = if optional { format!("Option<{value}>") } else { value };
        let need = if field.required { "required" } else { "optional" };
        format!(
            "    /// `{}`, {need}.\n    #[serde({})]\n    pub {rust_name}: {value},\n",
            field.name,
            attributes.join(", ")
        )
    }

    fn rust_type(&self, kind: &Kind, inner: &str) -> String {
        match kind {
            Kind::Text { .. } => "String".to_owned(),
            Kind::Integer { format, .. } => integer_type(format).to_owned(),
            Kind::Number { .. } => "f64".to_owned(),
            Kind::Boolean => "bool".to_owned(),
            Kind::Anything => "Value".to_owned(),
            Kind::List { item, .. } => format!("Vec<{}>", self.rust_type(item, inner)),
            Kind::Map(item) => format!("BTreeMap<String, {}>", self.rust_type(item, inner)),
            Kind::Object(_) => inner.to_owned(),
            Kind::Named(name) => match self.contract.get(name) {
                Some(Kind::Object(_)) | None => name.to_upper_camel_case(),
                Some(kind) => self.rust_type(kind, inner),
            },
        }
    }
}

fn object_in(kind: &Kind) -> Option<&[Field]> {
    match kind {
        Kind::Object(fields) => Some(fields),
        Kind::Map(item) | Kind::List { item, .. } => object_in(item),
        _ => None,
    }
}

fn integer_type(format: &str) -> &'static str {
    match format {
        "uint32" => "u32",
        "int32" => "i32",
        "uint64" => "u64",
        _ => "i64",
    }
}

fn rust_field(name: &str) -> String {
    let snake = name.to_snake_case();
    match snake.as_str() {
        "type" | "match" | "static" | "for" | "ref" | "continue" => format!("r#{snake}"),
        _ => snake,
    }
}
