//! Reads YAML into a small tree that knows its lines; the one place that names the YAML library.
//!
//! Gateways' files are read by PyYAML today, so plain words mean what YAML 1.1 says (`yes`, `0644`), see [`scalar`].
//! Syntax errors cost only the top-level key that they are in: the rest is still read, so that one run reports all.

pub(crate) mod scalar;

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};

/// Values, with aliases expanded, that one file may have; real ones have a few hundred.
pub(crate) const NODES_MAX: usize = 50_000;

/// A value and the line that it starts on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    /// From 1.
    pub(crate) line: u32,
    pub(crate) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// Text as written; `plain` when it was neither quoted nor tagged, so that it may mean a number or a boolean.
    Scalar {
        text: String,
        plain: bool,
    },
    Sequence(Vec<Node>),
    Mapping(Vec<Entry>),
    /// A mapping whose key is not text, as it stands in the file: `{{.ControllerAddr}}` in a file that is a template.
    NotText(String),
}

impl Value {
    /// A text that cannot be mistaken for anything else.
    pub(crate) fn text(text: &str) -> Self {
        Self::Scalar { text: text.to_owned(), plain: false }
    }
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) line: u32,
    pub(crate) value: Node,
}

/// A mistake in the text itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mistake {
    pub(crate) line: u32,
    /// The key that it is in, with its parents, when that is known.
    pub(crate) key: String,
    pub(crate) message: String,
    /// Whether something of the file was lost.
    pub(crate) lost: bool,
}

/// The top-level entries of a document, and its mistakes. A later entry replaces an earlier one of the same key.
pub(crate) fn parse(text: &str) -> (Vec<Entry>, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    match parse_mapping(text, &mut mistakes) {
        Ok(entries) => (entries, mistakes),
        Err(whole) => parse_blocks(text, whole),
    }
}

/// Reads each top-level key by itself, since the file as a whole is not YAML.
fn parse_blocks(text: &str, whole: Mistake) -> (Vec<Entry>, Vec<Mistake>) {
    let (mut entries, mut mistakes, mut found) = (Vec::new(), Vec::new(), false);
    for block in top_level_blocks(text) {
        match parse_mapping(&block.text, &mut mistakes) {
            Ok(block_entries) => entries.extend(block_entries),
            Err(mistake) => {
                found = true;
                // What is not closed is only found missing after the last line.
                let line = mistake.line.min(block.last_line);
                mistakes.push(Mistake { line, key: block.key, ..mistake });
            }
        }
    }
    if !found {
        mistakes.push(whole);
    }
    (entries, mistakes)
}

struct Block {
    key: String,
    /// The lines of this key, after as many empty lines as stand before it, so that line numbers stay right.
    text: String,
    last_line: u32,
}

fn top_level_blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        if let Some(key) = top_level_key(line) {
            blocks.push(Block { key, text: "\n".repeat(number as usize - 1), last_line: number });
        }
        if let Some(block) = blocks.last_mut() {
            block.text.push_str(line);
            block.text.push('\n');
            block.last_line = number;
        }
    }
    blocks
}

fn top_level_key(line: &str) -> Option<String> {
    let (key, rest) = line.split_once(':')?;
    let starts_a_key = key.starts_with(|c: char| c.is_ascii_alphanumeric() || "_\"'".contains(c));
    (starts_a_key && (rest.is_empty() || rest.starts_with([' ', '\t', '\r'])))
        .then(|| key.trim_matches(['"', '\'', ' ']).to_owned())
}

fn parse_mapping(text: &str, mistakes: &mut Vec<Mistake>) -> Result<Vec<Entry>, Mistake> {
    let mut reader = TreeReader::new(text, mistakes);
    let Some(root) = reader.document()? else { return Ok(Vec::new()) };
    match root.value {
        Value::Mapping(entries) => Ok(entries),
        Value::Scalar { ref text, plain } if scalar::is_null(text, plain) => Ok(Vec::new()),
        _ => Err(lost(root.line, "the file must consist of `key: value` lines".to_owned())),
    }
}

fn lost(line: u32, message: String) -> Mistake {
    Mistake { line, key: String::new(), message, lost: true }
}

fn line_of(span: &Span) -> u32 {
    u32::try_from(span.start.line()).unwrap_or(u32::MAX)
}

/// Turns the library's events into a tree.
struct TreeReader<'a> {
    text: &'a str,
    events: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    /// The keys around the value that is being read.
    path: Vec<String>,
    mistakes: &'a mut Vec<Mistake>,
}

impl<'a> TreeReader<'a> {
    fn new(text: &'a str, mistakes: &'a mut Vec<Mistake>) -> Self {
        let mut options = granit_parser::options! { flow_nesting_limit: 32, block_nesting_limit: 32 };
        options.set_emit_comments(false);
        let events = Parser::new_from_str_with_options(text, options);
        Self { text, events, anchors: BTreeMap::new(), nodes: 0, path: Vec::new(), mistakes }
    }

