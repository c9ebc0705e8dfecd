//! Puts parameters into a configured command.
//!
//! The places are those of Python's `str.format`, which existing configurations are written for: `{}` takes the next
//! parameter, `{0}` a certain one, `{{` and `}}` are braces.

/// Why a command cannot be put together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum TemplateError {
    /// The caller's mistake.
    #[error("the command takes {expected} in shell_params, got {given}")]
    Count {
        /// How many places the command has, in words.
        expected: String,
        /// How many parameters came.
        given: usize,
    },
    /// The operator's mistake in magmad.yml.
    #[error(
        "the configured command is malformed at {0:?}: only {{}}, {{0}}, {{{{ and }}}} are known in braces"
    )]
    Malformed(String),
}

/// One piece of a command.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Parameter(usize),
}

/// The command line with each parameter in its place.
///
/// Magma-compat: a parameter becomes part of the command line before that is split into arguments, so one with blanks
/// becomes several arguments unless it is quoted. Operators use that: `bash {}` with `-c 'uptime; df'`. No
/// shell ever sees the line, so nothing else in a parameter has a meaning.
///
/// # Errors
/// Deviation: a parameter too many is an error as one too few is; Magma drops it silently.
pub(super) fn fill(template: &str, parameters: &[String]) -> Result<String, TemplateError> {
    let pieces = pieces(template)?;
    let places =
        pieces.iter().map(|piece| if let Piece::Parameter(index) = piece { index + 1 } else { 0 }).max();
    let places = places.unwrap_or(0);
    if places != parameters.len() {
        let expected = match places {
            0 => "nothing".to_owned(),
            1 => "1 parameter".to_owned(),
            more => format!("{more} parameters"),
        };
        return Err(TemplateError::Count { expected, given: parameters.len() });
    }
    Ok(pieces
        .iter()
        .map(|piece| match piece {
            Piece::Text(text) => *text,
            Piece::Parameter(index) => &parameters[*index],
        })
        .collect())
}

fn pieces(template: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    let malformed = |at: &str| TemplateError::Malformed(at.chars().take(20).collect());
    let mut pieces = Vec::new();
    let (mut rest, mut next) = (template, 0);
    while let Some(brace) = rest.find(['{', '}']) {
        let (text, from_brace) = rest.split_at(brace);
        pieces.push(Piece::Text(text));
        if from_brace.starts_with("{{") || from_brace.starts_with("}}") {
            pieces.push(Piece::Text(&from_brace[..1]));
            rest = &from_brace[2..];
            continue;
        }
        let inside = from_brace.strip_prefix('{').and_then(|after| after.split_once('}'));
        let (place, after) = inside.ok_or_else(|| malformed(from_brace))?;
        let index = match place {
            "" => next,
            digits => digits.parse::<u8>().map_err(|_| malformed(from_brace))?.into(),
        };
        next += usize::from(place.is_empty());
        pieces.push(Piece::Parameter(index));
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, parameters: &[&str]) -> Result<String, TemplateError> {
        fill(template, &parameters.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn parameters_go_into_their_places() {
        for (name, template, parameters, expected) in [
            ("no place", "uptime", &[][..], "uptime"),
            ("one place", "bash {}", &["-c 'a b'"], "bash -c 'a b'"),
            ("places in order", "fab {} --to {}", &["a", "b"], "fab a --to b"),
            ("numbered places", "echo {1} {0} {1}", &["a", "b"], "echo b a b"),
            ("braces of the command itself", "awk '{{print}}' {}", &["f"], "awk '{print}' f"),
            ("braces in a parameter stay", "echo {}", &["{} {{"], "echo {} {{"),
            ("a parameter may be empty", "echo '{}'", &[""], "echo ''"),
        ] {
            assert_eq!(filled(template, parameters).expect(name), expected, "{name}");
        }
    }

    #[test]
    fn the_number_of_parameters_must_fit() {
        for (template, parameters, expected) in [
            ("echo {}", &[][..], "the command takes 1 parameter in shell_params, got 0"),
            ("echo {}", &["a", "b"], "the command takes 1 parameter in shell_params, got 2"),
            ("echo {} {}", &["a"], "the command takes 2 parameters in shell_params, got 1"),
            ("uptime", &["a"], "the command takes nothing in shell_params, got 1"),
        ] {
            assert_eq!(filled(template, parameters).expect_err(template).to_string(), expected);
        }
    }

    #[test]
    fn a_malformed_command_is_told_with_its_place() {
        for template in ["echo {name}", "echo {", "echo }", "echo {-1}", "echo {999}", "awk {print $1}"] {
            assert!(matches!(filled(template, &["a"]), Err(TemplateError::Malformed(_))), "{template}");
        }
    }
}
