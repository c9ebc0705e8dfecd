//! Tables that people edit in a spreadsheet (RFC 4180): read with the number of each line, and written so that a
//! spreadsheet takes no cell for a formula.
//!
//! What was written is read back as it was. A cell that begins like a formula, or with `'`, gets a `'` before it, and
//! loses it again. Line breaks within a cell are told apart by nobody: a browser sends all of them the same way.

mod dry_run;

pub(crate) use dry_run::{Line, Step, dry_run, dry_run_confirmed, form, outcome};

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use csv::{ByteRecord, ReaderBuilder, StringRecord, Terminator, WriterBuilder};
use std::collections::BTreeMap;

/// No table that is read is longer, in bytes as a browser sends it, and in rows.
pub(crate) const BYTES_MAX: usize = 32 << 20;
pub(crate) const ROWS_MAX: usize = 50_000;

/// What a spreadsheet takes for the beginning of a formula, also in their full width.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A column that a table may have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// Its heading.
    pub(crate) name: &'static str,
    /// Whether no table goes without it.
    pub(crate) is_required: bool,
    /// What stands in it, in words.
    pub(crate) help: &'static str,
}

impl Column {
    /// One that may be left out, whose name says what stands in it.
    pub(crate) const fn named(name: &'static str) -> Self {
        Self { name, is_required: false, help: "" }
    }
}

/// A row of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Row {
    /// The line of the file in which it begins; the first is 1.
    pub(crate) number: usize,
    cells: BTreeMap<&'static str, String>,
}

impl Row {
    /// A cell, as it stands there; `None`: the table has no such column.
    pub(crate) fn cell(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str)
    }

    /// A cell without what stands around it; empty: it or the column is not there.
    pub(crate) fn word(&self, column: &str) -> &str {
        self.cell(column).unwrap_or_default().trim()
    }
}

/// A table that was read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) rows: Vec<Row>,
    /// The rows that cannot be read.
    pub(crate) bad: Vec<Line>,
}

/// Reads a table whose first row names its columns, in any order, and which has commas, semicolons or tabs between cells.
///
/// # Errors
/// What is wrong with the table as a whole.
pub(crate) fn parse(text: &str, columns: &'static [Column]) -> Result<Table, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new()
        .flexible(true)
        .has_headers(false)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let (mut table, mut names, mut record) = (Table::default(), None, ByteRecord::new());
    let mut lines = LineCount { text: text.as_bytes(), at: 0, line: 1 };
    while reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
        let number = lines.of(record.position().map_or(0, csv::Position::byte));
        let record = StringRecord::from_byte_record_lossy(record.clone());
        let Some(names) = &names else {
            names = Some(headings(&record, columns)?);
            continue;
        };
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        if table.rows.len() + table.bad.len() == ROWS_MAX {
            return Err(format!("The table has more than {ROWS_MAX} rows: cut it into several."));
        }
        match cells(&record, names) {
            Ok(cells) => table.rows.push(Row { number, cells }),
            Err(says) => table.bad.push(Line { row: number, step: Step::Bad, says, ..Line::default() }),
        }
    }
    if names.is_none() {
        return Err(format!("There is no table: its first line names the columns {}.", named(columns)));
    }
    Ok(table)
}

/// What stands between the cells of the first line; a spreadsheet chooses it by its language.
fn delimiter(text: &str) -> u8 {
    let first = text.trim_start().lines().next().unwrap_or_default();
    let found = [b',', b';', b'\t'].into_iter().find(|sign| first.as_bytes().contains(sign));
    found.unwrap_or(b',')
}

