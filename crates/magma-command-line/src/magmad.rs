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
            "log-to",
            None,
            "WHERE",
            Value::Text,
            "Where the log goes: stderr (the default), stdout, syslog (through /dev/log), or syslog=udp::HOST:PORT",
        ),
    ],
    commands: &[
        RUN,
        REGISTER,
        SHOW,
        STATUS,
        DOCTOR,
        CHECK_CONFIG,
        SHOW_CONFIG,
        CONFIG,
        SERVICES,
        LOGS,
        SERVICE303,
        GATEWAY_ID,
        PING,
        TRACEROUTE,
        GENERIC_COMMAND,
        CHECK_STATELESS,
        CONFIG_STATELESS,
        REBOOT,
        DIRECTORY,
        CALL_TRACE,
        RESOURCES,
        SERVICE_UTIL,
        UPGRADE,
        VERSION,
    ],
};

const JSON: Opt = Opt::switch("json", None, "Print one JSON document instead of text");

const RUN: Command = Command {
    name: "run",
    about: "Run the agent (what happens without a command, too)",
    more: "It ends in good order on SIGTERM, SIGINT and SIGQUIT.",
    arguments: &[],
    options: &[
        Opt::with(
            "profile",
            None,
            "PROFILE",
            Value::OneOf(&["standard", "low-bandwidth"]),
            "Tune traffic for this kind of link, whatever the configuration says",
        ),
        Opt::switch(
            "no-remote-exec",
            None,
            "Run no programs and do not reboot for remote callers, whatever the configuration says",
        ),
    ],
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

const STATUS: Command = Command {
    name: "status",
    about: "Say whether the agent runs, whether its cloud takes it, and how its services are",
    more: "The exit status is 0 when all is well, 1 when there is something to look at, and 3 when the agent does not run.",
    arguments: &[],
    options: &[JSON],
    examples: &[],
};

const DOCTOR: Command = Command {
    name: "doctor",
    about: "Find out why this gateway does not reach its cloud, step by step, and say what to do next",
    more: "It looks at files, clock, disk, names, TCP, TLS and certificates, asks the bootstrapper whether this gateway is \
           registered, checks in directly and through the control proxy, and asks each local service. It changes nothing \
           but the time of the last check-in in the cloud. The exit status is 1 when a step failed.",
    arguments: &[],
    options: &[Opt::switch("offline", None, "Look at this machine only, and call nobody outside"), JSON],
    examples: &[Example {
        line: "magmad doctor --json",
        does: "The same for a program: every step with its verdict",
    }],
};

const SHOW_CONFIG: Command = Command {
    name: "show-config",
    about: "Show a service's yml file with its override on top, and where each value comes from",
    more: "Secrets are masked. With --test nothing is printed: the exit status is 0 when the value is true, as Python has \
           it, and 2 when it is not or is not there.",
    arguments: &[],
    options: &[
        Opt::with("service", Some('s'), "SERVICE", Value::Service, "Whose [default: magmad]"),
        Opt::with(
            "var",
            Some('v'),
            "PATH",
            Value::Text,
            "Print one value, such as metricsd.services or services.mme.port",
        ),
        Opt::switch("test", Some('t'), "Tell by the exit status whether the value is true"),
        Opt::switch(
            "managed",
            Some('m'),
            "Show what the cloud says to the service (gateway.mconfig) instead",
        ),
        JSON,
    ],
    examples: &[
        Example {
            line: "magmad show-config -s mme -v use_stateless -t",
            does: "Exit with 0 if mme is to be stateless, else with 2",
        },
        Example {
            line: "magmad show-config -m -v featureFlags.newthing -t",
            does: "Exit with 0 if the cloud has set the feature flag newthing",
        },
    ],
};

const CONFIG: Command = Command {
    name: "config",
    about: "Show or change the log level of a service, or the switch of the configuration stream",
    more: "A change goes into the service's override file, where the rest stays as it is, and counts from its next \
           restart.",
    arguments: &[
        one("SETTING", Value::OneOf(&["log-level", "streamer"]), "What to show or change"),
        Argument {
            name: "VALUE",
            about: "The new value: debug, info, warning, error or fatal; for the streamer on or off",
            value: Value::Text,
            count: Count::Optional,
        },
    ],
    options: &[
        Opt::with("service", Some('s'), "SERVICE", Value::Service, "Whose log level [default: magmad]"),
        JSON,
    ],
    examples: &[Example { line: "magmad config log-level debug -s mme", does: "Let mme say more" }],
};

const SERVICES: Command = Command {
    name: "services",
    about: "Tell how this gateway's services are, or start, stop or restart them",
    more: "Restarts, and orders to all services, go through the agent where it runs, which then does not take them for \
           crashes. As a status, the exit status is 1 when a service is down.",
    arguments: &[
        Argument {
            name: "ACTION",
            about: "What to do [default: status]",
            value: Value::OneOf(&["status", "start", "stop", "restart"]),
            count: Count::Optional,
        },
        Argument {
            name: "NAME",
            about: "Which services; without a name all of them",
            value: Value::Service,
            count: Count::Any,
        },
    ],
    options: &[JSON],
    examples: &[Example { line: "magmad services restart mme sessiond", does: "Restart two services" }],
};

const LOGS: Command = Command {
    name: "logs",
    about: "Print the last lines of a service's log",
    more: "Without -f it ends when the log has been silent for a second.",
    arguments: &[Argument {
        name: "SERVICE",
        about: "Whose log; without a name the machine's",
        value: Value::Service,
        count: Count::Optional,
    }],
    options: &[Opt::switch("follow", Some('f'), "Go on with each new line"), JSON],
    examples: &[Example { line: "magmad logs mme -f", does: "Follow the log of mme" }],
};

const SERVICE303: Command = Command {
    name: "service303",
    about: "Ask a service about itself over gRPC, or order it something that all services understand",
    more: "The service must be in service_registry.yml.",
    arguments: &[
        one(
            "ACTION",
            Value::OneOf(&["info", "metrics", "log-level", "reload", "stop"]),
            "What to ask or order",
        ),
        one("SERVICE", Value::Service, "Which service"),
        Argument {
            name: "LEVEL",
            about: "For log-level: from which level on it logs, until it restarts",
            value: Value::OneOf(&["debug", "info", "warning", "error", "fatal"]),
            count: Count::Optional,
        },
    ],
    options: &[JSON],
    examples: &[Example { line: "magmad service303 metrics mme", does: "Print the metrics of mme" }],
};

const GATEWAY_ID: Command = Command {
    name: "gateway-id",
    about: "Ask the agent for the gateway's hardware id",
    more: "",
    arguments: &[],
    options: &[JSON],
    examples: &[],
};

const PING: Command = Command {
    name: "ping",
    about: "Let the agent ping hosts",
    more: "The exit status is 1 when a host does not answer.",
    arguments: &[Argument {
        name: "HOST",
        about: "Names or addresses",
        value: Value::Text,
        count: Count::Some,
    }],
    options: &[Opt::with("packets", None, "N", Value::Number(1, 100), "How many packets [default: 4]"), JSON],
    examples: &[],
};

const TRACEROUTE: Command = Command {
    name: "traceroute",
    about: "Let the agent trace the way to hosts",
    more: "",
    arguments: &[Argument {
        name: "HOST",
        about: "Names or addresses",
        value: Value::Text,
        count: Count::Some,
    }],
    options: &[
        Opt::with("max-hops", None, "N", Value::Number(1, 64), "How far at most [default: 30]"),
        Opt::with("bytes", None, "N", Value::Number(28, 9000), "The size of a packet [default: 60]"),
        JSON,
    ],
    examples: &[],
};

const GENERIC_COMMAND: Command = Command {
    name: "generic-command",
    about: "Let the agent run a command of generic_command_config in magmad.yml",
    more: "The exit status is 1 when the command's is not 0.",
    arguments: &[
        one("NAME", Value::Text, "The command's name there"),
        Argument {
            name: "PARAM",
            about: "Its parameters; or one JSON object, such as {\"shell_params\": [\"-n\"]}",
            value: Value::Text,
            count: Count::Any,
        },
    ],
    options: &[JSON],
    examples: &[Example {
        line: "magmad generic-command echo -- -n hello",
        does: "Parameters that begin with a hyphen",
    }],
};

const CHECK_STATELESS: Command = Command {
    name: "check-stateless",
    about: "Say whether the access gateway keeps its state in its services or outside of them",
    more: "",
    arguments: &[],
    options: &[JSON],
    examples: &[],
};

const CONFIG_STATELESS: Command = Command {
    name: "config-stateless",
    about: "Make the access gateway stateless or stateful, and restart what that concerns",
    more: "",
    arguments: &[one("SWITCH", Value::OneOf(&["enable", "disable"]), "Stateless or not")],
    options: &[JSON],
    examples: &[],
};

const REBOOT: Command = Command {
    name: "reboot",
    about: "Let the agent restart the machine",
    more: "",
    arguments: &[],
    options: &[JSON],
    examples: &[],
};

const DIRECTORY: Command = Command {
    name: "directory",
    about: "Ask or change the records of directoryd: which subscriber is at which gateway",
    more: "",
    arguments: &[
        one("ACTION", Value::OneOf(&["list", "get", "update", "delete"]), "What to do"),
        optional("ID", "For all but list: the record, such as IMSI001010000000001"),
        optional("KEY", "For get and update: a field of the record"),
        optional("VALUE", "For update: the field's value"),
    ],
    options: &[JSON],
    examples: &[],
};

const CALL_TRACE: Command = Command {
    name: "call-trace",
    about: "Start a call trace of ctraced, or end it and keep what was captured",
    more: "",
    arguments: &[
        one("ACTION", Value::OneOf(&["start", "end"]), "What to do"),
        one("ID", Value::Text, "A name for the trace"),
    ],
    options: &[
        Opt::with(
            "timeout",
            None,
            "SECONDS",
            Value::Number(1, 86400),
            "When it ends by itself [default: 300]",
        ),
        Opt::with("capture", None, "FILTER", Value::Text, "What to capture, in the language of pcap"),
        Opt::with("display", None, "FILTER", Value::Text, "What to keep of it, in the language of Wireshark"),
        Opt::with("output", None, "FILE", Value::File, "For end: where to keep the pcapng file"),
        JSON,
    ],
    examples: &[Example {
        line: "magmad call-trace start t1 --capture sctp",
        does: "Capture the signalling of base stations",
    }],
};

const RESOURCES: Command = Command {
    name: "resources",
    about: "Tell what the running agent uses: processor, memory, descriptors, tasks",
    more: "It looks twice at /proc, and so needs to be root or the agent's user.",
    arguments: &[],
    options: &[
        Opt::with("seconds", None, "N", Value::Number(1, 600), "The time between the two looks [default: 5]"),
        JSON,
    ],
    examples: &[],
};

const SERVICE_UTIL: Command = Command {
    name: "service-util",
    about: "Count how a service's run ended, for the metric service_restart_status",
    more: "For ExecStopPost in the unit of a service: systemd says in SERVICE_RESULT, EXIT_CODE and EXIT_STATUS how it \
           ended, and the counts are kept in the gateway's Redis, beside those of Magma's service_util.py.",
    arguments: &[one("SERVICE", Value::Text, "The service's name, without magma@")],
    options: &[JSON],
    examples: &[Example {
        line: "magmad service-util mme",
        does: "In the unit of mme: ExecStopPost=-/usr/bin/magmad service-util %i",
    }],
};

const UPGRADE: Command = Command {
    name: "upgrade",
    about: "Say how upgrades of this gateway go, ask for one, or take one back",
    more: "now goes to the version of the gateway's tier whatever autoupgrade_enabled says; rollback goes back to what ran \
           before; pause lets upgrades wait until now. boot is for start scripts that do not start the packaged magmad: it decides which program a start runs, \
           counts that start, and prints the program's path, or nothing for the packaged one. guard and restore \
           are for the unit of magmad, while packages are on trial.",
    arguments: &[Argument {
        name: "ACTION",
        about: "What to do [default: status]",
        value: Value::OneOf(&["status", "now", "rollback", "pause", "boot", "guard", "restore"]),
        count: Count::Optional,
    }],
    options: &[JSON],
    examples: &[],
};

const VERSION: Command = Command {
    name: "version",
    about: "Print the version and what it was built from",
    more: "",
    arguments: &[],
    options: &[JSON],
    examples: &[],
};

const fn optional(name: &'static str, about: &'static str) -> Argument {
    Argument { name, about, value: Value::Text, count: Count::Optional }
}

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
