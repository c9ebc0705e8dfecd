//! The connection: made when needed, made again when lost, left in no other user's way.

use magma_redis::testing::RedisServer;
use magma_redis::{BULK_BYTES_MAX, Redis, RedisAddress, RedisError, Reply};

#[tokio::test]
async fn a_lost_connection_is_made_again() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let redis = server.redis();
    redis.command(&[b"SET", b"k", b"v"]).await.unwrap();
    server.disconnect_all().await.unwrap();
    assert_eq!(redis.command(&[b"GET", b"k"]).await.unwrap(), Reply::Bulk(b"v".to_vec()));
}

#[tokio::test]
async fn a_session_that_is_given_up_leaves_nothing_behind() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let redis = server.redis();
    let mut session = redis.session().await.unwrap();
    session.command(&[b"MULTI"]).await.unwrap();
    drop(session);
    assert_eq!(redis.command(&[b"GET", b"k"]).await.unwrap(), Reply::Nothing, "no transaction is open");
}

#[tokio::test]
async fn an_error_answer_names_the_command_and_the_connection_goes_on() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let redis = server.redis();
    let error = redis.command(&[b"NOSUCHCOMMAND"]).await.unwrap_err();
    assert!(matches!(&error, RedisError::Refused { command, .. } if command == "NOSUCHCOMMAND"), "{error}");
    redis.command(&[b"PING"]).await.unwrap();
}

#[tokio::test]
async fn a_value_that_is_too_long_does_not_end_the_connection() {
    let Some(server) = RedisServer::start().await.unwrap() else { return };
    let redis = server.redis();
    let long = vec![b'x'; BULK_BYTES_MAX + 1];
    redis.command(&[b"SET", b"long", &long]).await.unwrap();
    let mut session = redis.session().await.unwrap();
    let replies = session.exchange(&[&[b"GET", b"long"], &[b"PING"]]).await.unwrap();
    assert_eq!(replies, [Reply::TooLong(long.len() as u64), Reply::Status("PONG".into())]);
}

#[tokio::test]
async fn an_absent_server_is_told_with_what_to_look_at() {
    let redis = Redis::new(RedisAddress::Unix("/nonexistent/redis.sock".into()));
    let text = redis.command(&[b"PING"]).await.unwrap_err().to_string();
    for part in ["Could not connect to redis at /nonexistent/redis.sock", "redis.yml"] {
        assert!(text.contains(part), "{text}");
    }
}
