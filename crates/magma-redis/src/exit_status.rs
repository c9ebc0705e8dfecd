//! How the services' last runs ended: `<service>:systemd_status`, written after each run by the init system's hook and
//! read for the metric `service_restart_status`.

use prost::Message;
use wire_orc8r::orc8r::ServiceExitStatus;
use wire_orc8r::orc8r::service_exit_status::{ExitCode, ServiceResult};

use crate::{Record, Redis, RedisTable, Scan, StoreError, update};

/// The type of these records.
pub const SERVICE_STATUS_TYPE: &str = "systemd_status";

/// How many services' statuses are read; a gateway has some dozen services.
const SERVICES_MAX: usize = 1024;

/// What systemd tells an `ExecStopPost` program in its environment.
#[derive(Clone, Copy, Debug, Default)]
pub struct ServiceEnd<'a> {
    /// `SERVICE_RESULT`: `success`, `exit-code`, `core-dump`, …
    pub service_result: &'a str,
    /// `EXIT_CODE`: `exited`, `killed` or `dumped`.
    pub exit_code: &'a str,
    /// `EXIT_STATUS`: a number, or a signal's name.
    pub exit_status: &'a str,
}

impl ServiceEnd<'_> {
    /// The status after this end, with the counts of `before`.
    pub fn status(&self, before: &ServiceExitStatus) -> ServiceExitStatus {
        let result = ServiceResult::from_str_name(&constant(self.service_result)).unwrap_or_default();
        let failed = result != ServiceResult::Success;
        ServiceExitStatus {
            latest_service_result: result.into(),
            latest_exit_code: ExitCode::from_str_name(&constant(self.exit_code)).unwrap_or_default().into(),
            latest_rc: match result {
                ServiceResult::ExitCode => self.exit_status.parse().unwrap_or_default(),
                // Of a signal, it is the name.
                _ => 0,
            },
            num_clean_exits: before.num_clean_exits.saturating_add(u32::from(!failed)),
            num_fail_exits: before.num_fail_exits.saturating_add(u32::from(failed)),
        }
    }
}

/// systemd's word as an enum of protobuf spells it.
fn constant(word: &str) -> String {
    word.to_ascii_uppercase().replace('-', "_")
}

/// The table of the services' exit statuses.
#[derive(Debug)]
pub struct ExitStatuses {
    table: RedisTable,
}

impl ExitStatuses {
    /// The table in `redis`.
    pub fn new(redis: Redis) -> Self {
        Self { table: RedisTable::new(redis, SERVICE_STATUS_TYPE) }
    }

    /// Notes that a run of `service` ended so.
    ///
    /// # Errors
    /// When Redis does not take it.
    pub async fn note(&self, service: &str, end: ServiceEnd<'_>) -> Result<(), StoreError> {
        update(&self.table, service, |before| {
            let former = before.as_ref().and_then(|record| decoded(&record.message)).unwrap_or_default();
            Some(Record::following(before.as_ref(), end.status(&former).encode_to_vec()))
        })
        .await
        .map(drop)
    }

    /// The statuses by service. What cannot be read is left out.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn all(&self) -> Result<Vec<(String, ServiceExitStatus)>, StoreError> {
        let (mut statuses, mut scan) = (Vec::new(), Scan::new(&self.table));
        while let Some((service, stored)) = scan.next().await? {
            let record = stored.and_then(|stored| stored.record().ok()).filter(|record| !record.garbage);
            if let Some(status) = record.and_then(|record| decoded(&record.message)) {
                if statuses.len() == SERVICES_MAX {
                    return Err(StoreError::Endless { records: SERVICES_MAX });
                }
                statuses.push((service, status));
            }
        }
        Ok(statuses)
    }
}

fn decoded(message: &[u8]) -> Option<ServiceExitStatus> {
    ServiceExitStatus::decode(message).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_told_in_the_words_of_systemd() {
        let before = ServiceExitStatus { num_clean_exits: 1, num_fail_exits: 2, ..Default::default() };
        for (name, [result, code, status], expected) in [
            ("a clean end", ["success", "exited", "0"], (1, 1, 0, 2, 2)),
            ("an error", ["exit-code", "exited", "3"], (4, 1, 3, 1, 3)),
            ("a signal has a name", ["signal", "killed", "KILL"], (5, 2, 0, 1, 3)),
            ("a core dump", ["core-dump", "dumped", "SEGV"], (6, 3, 0, 1, 3)),
            ("too many starts", ["start-limit-hit", "", ""], (8, 0, 0, 1, 3)),
            ("a word of a later systemd", ["oom-kill", "killed", "9"], (0, 2, 0, 1, 3)),
            ("nothing told", ["", "", ""], (0, 0, 0, 1, 3)),
        ] {
            let end = ServiceEnd { service_result: result, exit_code: code, exit_status: status };
            let s = end.status(&before);
            let seen = (
                s.latest_service_result,
                s.latest_exit_code,
                s.latest_rc,
                s.num_clean_exits,
                s.num_fail_exits,
            );
            assert_eq!(seen, expected, "{name}");
        }
    }
}
