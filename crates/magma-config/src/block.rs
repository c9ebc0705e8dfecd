//! Reads a YAML mapping key by key, noting each mistake with its place; what nobody asked for is an unknown key.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::yaml::{Entry, Node, Value, scalar};
use crate::{Problem, Severity, not_honoured};

/// Where something stands: file, line and dotted key.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    /// `magmad`, `control_proxy`, …: whose table of known keys applies.
    pub(crate) service: &'static str,
    pub(crate) file: Rc<Path>,
    pub(crate) line: Option<u32>,
    pub(crate) key: String,
}

impl Place {
    /// A place further down: another line of the same key.
    pub(crate) fn at_line(&self, line: u32) -> Self {
        Self { line: Some(line), ..self.clone() }
    }
}

/// Collects problems while the files are read.
#[derive(Debug, Default)]
pub(crate) struct Report {
    problems: RefCell<Vec<Problem>>,
    /// The files that are not understood whole: what is not there may only be hidden by a mistake.
    incomplete: RefCell<Vec<PathBuf>>,
    /// The keys that were asked for, whether or not they are there.
    #[cfg(test)]
    asked: RefCell<std::collections::BTreeSet<(&'static str, String)>>,
}

impl Report {
    /// Notes a mistake with which the agent cannot run, unless it is in something that has no effect.
    pub(crate) fn error(&self, place: &Place, message: impl Into<String>) {
        let severity = match not_honoured::covers(place.service, &place.key) {
            true => Severity::Warning,
            false => Severity::Error,
        };
        self.note(place, severity, message.into());
    }

    pub(crate) fn warning(&self, place: &Place, message: impl Into<String>) {
        self.note(place, Severity::Warning, message.into());
    }

    /// Notes that a known setting is not honoured.
    pub(crate) fn without_effect(&self, place: &Place, reason: &str) {
        self.note(place, Severity::NoEffect, format!("has no effect: {reason}"));
    }

    /// Notes that not all of a file is understood, so that it is not said what is missing in it.
    pub(crate) fn incomplete(&self, place: &Place) {
        self.incomplete.borrow_mut().push(place.file.to_path_buf());
    }

    fn note(&self, place: &Place, severity: Severity, message: String) {
        let Place { file, line, key, .. } = place.clone();
        self.problems.borrow_mut().push(Problem {
            file: PathBuf::from(&*file),
            line,
            key,
            severity,
            message,
        });
    }

    /// The keys that were asked for: service and dotted key.
    #[cfg(test)]
    pub(crate) fn asked(&self) -> std::collections::BTreeSet<(&'static str, String)> {
        self.asked.borrow().clone()
    }

    /// All problems, by file and line.
    pub(crate) fn into_problems(self) -> Vec<Problem> {
        let (mut problems, incomplete) = (self.problems.into_inner(), self.incomplete.into_inner());
        let of_a_missing_key = |problem: &Problem| problem.line.is_none() && !problem.key.is_empty();
        let told = |problem: &Problem| problem.severity == Severity::Error && !of_a_missing_key(problem);
        let broken: Vec<PathBuf> = problems.iter().filter(|p| told(p)).map(|p| p.file.clone()).collect();
        problems.retain(|problem| {
            let hidden = incomplete.contains(&problem.file) && broken.contains(&problem.file);
            !(hidden && of_a_missing_key(problem))
        });
        problems.sort();
        problems.dedup();
        problems
    }
}

/// A value with its place.
#[derive(Clone, Debug)]
pub(crate) struct Located {
    pub(crate) place: Place,
    pub(crate) node: Node,
}

/// A mapping that is being read.
pub(crate) struct Block<'r> {
    place: Place,
    fields: BTreeMap<String, Located>,
    report: &'r Report,
}

impl<'r> Block<'r> {
    /// The top level of a service's files. `place` is where a missing key would have to be added.
    pub(crate) fn top(place: Place, fields: BTreeMap<String, Located>, report: &'r Report) -> Self {
        Self { place, fields, report }
    }

    fn nested(&self, place: Place, entries: Vec<Entry>) -> Self {
        let mut fields = BTreeMap::new();
        for Entry { key, line, value } in entries {
            let dotted = format!("{}.{key}", place.key);
            let place = Place { line: Some(line), key: dotted, ..place.clone() };
            fields.insert(key, Located { place, node: value });
        }
        Self { place, fields, report: self.report }
    }

    /// The same mapping, whose problems go elsewhere.
    pub(crate) fn reporting_to(self, report: &'r Report) -> Self {
        Self { report, ..self }
    }

