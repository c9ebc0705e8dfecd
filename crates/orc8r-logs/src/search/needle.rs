//! What a document must have in it, looked for in its text as it is kept: reading it as JSON takes many times longer,
//! and most documents are not the ones.
//!
//! It may let through what does not fit, and never holds back what does. Letters and digits of ASCII stand in the text as
//! themselves, since what is kept was written by us (`intake/json.rs`), without needless escapes; so a word of them stands
//! there whole. Texts with other letters are let through: capital and small ones of them have many forms.

use super::simple_query::Question;
use super::words::Phrase;

/// What must be in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Needle {
    /// Letters, digits and `_`, small.
    Word(String),
    /// All of them.
    All(Vec<Self>),
    /// One of them.
    Any(Vec<Self>),
}

impl Needle {
    /// What a question needs; none when that cannot be said.
    pub(super) fn of_question(question: &Question) -> Option<Self> {
        match question {
            Question::Phrase(phrase) => Self::of_phrase(phrase),
            Question::All(all) => Self::all(all.iter().filter_map(Self::of_question)),
            // One that needs nothing lets everything through.
            Question::Any(any) => any.iter().map(Self::of_question).collect::<Option<_>>().map(Self::Any),
            Question::Not(_) => None,
        }
    }

    /// What a phrase needs: each of its words.
    pub(super) fn of_phrase(phrase: &Phrase) -> Option<Self> {
        let words = phrase.words.iter().filter(|word| word.is_ascii());
        Self::all(words.cloned().map(Self::Word))
    }

    /// All of them; none when there is none.
    pub(super) fn all(parts: impl Iterator<Item = Self>) -> Option<Self> {
        let parts: Vec<_> = parts.collect();
        (!parts.is_empty()).then_some(Self::All(parts))
    }

    /// Whether a document may be the one.
    pub(super) fn may_be_in(&self, document: &str) -> bool {
        !document.is_ascii() || self.is_in(document.as_bytes())
    }

    fn is_in(&self, text: &[u8]) -> bool {
        match self {
            Self::Word(word) => has(text, word.as_bytes()),
            Self::All(all) => all.iter().all(|part| part.is_in(text)),
            Self::Any(any) => any.iter().any(|part| part.is_in(text)),
        }
    }
}

/// Whether a small word is somewhere in a text, in capitals or not.
fn has(text: &[u8], word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return true };
    let (small, capital) = (*first, first.to_ascii_uppercase());
    let mut text = text;
    while let Some(found) = text.iter().position(|byte| *byte == small || *byte == capital) {
        text = &text[found + 1..];
        if text.len() < rest.len() {
            return false;
        }
        if text[..rest.len()].eq_ignore_ascii_case(rest) {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_be(question: &str, document: &str) -> bool {
        let needle = Needle::of_question(&Question::read(question).unwrap());
        needle.is_none_or(|needle| needle.may_be_in(document))
    }

    #[test]
    fn documents_without_a_word_are_passed_over() {
        let document = r#"{"message":"Attach-Request failed\nIMSI001 10.0.0.1","pri":30}"#;
        for (question, expected) in [
            ("attach", true),
            ("detach", false),
            ("attach detach", true),
            ("attach + detach", false),
            ("reset detach", false),
            ("\"request failed\"", true),
            // Words in another order are for who reads the document.
            ("\"failed request\"", true),
            ("\"request succeeded\"", false),
            ("imsi0*", true),
            ("imsi1*", false),
            ("*", true),
            ("-attach", true),
            ("-detach", true),
            ("reset -attach", false),
            ("reset | -attach", true),
            ("10.0.0.1", true),
            ("10.0.0.2", false),
            ("é", true),
            ("é + detach", false),
            ("30", true),
            ("1\"", true),
            ("nimsi001", true),
        ] {
            assert_eq!(may_be(question, document), expected, "{question}");
        }
        assert!(may_be("k", "{\"message\":\"300 \u{212a}\"}"), "the sign of kelvin is a k, too");
    }

    #[test]
    fn words_are_found_wherever_they_stand() {
        for (text, word, expected) in [
            ("", "a", false),
            ("a", "a", true),
            ("A", "a", true),
            ("ab", "b", true),
            ("aab", "ab", true),
            ("ababac", "abac", true),
            ("aba", "abac", false),
            ("x_1", "_1", true),
            ("abc", "", true),
        ] {
            assert_eq!(has(text.as_bytes(), word.as_bytes()), expected, "{word} in {text}");
        }
    }
}
