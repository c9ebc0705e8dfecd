//! A web server that can behave badly, one request for each connection.

use std::collections::BTreeMap;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// How an answer goes wrong.
#[derive(Clone, Debug)]
pub enum Fault {
    /// With this status, and a body that is not the file.
    Status(u16),
    /// The connection ends after so many bytes.
    Cut(usize),
    /// Without ranges: the whole file, whatever was asked.
    Whole,
    /// Without ranges, and cut.
    WholeAndCut(usize),
    /// A length that is not the file's.
    Length(i64),
    /// More bytes than the file has, and no word about the length.
    Endless,
    /// Another part than was asked for.
    OtherRange,
    /// Not a byte.
    Silence,
    /// So many bytes, and then one now and then, without end.
    Trickle(usize),
    /// Something that is not HTTP.
    Rubbish,
    /// To another place.
    Redirect(String),
}

#[derive(Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    faults: BTreeMap<String, VecDeque<Fault>>,
    requests: Vec<(String, Option<u64>)>,
    trickled: usize,
}

/// The server; dropping it ends it.
pub struct Web {
    pub url: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Web {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = state.clone();
        let task = tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let state = shared.clone();
                tokio::spawn(async move {
                    serve(stream, &state).await.ok();
                });
            }
        });
        Self { url, state, task }
    }

    pub fn put(&self, path: &str, contents: impl Into<Vec<u8>>) {
        self.state.lock().unwrap().files.insert(path.to_owned(), contents.into());
    }

    pub fn copy(&self, from: &str, to: &str) {
        let mut state = self.state.lock().unwrap();
        let contents = state.files[from].clone();
        state.files.insert(to.to_owned(), contents);
    }

    /// Serves the same files on a stream that somebody else has opened.
    pub fn answering<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
        &self,
    ) -> impl Fn(S) + Clone + use<S> {
        let state = self.state.clone();
        move |stream| {
            let state = state.clone();
            tokio::spawn(async move {
                serve(stream, &state).await.ok();
            });
        }
    }

    /// The next requests for `path` go wrong like this, one after the other.
    pub fn spoil(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        self.state.lock().unwrap().faults.entry(path.to_owned()).or_default().extend(faults);
    }

    /// The byte from which each request for `path` asked.
    pub fn asked(&self, path: &str) -> Vec<Option<u64>> {
        let state = self.state.lock().unwrap();
        state.requests.iter().filter(|(asked, _)| asked == path).map(|(_, from)| *from).collect()
    }

    /// How many single bytes were sent by servers that trickle.
    pub fn trickled(&self) -> usize {
        self.state.lock().unwrap().trickled
    }

    /// How many requests there were.
    pub fn requests(&self) -> usize {
        self.state.lock().unwrap().requests.len()
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(mut stream: impl AsyncRead + AsyncWrite + Unpin, state: &Mutex<State>) -> std::io::Result<()> {
    let Some((path, from)) = request(&mut stream).await? else { return Ok(()) };
    let (file, fault) = {
        let mut state = state.lock().unwrap();
        state.requests.push((path.clone(), from));
        (state.files.get(&path).cloned(), state.faults.get_mut(&path).and_then(VecDeque::pop_front))
    };
    let Some(file) = file else { return say(&mut stream, "404 Not Found", None, b"not here").await };
    let size = file.len();
    let start = usize::try_from(from.unwrap_or(0)).unwrap();
    let range = format!("Content-Range: bytes {start}-{}/{size}\r\n", size.max(1) - 1);
    let (status, rest) = match from {
        Some(_) if start >= size => return say(&mut stream, "416 Range Not Satisfiable", None, b"").await,
        Some(_) => ("206 Partial Content", &file[start..]),
        None => ("200 OK", &file[..]),
    };
    let range = from.map(|_| range.as_str());
    match fault {
        None => say(&mut stream, status, range, rest).await,
        Some(Fault::Status(code)) => say(&mut stream, &format!("{code} No"), None, b"an error page").await,
        Some(Fault::Whole) => say(&mut stream, "200 OK", None, &file).await,
        Some(Fault::Cut(after)) => cut(&mut stream, status, range, rest, after).await,
        Some(Fault::WholeAndCut(after)) => cut(&mut stream, "200 OK", None, &file, after).await,
        Some(Fault::Length(more)) => {
            let length = i64::try_from(rest.len()).unwrap() + more;
            head(&mut stream, status, range, Some(length)).await?;
            stream.write_all(rest).await
        }
        Some(Fault::Endless) => {
            head(&mut stream, status, range, None).await?;
            stream.write_all(rest).await?;
            loop {
                stream.write_all(&[7; 4096]).await?;
            }
        }
        Some(Fault::OtherRange) => {
            let range = format!("Content-Range: bytes 1-{}/{size}\r\n", size - 1);
            say(&mut stream, "206 Partial Content", Some(&range), &file[1..]).await
        }
        Some(Fault::Silence) => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            Ok(())
        }
        Some(Fault::Trickle(first)) => {
            head(&mut stream, status, range, i64::try_from(rest.len()).ok()).await?;
            stream.write_all(&rest[..first]).await?;
            for byte in &rest[first..] {
                tokio::time::sleep(Duration::from_millis(10)).await;
                stream.write_all(&[*byte]).await?;
                state.lock().unwrap().trickled += 1;
            }
            Ok(())
        }
        Some(Fault::Rubbish) => stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await,
        Some(Fault::Redirect(to)) => {
            let location = format!("Location: {to}\r\n");
            say(&mut stream, "302 Found", Some(&location), b"").await
        }
    }
}

async fn cut(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    status: &str,
    header: Option<&str>,
    body: &[u8],
    after: usize,
) -> std::io::Result<()> {
    head(stream, status, header, i64::try_from(body.len()).ok()).await?;
    stream.write_all(&body[..after.min(body.len())]).await?;
    stream.shutdown().await
}

async fn say(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    status: &str,
    header: Option<&str>,
    body: &[u8],
) -> std::io::Result<()> {
    head(stream, status, header, i64::try_from(body.len()).ok()).await?;
    stream.write_all(body).await?;
    stream.shutdown().await
}

async fn head(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    status: &str,
    header: Option<&str>,
    length: Option<i64>,
) -> std::io::Result<()> {
    let length = length.map(|length| format!("Content-Length: {length}\r\n")).unwrap_or_default();
    let header = header.unwrap_or_default();
    let head = format!("HTTP/1.1 {status}\r\n{header}{length}Connection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await
}

/// The path, and the first byte that is asked for.
async fn request(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
) -> std::io::Result<Option<(String, Option<u64>)>> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if stream.read(&mut byte).await? == 0 {
            return Ok(None);
        }
        text.push(byte[0]);
    }
    let text = String::from_utf8(text).unwrap().to_ascii_lowercase();
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    let range = text.lines().find_map(|line| line.strip_prefix("range: bytes="));
    let from = range.and_then(|range| range.trim_end_matches('-').parse().ok());
    Ok(Some((path, from)))
}
