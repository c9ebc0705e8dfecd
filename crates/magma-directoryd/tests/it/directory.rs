//! What the services of a gateway see.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use magma_directoryd::{Deletion, Directory, FileTable, RECORD_TYPE};
use magma_redis::testing::RedisServer;
use magma_redis::{RecordStore, Redis, RedisAddress, RedisTable};
use magma_rpc::channel::{Channel, Connection, Endpoint, Transport};
use magma_rpc::server::{Router, serve_plain};
use magma_rpc::{Code, Status};
use tokio::net::TcpListener;
use wire_orc8r::orc8r::gateway_directory_service_client::GatewayDirectoryServiceClient;
use wire_orc8r::orc8r::{DeleteRecordRequest, GetDirectoryFieldRequest, UpdateRecordRequest, Void};

/// How long a lock is waited for: much longer than it is held.
const PATIENCE: Duration = Duration::from_secs(120);

/// A client of a directory that runs until the test ends.
pub(crate) struct Client(GatewayDirectoryServiceClient<Channel>);

impl Client {
    pub(crate) async fn of(directory: Directory) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (host, port) = ("127.0.0.1".to_owned(), listener.local_addr().unwrap().port());
        let router = Router::new().add(directory.into_server());
        tokio::spawn(serve_plain(listener, router, std::future::pending::<()>()));
        let endpoint = Endpoint { server_name: host.clone(), host, port, transport: Transport::Plain };
        Self(GatewayDirectoryServiceClient::new(Connection::new(endpoint).channel("directoryd.local")))
    }

    pub(crate) async fn update(&mut self, id: &str, fields: &[(&str, &str)]) -> Result<(), Status> {
        let fields = fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let request = UpdateRecordRequest { id: id.to_owned(), location: "ignored".to_owned(), fields };
        self.0.update_record(request).await.map(drop)
    }

    pub(crate) async fn delete(&mut self, id: &str) -> Result<(), Status> {
        self.0.delete_record(DeleteRecordRequest { id: id.to_owned() }).await.map(drop)
    }

    pub(crate) async fn field(&mut self, id: &str, key: &str) -> Result<String, Status> {
        let request = GetDirectoryFieldRequest { id: id.to_owned(), field_key: key.to_owned() };
        self.0.get_directory_field(request).await.map(|field| field.into_inner().value)
    }

    /// Every record as `id: locations; fields`.
    pub(crate) async fn all(&mut self) -> Result<Vec<String>, Status> {
        let records = self.0.get_all_directory_records(Void {}).await?.into_inner().records;
        let line = |record: wire_orc8r::orc8r::DirectoryRecord| {
            format!("{}: {:?} {:?}", record.id, record.location_history, record.fields)
        };
        Ok(records.into_iter().map(line).collect())
    }
}

fn file_table(folder: &Path) -> Arc<dyn RecordStore> {
    Arc::new(FileTable::open(&folder.join("records")).unwrap())
}

fn code<T: std::fmt::Debug>(result: Result<T, Status>) -> Code {
    result.unwrap_err().code()
}

