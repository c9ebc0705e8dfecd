//! A service's base file with its override on top: each top-level key of the override replaces the base's.
//!
//! Magma-compat: the merge is shallow, as the Python agent's; an overriding block replaces the whole block.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::Paths;
use crate::block::{Block, Located, Place, Report};
use crate::yaml;

/// The largest yml file that is read; real ones have a few kilobytes.
const FILE_BYTES_MAX: u64 = 1 << 20;

/// What a service's files hold together.
pub(crate) struct Layers<'r> {
    pub(crate) block: Block<'r>,
    /// The files that were read, base first; empty when there is none.
    pub(crate) files: Vec<PathBuf>,
}

/// Reads `<service>.yml` and its override.
pub(crate) fn read<'r>(paths: &Paths, service: &'static str, report: &'r Report) -> Layers<'r> {
    let name = format!("{service}.yml");
    let candidates: Vec<PathBuf> = paths.base_dirs().iter().map(|dir| dir.join(&name)).collect();
    let base = candidates.iter().find(|path| path.exists());
    let override_file = paths.override_dir().join(&name);
    let (mut fields, mut files, mut whole) = (BTreeMap::new(), Vec::new(), true);
    for file in base.into_iter().chain(override_file.exists().then_some(&override_file)) {
        whole &= read_file(service, file, &mut fields, report);
        files.push(file.clone());
    }
    let where_to_add = base.or(files.first()).or(candidates.last()).unwrap_or(&override_file);
    let place = Place { service, file: Rc::from(where_to_add.as_path()), line: None, key: String::new() };
    if !whole {
        report.incomplete(&place);
    }
    Layers { block: Block::top(place, fields, report), files }
}

/// Whether all of it was understood.
fn read_file(
    service: &'static str,
    path: &Path,
    fields: &mut BTreeMap<String, Located>,
    report: &Report,
) -> bool {
    let file: Rc<Path> = Rc::from(path);
    let whole = Place { service, file, line: None, key: String::new() };
    let text = match read_text(path) {
        Ok(text) => text,
        Err(error) => {
            report.error(&whole, format!("cannot be read: {error}"));
            return false;
        }
    };
    let (entries, mistakes) = yaml::parse(&text);
    let nothing_lost = !mistakes.iter().any(|mistake| mistake.lost);
    for mistake in mistakes {
        let place = Place { line: Some(mistake.line), key: mistake.key, ..whole.clone() };
        if mistake.lost {
            report.error(&place, mistake.message);
        } else {
            report.warning(&place, mistake.message);
        }
    }
    for entry in entries {
        let place = Place { line: Some(entry.line), key: entry.key.clone(), ..whole.clone() };
        fields.insert(entry.key, Located { place, node: entry.value });
    }
    nothing_lost
}

pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)?.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(io::Error::other(format!("larger than {FILE_BYTES_MAX} bytes")));
    }
    String::from_utf8(bytes).map_err(|error| {
        let line =
            1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        io::Error::other(format!("line {line} is not UTF-8 text; save the file as UTF-8"))
    })
}
