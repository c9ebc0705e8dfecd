//! A Docker that has images and containers, and that can stop answering after any call.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

pub const REPOSITORY: &str = "docker.magma.test:5000/magma/gateway_python";

#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// The image's id.
    pub image: String,
    pub settings: Value,
    pub runs: bool,
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
    /// After so many calls the answers fail.
    pub calls_left: Option<usize>,
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
        let container = Container { image: image.to_owned(), settings, runs: true };
        self.state.lock().unwrap().containers.insert(name.to_owned(), container);
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

async fn serve(mut stream: UnixStream, state: &Mutex<State>) -> std::io::Result<()> {
    let (mut text, mut byte) = (Vec::new(), [0]);
    while !text.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).await? == 0 {
            return Ok(());
        }
        text.push(byte[0]);
    }
    let text = String::from_utf8(text).unwrap();
    let length = text
        .to_ascii_lowercase()
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ").and_then(|length| length.trim().parse().ok()));
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await?;
    let mut words = text.split(' ');
    let (method, path) = (words.next().unwrap().to_owned(), words.next().unwrap().to_owned());
    let (status, answer) = answer(&mut state.lock().unwrap(), &method, &path, &body);
    let body = answer.map(|answer| answer.to_string() + "\n").unwrap_or_default();
    let head = format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    stream.write_all((head + &body).as_bytes()).await
}

fn answer(state: &mut State, method: &str, path: &str, body: &[u8]) -> (u16, Option<Value>) {
    match &mut state.calls_left {
        Some(0) => return (500, Some(json!({ "message": "Docker is ending" }))),
        Some(left) => *left -= 1,
        None => {}
    }
    state.calls.push(format!("{method} {path}"));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let query: BTreeMap<&str, &str> = query.split('&').filter_map(|pair| pair.split_once('=')).collect();
    let none = || (404, Some(json!({ "message": "No such thing" })));
    if path == "/images/create" {
        let digest = query["tag"];
        if !state.registry.iter().any(|has| has == digest) {
            return (200, Some(json!({ "error": "manifest unknown" })));
        }
        let id = format!("id-of-{digest}");
        state.images.insert(format!("{}@{digest}", query["fromImage"]), id.clone());
        state.images.insert(id.clone(), id);
        return (200, Some(json!({ "status": "Download complete" })));
    }
    if let Some(name) = path.strip_prefix("/images/") {
        let (name, verb) = name.rsplit_once('/').unwrap();
        let Some(id) = state.images.get(name).cloned() else { return none() };
        if verb == "tag" {
            state.images.insert(format!("{}:{}", query["repo"], query["tag"]), id);
            return (201, None);
        }
        return (200, Some(json!({ "Id": id, "Config": { "Env": [] } })));
    }
    if path == "/containers/create" {
        let settings: Value = serde_json::from_slice(body).unwrap();
        let Some(image) = state.images.get(settings["Image"].as_str().unwrap()).cloned() else {
            return none();
        };
        let name = query["name"].to_owned();
        if state.containers.contains_key(&name) {
            return (409, Some(json!({ "message": "in use" })));
        }
        state.containers.insert(name, Container { image, settings, runs: false });
        return (201, Some(json!({})));
    }
    let name = path.strip_prefix("/containers/").unwrap();
    let (name, verb) = name.split_once('/').unwrap_or((name, "remove"));
    let broken = state.broken.clone();
    let Some(container) = state.containers.get_mut(name) else { return none() };
    match (method, verb) {
        ("GET", "json") => {
            let Container { image, settings, .. } = container;
            (200, Some(json!({ "Id": "0123", "Image": image, "Config": settings, "HostConfig": {} })))
        }
        ("POST", "start") if broken.contains(&container.image) => {
            (500, Some(json!({ "message": "OCI runtime create failed" })))
        }
        ("POST", "start") => {
            container.runs = true;
            (204, None)
        }
        ("POST", "stop") => {
            container.runs = false;
            (204, None)
        }
        ("POST", "rename") => {
            let container = state.containers.remove(name).unwrap();
            state.containers.insert(query["name"].to_owned(), container);
            (204, None)
        }
        ("DELETE", _) => {
            state.containers.remove(name);
            (204, None)
        }
        other => panic!("{other:?}"),
    }
}
