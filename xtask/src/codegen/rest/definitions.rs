//! The rules of each definition as constants.

use super::table::{Contract, Field, Kind, Rules};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The whole file.
pub fn code(contract: &Contract) -> String {
    let mut patterns = BTreeMap::new();
    let mut definitions = String::new();
    for (name, kind) in contract {
        let schema = Emit { contract, patterns: &mut patterns }.schema(kind);
        let _ = writeln!(
            definitions,
            "\n/// The rules of `{name}`.\npub static {}: Definition = Definition {{ name: {name:?}, schema: {schema} }};",
            constant(name)
        );
    }
    let mut code =
        "use crate::schema::{Definition, Field, Integer, List, Number, Pattern, Schema, Text};\n\n"
            .to_owned();
    for (pattern, place) in &patterns {
        let _ = writeln!(code, "static PATTERN_{place}: Pattern = Pattern::new({pattern:?});");
    }
    code.push_str(&definitions);
    let names: Vec<String> = contract.keys().map(|name| format!("&{}", constant(name))).collect();
    let _ = writeln!(
        code,
        "\n/// Every definition, by name.\npub static ALL: &[&Definition] = &[\n    {},\n];",
        names.join(",\n    ")
    );
    code
}

/// The constant of a definition.
pub fn constant(name: &str) -> String {
    name.to_uppercase()
}

struct Emit<'a> {
    contract: &'a Contract,
    patterns: &'a mut BTreeMap<String, usize>,
}

impl Emit<'_> {
    fn schema(&mut self, kind: &Kind) -> String {
        match kind {
            Kind::Text { format, rules } => format!("Schema::Text({})", self.text(format.as_deref(), rules)),
            Kind::Integer { format, rules } => format!("Schema::Integer({})", integer(format, rules)),
            Kind::Number { rules } => format!(
                "Schema::Number(Number {{ min: {}, max: {} }})",
                float(rules.get("minimum")),
                float(rules.get("maximum"))
            ),
            Kind::Boolean => "Schema::Boolean".to_owned(),
            Kind::Anything => "Schema::Anything".to_owned(),
            Kind::List { item, rules } => format!(
                "Schema::List(List {{ item: &{}, min_items: {}, max_items: {}, unique: {} }})",
                self.schema(item),
                option(rules.get("minItems")),
                option(rules.get("maxItems")),
                rules.get("uniqueItems").is_some_and(|unique| unique == true)
            ),
            Kind::Map(item) => format!("Schema::Map(&{})", self.schema(item)),
            Kind::Object(fields) => {
                let fields: Vec<String> = fields.iter().map(|field| self.field(field)).collect();
                format!("Schema::Object(&[\n    {},\n])", fields.join(",\n    "))
            }
            Kind::Named(name) => format!("Schema::Named(&{})", constant(name)),
        }
    }

    fn field(&mut self, field: &Field) -> String {
        format!(
            "Field {{ name: {:?}, required: {}, empty_is_absent: {}, schema: {} }}",
            field.name,
            field.required,
            self.empty_is_absent(field),
            self.schema(&field.kind)
        )
    }

    /// Whether Go's type of the field cannot tell an empty value from none.
    fn empty_is_absent(&self, field: &Field) -> bool {
        let is_named = matches!(field.kind, Kind::Named(_));
        match self.resolved(&field.kind) {
            Kind::Text { .. } if field.required => is_named || field.nullable == Some(false),
            Kind::Text { .. } | Kind::Integer { .. } | Kind::Number { .. } => {
                !field.required && field.nullable != Some(true)
            }
            _ => false,
        }
    }

    fn resolved<'a>(&'a self, kind: &'a Kind) -> &'a Kind {
        match kind {
            Kind::Named(name) => self.contract.get(name).map_or(kind, |kind| self.resolved(kind)),
            _ => kind,
        }
    }

    fn text(&mut self, format: Option<&str>, rules: &Rules) -> String {
        let mut parts = Vec::new();
        for (rule, field) in [("minLength", "min_length"), ("maxLength", "max_length")] {
            if let Some(value) = rules.get(rule) {
                parts.push(format!("{field}: Some({value})"));
            }
        }
        if let Some(pattern) = rules.get("pattern").and_then(Value::as_str) {
            let next = self.patterns.len();
            let place = self.patterns.entry(pattern.to_owned()).or_insert(next);
            parts.push(format!("pattern: Some(&PATTERN_{place})"));
        }
        if let Some(format) = format {
            parts.push(format!("format: Some({format:?})"));
        }
        if let Some(Value::Array(allowed)) = rules.get("enum") {
            let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
            parts.push(format!("allowed: &[{}]", allowed.join(", ")));
        }
        if parts.is_empty() {
            return "Text::ANY".to_owned();
        }
        format!("Text {{ {}, ..Text::ANY }}", parts.join(", "))
    }
}

fn integer(format: &str, rules: &Rules) -> String {
    let (least, largest) = match format {
        "uint32" => (0, i128::from(u32::MAX)),
        "int32" => (i128::from(i32::MIN), i128::from(i32::MAX)),
        "uint64" => (0, i128::from(u64::MAX)),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    let number = |name: &str| rules.get(name).and_then(|value| value.to_string().parse::<i128>().ok());
    let exclusive = rules.get("exclusiveMinimum").is_some_and(|exclusive| exclusive == true);
    let min = number("minimum").map_or(least, |min| min + i128::from(exclusive));
    let max = number("maximum").unwrap_or(largest);
    let allowed = match rules.get("enum") {
        Some(Value::Array(allowed)) => allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let multiple_of = number("multipleOf").map_or("None".to_owned(), |of| format!("Some({of})"));
    format!(
        "Integer {{ min: {min}, max: {max}, multiple_of: {multiple_of}, format: {format:?}, allowed: &[{allowed}] }}"
    )
}

fn option(value: Option<&Value>) -> String {
    value.map_or("None".to_owned(), |value| format!("Some({value})"))
}

fn float(value: Option<&Value>) -> String {
    value.and_then(Value::as_f64).map_or("None".to_owned(), |value| format!("Some({value:?})"))
}
