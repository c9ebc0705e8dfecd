//! Alerts: the evaluation of rules, what fires, and messages to receivers.

use super::page::Page;
use crate::Api;
use orc8r_alerts::{Evaluations, Outbox, PairSteps};

pub(super) fn show(page: &mut Page, api: &Api) {
    if let Some(evaluations) = &api.measured.evaluations {
        evaluated(page, evaluations);
    }
    if let Some(outbox) = &api.outbox {
        messages(page, outbox);
    }
    if let Some(pair) = &api.measured.pair {
        passed_on(page, pair);
    }
}

fn evaluated(page: &mut Page, evaluations: &Evaluations) {
    let counts = evaluations.counts();
    page.counter(
        "orc8r_alert_rules_total",
        "Evaluations of alert rules, by outcome.",
        &[
            (&[("outcome", "answered")], counts.rules.saturating_sub(counts.rules_failed)),
            (&[("outcome", "failed")], counts.rules_failed),
        ],
    );
    page.times(
        "orc8r_alert_round_seconds",
        "How long rounds over all alert rules took.",
        &[(&[], counts.took_us, counts.rounds)],
    );
    page.counter(
        "orc8r_alert_rounds_failed_total",
        "Rounds that came to no end, since the database failed.",
        &[(&[], counts.rounds_failed)],
    );
    page.gauge(
        "orc8r_alerts",
        "Alerts of all networks after the last round of this node, by state.",
        &[(&[("state", "firing")], counts.firing), (&[("state", "pending")], counts.pending)],
    );
}

fn messages(page: &mut Page, outbox: &Outbox) {
    let kinds = outbox.by_kind();
    let outcomes: Vec<_> = kinds
        .iter()
        .flat_map(|of| {
            [("told", of.told), ("given_up", of.given_up)]
                .map(|(outcome, count)| ([("receiver", of.kind), ("outcome", outcome)], count))
        })
        .collect();
    let series: Vec<_> = outcomes.iter().map(|(labels, count)| (labels.as_slice(), *count)).collect();
    page.counter(
        "orc8r_alert_messages_total",
        "Messages to receivers of alerts, by kind of receiver and by what became of them.",
        &series,
    );
    let labels = kinds.map(|of| ([("receiver", of.kind)], of.failures));
    let failures = labels.each_ref().map(|(kind, failures)| (kind.as_slice(), *failures));
    page.counter(
        "orc8r_alert_message_failures_total",
        "Tries to tell a receiver that failed, by kind of receiver.",
        &failures,
    );
    let help = "Messages to receivers that wait or are being told.";
    page.gauge("orc8r_alert_messages_waiting", help, &[(&[], outbox.waiting() as u64)]);
}

fn passed_on(page: &mut Page, pair: &PairSteps) {
    let (good, failed) = pair.counts();
    page.counter(
        "orc8r_alert_file_checks_total",
        "Comparisons of the files of an existing Prometheus and Alertmanager with the rules here, by outcome.",
        &[(&[("outcome", "passed_on")], good), (&[("outcome", "failed")], failed)],
    );
}
