//! What operators order from afar, through the tunnel and the agent as a whole.

use prost::Message;
use prost_types::Any;
use wire_orc8r::mconfig;
use wire_orc8r::orc8r as wire;

use crate::cloud::{Cloud, Mood, Session};
use crate::gateway::{Gateway, HARDWARE_ID, MAGMAD_YML, Running};

const STORED: &str = "var/opt/magma/configs/gateway.mconfig";

/// Calls `Magmad/<method>` and expects an answer.
async fn call<Answer: Message + Default>(
    session: &mut Session,
    req_id: u32,
    method: &str,
    request: &impl Message,
) -> Answer {
    let answer = send(session, req_id, method, request).await;
    assert_eq!(
        (answer.err.as_str(), answer.headers["grpc-status"].as_str()),
        ("", "0"),
        "{method}: {answer:?}"
    );
    Answer::decode(&answer.payload[5..]).unwrap()
}

async fn send(
    session: &mut Session,
    req_id: u32,
    method: &str,
    request: &impl Message,
) -> wire::GatewayResponse {
    let message = request.encode_to_vec();
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    let payload = [&[0][..], &length, &message].concat();
    session.request(req_id, "magmad", &format!("/magma.orc8r.Magmad/{method}"), payload).await;
    session.answer(req_id).await
}

/// A gateway with a service and a command, whose cloud is silent about its configuration.
async fn gateway(cloud: &Cloud) -> (Running, Session) {
    cloud.behave(|b| b.streamer = Mood::Silent);
    let gateway = Gateway::with_certificate(cloud);
    let more = "magma_services: [ticker]\nservice_commands: {ticker: [/bin/sh, -c, 'echo tick; exec sleep 1000']}\n\
        generic_command_config: {shell_commands: [{name: echo, command: 'echo {}', allow_params: true}]}";
    let yml = MAGMAD_YML
        .replace("magma_services: []", more)
        .replace("non_service303_services: []", "non_service303_services: [ticker]");
    gateway.write("etc/magma/magmad.yml", &yml);
    let mut running = gateway.start();
    running.until_serving().await;
    let session = cloud.session().await;
    (running, session)
}

#[tokio::test]
async fn commands_reach_the_gateway_and_their_answers_the_cloud() {
    let cloud = Cloud::start().await;
    let (running, mut session) = gateway(&cloud).await;
    let id: wire::GetGatewayIdResponse = call(&mut session, 1, "GetGatewayId", &wire::Void {}).await;
    assert_eq!(id.gateway_id, HARDWARE_ID);

    let value = |kind| prost_types::Value { kind: Some(kind) };
    let words =
        prost_types::ListValue { values: vec![value(prost_types::value::Kind::StringValue("hello".into()))] };
    let params = prost_types::Struct {
        fields: [("shell_params".to_owned(), value(prost_types::value::Kind::ListValue(words)))].into(),
    };
    let command = wire::GenericCommandParams { command: "echo".into(), params: Some(params) };
    let done: wire::GenericCommandResponse = call(&mut session, 2, "GenericCommand", &command).await;
    let said = format!("{:?}", done.response.unwrap().fields["stdout"]);
    assert!(said.contains("hello"), "{said}");

    let tail = wire::TailLogsRequest { service: "ticker".into() };
    let line = send(&mut session, 3, "TailLogs", &tail).await;
    assert_eq!(wire::LogLine::decode(&line.payload[5..]).unwrap().line, "tick\n");
    running.stop().await;
}

#[tokio::test]
async fn the_configuration_is_replaced_read_and_forgotten() {
    let cloud = Cloud::start().await;
    let (running, mut session) = gateway(&cloud).await;
    let magmad = mconfig::MagmaD { checkin_interval: 77, ..Default::default() };
    let configs = wire::GatewayConfigs {
        configs_by_key: [("magmad".to_owned(), Any::from_msg(&magmad).unwrap())].into(),
        metadata: None,
    };
    let _: wire::Void = call(&mut session, 1, "SetConfigs", &configs).await;
    let on_disk: serde_json::Value = serde_json::from_str(&running.gateway.read(STORED)).unwrap();
    assert_eq!(on_disk["configsByKey"]["magmad"]["checkinInterval"], 77);
    let read: wire::GatewayConfigs = call(&mut session, 2, "GetConfigs", &wire::Void {}).await;
    assert_eq!(read.configs_by_key["magmad"].to_msg::<mconfig::MagmaD>().unwrap(), magmad);

    let unknown = Any { type_url: "type.googleapis.com/magma.mconfig.NobodyKnows".into(), value: vec![] };
    let configs =
        wire::GatewayConfigs { configs_by_key: [("mme".to_owned(), unknown)].into(), metadata: None };
    let refused = send(&mut session, 3, "SetConfigs", &configs).await;
    assert_eq!(refused.headers["grpc-status"], "3", "{refused:?}");
    assert!(refused.headers["grpc-message"].contains("NobodyKnows"), "{refused:?}");
    assert_eq!(running.gateway.read(STORED), serde_json_text(&on_disk), "nothing has changed");

    let _: wire::Void = call(&mut session, 4, "SetConfigs", &wire::GatewayConfigs::default()).await;
    assert!(!running.gateway.path(STORED).exists());
    let read: wire::GatewayConfigs = call(&mut session, 5, "GetConfigs", &wire::Void {}).await;
    let shipped = read.configs_by_key["magmad"].to_msg::<mconfig::MagmaD>().unwrap();
    assert_eq!((shipped.checkin_interval, shipped.checkin_timeout), (60, 2), "the shipped default");
    running.stop().await;
}

/// A document as it is written to disk.
fn serde_json_text(document: &serde_json::Value) -> String {
    magma_config::mconfig::GatewayMconfig::parse(document.to_string().as_bytes()).unwrap().to_json()
}

#[test]
fn who_reads_no_further_is_told_of_no_failure() {
    for arguments in [&["version"][..], &["version", "--json"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_magmad"));
        let output = command.args(arguments).stdout(writer).output().expect("the program runs");
        assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    }
}
