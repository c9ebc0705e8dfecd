//! A Docker that has images and containers, that can stop answering after any call, and that is as strict as the Engine
//! API's reference (1.44): about versions, headers, bodies, names, and settings that contradict each other.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

pub const REPOSITORY: &str = "docker.magma.test:5000/magma/gateway_python";
/// What calls have to begin with.
const PREFIX: &str = "/v1.44";

#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    pub id: String,
    /// The image's id.
    pub image: String,
    pub settings: Value,
    pub host: Value,
    pub networks: BTreeMap<String, Value>,
    pub mounts: Value,
    pub runs: bool,
}

impl Container {
    /// What Docker tells of it.
    fn inspected(&self, name: &str) -> Value {
        json!({
            "Id": self.id, "Name": format!("/{name}"), "Image": self.image, "Config": self.settings,
            "HostConfig": self.host, "NetworkSettings": { "Networks": self.networks }, "Mounts": self.mounts,
            "State": { "Running": self.runs },
        })
    }

    fn restarts(&self) -> &str {
        self.host["RestartPolicy"]["Name"].as_str().unwrap_or("no")
    }
}

#[derive(Default)]
pub struct State {
    /// Ids by name: with a digest, with a tag, and by themselves.
    pub images: BTreeMap<String, String>,
    pub containers: BTreeMap<String, Container>,
    /// What the registry has: digests.
    pub registry: Vec<String>,
    /// The images whose containers do not start.
    pub broken: Vec<String>,
    pub calls: Vec<String>,
    /// The registry is out of reach: the status of the answer, or 200 for one that says it later.
    pub registry_fails: Option<u16>,
    /// What the registry wants to be sent, if it wants a login.
    pub login: Option<String>,
    /// After so many calls the answers fail.
    pub calls_left: Option<usize>,
    made: usize,
}

pub struct Docker {
    pub socket: PathBuf,
    pub state: Arc<Mutex<State>>,
    _folder: tempfile::TempDir,
}

impl Docker {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("docker.sock");
        let listener = UnixListener::bind(&socket).unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                serve(stream, &shared).await.ok();
            }
        });
        Self { socket, state, _folder: folder }
    }

    /// A container that runs an image.
    pub fn run(&self, name: &str, image: &str) {
        let settings = json!({ "Image": format!("{REPOSITORY}:1.8.0"), "Env": ["A=1"] });
        let container = Container {
            id: format!(
                "{:0>64}",
                format!("{name:x>8}").bytes().fold(7_u64, |sum, byte| sum * 31 + u64::from(byte))
            ),
            image: image.to_owned(),
            settings,
            host: json!({ "NetworkMode": "host", "RestartPolicy": { "Name": "always", "MaximumRetryCount": 0 } }),
            networks: [("host".to_owned(), json!({ "Aliases": null, "IPAMConfig": null }))].into(),
            mounts: json!([]),
            runs: true,
        };
        self.state.lock().unwrap().containers.insert(name.to_owned(), container);
    }

    /// Changes a container.
    pub fn change(&self, name: &str, change: impl FnOnce(&mut Container)) {
        change(self.state.lock().unwrap().containers.get_mut(name).unwrap());
    }

    /// As when the machine starts: what the restart policies say runs then.
    pub fn start_anew(&self) {
        for container in self.state.lock().unwrap().containers.values_mut() {
            container.runs = match container.restarts() {
                "always" => true,
                "unless-stopped" => container.runs,
                _ => false,
            };
        }
    }

    /// The containers that run, with their images.
    pub fn running(&self) -> Vec<(String, String)> {
        let state = self.state.lock().unwrap();
        let running = state.containers.iter().filter(|(_, container)| container.runs);
        running.map(|(name, container)| (name.clone(), container.image.clone())).collect()
    }

    pub fn names(&self) -> Vec<String> {
        self.state.lock().unwrap().containers.keys().cloned().collect()
    }
}

struct Call {
    method: String,
    path: String,
    head: String,
    body: Vec<u8>,
}

impl Call {
    async fn read(stream: &mut UnixStream) -> std::io::Result<Option<Self>> {
        let (mut text, mut byte) = (Vec::new(), [0]);
        while !text.ends_with(b"\r\n\r\n") {
            if stream.read(&mut byte).await? == 0 {
                return Ok(None);
            }
            text.push(byte[0]);
        }
        let text = String::from_utf8(text).unwrap();
        let mut words = text.split(' ');
        let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
        let mut call = Self { method, path, head: text, body: Vec::new() };
        let length = call.header("content-length").map_or(0, |length| length.parse().unwrap());
        call.body = vec![0; length];
        stream.read_exact(&mut call.body).await?;
        Ok(Some(call))
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }

