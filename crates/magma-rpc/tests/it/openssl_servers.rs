//! Our client's cryptography against OpenSSL's: both versions of TLS, every kind of certificate, and what is refused.

use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use magma_rpc::{Failure, tls_stream};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const RSA: &str = "rsa:2048";
const P256: &str = "ec -pkeyopt ec_paramgen_curve:P-256";
const P384: &str = "ec -pkeyopt ec_paramgen_curve:P-384";

fn openssl(folder: &Path, arguments: &str) {
    let run = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
    assert!(run.status.success(), "{arguments}: {}", String::from_utf8_lossy(&run.stderr));
}

/// A certificate for `localhost` and its key, each named `name`, of an authority that is made with it.
fn certificate(folder: &Path, name: &str, kind: &str) {
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost").unwrap();
    let ca = format!("{name}-ca");
    openssl(
        folder,
        &format!("req -x509 -days 1 -subj /CN={ca} -nodes -newkey {kind} -keyout {ca}.key -out {ca}.pem"),
    );
    openssl(
        folder,
        &format!("req -new -subj /CN={name} -nodes -newkey {kind} -keyout {name}.key -out {name}.csr"),
    );
    openssl(
        folder,
        &format!(
            "x509 -req -days 1 -in {name}.csr -CA {ca}.pem -CAkey {ca}.key -set_serial 2 -extfile names -out {name}.pem"
        ),
    );
}

/// A server that says every line backwards to those who show a certificate of the client's authority.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(folder: &Path, certificate: &str, arguments: &str) -> Self {
        let all = format!(
            "s_server -accept 127.0.0.1:0 -cert {certificate}.pem -key {certificate}.key -CAfile client-ca.pem \
             -Verify 1 -verify_return_error -rev {arguments}"
        );
        let mut command = Command::new("openssl");
        command.args(all.split_whitespace()).current_dir(folder).stdin(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let said = lines.map_while(Result::ok).find(|line| line.starts_with("ACCEPT")).unwrap();
        Self { child, port: said.rsplit(':').next().unwrap().parse().unwrap() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// What the server answers to a line, or why it does not.
async fn answer(port: u16, tls: &ClientTls) -> Result<String, String> {
    let stream = tls_stream::connect("localhost", port, tls, None).await;
    let mut stream = stream.map_err(|failure| match failure {
        Failure::Tls { .. } | Failure::ClientCertificateRejected { .. } => failure.to_string(),
        other => panic!("{other:?}"),
    })?;
    stream.write_all(b"magma\n").await.map_err(|error| error.to_string())?;
    let mut said = [0; 6];
    stream.read_exact(&mut said).await.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&said).trim_end().to_owned())
}

#[tokio::test]
async fn handshakes_with_openssl_succeed_where_both_have_what_is_needed() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("skipped: openssl is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let names = ["rsa", "p256", "p384"];
    for (name, kind) in names.into_iter().zip([RSA, P256, P384]) {
        certificate(folder, name, kind);
    }
    certificate(folder, "client", P384);
    certificate(folder, "stranger", P256);
    let read = |file: String| std::fs::read(folder.join(file)).unwrap();
    let identity =
        |name: &str| Identity::from_pem(&read(format!("{name}.pem")), &read(format!("{name}.key"))).unwrap();
    let rows = [
        ("rsa", "-tls1_3", "client", true),
        ("rsa", "-tls1_2", "client", true),
        ("p256", "-tls1_3", "client", true),
        ("p256", "-tls1_2", "client", true),
        ("p384", "-tls1_3", "client", true),
        ("p384", "-tls1_2", "client", true),
        // Another group than the first offered one: the server asks for a second hello.
        ("p256", "-tls1_3 -groups P-384", "client", true),
        ("rsa", "-tls1_2 -groups P-384", "client", true),
        ("rsa", "-tls1_3 -ciphersuites TLS_AES_128_GCM_SHA256", "client", true),
        ("p256", "-tls1_3", "stranger", false),
        ("p256", "-tls1_2", "stranger", false),
        ("p256", "-tls1_3 -groups X25519", "client", false),
        ("p256", "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256", "client", false),
        ("rsa", "-tls1_2 -cipher AES128-SHA256", "client", false),
    ];
    for (server, arguments, client, accepted) in rows {
        let running = Server::start(folder, server, arguments);
        let trust = TrustAnchors::from_pem(&read(format!("{server}-ca.pem"))).unwrap();
        let tls = ClientTls::new(&trust, Some(&identity(client))).unwrap();
        let said = answer(running.port, &tls).await;
        assert_eq!(said.is_ok(), accepted, "{server} {arguments} {client}: {said:?}");
        if accepted {
            assert_eq!(said.unwrap(), "amgam", "{server} {arguments}");
        }
    }
}
