//! What many changes would do, shown before anything is done, and what became of each.

use super::Column;
use maud::{Markup, html};

/// So many lines of each kind are shown of what would be, or was, done.
const SHOWN_MAX: usize = 200;

/// What is, or was, done with a row or an object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// It cannot be done.
    #[default]
    Bad,
    /// It was tried and refused.
    Failed,
    /// Something will be deleted.
    Delete,
    /// Something will be added.
    Add,
    /// Something will be changed.
    Change,
    /// It was done.
    Done,
    /// There is nothing to do.
    Same,
}

impl Step {
    const ALL: [Self; 7] =
        [Self::Bad, Self::Failed, Self::Delete, Self::Add, Self::Change, Self::Done, Self::Same];

    /// Its heading, for so many of them.
    fn heading(self) -> &'static str {
        match self {
            Self::Bad => "Cannot be done",
            Self::Failed => "Failed",
            Self::Delete => "Will be deleted",
            Self::Add => "Will be added",
            Self::Change => "Will be changed",
            Self::Done => "Done",
            Self::Same => "Nothing to do",
        }
    }

    /// Whether something is still to be done.
    pub(crate) fn is_to_do(self) -> bool {
        matches!(self, Self::Delete | Self::Add | Self::Change)
    }
}

/// A line of what will be, or was, done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Line {
    /// The line of the file; 0: there is none.
    pub(crate) row: usize,
    /// Which object.
    pub(crate) what: String,
    /// What is done with it.
    pub(crate) step: Step,
    /// In words: what changes, or why it cannot be done.
    pub(crate) says: String,
}

/// The form that takes a table: a file where there is a script, and otherwise what is pasted.
pub(crate) fn form(action: &str, columns: &[Column], text: &str, problem: Option<&str>) -> Markup {
    html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        form.fields.wide method="post" action=(action) {
            label data-only-with-script hidden { "File" input type="file" accept=".csv,text/csv" data-file-into="table"; }
            label { "Table" textarea id="table" name="table" rows="12" required spellcheck="false" wrap="off" { (text) } }
            button.main type="submit" { "Show what it would do" }
        }
        section aria-labelledby="columns-title" {
            h2 id="columns-title" { "Columns" }
            p { "The first line names the columns, in any order. Without a column, what it would say stays as it is." }
            dl.facts {
                @for column in columns {
                    div { dt { code { (column.name) } @if column.is_required { " (required)" } } dd { (column.help) } }
                }
            }
        }
    }
}

/// What will be done, and the button that does it; `fields` are sent with it as they are.
pub(crate) fn dry_run(lines: &[Line], action: &str, fields: &[(&str, &str)], back: &str) -> Markup {
    dry_run_confirmed(lines, action, fields, back, None)
}

/// The same where a name is to be typed first, which is sent as `confirm`.
pub(crate) fn dry_run_confirmed(
    lines: &[Line],
    action: &str,
    fields: &[(&str, &str)],
    back: &str,
    confirm: Option<&str>,
) -> Markup {
    let to_do = lines.iter().filter(|line| line.step.is_to_do()).count();
    let bad = lines.iter().filter(|line| line.step == Step::Bad).count();
    html! {
        p.lead { "Nothing has been done yet." }
        (sections(lines))
        form method="post" action=(action) {
            @for (name, value) in fields { textarea name=(name) hidden { "\n" (value) } }
            input type="hidden" name="apply" value="yes";
            @if to_do == 0 {
                p { "There is nothing to do." }
            } @else if bad > 0 {
                p { "What cannot be done (" (bad) ") is passed over." }
            }
            @if let Some(name) = confirm.filter(|_| to_do > 0) {
                label.confirm { span { "Type " strong { (name) } " to confirm" }
                    input name="confirm" required autocomplete="off" spellcheck="false";
                }
            }
            p.buttons {
                @if to_do > 0 {
                    button.main type="submit" { "Do it (" (to_do) ")" }
                }
                a.button href=(back) { "Back" }
            }
        }
    }
}

/// What was done.
pub(crate) fn outcome(lines: &[Line], back: &str) -> Markup {
    let failed = lines.iter().filter(|line| line.step == Step::Failed).count();
    let done = lines.iter().filter(|line| line.step == Step::Done).count();
    html! {
        p.lead role="status" { (done) " done, " (failed) " failed." }
        (sections(lines))
        p { a.button href=(back) { "Back" } }
    }
}

fn sections(lines: &[Line]) -> Markup {
    html! {
        @for step in Step::ALL {
            @let some: Vec<_> = lines.iter().filter(|line| line.step == step).collect();
            @if !some.is_empty() { (section(step, &some)) }
        }
    }
}

fn section(step: Step, lines: &[&Line]) -> Markup {
    let has_rows = lines.iter().any(|line| line.row > 0);
    let table = html! {
        div.scroll { table.list.plan {
            thead { tr {
                @if has_rows { th scope="col" { "Line" } }
                th scope="col" { "Which" } th scope="col" { "What" }
            } }
            tbody { @for line in lines.iter().take(SHOWN_MAX) { tr {
                @if has_rows { td { @if line.row > 0 { (line.row) } } }
                td { @if line.what.is_empty() { "–" } @else { code { (line.what) } } }
                td { (line.says) }
            } } }
        } }
        @if lines.len() > SHOWN_MAX { p.quiet { (lines.len() - SHOWN_MAX) " more" } }
    };
    html! {
        section aria-label=(step.heading()) {
            @if step == Step::Same {
                details { summary { (step.heading()) " " span.count { (lines.len()) } } (table) }
            } @else {
                h2 { (step.heading()) " " span.count { (lines.len()) } }
                (table)
            }
        }
    }
}
