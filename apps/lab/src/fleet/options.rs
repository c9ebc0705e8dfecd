//! What `lab fleet` can be told.

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::path::PathBuf;
use std::time::Duration;

/// How the fleet is, and what it does.
pub struct Options {
    /// How many gateways.
    pub gateways: usize,
    /// How long they live their ordinary life, which is what is measured.
    pub duration: Duration,
    /// How often each of them checks in, asks for its configuration, and sends metrics.
    pub interval: Duration,
    /// Certificates asked for in a second; 0: as many as there is room for.
    pub bootstrap_rate: u32,
    /// Connections made in a second; 0: as many as make the fleet complete within one interval.
    pub connect_rate: u32,
    /// Commands a second, through REST and SyncRPC.
    pub commands: u32,
    /// Whether commands go to another node than the one that gateways are connected to.
    pub two_nodes: bool,
    /// Whether commands come from the lab as a node of its own, without REST.
    pub from_node: bool,
    /// Subscribers of the network, which is an LTE network then; 0: a network of gateways alone.
    pub subscribers: usize,
    /// Time series that each gateway sends.
    pub series: usize,
    /// Whether gateways keep a stream for their configuration open, instead of asking again.
    pub push: bool,
    /// Where everything of an Orchestrator of our own is kept; none: in a folder that goes.
    pub dir: Option<PathBuf>,
    /// The network that the gateways are in.
    pub network: String,
    /// The gateways that there are already: a hardware id and the path of its challenge key a line.
    pub list: Option<PathBuf>,
    /// Whether gateways that were made are left.
    pub keep: bool,
    /// An Orchestrator that is there.
    pub existing: Option<Existing>,
    /// The process whose memory and processor time are shown, if the Orchestrator is not our own.
    pub server_process: Option<u32>,
    /// Whether the report is one JSON object.
    pub json: bool,
}

/// How an existing Orchestrator is reached.
pub struct Existing {
    /// Its name or address.
    pub host: String,
    /// The domain of the names in its certificate.
    pub domain: String,
    /// The certificate that it is trusted by.
    pub root_certificate: PathBuf,
    /// An operator's certificate and key; none: gateways come from a list.
    pub operator: Option<(PathBuf, PathBuf)>,
    /// The name that its REST API is called by.
    pub rest_name: String,
    /// The port of its REST API.
    pub rest_port: u16,
    /// The port for gateways with a certificate.
    pub gateway_port: u16,
    /// The port for gateways without one.
    pub bootstrap_port: u16,
}

/// The subcommand.
pub fn command() -> Command {
    let seconds = || value_parser!(u32).range(1..=86_400);
    let rate = || value_parser!(u32).range(0..=100_000);
    Command::new("fleet")
        .about("Plays many gateways toward one Orchestrator, and prints how it bears them")
        .long_about(
            "Plays many gateways, in one process and with Magma's own protocol: each has its own keys and certificate, \
             keeps a SyncRPC stream that answers calls, checks in, asks for its configuration, and sends metrics. \
             Starts an Orchestrator of its own, unless one is named. Prints rates, latencies, errors, and what the \
             Orchestrator takes. Ctrl-C ends it with what is known until then.",
        )
        .args([
            number("gateways", "N", "1000", value_parser!(u32).range(1..=1_000_000), "How many gateways"),
            number("duration", "S", "60", seconds(), "Watch them for S seconds once all are connected"),
            number("interval", "S", "60", seconds(), "Each checks in, polls and sends metrics every S seconds"),
            number("bootstrap-rate", "R", "0", rate(), "Ask for R certificates a second; 0: 64 at any time"),
            number("connect-rate", "R", "0", rate(), "Make R connections a second; 0: all within one interval"),
            number("commands", "R", "0", rate(), "Send R pings a second to gateways, by REST and SyncRPC"),
            flag("two-nodes", "Start a second node on the same database, and send commands there")
                .conflicts_with("orchestrator"),
            flag("from-node", "Send commands as another node does, without REST")
                .conflicts_with_all(["orchestrator", "two-nodes"]),
            number("subscribers", "N", "0", value_parser!(u32).range(0..=2_000_000), "Make it an LTE network with N subscribers, and measure what these cost")
                .conflicts_with("orchestrator"),
            number("series", "N", "50", value_parser!(u32).range(0..=5_000), "Time series of each gateway"),
            flag("push", "Keep a stream for the configuration open instead of polling"),
            flag("json", "Print the report as one JSON object"),
            path("dir", "DIR", "Keep the Orchestrator's folder and logs in DIR [default: a folder that goes]"),
        ])
        .args(existing_arguments())
}

