//! A changed `control_proxy.yml` counts without a restart.

use magmad::events::{Event, Step};

use crate::cloud::Cloud;
use crate::gateway::Gateway;

const OVERRIDE: &str = "var/opt/magma/configs/control_proxy.yml";

#[tokio::test]
async fn a_gateway_that_waits_for_its_cloud_goes_on_as_soon_as_it_is_registered() {
    let cloud = Cloud::start().await;
    let mut gateway = Gateway::new(&cloud);
    let nowhere = cloud.control_proxy(false).replace("controller.", "controller.not-registered.");
    gateway.write("etc/magma/control_proxy.yml", &nowhere);
    // The pause after a failure is long: only the change can end it.
    gateway.options.timings.bootstrap.retry_first = std::time::Duration::from_secs(3600);
    gateway.options.timings.bootstrap.retry_max = std::time::Duration::from_secs(3600);
    let mut running = gateway.start();
    running.failure(Step::Bootstrap).await;
    running.gateway.write(OVERRIDE, &cloud.control_proxy(false));
    running.until_bootstrapped().await;
    running.until_checked_in().await;
    running.stop().await;
}

#[tokio::test]
async fn a_gateway_moves_to_another_cloud_and_stays_where_it_is_when_the_file_is_bad() {
    let (first, second) = (Cloud::start().await, Cloud::start().await);
    let mut running = Gateway::with_certificate(&first).start();
    running.until_checked_in().await;
    let _stream = first.session().await;

    running.gateway.write(OVERRIDE, "cloud_port: many\n");
    let said = running.failure(Step::Settings).await;
    assert!(said.contains("control_proxy.yml:1") && said.contains("cloud_port"), "{said}");
    let reports = first.seen().reports.len();
    first.until("more check-ins", |seen| seen.reports.len() > reports).await;

    running.gateway.write("var/opt/magma/certs/rootCA.pem", &second.root_pem());
    running.gateway.write(OVERRIDE, &second.control_proxy(false));
    running.until("new settings", |event| matches!(event, Event::SettingsChanged).then_some(())).await;
    // The second cloud does not accept the first one's certificate, so a new one is asked for.
    second.until("a check-in", |seen| !seen.reports.is_empty()).await;
    assert_eq!(second.seen().signed.len(), 1);
    second.session().await;
    running.stop().await;
}