fn headings(record: &StringRecord, columns: &'static [Column]) -> Result<Vec<&'static str>, String> {
    let mut names: Vec<&'static str> = Vec::new();
    for heading in record {
        let heading = heading.trim();
        let known = columns.iter().find(|column| column.name.eq_ignore_ascii_case(heading));
        let Some(column) = known else {
            return Err(format!("There is no column {heading:?}; there are {}.", named(columns)));
        };
        if names.contains(&column.name) {
            return Err(format!("The column {} is there twice.", column.name));
        }
        names.push(column.name);
    }
    let missing = columns.iter().find(|column| column.is_required && !names.contains(&column.name));
    match missing {
        Some(column) => Err(format!("The column {} is missing.", column.name)),
        None => Ok(names),
    }
}

fn named(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

fn cells(record: &StringRecord, names: &[&'static str]) -> Result<BTreeMap<&'static str, String>, String> {
    // Spreadsheets leave empty cells at the end of a line.
    let extra = record.iter().skip(names.len()).any(|cell| !cell.is_empty());
    if record.len() < names.len() || extra {
        return Err(format!("{} cells; the first line names {} columns", record.len(), names.len()));
    }
    Ok(names.iter().copied().zip(record.iter().map(bare)).collect())
}

/// A cell without what keeps it from being a formula, with one kind of line breaks.
fn bare(cell: &str) -> String {
    let kept = cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA) || rest.starts_with('\''));
    one_kind_of_line_breaks(kept.unwrap_or(cell))
}

/// A text as it is after it went through a browser.
pub(crate) fn one_kind_of_line_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Counts lines up to where a record begins; blank lines before it are none of it.
struct LineCount<'a> {
    text: &'a [u8],
    at: usize,
    line: usize,
}

impl LineCount<'_> {
    fn of(&mut self, position: u64) -> usize {
        let start = usize::try_from(position).unwrap_or_default().min(self.text.len());
        let blank = self.text[start..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = (start + blank).max(self.at);
        self.line += self.text[self.at..start].iter().filter(|byte| **byte == b'\n').count();
        self.at = start;
        self.line
    }
}

/// Writes a table.
pub(crate) fn write(columns: &[Column], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    // Writing to memory does not fail, and all rows are as long as the first.
    let _ = writer.write_record(columns.iter().map(|column| column.name));
    for row in rows {
        let _ = writer.write_record(row.iter().map(|cell| safe(cell)));
    }
    String::from_utf8(writer.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn safe(cell: &str) -> String {
    let is_formula = cell.starts_with(FORMULA) || cell.starts_with('\'');
    if is_formula { format!("'{cell}") } else { cell.to_owned() }
}

/// A table as a file that a browser keeps.
pub(crate) fn download(name: &str, text: String) -> Response {
    let mut response = text.into_response();
    let letter = |letter: char| if letter.is_ascii_alphanumeric() || letter == '-' { letter } else { '_' };
    let name: String = name.chars().map(letter).collect();
    let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{name}.csv\""));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    disposition.into_iter().for_each(|value| drop(headers.insert(header::CONTENT_DISPOSITION, value)));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] =
        &[Column { name: "id", is_required: true, help: "" }, Column::named("description")];

    #[test]
    fn what_was_written_is_read_back_as_it_was() {
        let cells = [
            "plain",
            "",
            " around ",
            "a,b;c\td",
            "\"quoted\"",
            "two\nlines",
            "=1+1",
            "+49",
            "-5",
            "@SUM(A1)",
            "'",
            "''",
            "'=1",
            "\tx",
            "ü 漢",
            "＝1",
            "'quoted'",
        ];
        let rows = cells.iter().enumerate().map(|(at, cell)| vec![at.to_string(), (*cell).to_owned()]);
        let text = write(COLUMNS, rows);
        for text in [text.clone(), text.replace("\r\n", "\n"), format!("\u{feff}{text}")] {
            let table = parse(&text, COLUMNS).unwrap();
            assert_eq!(table.bad, []);
            let read: Vec<_> = table.rows.iter().map(|row| row.cell("description").unwrap()).collect();
            assert_eq!(read, cells);
        }
        assert!(cells.iter().all(|cell| !safe(cell).starts_with(FORMULA)), "no cell is a formula");
    }

    #[test]
    fn each_row_knows_its_line() {
        let text = "id;description\r\n\r\na;\"1\n2\"\r\n;\r\n\r\nb;x\nc\nd;y;z\ne;y;\n";
        let table = parse(text, COLUMNS).unwrap();
        let rows: Vec<_> = table.rows.iter().map(|row| (row.number, row.word("id"))).collect();
        assert_eq!(rows, [(3, "a"), (7, "b"), (10, "e")]);
        let bad: Vec<_> = table.bad.iter().map(|line| (line.row, line.says.as_str())).collect();
        assert_eq!(
            bad,
            [(8, "1 cells; the first line names 2 columns"), (9, "3 cells; the first line names 2 columns")]
        );
    }

    #[test]
    fn a_table_that_is_another_one_is_refused_with_the_reason() {
        for (text, part) in [
            ("", "There is no table"),
            ("id,name\n", "no column \"name\"; there are id, description"),
            ("id,ID\n", "id is there twice"),
            ("description\n", "id is missing"),
        ] {
            let error = parse(text, COLUMNS).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        assert_eq!(parse(" Description , ID\na,b", COLUMNS).unwrap().rows[0].word("id"), "b");
        assert_eq!(parse("id\na", COLUMNS).unwrap().rows[0].cell("description"), None);
    }
}