    /// What the reference does not allow, whatever is called.
    fn mistake(&self) -> Option<String> {
        let takes_body = ["/containers/create", "/update", "/connect"]
            .iter()
            .any(|end| self.path.split('?').next().unwrap().ends_with(end));
        if self.header("host").is_none() {
            return Some("400 Bad Request: missing required Host header".to_owned());
        }
        if !self.path.starts_with(&format!("{PREFIX}/")) {
            return Some(format!("{}: minimum supported API version is 1.44", self.path));
        }
        if takes_body && self.header("content-type") != Some("application/json") {
            return Some("unsupported Content-Type header: must be 'application/json'".to_owned());
        }
        (takes_body == self.body.is_empty()).then(|| format!("{} with {} bytes", self.path, self.body.len()))
    }
}

async fn serve(mut stream: UnixStream, state: &Mutex<State>) -> std::io::Result<()> {
    let Some(call) = Call::read(&mut stream).await? else { return Ok(()) };
    let (status, answer) = match (&*call.path, call.mistake()) {
        ("/version", _) => (200, json!({ "ApiVersion": "1.52", "MinAPIVersion": "1.44" }).to_string()),
        // Nothing that any test expects is refused for this.
        (_, Some(mistake)) => panic!("{mistake}"),
        _ => answer(&mut state.lock().unwrap(), &call),
    };
    let head =
        format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", answer.len());
    stream.write_all((head + &answer).as_bytes()).await
}

fn said(status: u16, message: &str) -> (u16, String) {
    (status, json!({ "message": message }).to_string() + "\n")
}

fn nothing(status: u16) -> (u16, String) {
    (status, String::new())
}

fn answer(state: &mut State, call: &Call) -> (u16, String) {
    match &mut state.calls_left {
        Some(0) => return said(500, "Docker is ending"),
        Some(left) => *left -= 1,
        None => {}
    }
    let path = &call.path[PREFIX.len()..];
    state.calls.push(format!("{} {path}", call.method));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    if let Some(rest) = path.strip_prefix("/networks/") {
        return connect(state, rest.strip_suffix("/connect").unwrap(), &body);
    }
    match path {
        "/images/create" => pull(state, call, &query),
        "/containers/create" => create(state, query["name"], body),
        _ if path.starts_with("/images/") => image(state, path.strip_prefix("/images/").unwrap(), &query),
        _ => container(state, &call.method, path.strip_prefix("/containers/").unwrap(), &query, &body),
    }
}

/// What goes wrong before the first line is told by the status, and later in the stream.
fn pull(state: &mut State, call: &Call, query: &BTreeMap<&str, &str>) -> (u16, String) {
    let digest = query["tag"];
    match state.registry_fails {
        Some(200) => {
            let lines = [
                json!({ "status": "Pulling from magma/gateway_python", "id": digest }),
                json!({ "status": "Downloading", "progressDetail": { "current": 1, "total": 2 }, "id": "ab" }),
                json!({ "errorDetail": { "message": "unexpected EOF" } }),
            ];
            return (200, lines.map(|line| format!("{line}\r\n")).concat());
        }
        Some(status) => return said(status, "dial tcp: lookup docker.magma.test: no such host"),
        None => {}
    }
    if state.login.is_some() && call.header("x-registry-auth") != state.login.as_deref() {
        return said(404, "pull access denied, repository does not exist or may require 'docker login'");
    }
    if !state.registry.iter().any(|has| has == digest) {
        return said(404, "manifest unknown");
    }
    let id = format!("id-of-{digest}");
    state.images.insert(format!("{}@{digest}", query["fromImage"]), id.clone());
    state.images.insert(id.clone(), id);
    let lines = [
        json!({ "status": "Pulling from magma/gateway_python", "id": digest }),
        json!({ "status": "Pulling fs layer", "progressDetail": {}, "id": "ab" }),
        json!({ "status": format!("Digest: {digest}") }),
    ];
    (200, lines.map(|line| format!("{line}\r\n")).concat())
}