    /// The first document's root, if there is one.
    fn document(&mut self) -> Result<Option<Node>, Mistake> {
        let mut root = None;
        while let Some((event, span)) = self.next()? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_none() => {}
                Event::DocumentStart(..) => {
                    self.remark(line_of(&span), String::new(), "only the first document of the file is read");
                    break;
                }
                node => root = Some(self.node(node, span)?),
            }
        }
        Ok(root)
    }

    fn next(&mut self) -> Result<Option<(Event<'a>, Span)>, Mistake> {
        self.events.next_event().transpose().map_err(|error| {
            let line = u32::try_from(error.marker().line()).unwrap_or(u32::MAX);
            lost(line, format!("not valid YAML: {}", error.info()))
        })
    }

    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, Mistake> {
        let line = line_of(&span);
        self.spend(line, 1)?;
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = style == ScalarStyle::Plain && tag.is_none();
                (Value::Scalar { text: text.into_owned(), plain }, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (Value::Sequence(self.sequence()?), anchor),
            Event::MappingStart(_, anchor, _) => (self.mapping(&span)?, anchor),
            Event::Alias(anchor) => return self.alias(anchor, line),
            other => return Err(lost(line, format!("unexpected YAML: {other:?}"))),
        };
        let node = Node { line, value };
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn alias(&mut self, anchor: usize, line: u32) -> Result<Node, Mistake> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(lost(line, "an alias inside of what it stands for".to_owned()));
        };
        let node = Node { line, value: node.value.clone() };
        self.spend(line, size(&node))?;
        Ok(node)
    }

    /// Counts values, so that a file of nested aliases cannot take the machine's memory.
    fn spend(&mut self, line: u32, nodes: usize) -> Result<(), Mistake> {
        self.nodes += nodes;
        if self.nodes > NODES_MAX {
            return Err(lost(line, format!("more than {NODES_MAX} values in one file")));
        }
        Ok(())
    }

    fn sequence(&mut self) -> Result<Vec<Node>, Mistake> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if event == Event::SequenceEnd {
                break;
            }
            items.push(self.node(event, span)?);
        }
        Ok(items)
    }

    fn mapping(&mut self, start: &Span) -> Result<Value, Mistake> {
        let (mut entries, mut merged, mut text_keys) = (Vec::new(), Vec::new(), true);
        while let Some((event, span)) = self.next()? {
            if event == Event::MappingEnd {
                break;
            }
            let key = self.node(event, span)?;
            let Some((event, span)) = self.next()? else { break };
            let Value::Scalar { text, plain } = key.value else {
                self.node(event, span)?;
                text_keys = false;
                continue;
            };
            self.path.push(text.clone());
            let value = self.node(event, span)?;
            if plain && text == "<<" {
                merged.push(value);
            } else {
                self.insert(&mut entries, text, key.line, value);
            }
            self.path.pop();
        }
        if !text_keys {
            return Ok(Value::NotText(self.source_line(start)));
        }
        merged.into_iter().for_each(|value| merge(&mut entries, value));
        Ok(Value::Mapping(entries))
    }

    /// Adds the entry whose key is the last of the path. Magma-compat: of two equal keys the later one counts.
    fn insert(&mut self, entries: &mut Vec<Entry>, key: String, line: u32, value: Node) {
        if let Some(earlier) = entries.iter().position(|entry| entry.key == key) {
            let first = entries.remove(earlier).line;
            let message =
                format!("given twice, first on line {first}; this later one counts: remove the other");
            self.remark(line, self.path.join("."), &message);
        }
        entries.push(Entry { key, line, value });
    }

    fn remark(&mut self, line: u32, key: String, message: &str) {
        self.mistakes.push(Mistake { line, key, message: message.to_owned(), lost: false });
    }

    fn source_line(&self, span: &Span) -> String {
        let rest = span.start.byte_offset().and_then(|start| self.text.get(start..)).unwrap_or_default();
        rest.lines().next().unwrap_or_default().chars().take(80).collect::<String>().trim_end().to_owned()
    }
}

/// Adds the entries of `<<: *anchor` that are not given beside it.
fn merge(entries: &mut Vec<Entry>, value: Node) {
    match value.value {
        Value::Mapping(others) => {
            for other in others {
                if entries.iter().all(|entry| entry.key != other.key) {
                    entries.push(other);
                }
            }
        }
        Value::Sequence(items) => items.into_iter().for_each(|item| merge(entries, item)),
        Value::Scalar { .. } | Value::NotText(_) => {}
    }
}

fn size(node: &Node) -> usize {
    match &node.value {
        Value::Scalar { .. } | Value::NotText(_) => 1,
        Value::Sequence(items) => 1 + items.iter().map(size).sum::<usize>(),
        Value::Mapping(entries) => 1 + entries.iter().map(|entry| 1 + size(&entry.value)).sum::<usize>(),
    }
}

#[cfg(test)]
mod tests;
