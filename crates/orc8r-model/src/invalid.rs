//! What is wrong with an input, named by field, in the words that Magma's validators use.

use std::fmt::Display;

/// An input that breaks its contract, with every problem found.
///
/// One problem reads as itself; several are listed under one heading, one per line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.message())]
pub struct Invalid {
    problems: Vec<String>,
}

impl Invalid {
    /// An input with one problem.
    pub fn one(problem: impl Into<String>) -> Self {
        Self { problems: vec![problem.into()] }
    }

    /// Every problem, in the order of the fields.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    fn message(&self) -> String {
        match self.problems.as_slice() {
            [one] => one.clone(),
            many => format!("validation failure list:\n{}", many.join("\n")),
        }
    }
}

/// Collects the problems of one body while walking it; knows where it is (`key.key_type`, `records.0.domain`).
#[derive(Debug, Default)]
pub struct Checks {
    path: Vec<String>,
    problems: Vec<String>,
}

impl Checks {
    /// Notes that `field` is wrong: `what` continues the sentence "FIELD in body …".
    pub fn fail(&mut self, field: &str, what: impl Display) {
        let mut path = self.path.join(".");
        if !path.is_empty() && !field.is_empty() {
            path.push('.');
        }
        self.problems.push(format!("{path}{field} in body {what}"));
    }

    /// Notes a missing value. Returns whether it is there.
    pub fn required<T>(&mut self, field: &str, value: &Option<T>) -> bool {
        if value.is_none() {
            self.fail(field, "is required");
        }
        value.is_some()
    }

    /// Notes a missing text; an empty one counts as missing, as it does in Magma. Returns whether it is there.
    pub fn required_text(&mut self, field: &str, value: &str) -> bool {
        if value.is_empty() {
            self.fail(field, "is required");
        }
        !value.is_empty()
    }

    /// Notes a missing id, or one that does not match its pattern.
    pub fn required_id(&mut self, field: &str, value: &str, matches: fn(&str) -> bool, pattern: &str) {
        if self.required_text(field, value) && !matches(value) {
            self.fail(field, format_args!("should match '{pattern}'"));
        }
    }

    /// Notes an empty text.
    pub fn not_empty(&mut self, field: &str, value: &str) {
        if value.is_empty() {
            self.fail(field, "should be at least 1 chars long");
        }
    }

    /// Notes a number under its minimum.
    pub fn at_least<T: PartialOrd + Display>(&mut self, field: &str, value: T, minimum: T) {
        if value < minimum {
            self.fail(field, format_args!("should be greater than or equal to {minimum}"));
        }
    }

    /// Notes a number over its maximum.
    pub fn at_most<T: PartialOrd + Display>(&mut self, field: &str, value: T, maximum: T) {
        if value > maximum {
            self.fail(field, format_args!("should be less than or equal to {maximum}"));
        }
    }

    /// Notes a text that is none of the allowed ones.
    pub fn one_of(&mut self, field: &str, value: &str, allowed: &[&str]) {
        if !allowed.contains(&value) {
            self.fail(field, format_args!("should be one of [{}]", allowed.join(" ")));
        }
    }

    /// Checks what is inside `field`.
    pub fn inside(&mut self, field: impl Into<String>, check: impl FnOnce(&mut Self)) {
        self.path.push(field.into());
        check(self);
        self.path.pop();
    }

    /// Checks every item of the list `field`; each is named by its place.
    pub fn items<'a, T: 'a>(
        &mut self,
        field: &str,
        items: impl IntoIterator<Item = &'a T>,
        check: impl Fn(&mut Self, &str, &'a T),
    ) {
        let places = items.into_iter().enumerate().map(|(place, item)| (place.to_string(), item));
        if field.is_empty() {
            places.for_each(|(place, item)| check(self, &place, item));
        } else {
            self.inside(field, |checks| places.for_each(|(place, item)| check(checks, &place, item)));
        }
    }

    /// The verdict.
    ///
    /// # Errors
    /// [`Invalid`] with every problem noted.
    pub fn finish(self) -> Result<(), Invalid> {
        if self.problems.is_empty() { Ok(()) } else { Err(Invalid { problems: self.problems }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_problem_reads_as_itself_and_several_are_listed_with_their_paths() {
        let mut checks = Checks::default();
        checks.inside("device", |checks| {
            checks.required_text("hardware_id", "");
            checks.items("records", &["x"], |checks, place, _| checks.not_empty(place, ""));
        });
        let many = checks.finish().unwrap_err();
        assert_eq!(
            many.to_string(),
            "validation failure list:\ndevice.hardware_id in body is required\n\
             device.records.0 in body should be at least 1 chars long"
        );
        assert_eq!(Invalid::one("id in body is required").to_string(), "id in body is required");
        assert_eq!(Checks::default().finish(), Ok(()));
    }
}