fn image(state: &mut State, name: &str, query: &BTreeMap<&str, &str>) -> (u16, String) {
    let (name, verb) = name.rsplit_once('/').unwrap();
    let Some(id) = state.images.get(name).cloned() else { return said(404, "No such image") };
    if verb == "tag" {
        state.images.insert(format!("{}:{}", query["repo"], query["tag"]), id);
        return nothing(201);
    }
    (200, json!({ "Id": id, "Config": { "Env": [] } }).to_string())
}

fn create(state: &mut State, name: &str, mut settings: Value) -> (u16, String) {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if !name.bytes().all(allowed) || !name.as_bytes()[0].is_ascii_alphanumeric() {
        return said(400, "Invalid container name");
    }
    let (host, networking) = (settings["HostConfig"].take(), settings["NetworkingConfig"].take());
    let mode = host["NetworkMode"].as_str().unwrap_or("bridge").to_owned();
    let own_network = mode != "host" && mode != "none" && !mode.starts_with("container:");
    let networks: BTreeMap<String, Value> =
        serde_json::from_value(networking["EndpointsConfig"].clone()).unwrap_or_default();
    if !own_network && (settings.get("Hostname").is_some_and(Value::is_string) || !networks.is_empty()) {
        return said(400, "conflicting options: hostname and the network mode");
    }
    // Before API 1.44; and aliases are for networks that somebody made.
    if networks.len() > 1 || networks.get("bridge").is_some_and(|endpoint| endpoint["Aliases"].is_array()) {
        return said(400, "container cannot be connected to these network endpoints");
    }
    if let Some(other) = mode.strip_prefix("container:")
        && !state.containers.contains_key(other)
    {
        return said(404, "No such container");
    }
    let Some(image) = state.images.get(settings["Image"].as_str().unwrap()).cloned() else {
        return said(404, "No such image");
    };
    if state.containers.contains_key(name) {
        return said(409, "Conflict. The container name is already in use");
    }
    state.made += 1;
    let id = format!("{:0>64}", format!("c0ffee{:x}", state.made));
    let container =
        Container { id: id.clone(), image, settings, host, networks, mounts: json!([]), runs: false };
    state.containers.insert(name.to_owned(), container);
    (201, json!({ "Id": id, "Warnings": [] }).to_string())
}

fn connect(state: &mut State, network: &str, body: &Value) -> (u16, String) {
    let Some(container) = state.containers.get_mut(body["Container"].as_str().unwrap()) else {
        return said(404, "No such container");
    };
    if container.networks.contains_key(network) {
        return said(403, "endpoint already exists in network");
    }
    container.networks.insert(network.to_owned(), body["EndpointConfig"].clone());
    nothing(200)
}

fn container(
    state: &mut State,
    method: &str,
    path: &str,
    query: &BTreeMap<&str, &str>,
    body: &Value,
) -> (u16, String) {
    let (name, verb) = path.split_once('/').unwrap_or((path, "remove"));
    let named =
        |(has, container): (&String, &Container)| (has == name || container.id == name).then(|| has.clone());
    let Some(name) = state.containers.iter().find_map(named) else { return said(404, "No such container") };
    let broken = state.broken.clone();
    let taken = query.get("name").is_some_and(|wanted| state.containers.contains_key(*wanted));
    let container = state.containers.get_mut(&name).unwrap();
    match (method, verb) {
        ("GET", "json") => (200, container.inspected(&name).to_string()),
        ("POST", "start") if broken.contains(&container.image) => said(500, "OCI runtime create failed"),
        ("POST", "start" | "stop") if container.runs == (verb == "start") => nothing(304),
        ("POST", "start") => {
            container.runs = true;
            nothing(204)
        }
        ("POST", "stop") => {
            container.runs = false;
            if container.host["AutoRemove"] == true {
                state.containers.remove(&name);
            }
            nothing(204)
        }
        ("POST", "update") => {
            assert!(body["RestartPolicy"]["Name"].is_string(), "{body}");
            container.host["RestartPolicy"] = body["RestartPolicy"].clone();
            (200, json!({ "Warnings": null }).to_string())
        }
        ("POST", "rename") if taken => said(409, "already in use"),
        ("POST", "rename") => {
            let container = state.containers.remove(&name).unwrap();
            state.containers.insert(query["name"].to_owned(), container);
            nothing(204)
        }
        ("DELETE", "remove") if container.runs && query.get("force") != Some(&"true") => {
            said(409, "cannot remove a running container")
        }
        ("DELETE", "remove") => {
            state.containers.remove(&name);
            nothing(204)
        }
        other => panic!("{other:?}"),
    }
}
