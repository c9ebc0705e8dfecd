//! What is understood, and what is refused with which words.

use super::*;
use crate::help::{command_help, program_help};
use crate::table::Example;

static PROGRAM: Program = Program {
    name: "kite",
    about: "A kite",
    options: &[
        Opt::with("root", None, "DIR", Value::Folder, "Where"),
        Opt::with("level", None, "LEVEL", Value::OneOf(&["low", "very-high"]), "How much"),
    ],
    commands: &[
        Command {
            name: "run",
            about: "Run",
            more: "",
            arguments: &[],
            options: &[Opt::switch("fast", None, "Quickly")],
            examples: &[],
        },
        Command {
            name: "fly-high",
            about: "Fly",
            more: "More of it.",
            arguments: &[
                Argument { name: "PLACE", about: "where to", value: Value::Text, count: Count::One },
                Argument { name: "NAME", about: "who", value: Value::Text, count: Count::Any },
            ],
            options: &[
                Opt::switch("follow", Some('f'), "Go on"),
                Opt::with("lines", Some('n'), "N", Value::Number(1, 99), "How many"),
            ],
            examples: &[Example { line: "kite fly-high north", does: "Fly north" }],
        },
    ],
};

fn parsed(line: &str) -> Result<Parsed, Mistake> {
    parse(&PROGRAM, line.split_whitespace().map(OsString::from))
}

/// The command and its values in one line.
fn shown(line: &str) -> String {
    match parsed(line) {
        Ok(Parsed::Do(matches)) => {
            let given = matches.given.iter().map(|(name, value)| format!(" {name}={value}"));
            format!("{}{}", matches.command.name, given.collect::<String>())
        }
        Ok(Parsed::Help(command)) => format!("help {:?}", command.map(|command| command.name)),
        Ok(Parsed::Version) => "version".to_owned(),
        Err(mistake) => format!("mistake: {mistake}"),
    }
}

#[test]
fn what_the_table_names_is_understood() {
    let rows = [
        ("", "run"),
        ("--fast", "run fast="),
        ("--root /x", "run root=/x"),
        ("--root=/x run --fast", "run root=/x fast="),
        ("run --root=/x=y", "run root=/x=y"),
        ("--level LOW fly-high north", "fly-high level=low PLACE=north"),
        ("fly_high north a b", "fly-high PLACE=north NAME=a NAME=b"),
        ("fly-high a --level very_high b", "fly-high level=very-high PLACE=a NAME=b"),
        ("fly-high -f -n 7 north", "fly-high follow= lines=7 PLACE=north"),
        ("fly-high -fn7 north", "fly-high follow= lines=7 PLACE=north"),
        ("fly-high -n=07 north", "fly-high lines=7 PLACE=north"),
        ("fly-high -- -f --lines", "fly-high PLACE=-f NAME=--lines"),
        ("fly-high -", "fly-high PLACE=-"),
        ("fly-high --help", "help Some(\"fly-high\")"),
        ("fly-high -h nothing --else matters", "help Some(\"fly-high\")"),
        ("-h", "help None"),
        ("help", "help None"),
        ("help fly-high", "help Some(\"fly-high\")"),
        ("fly-high help", "fly-high PLACE=help"),
        ("-V", "version"),
        ("run --version", "version"),
    ];
    for (line, expected) in rows {
        assert_eq!(shown(line), expected, "{line}");
    }
}

#[test]
fn what_it_does_not_name_is_refused_with_what_is_expected() {
    let rows: [(&str, &[&str]); 17] = [
        ("fyl-high x", &["no command \"fyl-high\"; did you mean fly-high?", "`kite --help`"]),
        ("sail", &["no command \"sail\"\n`kite --help` lists"]),
        ("help sail", &["no command \"sail\""]),
        ("--fats", &["no option --fats; did you mean --fast?", "Usage: kite [OPTIONS] [COMMAND]"]),
        ("--fast fly-high x", &["no option --fast", "Usage: kite fly-high [OPTIONS] PLACE [NAME]..."]),
        ("fly-high", &["PLACE is missing: where to", "`kite fly-high --help`"]),
        ("run now", &["\"now\" is one argument too many"]),
        ("fly-high x -q", &["no option -q"]),
        ("fly-high x -fq", &["no option -fq"]),
        ("fly-high x --follow=1", &["--follow is a switch and takes no value, but \"1\""]),
        ("fly-high x -f --follow", &["--follow is given twice"]),
        ("fly-high x --lines", &["--lines needs a value: N; expected is a number from 1 to 99"]),
        ("fly-high x -n --follow", &["-n needs a value", "-n=N"]),
        ("fly-high x -n 100", &["-n is \"100\"; expected is a number from 1 to 99"]),
        ("fly-high x -n many", &["-n is \"many\""]),
        ("--level lo run", &["--level is \"lo\"; expected is one of: low, very-high; did you mean low?"]),
        ("--root= run", &["--root is \"\"; expected is the path of a folder"]),
    ];
    for (line, expected) in rows {
        let said = shown(line);
        assert!(said.starts_with("mistake: "), "{line}: {said}");
        for words in expected {
            assert!(said.contains(words), "{line}: {said}");
        }
    }
}

#[test]
fn what_is_not_text_is_refused() {
    use std::os::unix::ffi::OsStringExt;
    let words = [OsString::from("fly-high"), OsString::from_vec(vec![0xff])];
    let said = parse(&PROGRAM, words).unwrap_err().to_string();
    assert!(said.contains("is not UTF-8 text"), "{said}");
}

#[test]
fn the_help_names_everything_and_keeps_to_its_columns() {
    let text = program_help(&PROGRAM) + &command_help(&PROGRAM, &PROGRAM.commands[1]);
    for words in [
        "  fly-high            Fly\n",
        "      --level LEVEL           How much [low, very-high]\n",
        "  -f, --follow                Go on\n",
        "  -n, --lines N               How many [1 to 99]\n",
        "  PLACE                       where to\n",
        "  kite fly-high north\n      Fly north\n",
        "More of it.",
    ] {
        assert!(text.contains(words), "{words:?} in\n{text}");
    }
    for command in crate::magmad::MAGMAD.commands {
        let text = command_help(&crate::magmad::MAGMAD, command);
        assert!(text.lines().all(|line| line.len() <= 110 && line.trim_end() == line), "{text}");
    }
}
