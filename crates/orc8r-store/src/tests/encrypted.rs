//! TLS to a server: with `sslmode=require` the connection is encrypted and the server is who it says, or there is none.

use super::*;
use crate::row::{Transaction, row};
use crate::testing::Server;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn is_encrypted(transaction: &Transaction<'_>) -> Result<Option<bool>, StoreError> {
    row(transaction, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", (), |row| row.get(0))
}

#[tokio::test]
async fn a_connection_is_encrypted_and_the_server_verified_or_there_is_none() {
    if !is_on_postgres() {
        return;
    }
    let (own, other) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.signed_by(&key, &own).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, authority) in [("own", &own), ("other", &other)] {
        std::fs::write(folder.path().join(name), authority.pem()).unwrap();
    }
    let port = magma_free_port::free_port();
    let (at_port, files) =
        (format!("port={port}"), [("server.crt", certificate.pem()), ("server.key", key.serialize_pem())]);
    let files = files.each_ref().map(|(name, contents)| (*name, contents.as_str()));
    let settings = [
        "ssl=on",
        "ssl_cert_file=../server.crt",
        "ssl_key_file=../server.key",
        "listen_addresses=127.0.0.1",
        &at_port,
    ];
    let Some(server) = Server::start_at(port, &settings, &files).unwrap() else { return };
    server.create_database("d").unwrap();

    let url = |host: &str, query: &str| format!("postgres://orc8r@{host}:{port}/d?connections=3&{query}");
    let trusting = |name: &str| format!("sslmode=require&sslrootcert={}", folder.path().join(name).display());
    let store = Store::connect(&url("localhost", &trusting("own"))).unwrap();
    assert_eq!(store.read(is_encrypted).await.unwrap(), Some(true));
    let plain = Store::connect(&url("localhost", "sslmode=disable")).unwrap();
    assert_eq!(plain.read(is_encrypted).await.unwrap(), Some(false));
    for (name, host, query) in [
        ("another authority", "localhost", trusting("other")),
        ("another name than the certificate's", "127.0.0.1", trusting("own")),
        ("the system's authorities", "localhost", "sslmode=require".to_owned()),
        ("no such file", "localhost", trusting("none")),
    ] {
        let Err(error) = Store::connect(&url(host, &query)) else { panic!("{name}: it is connected") };
        assert!(
            matches!(error, StoreError::Unavailable { .. } | StoreError::Invalid { .. }),
            "{name}: {error}"
        );
    }
    // Nobody listens there any more.
    server.stop().unwrap();
    let error = store.network_ids().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
}
