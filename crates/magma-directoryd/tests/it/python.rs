//! Python's `jsonpickle` reads our records, and we read its.

use std::sync::Arc;

use magma_directoryd::{Deletion, Directory, RECORD_TYPE};
use magma_redis::RedisTable;
use magma_redis::testing::RedisServer;

use crate::directory::Client;

/// The class as the existing directory has it, under its own path; a `RedisState` without Python's protobuf library.
const DIRECTORY: &str = "
import types
for name in ('magma', 'magma.directoryd', 'magma.directoryd.rpc_servicer'):
    sys.modules[name] = types.ModuleType(name)
class DirectoryRecord:
    __slots__ = ['location_history', 'identifiers']
DirectoryRecord.__module__ = 'magma.directoryd.rpc_servicer'
sys.modules['magma.directoryd.rpc_servicer'].DirectoryRecord = DirectoryRecord
r = redis.Redis(unix_socket_path=sys.argv[1])
def length(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128, n >> 7])
";

#[tokio::test]
async fn the_same_records_in_both_languages() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let store = Arc::new(RedisTable::new(server.redis(), RECORD_TYPE));
    let mut client = Client::of(Directory::new(store, "hw1", Deletion::Mark)).await;
    client.update("IMSI1", &[("session_id", "sé")]).await.unwrap();
    let program = format!(
        "{DIRECTORY}
state = r.get('IMSI1:directory_record')
start, size = (2, state[1]) if state[1] < 128 else (3, state[1] & 127 | state[2] << 7)
message = state[start:start + size].decode()
record = jsonpickle.decode(message)
print(type(record).__name__, record.location_history, record.identifiers)
record.location_history.insert(0, 'hw0')
message = jsonpickle.encode(record).encode()
r.set('IMSI2:directory_record', b'\\x0a' + length(len(message)) + message + b'\\x10\\x07')
"
    );
    let Some(output) = server.python(&["redis", "jsonpickle"], &program).await.unwrap() else { return };
    assert_eq!(output.trim(), "DirectoryRecord ['hw1'] {'session_id': 'sé'}");
    let expected = r#"IMSI2: ["hw0", "hw1"] {"session_id": "sé"}"#;
    assert_eq!(client.all().await.unwrap()[1], expected);
}
