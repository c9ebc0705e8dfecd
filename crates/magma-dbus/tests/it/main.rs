//! The client against a real `dbus-daemon` with a foreign systemd (Python's jeepney) on it, and against bad peers.

mod bad_peers;
mod foreign;
