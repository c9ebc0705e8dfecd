//! Lawful interception: `liagentd`, and whose traffic `pipelined` mirrors to it.

use wire_lte::mconfig::pipeline_d::LiUes;
use wire_lte::mconfig::{LiAgentD, NProbeTask};
use wire_rest::types::{NetworkProbeTask, NetworkProbeTaskDetails};

use super::INFO;
use super::sources::Sources;
use crate::entries::Entries;
use crate::stored::parse_one;

const OF_TASK: &str = "configuration of an interception task";

/// The network's tasks that want traffic; those that want events alone are carried out in the cloud. One that is not
/// usable is reported.
pub(super) fn tasks(sources: &Sources<'_>, entries: &mut Entries) -> Vec<NetworkProbeTask> {
    let mut tasks = Vec::new();
    for entity in sources.tasks() {
        let id = &entity.id.key;
        let details = parse_one(OF_TASK, id, entity.config.as_ref());
        match details {
            Ok(details) if wants_traffic(&details) => {
                tasks.push(NetworkProbeTask { task_id: id.clone(), task_details: details });
            }
            Ok(_) => {}
            Err(error) => entries.note("liagentd", error),
        }
    }
    tasks
}

fn wants_traffic(details: &NetworkProbeTaskDetails) -> bool {
    details.delivery_type != "events_only"
}

/// The service's entry.
pub(super) fn liagentd(tasks: Vec<NetworkProbeTask>) -> LiAgentD {
    let task = |task: NetworkProbeTask| NProbeTask {
        task_id: task.task_id,
        target_id: task.task_details.target_id,
        target_type: task.task_details.target_type,
        delivery_type: task.task_details.delivery_type,
        correlation_id: task.task_details.correlation_id.unwrap_or_default(),
        domain_id: task.task_details.domain_id.unwrap_or_default(),
    };
    LiAgentD { log_level: INFO, nprobe_tasks: tasks.into_iter().map(task).collect() }
}

/// Whose traffic is wanted.
pub(super) fn intercepted(tasks: &[NetworkProbeTask]) -> LiUes {
    let targets = |target_type: &str| {
        let of_type = tasks.iter().filter(|task| task.task_details.target_type == target_type);
        of_type.map(|task| task.task_details.target_id.clone()).collect()
    };
    LiUes { imsis: targets("imsi"), imeis: targets("imei"), msisdns: targets("msisdn"), ..LiUes::default() }
}