    /// Where the problems of this mapping go.
    pub(crate) fn report(&self) -> &'r Report {
        self.report
    }

    /// Where this mapping stands.
    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Where `key` stands, or would have to be added.
    pub(crate) fn place_of(&self, key: &str) -> Place {
        match self.fields.get(key) {
            Some(field) => field.place.clone(),
            None => Place { key: dotted(&self.place.key, key), ..self.place.clone() },
        }
    }

    /// Whether the key stands there, even with an empty value.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.fields.contains_key(key)
    }

    /// Whether the key has an empty list, as opposed to nothing: then none is what is meant.
    pub(crate) fn says_none(&self, key: &str) -> bool {
        let value = self.fields.get(key).map(|field| &field.node.value);
        matches!(value, Some(Value::Sequence(items)) if items.is_empty())
    }

    /// Takes a value out. A value of nothing (`key:`) counts as absent.
    pub(crate) fn take(&mut self, key: &str) -> Option<Located> {
        #[cfg(test)]
        self.report.asked.borrow_mut().insert((self.place.service, dotted(&self.place.key, key)));
        let field = self.fields.remove(key)?;
        if matches!(&field.node.value, Value::Scalar { text, plain } if scalar::is_null(text, *plain)) {
            return None;
        }
        self.tell_if_without_effect(&field);
        Some(field)
    }

    /// Takes a value and gives it its type; a value of the wrong type is an error in the report.
    pub(crate) fn read<T>(&mut self, key: &str, parse: impl Fn(&Node) -> Result<T, String>) -> Option<T> {
        let field = self.take(key)?;
        match parse(&field.node) {
            Ok(value) => Some(value),
            Err(message) => {
                self.report.error(&field.place, message);
                None
            }
        }
    }

    /// Takes a list and gives each item its type. Items of the wrong type are errors and are left out; a single value
    /// that should have been a list is one too.
    pub(crate) fn read_list<T>(
        &mut self,
        key: &str,
        parse: impl Fn(&Node) -> Result<T, String>,
    ) -> Vec<(Place, T)> {
        let mut values = Vec::new();
        for (place, node) in self.items(key) {
            match parse(&node) {
                Ok(value) => values.push((place, value)),
                Err(message) => self.report.error(&place, message),
            }
        }
        values
    }

    fn items(&mut self, key: &str) -> Vec<(Place, Node)> {
        let Some(Located { place, node }) = self.take(key) else { return Vec::new() };
        match node.value {
            Value::Sequence(items) => {
                items.into_iter().map(|item| (place.at_line(item.line), item)).collect()
            }
            _ => {
                self.report
                    .error(&place, format!("is {}, but must be a list (`- item` lines)", found(&node)));
                Vec::new()
            }
        }
    }

    /// Takes a mapping below this one.
    pub(crate) fn block(&mut self, key: &str) -> Option<Self> {
        let Located { place, node } = self.take(key)?;
        self.as_block(place, node)
    }

    /// Takes a list of mappings.
    pub(crate) fn blocks(&mut self, key: &str) -> Vec<Self> {
        let items = self.items(key);
        items.into_iter().filter_map(|(place, node)| self.as_block(place, node)).collect()
    }

    /// Takes everything that is left, each as a mapping of its own name.
    pub(crate) fn remaining_blocks(&mut self) -> Vec<(String, Self)> {
        let names: Vec<String> = self.fields.keys().cloned().collect();
        names.into_iter().filter_map(|name| self.block(&name).map(|block| (name, block))).collect()
    }

    /// The names of what is left.
    pub(crate) fn remaining_keys(&self) -> Vec<String> {
        self.fields.keys().cloned().collect()
    }

    fn as_block(&self, place: Place, node: Node) -> Option<Self> {
        match node.value {
            Value::Mapping(entries) => Some(self.nested(place, entries)),
            _ => {
                self.report.error(&place, format!("is {}, but must hold `key: value` lines", found(&node)));
                None
            }
        }
    }

    /// Ends the reading: what is left is unknown.
    pub(crate) fn finish(self) {
        for (key, field) in &self.fields {
            if not_honoured::covers(field.place.service, &field.place.key) {
                self.tell_if_without_effect(field);
            } else {
                let message =
                    format!("{key} is not a known key and has no effect; remove it or mend its spelling");
                self.report.warning(&field.place, message);
            }
        }
    }

    /// Tells why a value has no effect; once for a whole mapping.
    fn tell_if_without_effect(&self, field: &Located) {
        let Place { service, key, .. } = &field.place;
        let told_before = not_honoured::covers(service, &self.place.key);
        if let Some(reason) = not_honoured::reason(service, key)
            && !told_before
            && asks_for_something(&field.node)
        {
            self.report.without_effect(&field.place, reason);
        }
    }
}

fn dotted(parent: &str, key: &str) -> String {
    if parent.is_empty() { key.to_owned() } else { format!("{parent}.{key}") }
}

/// Whether a value would do anything: `False`, nothing and empty lists are honoured by doing nothing.
fn asks_for_something(node: &Node) -> bool {
    match &node.value {
        Value::Scalar { text, plain } => {
            !text.is_empty()
                && !(*plain && (scalar::is_null(text, true) || scalar::boolean(text) == Some(false)))
        }
        Value::Sequence(items) => !items.is_empty(),
        Value::Mapping(entries) => !entries.is_empty(),
        Value::NotText(_) => true,
    }
}

/// What stands there, for a message.
pub(crate) fn found(node: &Node) -> String {
    match &node.value {
        Value::Scalar { text, plain } if scalar::is_null(text, *plain) => "empty".to_owned(),
        Value::Scalar { text, plain: true } => shorten(text),
        Value::Scalar { text, plain: false } => format!("the text {:?}", shorten(text)),
        Value::Sequence(_) => "a list".to_owned(),
        Value::Mapping(_) => "a mapping".to_owned(),
        Value::NotText(text) if text.starts_with("{{") => {
            format!("the template {text}, which was not filled in")
        }
        Value::NotText(text) => format!("a mapping ({text})"),
    }
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
