//! From the words of a command line to a command with its values, or to a mistake that names what is wrong.

use std::ffi::OsString;
use std::fmt;

use crate::closest::did_you_mean;
use crate::help::usage;
use crate::table::{Argument, Command, Count, Opt, Program, Value, same_word};

/// What the words ask for.
#[derive(Debug)]
pub enum Parsed {
    /// To do something.
    Do(Matches),
    /// To explain a command, or the whole program.
    Help(Option<&'static Command>),
    /// To tell the version.
    Version,
}

/// A command with the values that were given.
#[derive(Debug)]
pub struct Matches {
    /// What to do.
    pub command: &'static Command,
    given: Vec<(&'static str, String)>,
}

impl Matches {
    /// The value of an option or of an argument, if it was given.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// All values of an argument, in their order.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.given.iter().filter(move |(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// The value of an option that is a [`Value::Number`].
    pub fn number(&self, name: &str) -> Option<u64> {
        self.value(name)?.parse().ok()
    }

    /// Whether a switch was given.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }
}

/// What is wrong with a command line, with what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake(String);

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Mistake {}

/// Understands the words that follow the program's name.
///
/// Options may stand anywhere, as `--name value`, `--name=value`, `-n value` or `-nvalue`; after `--` there are only
/// arguments. `-h` and `-V` end the reading.
///
/// # Errors
/// When a word is not in the table, is missing, or is not what the table says.
pub fn parse(
    program: &'static Program,
    words: impl IntoIterator<Item = OsString>,
) -> Result<Parsed, Mistake> {
    let mut parser = Parser { program, command: None, given: Vec::new(), arguments: Vec::new() };
    let mut words = words.into_iter();
    let mut only_arguments = false;
    while let Some(word) = words.next() {
        let word = text(word)?;
        if only_arguments || word == "-" || !word.starts_with('-') {
            if parser.command.is_none() && same_word("help", &word) {
                return parser.help_on(words.next());
            }
            parser.word(word)?;
        } else if word == "--" {
            only_arguments = true;
        } else if matches!(word.as_str(), "-h" | "--help") {
            return Ok(Parsed::Help(parser.command));
        } else if matches!(word.as_str(), "-V" | "--version") {
            return Ok(Parsed::Version);
        } else if let Some(long) = word.strip_prefix("--") {
            parser.long(long, &mut words)?;
        } else {
            parser.shorts(&word[1..], &mut words)?;
        }
    }
    parser.finish().map(Parsed::Do)
}

/// What has been read so far.
struct Parser {
    program: &'static Program,
    command: Option<&'static Command>,
    given: Vec<(&'static str, String)>,
    arguments: Vec<String>,
}

impl Parser {
    fn help_on(&self, word: Option<OsString>) -> Result<Parsed, Mistake> {
        let Some(word) = word else { return Ok(Parsed::Help(None)) };
        self.find_command(&text(word)?).map(|command| Parsed::Help(Some(command)))
    }

    /// A word that is no option: the command, or one of its arguments.
    fn word(&mut self, word: String) -> Result<(), Mistake> {
        if self.command.is_some() {
            self.arguments.push(word);
            return Ok(());
        }
        let command = self.find_command(&word)?;
        self.command = Some(command);
        // Options that stood before the command's name were read as those of the command without a name.
        match self.given.iter().find(|(name, _)| !self.options().any(|option| option.name == *name)) {
            Some((name, _)) => Err(self.unknown_option(&format!("--{name}"))),
            None => Ok(()),
        }
    }

    fn find_command(&self, word: &str) -> Result<&'static Command, Mistake> {
        self.program.command(word).ok_or_else(|| {
            let names = self.program.commands.iter().map(|command| command.name);
            let name = self.program.name;
            Mistake(format!(
                "there is no command {word:?}{}\n`{name} --help` lists all commands",
                did_you_mean(word, names)
            ))
        })
    }

    fn long(&mut self, word: &str, rest: &mut impl Iterator<Item = OsString>) -> Result<(), Mistake> {
        let (name, joined) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let found = self.options().find(|option| same_word(option.name, name));
        let option = found.ok_or_else(|| self.unknown_option(&format!("--{name}")))?;
        self.option(option, &format!("--{}", option.name), joined, rest)
    }

    /// One letter or several; what follows one that takes a value is its value.
    fn shorts(&mut self, letters: &str, rest: &mut impl Iterator<Item = OsString>) -> Result<(), Mistake> {
        for (at, letter) in letters.char_indices() {
            let found = self.options().find(|option| option.short == Some(letter));
            let option = found.ok_or_else(|| self.unknown_option(&format!("-{letters}")))?;
            let after = &letters[at + letter.len_utf8()..];
            let takes_rest = option.value.is_some() && !after.is_empty();
            let joined = takes_rest.then(|| after.strip_prefix('=').unwrap_or(after).to_owned());
            self.option(option, &format!("-{letter}"), joined, rest)?;
            if option.value.is_some() {
                break;
            }
        }
        Ok(())
    }

