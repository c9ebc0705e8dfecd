//! What a gateway is told to remember of a sync, and what it says it remembers.
//!
//! Magma's digests are hashes of content, one leaf for each subscriber, so that a gateway sends all of them up and gets all
//! of them down for one edit: some 7 MB with 100,000 subscribers. To the gateway they are opaque: it stores the
//! list that it is given and sends it back. So here the list is a position: one leaf that says which change the gateway
//! has reached, and one for each APN resource of the gateway. Existing gateways need not know.

use orc8r_store::{SubscriberView, SyncPoint, SyncPosition, SyncProgress};
use std::collections::BTreeMap;
use wire_orc8r::orc8r::{Digest, DigestTree, LeafDigest};

/// The leaf of the change that was reached.
const POINT: &str = "revision";
/// The leaf of a change that was reached up to one subscriber.
const PROGRESS: &str = "progress";
/// What the leaf of an APN resource begins with; the APN's name follows.
const RESOURCE: &str = "resource/";
/// What the leaves of another Orchestrator are: subscribers' ids.
const SUBSCRIBER: &str = "IMSI";

/// What a gateway says it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Claim {
    /// Nothing, or nothing that is understood.
    Nothing,
    /// What we told it.
    Position(SyncPosition),
    /// These subscribers from another Orchestrator, in some version.
    Foreign(Vec<String>),
}

impl Claim {
    pub(super) fn of(leaves: Vec<LeafDigest>) -> Self {
        let mut position = None;
        let (mut progress, mut resources, mut foreign) = (None, BTreeMap::new(), Vec::new());
        for LeafDigest { id, digest } in leaves {
            let digest = digest.unwrap_or_default().md5_base64_digest;
            if id == POINT {
                position = read_point(&digest);
            } else if id == PROGRESS {
                progress = Some(read_progress(&digest));
            } else if let Some(apn) = id.strip_prefix(RESOURCE) {
                resources.insert(apn.to_owned(), digest);
            } else if id.starts_with(SUBSCRIBER) {
                foreign.push(id);
            }
        }
        match (position, progress) {
            (Some(_), Some(None)) => Self::Nothing,
            (Some(point), progress) => {
                Self::Position(SyncPosition { point, resources, progress: progress.flatten() })
            }
            (None, _) if !foreign.is_empty() => Self::Foreign(foreign),
            (None, _) => Self::Nothing,
        }
    }
}

/// The digests of a gateway that has all of it.
pub(super) fn tree_of(view: &SubscriberView) -> DigestTree {
    let position =
        SyncPosition { point: view.point.clone(), resources: view.resource_digests(), progress: None };
    DigestTree { root_digest: Some(digest(root_of(view))), leaf_digests: leaves_of(&position) }
}

/// The digests of a gateway that is on its way.
pub(super) fn tree_on_the_way(position: &SyncPosition) -> DigestTree {
    // No root, so that it is not in sync.
    DigestTree { root_digest: Some(Digest::default()), leaf_digests: leaves_of(position) }
}

/// The root of a gateway that has all of it.
pub(super) fn root_of(view: &SubscriberView) -> String {
    format!("{}/{}", point_text(&view.point), view.resources_digest())
}

fn leaves_of(position: &SyncPosition) -> Vec<LeafDigest> {
    let SyncPosition { point, resources, progress } = position;
    let leaf = |id: String, text: String| LeafDigest { id, digest: Some(digest(text)) };
    // In the order of their ids, as those of an existing Orchestrator are.
    let progress = progress.iter().map(|progress| {
        let SyncProgress { point, resources, upto } = progress;
        leaf(PROGRESS.to_owned(), format!("{}/{resources}/{upto}", point_text(point)))
    });
    let resources = resources.iter().map(|(apn, digest)| leaf(format!("{RESOURCE}{apn}"), digest.clone()));
    progress.chain(resources).chain([leaf(POINT.to_owned(), point_text(point))]).collect()
}

fn digest(text: String) -> Digest {
    Digest { md5_base64_digest: text }
}

fn point_text(point: &SyncPoint) -> String {
    format!("{}/{}", point.revision, point.root)
}

fn read_point(text: &str) -> Option<SyncPoint> {
    let (revision, root) = text.split_once('/')?;
    Some(SyncPoint { revision: revision.parse().ok()?, root: root.to_owned() })
}

fn read_progress(text: &str) -> Option<SyncProgress> {
    let mut parts = text.splitn(4, '/');
    let mut next = || parts.next().map(str::to_owned);
    let point = SyncPoint { revision: next()?.parse().ok()?, root: next()? };
    Some(SyncProgress { point, resources: next()?, upto: next()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(id: &str, text: &str) -> LeafDigest {
        LeafDigest { id: id.into(), digest: Some(digest(text.into())) }
    }

    #[test]
    fn a_position_is_read_as_it_was_told() {
        let point = SyncPoint { revision: 7, root: "ab".into() };
        let progress = SyncProgress { point: point.clone(), resources: "cd".into(), upto: "IMSI/1".into() };
        let resources = BTreeMap::from([("oai/ims".to_owned(), "ef".to_owned())]);
        for position in [
            SyncPosition::default(),
            SyncPosition { point: point.clone(), ..SyncPosition::default() },
            SyncPosition { point: point.clone(), resources: resources.clone(), progress: None },
            SyncPosition { point, resources, progress: Some(progress) },
        ] {
            let leaves = leaves_of(&position);
            assert!(leaves.is_sorted_by(|a, b| a.id <= b.id), "{leaves:?}");
            assert_eq!(Claim::of(leaves), Claim::Position(position));
        }
    }

    #[test]
    fn what_others_told_is_nothing_or_subscribers_of_theirs() {
        let rows = [
            (vec![], Claim::Nothing),
            (vec![leaf("other", "1")], Claim::Nothing),
            (vec![leaf("revision", "x/y")], Claim::Nothing),
            (vec![leaf("revision", "1/a"), leaf("progress", "1/a")], Claim::Nothing),
            (
                vec![leaf("IMSI1", "md5"), leaf("IMSI2", "md5")],
                Claim::Foreign(vec!["IMSI1".into(), "IMSI2".into()]),
            ),
        ];
        for (leaves, expect) in rows {
            assert_eq!(Claim::of(leaves.clone()), expect, "{leaves:?}");
        }
    }
}
