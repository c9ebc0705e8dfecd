//! The ordinary life of a gateway of the fleet: check-in, configuration, metrics, each at its own times.

use super::answering;
use super::member::{CALL_LIMIT, Enrolled};
use super::orchestrator::Way;
use super::payload;
use super::recorder::{Kind, Recorder};
use anyhow::Result;
use magma_rpc::channel::{Channel, Connection};
use magma_rpc::metadata::MetadataValue;
use magma_rpc::naming::cloud_authority;
use magma_rpc::{Request, Streaming, deadline};
use prost_types::Any;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::{Interval, MissedTickBehavior, interval_at, sleep};
use wire_orc8r::orc8r::metrics_controller_client::MetricsControllerClient;
use wire_orc8r::orc8r::state_service_client::StateServiceClient;
use wire_orc8r::orc8r::streamer_client::StreamerClient;
use wire_orc8r::orc8r::{DataUpdateBatch, GatewayConfigsDigest, StreamRequest};

/// The headers of our own Orchestrator about configurations.
const DIGEST: &str = "magma-configs-digest";
const PUSH: &str = "magma-configs-push";
/// The largest configuration that is taken.
const CONFIGURATION_BYTES_MAX: usize = 16 * 1024 * 1024;
/// The pause before the connection is tried again.
const RETRY: Duration = Duration::from_secs(2);

/// What every gateway of the fleet does.
pub struct Plan {
    /// How the cloud is reached.
    pub way: Way,
    /// How often each kind of call is made.
    pub interval: Duration,
    /// Series of each upload.
    pub series: usize,
    /// Whether configurations are pushed.
    pub push: bool,
    /// Where everything is written down.
    pub recorder: Arc<Recorder>,
}

/// Lives for ever.
pub async fn live(gateway: Enrolled, plan: Arc<Plan>) {
    let connection = gateway.connection(&plan.way);
    let life = Life { controller: plan.way.controller(), gateway, connection, plan };
    while !life.connected().await {
        sleep(RETRY).await;
    }
    let Life { gateway, connection, controller, plan } = &life;
    tokio::join!(
        answering::keep(gateway, connection, controller, &plan.recorder),
        life.keep_checking_in(),
        life.keep_sending_metrics(),
        life.keep_configured(),
    );
}

/// A stream of configurations.
struct Opened {
    batches: Streaming<DataUpdateBatch>,
    digest: Option<String>,
    pushes: bool,
}

struct Life {
    gateway: Enrolled,
    connection: Connection,
    controller: String,
    plan: Arc<Plan>,
}

impl Life {
    async fn connected(&self) -> bool {
        let began = Instant::now();
        let ready = self.channel("state").ready().await;
        self.plan.recorder.ended(Kind::Connection, began, ready.map_err(Into::into)).is_some()
    }

    async fn keep_checking_in(&self) {
        let mut times = self.times(Kind::CheckIn);
        for round in 0_u64.. {
            let began = times.tick().await.into_std();
            self.plan.recorder.ended(Kind::CheckIn, began, self.check_in(round).await);
        }
    }

    async fn check_in(&self, round: u64) -> Result<()> {
        let mut client = StateServiceClient::new(self.channel("state"));
        let states = payload::states(&self.gateway.hardware_id, round);
        let answer = deadline(CALL_LIMIT, client.report_states(states)).await?.into_inner();
        anyhow::ensure!(answer.unreported_states.is_empty(), "the cloud did not take the state");
        Ok(())
    }

    async fn keep_sending_metrics(&self) {
        let mut times = self.times(Kind::Metrics);
        for round in 0_u64.. {
            let began = times.tick().await.into_std();
            let mut client = MetricsControllerClient::new(self.channel("metricsd"));
            let metrics = payload::metrics(&self.gateway.hardware_id, self.plan.series, round);
            let sent = deadline(CALL_LIMIT, client.collect(metrics)).await;
            self.plan.recorder.ended(Kind::Metrics, began, sent.map_err(Into::into));
        }
    }