    fn option(
        &mut self,
        option: &'static Opt,
        shown: &str,
        joined: Option<String>,
        rest: &mut impl Iterator<Item = OsString>,
    ) -> Result<(), Mistake> {
        if self.given.iter().any(|(name, _)| *name == option.name) {
            return Err(self.mistake(format!("{shown} is given twice")));
        }
        let value = match (option.value, joined) {
            (None, None) => String::new(),
            (None, Some(value)) => {
                return Err(
                    self.mistake(format!("{shown} is a switch and takes no value, but {value:?} is given"))
                );
            }
            (Some((_, kind)), Some(value)) => self.checked(shown, kind, value)?,
            (Some((name, kind)), None) => {
                let next = rest.next().map(text).transpose()?;
                let usable = next.filter(|word| word == "-" || !word.starts_with('-'));
                let value = usable.ok_or_else(|| {
                    self.mistake(format!(
                        "{shown} needs a value: {name}{} (one that begins with a hyphen is written {shown}={name})",
                        expected(kind)
                    ))
                })?;
                self.checked(shown, kind, value)?
            }
        };
        self.given.push((option.name, value));
        Ok(())
    }

    /// The value as the table spells it.
    fn checked(&self, of: &str, kind: Value, value: String) -> Result<String, Mistake> {
        let right = match kind {
            Value::OneOf(words) => {
                words.iter().find(|word| same_word(word, &value)).map(|word| (*word).to_owned())
            }
            Value::Number(min, max) => {
                value.parse::<u64>().ok().filter(|number| (min..=max).contains(number)).map(|n| n.to_string())
            }
            Value::Text => Some(value.clone()),
            Value::File | Value::Folder | Value::Service => Some(value.clone()).filter(|v| !v.is_empty()),
        };
        right.ok_or_else(|| {
            let near = match kind {
                Value::OneOf(words) => did_you_mean(&value, words.iter().copied()),
                _ => String::new(),
            };
            self.mistake(format!("{of} is {value:?}{}{near}", expected(kind)))
        })
    }

    /// Everything that may be given here.
    fn options(&self) -> impl Iterator<Item = &'static Opt> + use<> {
        self.program.options.iter().chain(self.command().options)
    }

    fn command(&self) -> &'static Command {
        self.command.unwrap_or(&self.program.commands[0])
    }

    fn finish(mut self) -> Result<Matches, Mistake> {
        let mut words = std::mem::take(&mut self.arguments).into_iter().peekable();
        for argument in self.command().arguments {
            let many = matches!(argument.count, Count::Any | Count::Some);
            if words.peek().is_none() && matches!(argument.count, Count::One | Count::Some) {
                return Err(self.missing(argument));
            }
            for word in words.by_ref().take(if many { usize::MAX } else { 1 }) {
                let value = self.checked(argument.name, argument.value, word)?;
                self.given.push((argument.name, value));
            }
        }
        match words.next() {
            Some(word) => Err(self.mistake(format!("{word:?} is one argument too many"))),
            None => Ok(Matches { command: self.command(), given: self.given }),
        }
    }

    fn missing(&self, argument: &Argument) -> Mistake {
        self.mistake(format!("{} is missing: {}{}", argument.name, argument.about, expected(argument.value)))
    }

    fn unknown_option(&self, shown: &str) -> Mistake {
        let names: Vec<String> = self.options().map(|option| format!("--{}", option.name)).collect();
        let near = did_you_mean(shown, names.iter().map(String::as_str));
        self.mistake(format!("there is no option {shown}{near}"))
    }

    /// The mistake with the way it would be right.
    fn mistake(&self, what: String) -> Mistake {
        let program = self.program.name;
        let (usage, command) = (usage(self.program, self.command), self.command.map(|command| command.name));
        let more = command.map(|name| format!(" {name}")).unwrap_or_default();
        Mistake(format!("{what}\n{usage}\n`{program}{more} --help` says more"))
    }
}

fn expected(kind: Value) -> String {
    match kind {
        Value::OneOf(words) => format!("; expected is one of: {}", words.join(", ")),
        Value::Number(min, max) => format!("; expected is a number from {min} to {max}"),
        Value::File => "; expected is the path of a file".to_owned(),
        Value::Folder => "; expected is the path of a folder".to_owned(),
        Value::Service => "; expected is the name of a service".to_owned(),
        Value::Text => String::new(),
    }
}

fn text(word: OsString) -> Result<String, Mistake> {
    word.into_string().map_err(|word| Mistake(format!("{word:?} is not UTF-8 text")))
}

#[cfg(test)]
mod tests;
