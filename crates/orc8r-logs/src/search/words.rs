//! Text as words, compared without regard to case.

/// The words of a text in their order, in lower case: what stands between signs and blanks.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(|sign: char| !sign.is_alphanumeric() && sign != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Words that follow one another; of the last perhaps only the beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Phrase {
    pub(super) words: Vec<String>,
    /// Whether the last word may go on.
    pub(super) prefix: bool,
}

impl Phrase {
    /// Whether they stand somewhere in `text`.
    pub(super) fn is_in(&self, text: &[String]) -> bool {
        if self.words.is_empty() {
            return true;
        }
        text.windows(self.words.len()).any(|window| self.fits(window))
    }

    fn fits(&self, window: &[String]) -> bool {
        let Some(((last, before), (last_found, before_found))) =
            self.words.split_last().zip(window.split_last())
        else {
            return false;
        };
        let last_fits = if self.prefix { last_found.starts_with(last.as_str()) } else { last_found == last };
        last_fits && before == before_found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_by_whole_words_or_beginnings() {
        let text = words("mme[12]: Attach-Request from IMSI001, ip 10.0.0.1; état: É");
        for (phrase, prefix, expected) in [
            ("attach", false, true),
            ("ATTACH request", false, true),
            ("attach from", false, false),
            ("imsi", false, false),
            ("imsi", true, true),
            ("from ims", true, true),
            ("fro imsi001", true, false),
            ("10.0.0.1", false, true),
            ("0.0.10", false, false),
            ("é", false, true),
            ("", false, true),
            ("one two three four five six seven eight nine ten eleven twelve thirteen", false, false),
        ] {
            let wanted = Phrase { words: words(phrase), prefix };
            assert_eq!(wanted.is_in(&text), expected, "{phrase}");
        }
    }
}
