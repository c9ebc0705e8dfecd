//! `redis.yml`: where the gateway's Redis listens.

use std::path::PathBuf;

use crate::block::Block;
use crate::value::{absolute_path, host, port, text};
use crate::yaml::{Node, Value};

/// What a client needs of `redis.yml`; the rest of it is for the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redis {
    /// `bind` (127.0.0.1); of several addresses, the first.
    pub bind: String,
    /// `port` (6380).
    pub port: u16,
    /// `unixsocket`, our own: a socket in the file system, used instead of the port, without the root.
    pub unixsocket: Option<PathBuf>,
}

impl Default for Redis {
    fn default() -> Self {
        Self { bind: "127.0.0.1".to_owned(), port: 6380, unixsocket: None }
    }
}

pub(crate) fn read(mut block: Block<'_>) -> Redis {
    let default = Redis::default();
    let redis = Redis {
        bind: block.read("bind", first_host).unwrap_or(default.bind),
        port: block.read("port", port).unwrap_or(default.port),
        unixsocket: block.read("unixsocket", absolute_path),
    };
    // The server's configuration is made of these.
    for server_key in ["redis_loglevel", "dir", "save"] {
        block.take(server_key);
    }
    block.finish();
    redis
}

/// `bind` has the server's syntax: one address or several.
fn first_host(node: &Node) -> Result<String, String> {
    let all = text(node)?;
    let first = all.split_whitespace().next().unwrap_or_default();
    host(&Node { line: node.line, value: Value::text(first) })
}
