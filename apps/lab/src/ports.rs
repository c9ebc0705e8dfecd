//! Free ports on loopback.

use anyhow::{Context, Result};
use std::net::{Ipv4Addr, TcpListener};

/// Ports that are free now and differ from each other. They are given back before they are used, so another
/// program could take one in between; the one that then cannot listen says so.
pub fn free(count: usize) -> Result<Vec<u16>> {
    let listener = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("finding a free port on 127.0.0.1");
    let listeners: Vec<TcpListener> = (0..count).map(|_| listener()).collect::<Result<_>>()?;
    listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}
