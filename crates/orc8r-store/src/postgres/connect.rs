//! One connection to the server: TCP or a Unix socket, TLS when it is asked for, and the session's settings.

use super::address::{Address, Encryption};
use super::failure::{chain, failure};
use crate::StoreError;
use magma_rpc::tls::{ClientTls, TrustAnchors};
use magma_rpc::tls_stream;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

/// Where Debian and most others keep the authorities that the system trusts.
const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";
/// PostgreSQL's request for TLS: its length and its code (protocol 3.0, SSLRequest).
const TLS_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

/// What every session is told: no statement takes for ever, nobody waits for a lock for ever, a node that died does not
/// hold the lock of all, and a commit is on the disk.
const SETTINGS: &str = "SET statement_timeout = '30s'; SET lock_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '60s'; \
    SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'";

/// Connects. The connection is served by a task of the current runtime.
pub(crate) async fn connect(address: &Address) -> Result<Client, StoreError> {
    let client = match &address.encryption {
        Encryption::Off => connect_plain(&address.config).await?,
        Encryption::On { authorities } => connect_encrypted(address, authorities.as_deref()).await?,
    };
    client.batch_execute(SETTINGS).await.map_err(|error| failure(&error).error)?;
    Ok(client)
}

async fn connect_plain(config: &Config) -> Result<Client, StoreError> {
    let (client, connection) = config.connect(NoTls).await.map_err(|error| refused(&error))?;
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// The first host that lets us in.
async fn connect_encrypted(address: &Address, authorities: Option<&Path>) -> Result<Client, StoreError> {
    let tls = tls(authorities)?;
    let ports = address.config.get_ports();
    let mut last = StoreError::invalid("the database's URL names no host");
    for (index, host) in address.config.get_hosts().iter().enumerate() {
        let Host::Tcp(host) = host else {
            return Err(StoreError::invalid(
                "the database's URL asks for TLS over a Unix socket: leave out sslmode",
            ));
        };
        let port = ports.get(index).or(ports.first()).copied().unwrap_or(5432);
        match connect_to_host(address, &tls, host, port).await {
            Ok(client) => return Ok(client),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn connect_to_host(
    address: &Address,
    tls: &ClientTls,
    host: &str,
    port: u16,
) -> Result<Client, StoreError> {
    let unavailable = |reason: String| StoreError::Unavailable { reason: format!("{host}:{port}: {reason}") };
    let limit = address.config.get_connect_timeout().copied().unwrap_or_default();
    let handshake = async {
        let mut tcp = TcpStream::connect((host, port)).await.map_err(|error| error.to_string())?;
        tcp.set_nodelay(true).map_err(|error| error.to_string())?;
        tcp.write_all(&TLS_REQUEST).await.map_err(|error| error.to_string())?;
        match tcp.read_u8().await.map_err(|error| error.to_string())? {
            b'S' => tls_stream::over(tcp, host, port, tls).await.map_err(|failure| failure.to_string()),
            _ => Err("the server has no TLS: configure it there, or say sslmode=disable".to_owned()),
        }
    };
    let stream = timeout(limit, handshake).await.unwrap_or_else(|_| Err("no answer in time".to_owned()));
    let stream = stream.map_err(unavailable)?;
    let login = timeout(limit, address.config.connect_raw(stream, NoTls)).await;
    let login = login.map_err(|_| unavailable("no answer to the login in time".to_owned()))?;
    let (client, connection) = login.map_err(|error| refused(&error))?;
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

// Deviation: other clients do not verify anything with sslmode=require; then anybody on the way reads along.
fn tls(authorities: Option<&Path>) -> Result<ClientTls, StoreError> {
    let file = authorities.unwrap_or(Path::new(SYSTEM_AUTHORITIES));
    let unusable = |reason: String| {
        StoreError::invalid(format_args!(
            "the authorities of {} cannot be used ({reason}): name a file of them with sslrootcert in the database's URL",
            file.display()
        ))
    };
    let pem = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
    let trusted = match authorities {
        Some(_) => TrustAnchors::from_pem(&pem).map_err(|error| unusable(error.to_string()))?,
        None => TrustAnchors::usable_of_pem(&pem),
    };
    ClientTls::new(&trusted, None).map_err(|error| unusable(error.to_string()))
}

/// Why no session came about. Whatever it is, another attempt may succeed: a server that starts refuses too.
fn refused(error: &tokio_postgres::Error) -> StoreError {
    StoreError::Unavailable { reason: chain(error) }
}
