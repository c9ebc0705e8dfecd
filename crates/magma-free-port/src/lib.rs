//! A free port on loopback, for the tests of programs that must be told one before they listen.
//!
//! Whoever can let the kernel choose (`:0`) does. A port that the kernel chose and that is let go again is not free: a
//! connection or a listener of another test may have it a moment later.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, Ipv6Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below what Linux hands out by itself (32,768 to 60,999, unless `net.ipv4.ip_local_port_range` says another).
const FIRST: u16 = 20_000;
const PORTS: u32 = 12_000;

/// A port that nobody listens at, at `127.0.0.1` and at `::1`, and that nobody else is given.
#[must_use]
pub fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    loop {
        // Each process begins elsewhere.
        let number = std::process::id().wrapping_mul(331).wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        let port = FIRST + u16::try_from(number % PORTS).unwrap_or(0);
        if is_free(port) {
            return port;
        }
    }
}

fn is_free(port: u16) -> bool {
    let is_taken =
        |bound: std::io::Result<TcpListener>| bound.is_err_and(|error| error.kind() == ErrorKind::AddrInUse);
    // A machine without IPv6 fails otherwise.
    !is_taken(TcpListener::bind((Ipv4Addr::LOCALHOST, port)))
        && !is_taken(TcpListener::bind((Ipv6Addr::LOCALHOST, port)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_port_is_given_twice_nor_one_that_somebody_listens_at() {
        let mut listeners = Vec::new();
        for _ in 0..100 {
            let port = free_port();
            listeners.push(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap());
            assert!(!is_free(port));
            assert_ne!(free_port(), port);
        }
    }

    #[test]
    fn a_port_that_is_taken_at_one_address_is_not_free() {
        let Ok(listener) = TcpListener::bind((Ipv6Addr::LOCALHOST, free_port())) else {
            println!("skipped: IPv6 is needed");
            return;
        };
        assert!(!is_free(listener.local_addr().unwrap().port()));
    }
}
