//! The gateway agent's commands.

use crate::table::{Argument, Command, Count, Example, Opt, Program, Value};

/// The gateway agent.
pub static MAGMAD: Program = Program {
    name: "magmad",
    about: "The gateway agent: identity, certificate, configuration, check-in, remote commands",
    options: &[
        Opt::with(
            "config-root",
            None,
            "DIR",
            Value::Folder,
            "Put this folder in front of every path, to try a configuration as an ordinary user",
        ),
        Opt::with(
            "log-level",
            None,
            "LEVEL",
            Value::OneOf(&["debug", "info", "warning", "error"]),
            "Log from this level on, whatever the configuration says",
        ),
        Opt::with(
            "profile",
            None,
            "PROFILE",
            Value::OneOf(&["standard", "low-bandwidth"]),
            "Tune traffic for this kind of link, whatever the configuration says",
        ),
        Opt::with(
            "log-to",
            None,
            "WHERE",
            Value::Text,
            "Where the log goes: stderr (the default), stdout, syslog (through /dev/log), or syslog=udp::HOST:PORT",
        ),
    ],
    commands: &[RUN, REGISTER, SHOW, CHECK_CONFIG, VERSION],
};

const JSON: Opt = Opt::switch("json", None, "Print one JSON document instead of text");

const RUN: Command = Command {
    name: "run",
    about: "Run the agent (what happens without a command, too)",
    more: "It ends in good order on SIGTERM, SIGINT and SIGQUIT.",
    arguments: &[],
    options: &[],
    examples: &[Example { line: "magmad run --log-level debug", does: "Run in the foreground and say much" }],
};

const REGISTER: Command = Command {
    name: "register",
    about: "Register this gateway with a cloud by a token, and save the cloud's address",
    more: "",
    arguments: &[
        one("DOMAIN", Value::Text, "The cloud's domain, such as magma.test"),
        one("TOKEN", Value::Text, "The registration token, from the gateway's page"),
    ],
    options: &[
        Opt::with(
            "ca-file",
            None,
            "FILE",
            Value::File,
            "Trust this root certificate instead of rootca_cert in control_proxy.yml",
        ),
        Opt::with(
            "cloud-port",
            None,
            "PORT",
            Value::Number(1, 65535),
            "The bootstrapper's port [default: 8444]",
        ),
        Opt::switch("no-control-proxy", None, "Do not save the control_proxy.yml that the cloud sends"),
        JSON,
    ],
    examples: &[Example {
        line: "magmad register magma.test reg_h1kw --ca-file rootCA.pem",
        does: "Register, trusting the given root certificate",
    }],
};

const SHOW: Command = Command {
    name: "show",
    about: "Print the hardware id and the challenge key, for registration by hand",
    more: "Both are made if this gateway has none. -show and -s, as the Go agent has them, mean show --format go.",
    arguments: &[],
    options: &[
        Opt::with(
            "format",
            None,
            "FORMAT",
            Value::OneOf(&["python", "go"]),
            "The text of show_gateway_info.py or of the Go agent's -show [default: python]",
        ),
        JSON,
    ],
    examples: &[],
};

const CHECK_CONFIG: Command = Command {
    name: "check-config",
    about: "Say what the agent understands of its files, and what is wrong",
    more: "It changes no file and calls nobody. The exit status is 1 when the agent cannot run with these files.",
    arguments: &[],
    options: &[JSON],
    examples: &[Example {
        line: "magmad check-config --config-root /tmp/new-gateway",
        does: "Check a copy of a gateway's files",
    }],
};

const VERSION: Command = Command {
    name: "version",
    about: "Print the version and what it was built from",
    more: "",
    arguments: &[],
    options: &[JSON],
    examples: &[],
};

const fn one(name: &'static str, value: Value, about: &'static str) -> Argument {
    Argument { name, about, value, count: Count::One }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_name_has_two_meanings_and_every_sentence_is_one() {
        let mut commands = BTreeSet::new();
        for command in MAGMAD.commands {
            assert!(commands.insert(command.name), "{}", command.name);
            let options = || MAGMAD.options.iter().chain(command.options);
            let long: BTreeSet<_> = options().map(|option| option.name).collect();
            let short: BTreeSet<_> = options().filter_map(|option| option.short).collect();
            assert_eq!(long.len(), options().count(), "{}", command.name);
            assert_eq!(short.len(), options().filter(|o| o.short.is_some()).count(), "{}", command.name);
            assert!(!short.contains(&'h') && !short.contains(&'V'), "{}", command.name);
            assert!(!long.contains("help") && !long.contains("version"), "{}", command.name);
            let abouts = command.arguments.iter().map(|a| a.about).chain(options().map(|o| o.about));
            for about in abouts.chain([command.about]) {
                assert!(!about.is_empty() && !about.ends_with('.'), "{}: {about}", command.name);
            }
            assert!(command.more.is_empty() || command.more.ends_with('.'), "{}", command.name);
            for example in command.examples {
                let words = example.line.split_whitespace().map(std::ffi::OsString::from);
                let parsed = crate::parse(&MAGMAD, words.skip(1));
                assert!(parsed.is_ok(), "{}: {}", example.line, parsed.unwrap_err());
            }
            let last = command.arguments.len().saturating_sub(1);
            for (at, argument) in command.arguments.iter().enumerate() {
                let many = matches!(argument.count, Count::Any | Count::Some);
                assert!(!many || at == last, "{}: {}", command.name, argument.name);
            }
        }
    }
}
