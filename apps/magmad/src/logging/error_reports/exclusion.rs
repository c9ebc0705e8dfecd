//! Which errors the cloud wants left out (`exclusion_patterns` of `shared_mconfig`). They are regular expressions, of
//! which those are understood that Magma ships: text with `\` in front of signs, `.` and `.*`.

/// A pattern that is found anywhere in a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Exclusion(Vec<Step>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Is(char),
    Any,
    Anything,
}

impl Exclusion {
    /// Reads a pattern; none when it is of another kind.
    pub(super) fn parse(pattern: &str) -> Option<Self> {
        let mut steps = Vec::new();
        let mut letters = pattern.chars().peekable();
        while let Some(letter) = letters.next() {
            steps.push(match letter {
                '.' if letters.next_if_eq(&'*').is_some() => Step::Anything,
                '.' => Step::Any,
                '\\' => Step::Is(letters.next().filter(|sign| !sign.is_alphanumeric())?),
                '*' | '+' | '?' | '|' | '(' | ')' | '[' | ']' | '{' | '}' | '^' | '$' => return None,
                other => Step::Is(other),
            });
        }
        Some(Self(steps))
    }

    /// Whether the message has it.
    pub(super) fn covers(&self, message: &str) -> bool {
        let letters: Vec<char> = message.chars().collect();
        // The places where what came so far may end; each step moves them on.
        let mut places = vec![true; letters.len() + 1];
        for step in &self.0 {
            let mut next = vec![false; places.len()];
            for at in (0..places.len()).filter(|at| places[*at]) {
                match step {
                    Step::Anything => next[at..].fill(true),
                    Step::Any | Step::Is(_) if at == letters.len() => {}
                    Step::Is(wanted) if letters[at] != *wanted => {}
                    Step::Any | Step::Is(_) => next[at + 1] = true,
                }
                if *step == Step::Anything {
                    break;
                }
            }
            places = next;
        }
        places.contains(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_found_anywhere() {
        for (pattern, message, covers) in [
            (r"\[SyncRPC\]", "2026 [SyncRPC] lost", true),
            (r"\[SyncRPC\]", "SyncRPC lost", false),
            ("Metrics upload error", "Metrics upload error!", true),
            ("a.c", "xabcx", true),
            ("a.c", "ac", false),
            ("a.*d", "xa--dx", true),
            ("a.*d", "d--a", false),
            ("ends.*", "it ends", true),
            ("", "anything", true),
        ] {
            let exclusion = Exclusion::parse(pattern).expect(pattern);
            assert_eq!(exclusion.covers(message), covers, "{pattern} in {message}");
        }
        for unknown in ["^a", "a|b", r"\d+", "[ab]", r"a\"] {
            assert_eq!(Exclusion::parse(unknown), None, "{unknown}");
        }
    }
}
