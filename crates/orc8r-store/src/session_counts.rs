//! How many subscribers have sessions at gateways, as these said last.

use crate::row::{row, unsigned};
use crate::{Store, StoreError};
use orc8r_model::{LinkKind, NetworkId, state_type};
use std::collections::BTreeMap;

impl Store {
    /// By the hardware ids of some gateways. One that has not said anything about subscribers is left out.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn session_counts(
        &self,
        network: &NetworkId,
        hardware_ids: Vec<String>,
    ) -> Result<BTreeMap<String, u64>, StoreError> {
        let network = network.clone();
        self.read(move |transaction| {
            let told = "SELECT 1 FROM states WHERE network_id = ?1 AND type = ?2 AND device_id = ?3";
            let sessions = "SELECT COUNT(*) FROM state_links WHERE network_id = ?1 AND type = ?2 AND device_id = ?3 \
                            AND kind = ?4";
            // Gateways that do not tell their sessions tell where subscribers are.
            let records =
                "SELECT COUNT(*) FROM states WHERE network_id = ?1 AND reporter = ?2 AND type = ?3";
            let (kind, subscriber) = (state_type::GATEWAY_SUBSCRIBERS, LinkKind::Subscriber.as_str());
            let mut counts = BTreeMap::new();
            for device in hardware_ids {
                let place = (network.as_str(), kind, &device);
                let has_told = row(transaction, told, place, |row| row.get::<i64>(0))?.is_some();
                let count = match has_told {
                    true => row(transaction, sessions, (place.0, place.1, place.2, subscriber), |row| row.get(0))?,
                    false => row(
                        transaction,
                        records,
                        (network.as_str(), &device, state_type::DIRECTORY_RECORD),
                        |row| row.get(0),
                    )?,
                };
                let count = unsigned(count.unwrap_or_default());
                if has_told || count > 0 {
                    counts.insert(device, count);
                }
            }
            Ok(counts)
        })
        .await
    }
}
