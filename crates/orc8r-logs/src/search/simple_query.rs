//! The language of `simple_query`: that of Elasticsearch's `simple_query_string`, as far as people use it.
//!
//! Words; `"phrases"`; `prefix*`; `a + b` (both), `a | b` and `a b` (one of them), `-a` (not), parentheses, and a
//! backslash before a sign that means itself. As there, operators are read from left to right. Nothing is an error: what
//! makes no sense is passed over.
//!
//! Deviation: `a -b` leaves out what has `b`, as people mean it; there, it also finds what has neither. A word with signs
//! in it is the phrase of its parts; there, one of the parts is enough. `~` (nearly) means nothing.

use super::words::{Phrase, words};

/// The longest question, how many words it may have, and how deep parentheses go.
pub(super) const QUESTION_BYTES_MAX: usize = 1024;
const DEPTH_MAX: u32 = 16;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Question {
    /// Words somewhere in one of the fields.
    Phrase(Phrase),
    /// All of them.
    All(Vec<Self>),
    /// One of them.
    Any(Vec<Self>),
    /// Not that.
    Not(Box<Self>),
}

impl Question {
    /// Reads a question; none when it asks nothing.
    pub(super) fn read(text: &str) -> Option<Self> {
        let signs: Vec<char> = text.chars().collect();
        Reader { signs: &signs, position: 0 }.expression(DEPTH_MAX)
    }

    /// Whether a record with these fields, each as words, is asked for.
    pub(super) fn fits(&self, fields: &[Vec<String>]) -> bool {
        match self {
            Self::Phrase(phrase) => fields.iter().any(|field| phrase.is_in(field)),
            Self::All(all) => all.iter().all(|part| part.fits(fields)),
            Self::Any(any) => any.iter().any(|part| part.fits(fields)),
            Self::Not(not) => !not.fits(fields),
        }
    }
}

struct Reader<'a> {
    signs: &'a [char],
    position: usize,
}

/// What stands between two parts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    And,
    Or,
}

impl Reader<'_> {
    /// Up to a closing parenthesis, or the end.
    fn expression(&mut self, depth: u32) -> Option<Question> {
        let mut found: Option<Question> = None;
        let (mut between, mut negative) = (None, false);
        while let Some(sign) = self.next() {
            let part = match sign {
                ')' => break,
                '+' => {
                    between = Some(Between::And);
                    continue;
                }
                '|' => {
                    between = Some(Between::Or);
                    continue;
                }
                '-' => {
                    negative = !negative;
                    continue;
                }
                sign if sign.is_whitespace() => {
                    // A minus alone is a dash.
                    negative = false;
                    continue;
                }
                '(' if depth == 0 => break,
                '(' => self.expression(depth - 1),
                '"' => self.phrase(),
                _ => self.word(),
            };
            let (was_negative, told) = (std::mem::take(&mut negative), between.take());
            let Some(part) = part else { continue };
            let part = if was_negative { Question::Not(Box::new(part)) } else { part };
            let between = told.unwrap_or(if was_negative { Between::And } else { Between::Or });
            found = Some(match found {
                None => part,
                Some(before) => joined(before, between, part),
            });
        }
        found
    }

    /// After its first quotation mark.
    fn phrase(&mut self) -> Option<Question> {
        let mut text = String::new();
        while let Some(sign) = self.next() {
            match sign {
                '"' => break,
                '\\' => text.extend(self.next()),
                sign => text.push(sign),
            }
        }
        let words = words(&text);
        (!words.is_empty()).then_some(Question::Phrase(Phrase { words, prefix: false }))
    }

    /// From the sign that was read last.
    fn word(&mut self) -> Option<Question> {
        self.position -= 1;
        let (mut text, mut prefix) = (String::new(), false);
        while let Some(sign) = self.next() {
            match sign {
                sign if sign.is_whitespace() => break,
                '"' | '(' | ')' | '+' | '|' => {
                    self.position -= 1;
                    break;
                }
                '*' => prefix = true,
                // `word~2`: what follows says how near.
                '~' => {
                    while self.signs.get(self.position).is_some_and(char::is_ascii_digit) {
                        self.position += 1
                    }
                }
                sign => {
                    text.extend(if sign == '\\' { self.next() } else { Some(sign) });
                    prefix = false;
                }
            }
        }
        let words = words(&text);
        if words.is_empty() && !prefix {
            return None;
        }
        Some(Question::Phrase(Phrase { prefix, words }))
    }

    fn next(&mut self) -> Option<char> {
        let sign = self.signs.get(self.position).copied();
        self.position += usize::from(sign.is_some());
        sign
    }
}

fn joined(before: Question, between: Between, part: Question) -> Question {
    match (before, between) {
        (Question::All(mut all), Between::And) => {
            all.push(part);
            Question::All(all)
        }
        (Question::Any(mut any), Between::Or) => {
            any.push(part);
            Question::Any(any)
        }
        (before, Between::And) => Question::All(vec![before, part]),
        (before, Between::Or) => Question::Any(vec![before, part]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_find_what_people_mean() {
        let text = [words("Attach request from IMSI001010000000001 failed: timeout"), words("mme")];
        for (question, expected) in [
            ("attach", true),
            ("detach", false),
            ("ATTACH", true),
            ("mme", true),
            ("attach detach", true),
            ("detach | attach", true),
            ("attach + failed", true),
            ("attach + succeeded", false),
            ("attach+failed", true),
            ("attach|nothing", true),
            ("\"request from\"", true),
            ("\"from request\"", false),
            ("\"request from", true),
            ("imsi00101*", true),
            ("imsi00101", false),
            ("* ", true),
            ("-detach", true),
            ("-attach", false),
            ("attach -timeout", false),
            ("attach -nothing", true),
            ("attach + -timeout", false),
            ("-\"request from\"", false),
            ("--attach", true),
            ("attach - timeout", true),
            ("nothing + attach | timeout", true),
            ("nothing | attach + nothing", false),
            ("(nothing | attach) + timeout", true),
            ("nothing | (attach + timeout)", true),
            ("-(attach + timeout)", false),
            ("-(attach + nothing)", true),
            ("failed:", true),
            ("request-from", true),
            ("from-request", false),
            ("\\\"attach\\\"", true),
            ("attach~2", true),
            ("failed*", true),
            ("tim*+fail*", true),
            ("(((attach", true),
            ("attach)", true),
        ] {
            let read = Question::read(question).unwrap_or_else(|| panic!("{question}"));
            assert_eq!(read.fits(&text), expected, "{question}: {read:?}");
        }
    }

    #[test]
    fn what_asks_nothing_is_no_question() {
        for question in ["", "  ", "+", "-", "|", "()", "\"\"", "+ | -", ")", "...", "\\"] {
            assert_eq!(Question::read(question), None, "{question}");
        }
    }

    #[test]
    fn no_text_panics_or_exhausts_the_stack() {
        let signs = ['a', '"', '(', ')', '+', '-', '|', '*', '~', '\\', ' ', 'é', '1'];
        for number in 0..signs.len().pow(5) {
            let text: String =
                (0..5).map(|place| signs[number / signs.len().pow(place) % signs.len()]).collect();
            Question::read(&text);
        }
        Question::read(&"(".repeat(QUESTION_BYTES_MAX));
        Question::read(&"-(".repeat(QUESTION_BYTES_MAX));
    }
}
