//! Every operation of the OpenAPI document that is served, with missing, wrong and hostile bodies, parameters and paths:
//! schemathesis (from PyPI) makes them of the document itself, the same ones each time. No answer is a fault of the
//! server's, and each is what the document says.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::process::Command;
use tokio::time::timeout;

use crate::edge::Edge;

/// Much more than it needs: other tests share the processors.
const LIMIT: Duration = Duration::from_secs(600);
/// What is there already, so that a request gets past its first step: paths with bodies.
const HAVE: &str = include_str!("hostile/have.json");
/// How many requests are drawn for each operation, beside those that follow from its schema.
const EXAMPLES: &str = "1";

#[tokio::test]
async fn no_request_makes_an_operation_fail_or_answer_otherwise_than_documented() {
    if !is_here().await {
        return;
    }
    let edge = Edge::start().await;
    let have: Vec<(String, Value)> = serde_json::from_str(HAVE).unwrap();
    for (path, body) in have {
        edge.rest("POST", &path, Some(body)).await;
    }
    let output = timeout(LIMIT, drive(&edge)).await.unwrap_or_else(|_| panic!("it does not end"));
    let report = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{report}{}", String::from_utf8_lossy(&output.stderr));
    let operations = orc8r_rest::operations().len();
    assert!(report.contains(&format!("Tested: {operations}")), "each is driven: {report}");
    // Whatever was made of it meanwhile, it still serves.
    assert_eq!(edge.rest("GET", "/user/ann", None).await, "ann");
    edge.running.shutdown().await;
}

async fn is_here() -> bool {
    let probe = Command::new("python3").args(["-c", "import schemathesis"]).output().await;
    let is_here = probe.is_ok_and(|output| output.status.success());
    if !is_here {
        println!("skipped: python3 with schemathesis is needed (pip install schemathesis)");
    }
    is_here
}

async fn drive(edge: &Edge) -> Output {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/hostile");
    let (certificates, rest) = (edge.certificates(), edge.running.addresses().rest);
    Command::new("python3")
        .args(["-B", "-m", "schemathesis.cli", "--config-file"])
        .arg(ours.join("schemathesis.toml"))
        .arg("run")
        .arg(format!("https://{rest}/swagger/v1/spec"))
        // The certificate is for a name; the port is on this machine.
        .args(["--tls-verify", "false", "--request-cert"])
        .arg(certificates.join("admin_operator.pem"))
        .arg("--request-cert-key")
        .arg(certificates.join("admin_operator.key.pem"))
        .args(["--phases", "coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "1"])
        .args(["--checks", "not_a_server_error,status_code_conformance,content_type_conformance"])
        .args(["--checks", "response_schema_conformance", "--continue-on-failure"])
        .args(["--generation-database", "none", "--request-timeout", "60", "--workers", "2"])
        .args(["--warnings", "off", "--no-color"])
        .env("SCHEMATHESIS_HOOKS", ours.join("hooks.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(edge.data.path())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap()
}