fn existing_arguments() -> [Arg; 13] {
    let port = |name, default, help| number(name, "PORT", default, value_parser!(u16).range(1..), help);
    let of_existing = |arg: Arg| arg.requires("orchestrator").help_heading("An existing Orchestrator");
    [
        Arg::new("orchestrator")
            .long("orchestrator")
            .value_name("HOST")
            .requires_all(["domain", "root-ca"])
            .conflicts_with("dir")
            .help("Use this Orchestrator instead of one of our own")
            .help_heading("An existing Orchestrator"),
        of_existing(text("domain", "DOMAIN", "Its domain: gateways call controller.DOMAIN")),
        of_existing(path("root-ca", "FILE", "The certificate that it is trusted by (rootCA.pem)")),
        of_existing(path("operator-cert", "FILE", "An operator's certificate").requires("operator-key")),
        of_existing(path("operator-key", "FILE", "The operator's key").requires("operator-cert")),
        of_existing(text("rest-name", "NAME", "The name of its REST API [default: api.DOMAIN]")),
        port("rest-port", "9443", "The port of its REST API").help_heading("An existing Orchestrator"),
        port("gateway-port", "8443", "Its port for gateways with a certificate")
            .help_heading("An existing Orchestrator"),
        port("bootstrap-port", "8444", "Its port for gateways without one")
            .help_heading("An existing Orchestrator"),
        of_existing(path(
            "gateway-list",
            "FILE",
            "Play registered gateways: on each line a hardware id and the path of its challenge key",
        )),
        text("network", "ID", "The network to make gateways in").default_value("fleet"),
        flag("keep", "Leave the gateways that were made, and their network"),
        number("server-pid", "PID", "0", value_parser!(u32), "Show what this process takes")
            .hide_default_value(true),
    ]
}

fn number(
    name: &'static str,
    value: &'static str,
    default: &'static str,
    parser: impl Into<ValueParser>,
    help: &'static str,
) -> Arg {
    Arg::new(name).long(name).value_name(value).default_value(default).value_parser(parser).help(help)
}

fn text(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

fn path(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    text(name, value, help).value_parser(value_parser!(PathBuf))
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

impl Options {
    /// What the command line says.
    pub fn of(matches: &ArgMatches) -> Self {
        let number = |name: &str| matches.get_one::<u32>(name).copied().unwrap_or_default();
        let count = |name: &str| usize::try_from(number(name)).unwrap_or(usize::MAX);
        let seconds = |name: &str| Duration::from_secs(u64::from(number(name)));
        let file = |name: &str| matches.get_one::<PathBuf>(name).cloned();
        Self {
            gateways: count("gateways"),
            duration: seconds("duration"),
            interval: seconds("interval"),
            bootstrap_rate: number("bootstrap-rate"),
            connect_rate: number("connect-rate"),
            commands: number("commands"),
            two_nodes: matches.get_flag("two-nodes"),
            from_node: matches.get_flag("from-node"),
            subscribers: count("subscribers"),
            series: count("series"),
            push: matches.get_flag("push"),
            dir: file("dir"),
            network: matches.get_one::<String>("network").cloned().unwrap_or_default(),
            list: file("gateway-list"),
            keep: matches.get_flag("keep"),
            existing: existing(matches),
            server_process: Some(number("server-pid")).filter(|process| *process > 0),
            json: matches.get_flag("json"),
        }
    }
}

fn existing(matches: &ArgMatches) -> Option<Existing> {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let file = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let port = |name: &str| matches.get_one::<u16>(name).copied().unwrap_or_default();
    let domain = text("domain")?;
    Some(Existing {
        host: text("orchestrator")?,
        root_certificate: file("root-ca")?,
        operator: file("operator-cert").zip(file("operator-key")),
        rest_name: text("rest-name").unwrap_or_else(|| format!("api.{domain}")),
        rest_port: port("rest-port"),
        gateway_port: port("gateway-port"),
        bootstrap_port: port("bootstrap-port"),
        domain,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Options, clap::Error> {
        let words = std::iter::once("fleet").chain(line.split_whitespace());
        command().try_get_matches_from(words).map(|matches| Options::of(&matches))
    }

    #[test]
    fn a_fleet_has_an_orchestrator_of_its_own_unless_one_is_named() {
        let own = parsed("--gateways 20 --interval 5").unwrap();
        assert!(own.existing.is_none() && own.server_process.is_none() && !own.push);
        assert_eq!((own.gateways, own.interval.as_secs(), own.duration.as_secs()), (20, 5, 60));
        let named = parsed(
            "--orchestrator 192.0.2.1 --domain magma.test --root-ca r.pem --operator-cert c --operator-key k",
        );
        let existing = named.unwrap().existing.unwrap();
        assert_eq!((existing.rest_name.as_str(), existing.rest_port), ("api.magma.test", 9443));
        assert!(existing.operator.is_some());
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        for line in [
            "--gateways 0",
            "--orchestrator 192.0.2.1",
            "--domain magma.test",
            "--orchestrator a --domain b --root-ca c --operator-cert d",
            "--orchestrator a --domain b --root-ca c --dir d",
        ] {
            assert!(parsed(line).is_err(), "{line}");
        }
    }
}
