//! What a question about one gateway reads: what concerns that gateway, however large its network is.

use super::*;
use crate::row::Transaction;
use crate::{changes, edges, gateway_lists, neighbourhood, search, subscriber_search};

#[tokio::test]
async fn a_question_about_one_gateway_does_not_read_its_whole_network() {
    let queries = [
        ("parents", edges::PARENTS.to_owned()),
        ("stamp", neighbourhood::stamp_query()),
        ("below", neighbourhood::below_query()),
        ("edges below", neighbourhood::edges_below_query()),
        ("edges of a page", edges::DOWNWARDS.to_owned()),
        ("edges upwards of a page", edges::UPWARDS.to_owned()),
        ("changed subscribers", crate::subscribers::CHANGED.to_owned()),
        ("holders of an APN", crate::subscribers::HOLDERS.to_owned()),
        ("a page", crate::entities::PAGE.to_owned()),
        ("devices of a page", gateway_lists::DEVICES.to_owned()),
        ("statuses of a page", gateway_lists::STATUSES.to_owned()),
        ("certificates of a page", gateway_lists::CERTIFICATES.to_owned()),
        ("groups", neighbourhood::groups_query()),
        ("changes", changes::CONCERNED.to_owned()),
        ("states of subscribers", subscriber_search::states_query("subscriber_state")),
    ];
    let searches =
        subscriber_search::text_queries().into_iter().map(|query| ("a search for subscribers", query));
    let everywhere = search::queries().into_iter().map(|query| ("a search in all networks", query));
    let queries: Vec<_> = queries.into_iter().chain(searches).chain(everywhere).collect();
    let check = move |transaction: &Transaction<'_>| {
        for (name, query) in &queries {
            let plan = plan(transaction, query)?;
            let wide = |step: &&String| {
                // CBSDs are in a table of their own, so all of a network are as few as its gateways.
                let is_of_a_network = step.ends_with("(network_id=?)") && !step.contains(" cbsds ");
                is_of_a_network || step.starts_with("SCAN e") || step.contains("AUTOMATIC")
            };
            assert_eq!(plan.iter().find(wide), None, "{name}: {plan:#?}");
        }
        Ok(())
    };
    store().await.read(check).await.unwrap();
}

fn plan(transaction: &Transaction<'_>, query: &str) -> Result<Vec<String>, StoreError> {
    let Transaction::Sqlite(transaction) = transaction else { return Ok(Vec::new()) };
    let mut statement = transaction.prepare(&format!("EXPLAIN QUERY PLAN {query}"))?;
    let (mut rows, mut steps) = (statement.raw_query(), Vec::new());
    while let Some(row) = rows.next()? {
        steps.push(row.get(3)?);
    }
    Ok(steps)
}
