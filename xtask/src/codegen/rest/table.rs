//! Reads the contract's table of schemas: one row for each field, `a.b` for a field of a nested object.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::collections::BTreeMap;

/// The definitions of the contract, by name.
pub type Contract = BTreeMap<String, Kind>;

/// The kind of a value.
#[derive(Debug, Clone)]
pub enum Kind {
    /// `string`, with its format.
    Text { format: Option<String>, rules: Rules },
    /// `integer`, with its format.
    Integer { format: String, rules: Rules },
    /// `number`.
    Number { rules: Rules },
    /// `boolean`.
    Boolean,
    /// An `object` without fields.
    Anything,
    /// `array<…>`.
    List { item: Box<Kind>, rules: Rules },
    /// `map<string,…>`.
    Map(Box<Kind>),
    /// An object with its fields.
    Object(Vec<Field>),
    /// The name of a definition.
    Named(String),
}

/// A field of an object.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub kind: Kind,
    pub required: bool,
    /// `x-nullable`, if it is said.
    pub nullable: Option<bool>,
    /// `x-omitempty`.
    pub omit_empty: bool,
}

/// The constraints of one row: JSON by name, and those of a list's items.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    values: BTreeMap<String, Value>,
    items: BTreeMap<String, Value>,
}

impl Rules {
    /// The constraint `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    fn of_items(&self) -> Self {
        Self { values: self.items.clone(), items: BTreeMap::new() }
    }

    fn flag(&self, name: &str) -> Option<bool> {
        self.get(name).and_then(Value::as_bool)
    }
}

/// Reads the table.
pub fn parse(text: &str) -> Result<Contract> {
    let mut rows: BTreeMap<String, Vec<(&str, Field)>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[_, definition, field, kind, required, rules] = columns.as_slice() else {
            bail!("line {}: not six columns", number + 1);
        };
        let row = row(kind, required, rules).with_context(|| format!("line {}", number + 1))?;
        rows.entry(definition.to_owned()).or_default().push((field, row));
    }
    let names = rows.keys().cloned().collect::<Vec<_>>();
    let mut contract = Contract::new();
    for name in names {
        let kind = definition(&rows, &name).with_context(|| format!("definition {name}"))?;
        contract.insert(name, kind);
    }
    Ok(contract)
}

fn definition(rows: &BTreeMap<String, Vec<(&str, Field)>>, name: &str) -> Result<Kind> {
    let mut fields = Vec::new();
    for (path, row) in rows.get(name).with_context(|| format!("{name} is not in the table"))? {
        match *path {
            "(self)" => return Ok(row.kind.clone()),
            "(allOf)" => match definition(rows, named(&row.kind)?)? {
                Kind::Object(inherited) => fields.extend(inherited),
                _ => bail!("only an object is extended"),
            },
            path => insert(&mut fields, path, row)?,
        }
    }
    Ok(Kind::Object(fields))
}

fn named(kind: &Kind) -> Result<&str> {
    match kind {
        Kind::Named(name) => Ok(name),
        _ => bail!("not the name of a definition"),
    }
}

/// Puts the row of `a.b` or `a{}.b` into the object `a`, which stands before it.
fn insert(fields: &mut Vec<Field>, path: &str, row: &Field) -> Result<()> {
    let Some((outer, rest)) = path.split_once('.') else {
        fields.push(Field { name: path.to_owned(), ..row.clone() });
        return Ok(());
    };
    let outer = outer.trim_end_matches("{}");
    let field = fields.iter_mut().find(|field| field.name == outer).context("a field without its object")?;
    let inner = match &mut field.kind {
        Kind::Map(item) => item.as_mut(),
        kind => kind,
    };
    if matches!(inner, Kind::Anything) {
        *inner = Kind::Object(Vec::new());
    }
    match inner {
        Kind::Object(fields) => insert(fields, rest, row),
        _ => bail!("{outer} is no object"),
    }
}

