//! An operator at the REST API of our Orchestrator, with the administrator's certificate.

use std::path::Path;
use std::time::Duration;

use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::http_call;
use magma_rpc::tls::{ClientTls, Identity, TrustAnchors};
use serde_json::Value;
use tokio::time::timeout;

/// A command's answer comes from the gateway.
const CALL_LIMIT: Duration = Duration::from_secs(60);

/// A connection to the REST API.
pub struct Operator {
    channel: Channel,
}

impl Operator {
    /// Takes the administrator's certificate out of the folder where the Orchestrator put it at its first start.
    pub fn new(port: u16, domain: &str, certificates: &Path) -> Self {
        let file = |name: &str| {
            let path = certificates.join(name);
            std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let trust = TrustAnchors::from_pem(&file("rootCA.pem")).expect("a root certificate");
        let identity = Identity::from_pem(&file("admin_operator.pem"), &file("admin_operator.key.pem"));
        let tls = ClientTls::new(&trust, Some(&identity.expect("the administrator's certificate")));
        let name = format!("controller.{domain}");
        let connection = Connection::new(Endpoint {
            host: "127.0.0.1".to_owned(),
            port,
            server_name: name.clone(),
            transport: Transport::Tls(tls.expect("usable certificates")),
        });
        Self { channel: connection.channel(&name) }
    }

    /// One call under `/magma/v1` with its status and its answer, which is null when it is empty, and text when it is
    /// no JSON.
    pub async fn call(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let body = body.map(|body| body.to_string().into_bytes());
        let path = format!("/magma/v1{path}");
        let call = async {
            let answer = http_call::request(&self.channel, method, &path, body).await?;
            Ok::<_, magma_rpc::Failure>((answer.status, answer.bytes().await?))
        };
        let outcome =
            timeout(CALL_LIMIT, call).await.unwrap_or_else(|_| panic!("no answer to {method} {path}"));
        let (status, bytes) = outcome.unwrap_or_else(|failure| panic!("{method} {path}: {failure}"));
        let text = String::from_utf8(bytes).expect("the API speaks UTF-8");
        let json =
            if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap_or(text.into()) };
        (status, json)
    }

    /// A call that is to end with this status.
    pub async fn expect(&self, status: u16, method: &str, path: &str, body: Option<&Value>) -> Value {
        let (answered, json) = self.call(method, path, body).await;
        assert_eq!(answered, status, "{method} {path}: {json}");
        json
    }
}
