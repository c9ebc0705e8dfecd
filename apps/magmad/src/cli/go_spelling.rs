//! The options of Magma's Go agent, in our own words, so that its unit files and scripts go on working.

use std::ffi::OsString;

use magma_command_line::magmad::MAGMAD;

/// Replaces what only the Go agent understands. Go's options have one hyphen or two.
pub(super) fn translate(arguments: Vec<OsString>) -> Vec<OsString> {
    // `-s` is a command of the Go agent, but an option of one of ours.
    let mut command = false;
    let words = arguments.into_iter().flat_map(|word| {
        command |= word.to_str().is_some_and(|word| MAGMAD.command(word).is_some());
        translated(&word, command).unwrap_or_else(|| vec![word])
    });
    words.collect()
}

fn translated(word: &OsString, command: bool) -> Option<Vec<OsString>> {
    let word = word.to_str()?;
    let name = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    let ours: Vec<&str> = match name {
        "show" => vec!["show", "--format=go"],
        "s" if word == "-s" && !command => vec!["show", "--format=go"],
        "stdout2stderr" => vec!["--log-to=stderr"],
        "stderr2syslog" => vec!["--log-to=syslog"],
        _ => {
            let server = name.strip_prefix("stderr2syslog=")?;
            return Some(vec![OsString::from(format!("--log-to=syslog={server}"))]);
        }
    };
    Some(ours.into_iter().map(OsString::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_words_are_replaced() {
        let rows = [
            ("-show", "show --format=go"),
            ("--show", "show --format=go"),
            ("-stderr2syslog", "--log-to=syslog"),
            ("-stderr2syslog=udp::127.0.0.1:514", "--log-to=syslog=udp::127.0.0.1:514"),
            ("-stdout2stderr", "--log-to=stderr"),
            ("show", "show"),
            ("-s", "show --format=go"),
            ("--s", "--s"),
            ("-x", "-x"),
            ("-stdout2stderr -s", "--log-to=stderr show --format=go"),
            ("--config-root /x -s", "--config-root /x show --format=go"),
            ("show-config -s mme", "show-config -s mme"),
            ("run --log-level debug", "run --log-level debug"),
        ];
        for (line, expected) in rows {
            let words = translate(line.split(' ').map(OsString::from).collect());
            assert_eq!(words.join(std::ffi::OsStr::new(" ")), expected, "{line}");
        }
    }
}