fn row(kind: &str, required: &str, rules: &str) -> Result<Field> {
    let rules = parse_rules(rules)?;
    Ok(Field {
        name: String::new(),
        required: required == "required",
        nullable: rules.flag("x-nullable"),
        omit_empty: rules.flag("x-omitempty") == Some(true),
        kind: parse_kind(kind, &rules)?,
    })
}

fn parse_kind(text: &str, rules: &Rules) -> Result<Kind> {
    if let Some(item) = text.strip_prefix("array<") {
        let (item, tail) = item.rsplit_once('>').context("an array without end")?;
        let mut rules = rules.clone();
        if let Some(max) = tail.strip_prefix("(maxItems=").and_then(|tail| tail.strip_suffix(')')) {
            rules.values.insert("maxItems".to_owned(), max.parse()?);
        }
        return Ok(Kind::List { item: Box::new(parse_kind(item, &rules.of_items())?), rules });
    }
    if let Some(item) = text.strip_prefix("map<string,") {
        let item = item.strip_suffix('>').context("a map without end")?;
        // The fields of such an object have rows of their own.
        let item = if item.starts_with("object{") { "object" } else { item };
        return Ok(Kind::Map(Box::new(parse_kind(item, &Rules::default())?)));
    }
    // The allowed values stand in the constraints too.
    let text = text.split('[').next().unwrap_or(text);
    let (base, format) = match text.split_once('(') {
        Some((base, format)) => (base, Some(format.trim_end_matches(')').to_owned())),
        None => (text, None),
    };
    Ok(match base {
        "string" => Kind::Text { format, rules: rules.clone() },
        // Go's own width of an integer that does not say.
        "integer" => {
            Kind::Integer { format: format.unwrap_or_else(|| "int64".to_owned()), rules: rules.clone() }
        }
        "number" => match format.as_deref() {
            Some("uint32") => Kind::Integer { format: "uint32".to_owned(), rules: rules.clone() },
            _ => Kind::Number { rules: rules.clone() },
        },
        "boolean" => Kind::Boolean,
        "object" => Kind::Anything,
        name => {
            ensure!(!name.is_empty(), "a field without type");
            Kind::Named(name.to_owned())
        }
    })
}

/// `name=JSON; name=JSON; items{name=JSON; …}`.
fn parse_rules(text: &str) -> Result<Rules> {
    let mut rules = Rules::default();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(items) = rest.strip_prefix("items{") {
            let (values, after) = pairs_until(items, '}')?;
            rules.items = values;
            rest = after;
        } else {
            let (name, value, after) = pair(rest)?;
            rules.values.insert(name, value);
            rest = after;
        }
        rest = rest.trim_start_matches([';', ' ']);
    }
    Ok(rules)
}

fn pairs_until(text: &str, end: char) -> Result<(BTreeMap<String, Value>, &str)> {
    let mut values = BTreeMap::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([';', ' ']);
        if let Some(after) = rest.strip_prefix(end) {
            return Ok((values, after));
        }
        let (name, value, after) = pair(rest)?;
        values.insert(name, value);
        rest = after;
    }
}

fn pair(text: &str) -> Result<(String, Value, &str)> {
    let (name, rest) = text.split_once('=').with_context(|| format!("no value: {text}"))?;
    let (value, after) = rest.split_at(value_end(rest));
    let value = serde_json::from_str(value).with_context(|| format!("the value of {name}"))?;
    Ok((name.to_owned(), value, after))
}

/// Where the JSON at the beginning of `text` ends: at a `;` or a `}` outside of texts and lists.
fn value_end(text: &str) -> usize {
    let (mut in_text, mut escaped, mut depth) = (false, false, 0);
    for (place, letter) in text.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if in_text => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '[' => depth += 1,
            ']' => depth -= 1,
            ';' | '}' if depth == 0 => return place,
            _ => {}
        }
    }
    text.len()
}