    async fn keep_configured(&self) {
        if self.plan.push {
            return self.keep_pushed().await;
        }
        // What the cloud said of the configuration that we have.
        let mut digest = None;
        let mut times = self.times(Kind::Configuration);
        loop {
            let began = times.tick().await.into_std();
            let polled = self.poll(digest.clone()).await;
            digest = self.plan.recorder.ended(Kind::Configuration, began, polled).unwrap_or(digest);
        }
    }

    /// One stream to its end; what the cloud says of the configuration on it.
    async fn poll(&self, digest: Option<String>) -> Result<Option<String>> {
        let mut opened = self.open(digest).await?;
        while deadline(CALL_LIMIT, opened.batches.message()).await?.is_some() {}
        Ok(opened.digest)
    }

    /// One stream, on which the first configuration comes at once; opened again when it ends.
    async fn keep_pushed(&self) {
        loop {
            let began = Instant::now();
            let first = self.first_of_pushed().await;
            if let Some(mut batches) = self.plan.recorder.ended(Kind::Configuration, began, first) {
                self.plan.recorder.pushed(true);
                while let Ok(Some(_)) = batches.message().await {
                    self.plan.recorder.push();
                }
                self.plan.recorder.pushed(false);
                self.plan.recorder.failed(Kind::Configuration, "a stream with pushes ended");
            }
            sleep(RETRY).await;
        }
    }

    async fn first_of_pushed(&self) -> Result<Streaming<DataUpdateBatch>> {
        let mut opened = self.open(None).await?;
        anyhow::ensure!(opened.pushes, "the cloud does not push configurations");
        deadline(CALL_LIMIT, opened.batches.message()).await?;
        Ok(opened.batches)
    }

    async fn open(&self, known: Option<String>) -> Result<Opened> {
        let client = StreamerClient::new(self.channel("streamer"));
        let extra_args = known.map(|digest| Any::from_msg(&GatewayConfigsDigest { md5_hex_digest: digest }));
        let mut request = Request::new(StreamRequest {
            gateway_id: self.gateway.hardware_id.as_str().to_owned(),
            stream_name: "configs".to_owned(),
            extra_args: extra_args.transpose()?,
        });
        if self.plan.push {
            request.metadata_mut().insert(PUSH, MetadataValue::from_static("1"));
        }
        let mut client = client.max_decoding_message_size(CONFIGURATION_BYTES_MAX);
        let answer = deadline(CALL_LIMIT, client.get_updates(request)).await?;
        let digest = answer.metadata().get(DIGEST).and_then(|digest| digest.to_str().ok()).map(str::to_owned);
        let pushes = answer.metadata().contains_key(PUSH);
        Ok(Opened { batches: answer.into_inner(), digest, pushes })
    }

    fn channel(&self, service: &str) -> Channel {
        self.connection.channel(&cloud_authority(service, &self.controller))
    }

    /// Once in each interval, first at a time within the first one that is this gateway's and this kind's own.
    fn times(&self, kind: Kind) -> Interval {
        let first = Instant::now() + phase(self.gateway.hardware_id.as_str(), kind, self.plan.interval);
        let mut times = interval_at(first.into(), self.plan.interval);
        times.set_missed_tick_behavior(MissedTickBehavior::Delay);
        times
    }
}

/// A part of the interval, as if by chance: gateways do not agree on their times.
fn phase(id: &str, kind: Kind, interval: Duration) -> Duration {
    let mut hasher = DefaultHasher::new();
    (id, kind.name()).hash(&mut hasher);
    interval.mul_f64(hasher.finish() as f64 / u64::MAX as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateways_do_not_call_at_the_same_time() {
        let interval = Duration::from_secs(60);
        let mut seconds: Vec<u64> = Vec::new();
        for id in 0..600 {
            let (one, other) = (
                phase(&id.to_string(), Kind::CheckIn, interval),
                phase(&id.to_string(), Kind::Metrics, interval),
            );
            assert!(one <= interval && one != other);
            seconds.push(one.as_secs());
        }
        for second in 0..60 {
            let count = seconds.iter().filter(|found| **found == second).count();
            assert!((1..40).contains(&count), "{count} in second {second}");
        }
    }
}