/// The behaviour that both stores have in common.
async fn check(store: Arc<dyn RecordStore>) {
    let mut client = Client::of(Directory::new(store.clone(), "hw1", Deletion::Mark)).await;
    for id in ["", "a\nb", &"x".repeat(257)] {
        assert_eq!(code(client.update(id, &[]).await), Code::InvalidArgument);
        assert_eq!(code(client.delete(id).await), Code::InvalidArgument);
        assert_eq!(code(client.field(id, "k").await), Code::InvalidArgument);
    }
    assert_eq!(client.all().await.unwrap(), Vec::<String>::new());
    assert_eq!(code(client.field("IMSI1", "session_id").await), Code::NotFound);
    assert_eq!(code(client.delete("IMSI1").await), Code::NotFound);

    client.update("IMSI1", &[("session_id", "s1"), ("mac", "m")]).await.unwrap();
    client.update("IMSI1", &[("session_id", "s2")]).await.unwrap();
    client.update("IMSI1", &[("session_id", "s2")]).await.unwrap();
    client.update("IMSI2", &[]).await.unwrap();
    assert_eq!(client.field("IMSI1", "session_id").await.unwrap(), "s2");
    assert_eq!(client.field("IMSI1", "mac").await.unwrap(), "m", "fields are merged");
    assert_eq!(code(client.field("IMSI1", "other").await), Code::NotFound);
    let version = async || store.get("IMSI1").await.unwrap().unwrap().record().unwrap().version;
    assert_eq!(version().await, 2, "an update that changes nothing is none");

    let mut neighbour = Client::of(Directory::new(store.clone(), "hw2", Deletion::Mark)).await;
    neighbour.update("IMSI1", &[]).await.unwrap();
    let first = r#"IMSI1: ["hw2", "hw1"] {"mac": "m", "session_id": "s2"}"#;
    assert_eq!(client.all().await.unwrap(), [first, r#"IMSI2: ["hw1"] {}"#]);

    client.delete("IMSI1").await.unwrap();
    assert_eq!(code(client.delete("IMSI1").await), Code::NotFound, "it is garbage now");
    assert_eq!(code(client.field("IMSI1", "mac").await), Code::NotFound);
    assert_eq!(client.all().await.unwrap(), [r#"IMSI2: ["hw1"] {}"#]);
    let garbage = store.get("IMSI1").await.unwrap().unwrap().record().unwrap();
    assert_eq!((garbage.version, garbage.garbage), (3, true), "kept for the cloud");
    client.update("IMSI1", &[("k", "v")]).await.unwrap();
    assert_eq!(client.all().await.unwrap()[0], r#"IMSI1: ["hw1"] {"k": "v"}"#, "nothing old comes back");
    assert_eq!(version().await, 4, "and its version goes on");

    let long = "x".repeat(17_000);
    assert_eq!(code(client.update("IMSI3", &[("k", &long)]).await), Code::ResourceExhausted);
    let mut forgetful = Client::of(Directory::new(store.clone(), "hw1", Deletion::Remove)).await;
    forgetful.delete("IMSI2").await.unwrap();
    assert_eq!(store.get("IMSI2").await.unwrap(), None, "nothing is kept where nothing replicates");
}

#[tokio::test]
async fn records_in_a_file() {
    let folder = tempfile::TempDir::new().unwrap();
    check(file_table(folder.path())).await;
}

#[tokio::test]
async fn records_in_redis() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    check(Arc::new(RedisTable::new(server.redis(), RECORD_TYPE).locked(PATIENCE))).await;
}

#[tokio::test]
async fn without_redis_the_directory_is_unavailable_and_says_why() {
    let redis = Redis::new(RedisAddress::Unix("/nonexistent/redis.sock".into()));
    let store = Arc::new(RedisTable::new(redis, RECORD_TYPE).locked(PATIENCE));
    let mut client = Client::of(Directory::new(store, "hw1", Deletion::Mark)).await;
    for result in
        [client.update("IMSI1", &[]).await, client.delete("IMSI1").await, client.all().await.map(drop)]
    {
        let status = result.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        assert!(status.message().starts_with("Could not connect to redis"), "{}", status.message());
    }
}

#[tokio::test]
async fn a_damaged_record_hides_no_other_and_is_replaced() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let set: [&[u8]; 5] =
        [b"MSET", b"a:directory_record", b"\xff", b"b:directory_record", b"\x0a\x03{[}\x10\x05"];
    server.redis().command(&set).await.unwrap();
    let store = Arc::new(RedisTable::new(server.redis(), RECORD_TYPE));
    let mut client = Client::of(Directory::new(store.clone(), "hw1", Deletion::Mark)).await;
    client.update("c", &[]).await.unwrap();
    assert_eq!(client.all().await.unwrap(), [r#"c: ["hw1"] {}"#]);
    client.update("a", &[]).await.unwrap();
    client.update("b", &[]).await.unwrap();
    assert_eq!(client.all().await.unwrap().len(), 3);
    let version = store.get("b").await.unwrap().unwrap().record().unwrap().version;
    assert_eq!(version, 6, "a message that is none still has its version");
}
