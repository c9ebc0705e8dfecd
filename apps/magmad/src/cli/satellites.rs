//! `magmad directory` and `magmad call-trace`: what Magma's `directoryd_cli` and `ctraced_cli` ask of those services,
//! whoever runs them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use magma_command_line::Matches;
use magma_config::{GatewayConfig, Paths, atomic_file};
use serde_json::{Value, json};
use wire_orc8r::orc8r::{
    AllDirectoryRecords, DeleteRecordRequest, DirectoryField, EndTraceRequest, EndTraceResponse,
    GetDirectoryFieldRequest, StartTraceRequest, StartTraceResponse, UpdateRecordRequest, Void,
};

use super::answer::Answer;
use super::running_agent::ANSWER_LIMIT;
use super::{runtime, service303};

const DIRECTORY: &str = "/magma.orc8r.GatewayDirectoryService/";
const TRACES: &str = "/magma.orc8r.CallTraceService/";

/// Ending a trace filters what was captured, which takes a while.
const TRACE_LIMIT: Duration = Duration::from_secs(60);

/// Asks or changes the gateway's directory.
pub(super) fn directory(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let (config, _) = magma_config::inspect(paths);
    let word = |name: &str| matches.value(name).unwrap_or_default().to_owned();
    let (action, id, key, value) = (word("ACTION"), word("ID"), word("KEY"), word("VALUE"));
    if id.is_empty() && action != "list" {
        bail!("ID is missing: the record's id, such as IMSI001010000000001");
    }
    runtime()?.block_on(async {
        match action.as_str() {
            "list" => list(&config).await,
            "get" => {
                if key.is_empty() {
                    bail!("KEY is missing: which field of the record");
                }
                let request = GetDirectoryFieldRequest { id: id.clone(), field_key: key };
                let field: DirectoryField = on_directory(&config, "GetDirectoryField", &request).await?;
                let json = json!({ "id": id, "key": field.key, "value": field.value });
                Ok(Answer::new(format!("{}\n", field.value), json))
            }
            "delete" => {
                let _: Void =
                    on_directory(&config, "DeleteRecord", &DeleteRecordRequest { id: id.clone() }).await?;
                Ok(Answer::new(format!("{id} is deleted.\n"), json!({ "deleted": id })))
            }
            _ => {
                let fields = if key.is_empty() { Default::default() } else { [(key, value)].into() };
                let request = UpdateRecordRequest { id: id.clone(), fields, ..Default::default() };
                let _: Void = on_directory(&config, "UpdateRecord", &request).await?;
                Ok(Answer::new(format!("{id} is recorded.\n"), json!({ "updated": id })))
            }
        }
    })
}

async fn list(config: &GatewayConfig) -> Result<Answer> {
    let all: AllDirectoryRecords = on_directory(config, "GetAllDirectoryRecords", &Void {}).await?;
    let (mut text, mut records) = (String::new(), Vec::new());
    for record in all.records {
        text += &format!("{} at {}\n", record.id, record.location_history.join(", "));
        record.fields.iter().for_each(|(key, value)| text += &format!("    {key}: {value}\n"));
        records.push(json!({
            "id": record.id, "location_history": record.location_history, "fields": record.fields,
        }));
    }
    Ok(Answer::new(text, json!({ "records": records })))
}

async fn on_directory<Response: prost::Message + Default>(
    config: &GatewayConfig,
    method: &str,
    request: &impl prost::Message,
) -> Result<Response> {
    service303::ask(config, "directoryd", &format!("{DIRECTORY}{method}"), request, ANSWER_LIMIT).await
}

/// Starts a call trace, or ends it and keeps what was captured.
pub(super) fn call_trace(paths: &Paths, matches: &Matches) -> Result<Answer> {
    let (config, _) = magma_config::inspect(paths);
    let word = |name: &str| matches.value(name).unwrap_or_default().to_owned();
    let id = word("ID");
    runtime()?.block_on(async {
        if matches.value("ACTION") == Some("end") {
            return end(&config, id, matches.value("output").map(Path::new)).await;
        }
        let request = StartTraceRequest {
            trace_id: id.clone(),
            timeout: matches.number("timeout").and_then(|n| u32::try_from(n).ok()).unwrap_or(300),
            capture_filters: word("capture"),
            display_filters: word("display"),
            ..Default::default()
        };
        let path = format!("{TRACES}StartCallTrace");
        let started: StartTraceResponse =
            service303::ask(&config, "ctraced", &path, &request, TRACE_LIMIT).await?;
        let words = if started.success { "runs" } else { "did not start; the log of ctraced says why" };
        let json = json!({ "trace": id, "success": started.success });
        Ok(Answer::new(format!("The trace {id} {words}.\n"), json).with_status(u8::from(!started.success)))
    })
}

async fn end(config: &GatewayConfig, id: String, output: Option<&Path>) -> Result<Answer> {
    let request = EndTraceRequest { trace_id: id.clone() };
    let path = format!("{TRACES}EndCallTrace");
    let ended: EndTraceResponse = service303::ask(config, "ctraced", &path, &request, TRACE_LIMIT).await?;
    let bytes = ended.trace_content.len();
    let mut text = format!("The trace {id} has ended with {bytes} bytes.\n");
    let mut saved = Value::Null;
    if let Some(file) = output.filter(|_| bytes > 0) {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        let absolute = folder.map_or_else(|| fs::canonicalize("."), fs::canonicalize);
        absolute
            .and_then(|folder| {
                let name = file.file_name().unwrap_or_default();
                atomic_file::replace(&folder.join(name), &ended.trace_content, 0o600)
            })
            .with_context(|| format!("cannot write {}", file.display()))?;
        text += &format!("Saved {}.\n", file.display());
        saved = json!(file.to_string_lossy());
    }
    let json = json!({ "trace": id, "success": ended.success, "bytes": bytes, "saved": saved });
    Ok(Answer::new(text, json).with_status(u8::from(!ended.success)))
}
