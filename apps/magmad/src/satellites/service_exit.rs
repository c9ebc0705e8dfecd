//! Notes how a service's run ended, for `service_restart_status`: what a unit's `ExecStopPost` calls.

use anyhow::{Context as _, Result};
use magma_config::Paths;
use magma_redis::{ExitStatuses, Redis};

pub use magma_redis::ServiceEnd;

use super::tables;

/// Counts the end of a run of `service` in the gateway's Redis, beside the ends before it. `end` is what systemd says in
/// the environment of the program that it starts then.
///
/// # Errors
/// When the configuration has no `redis.yml`, the name is no service's, or Redis does not take it.
pub async fn note(paths: &Paths, service: &str, end: ServiceEnd<'_>) -> Result<()> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.@".contains(c);
    anyhow::ensure!(
        !service.is_empty() && service.chars().all(is_name),
        "{service:?} is not a service's name: write the part of its unit behind magma@"
    );
    // Mistakes in other files are the agent's to tell.
    let (config, _) = magma_config::inspect(paths);
    anyhow::ensure!(
        config.redis.is_some(),
        "there is no redis.yml, so nothing is counted; remove this program from ExecStopPost"
    );
    let redis = Redis::new(tables::address(&config, paths));
    ExitStatuses::new(redis).note(service, end).await.context("the end of the service is not counted")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use magma_redis::testing::RedisServer;

    use super::*;

    const FAILED: ServiceEnd<'_> =
        ServiceEnd { service_result: "exit-code", exit_code: "exited", exit_status: "3" };

    #[tokio::test]
    async fn an_end_is_counted_in_the_redis_of_the_gateway() {
        let Some(server) = RedisServer::start().await.expect("it starts") else { return };
        let root = server.folder();
        fs::create_dir_all(root.join("etc/magma")).expect("a folder");
        symlink(server.socket(), root.join("socket")).expect("a link");
        fs::write(root.join("etc/magma/redis.yml"), "unixsocket: /socket\n").expect("a file");
        note(&Paths::under(root), "mme", FAILED).await.expect("it is noted");
        let statuses = ExitStatuses::new(server.redis()).all().await.expect("it answers");
        let [(service, status)] = statuses.as_slice() else { panic!("{statuses:?}") };
        assert_eq!((service.as_str(), status.num_fail_exits, status.latest_rc), ("mme", 1, 3));
    }

    #[tokio::test]
    async fn what_cannot_be_counted_is_told() {
        let root = tempfile::tempdir().expect("a folder");
        let paths = Paths::under(root.path());
        let error = note(&paths, "mme", FAILED).await.expect_err("no redis").to_string();
        assert!(error.contains("redis.yml"), "{error}");
        let error = note(&paths, "mme:x", FAILED).await.expect_err("no name").to_string();
        assert!(error.contains("not a service's name"), "{error}");
    }
}
