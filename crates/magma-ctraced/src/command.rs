//! The command lines of `tshark`: each value is one argument, and nothing is read by a shell.

use std::path::Path;
use std::process::Command;

use crate::Config;
use crate::order::Order;

/// The capture ends when its file has this many kilobytes (of 1000 bytes, as `tshark` counts), so that it fits into one
/// message.
const FILE_KILOBYTES: u32 = 4000;

/// Captures into `file`.
pub(crate) fn capture(config: &Config, order: &Order, file: &Path) -> Command {
    let mut command = Command::new(&config.tool);
    // No names are looked up, and packets are not counted on standard error.
    command.args(["-n", "-q"]);
    for interface in &config.interfaces {
        command.args(["-i", interface]);
    }
    if let Some(filter) = &order.capture_filters {
        command.args(["-f", filter]);
    }
    command.arg("-a").arg(format!("filesize:{FILE_KILOBYTES}"));
    command.arg("-a").arg(format!("duration:{}", order.timeout.as_secs()));
    command.arg("-w").arg(file);
    command
}

/// Copies of `from` into `to` what the display filter lets through.
pub(crate) fn post_process(config: &Config, filter: &str, from: &Path, to: &Path) -> Command {
    let mut command = Command::new(&config.tool);
    command.arg("-n").arg("-r").arg(from).args(["-Y", filter]).arg("-w").arg(to);
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;
    use std::time::Duration;

    fn arguments(command: &Command) -> Vec<String> {
        let arguments = [command.get_program()].into_iter().chain(command.get_args());
        arguments.map(|argument| argument.to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn each_value_is_one_argument() {
        let config = Config {
            tool: "tshark".into(),
            directory: "/t".into(),
            interfaces: vec!["eth0".into(), "gtp_br0".into()],
            limits: Limits::default(),
        };
        let order = Order {
            trace_id: "t1".into(),
            timeout: Duration::from_secs(60),
            capture_filters: Some("port 1; rm -rf $HOME `id`".into()),
            display_filters: None,
        };
        assert_eq!(
            arguments(&capture(&config, &order, Path::new("/t/a b.pcapng"))),
            [
                "tshark",
                "-n",
                "-q",
                "-i",
                "eth0",
                "-i",
                "gtp_br0",
                "-f",
                "port 1; rm -rf $HOME `id`",
                "-a",
                "filesize:4000",
                "-a",
                "duration:60",
                "-w",
                "/t/a b.pcapng"
            ]
        );
        let plain = Order { capture_filters: None, ..order };
        assert!(!arguments(&capture(&config, &plain, Path::new("/t/a"))).contains(&"-f".to_owned()));
        assert_eq!(
            arguments(&post_process(&config, "s1ap && sctp", Path::new("/t/a"), Path::new("/t/b"))),
            ["tshark", "-n", "-r", "/t/a", "-Y", "s1ap && sctp", "-w", "/t/b"]
        );
    }
}
