//! What a gateway ends with, whenever it asks and whatever is changed meanwhile.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use magma_rpc::{Code, Request};
use orc8r_model::{
    EdgeChange, Entity, EntityId, EntityUpdate, GatewayId, HardwareId, Network, NetworkId, NetworkUpdate,
};
use orc8r_store::{EntityWrite, Page, Store};
use prost::Message;
use serde_json::{Value, json};
use wire_lte::lte::subscriber_db_cloud_server::SubscriberDbCloud;
use wire_lte::lte::{CheckInSyncRequest, ListSubscribersRequest, SubscriberData, SyncRequest};
use wire_orc8r::orc8r::{Digest, DigestTree, LeafDigest, Void};

use super::{SubscribersService, subscriber_data};
use crate::clock::Clock;
use crate::principal::{GatewayPrincipal, Principal};

fn network() -> NetworkId {
    NetworkId::parse("n1").unwrap()
}

fn principal() -> GatewayPrincipal {
    GatewayPrincipal {
        hardware_id: HardwareId::parse("hw1").unwrap(),
        network: network(),
        gateway: GatewayId::parse("gw1").unwrap(),
    }
}

fn from_gateway<T>(message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.extensions_mut().insert(Principal::Gateway(principal()));
    request
}

struct Cloud {
    store: Store,
    service: SubscribersService,
    now: Arc<AtomicU64>,
}

impl Cloud {
    async fn new(changes_max: usize) -> Self {
        let store = Store::in_memory().unwrap();
        store.create_network(Network::new(network())).await.unwrap();
        let cell = Entity::new(EntityId::new("cellular_gateway", "gw1"));
        store.write_entities(&network(), vec![EntityWrite::Create(cell)]).await.unwrap();
        let now = Arc::new(AtomicU64::new(1_800_000_000));
        let clock = {
            let now = now.clone();
            Clock::new(move || UNIX_EPOCH + Duration::from_secs(now.load(Ordering::Relaxed)))
        };
        let service = SubscribersService::new(store.clone(), clock).with_changes_max(changes_max);
        Self { store, service, now }
    }

    async fn write(&self, writes: Vec<EntityWrite>) {
        self.store.write_entities(&network(), writes).await.unwrap();
    }

    async fn add(&self, ids: &[&str]) {
        let create = |id: &&str| {
            let entity = Entity::new(EntityId::new("subscriber", *id));
            EntityWrite::Create(Entity { config: Some(config("ACTIVE", 1)), ..entity })
        };
        self.write(ids.iter().map(create).collect()).await;
    }

    /// What a gateway has to have.
    async fn truth(&self) -> BTreeMap<String, SubscriberData> {
        let found =
            self.store.subscriber_page(&network(), Some(&principal().gateway), Page::all()).await.unwrap();
        let open = |mut subscriber: Entity| {
            self.store.open_entity(&network(), &mut subscriber).unwrap();
            let data = subscriber_data(&network(), &subscriber, &found.view);
            (subscriber.id.key, data)
        };
        found.subscribers.into_iter().map(open).collect()
    }
}

fn config(state: &str, number: u64) -> Value {
    let key = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, number.to_be_bytes());
    json!({"lte": {"state": state, "auth_algo": "MILENAGE", "auth_key": key, "sub_profile": "p"}, "static_ips": {"apn0": "10.0.0.1"}})
}

/// A gateway as the existing one is: it keeps what it is told, and knows nothing of what digests mean.
#[derive(Default)]
struct Gateway {
    subscribers: BTreeMap<String, SubscriberData>,
    root: String,
    leaves: Vec<LeafDigest>,
    lists: usize,
    bytes: usize,
}

impl Gateway {
    /// One sync; tells whether it was in sync before. `between` runs between the pages of a list.
    async fn sync(&mut self, cloud: &Cloud, page_size: u32, mut between: impl AsyncFnMut()) -> bool {
        let root_digest = Some(Digest { md5_base64_digest: self.root.clone() });
        let answer = cloud.service.check_in_sync(from_gateway(CheckInSyncRequest { root_digest })).await;
        if answer.unwrap().into_inner().in_sync {
            return true;
        }
        let request = SyncRequest { leaf_digests: self.leaves.clone() };
        self.bytes = request.encoded_len();
        let answer = cloud.service.sync(from_gateway(request)).await.unwrap().into_inner();
        self.bytes += answer.encoded_len();
        if answer.resync {
            assert_eq!((answer.digests, answer.changeset), (None, None));
            self.list(cloud, page_size, &mut between).await;
            return false;
        }
        let changeset = answer.changeset.unwrap();
        for any in changeset.to_renew {
            assert_eq!(any.type_url, "type.googleapis.com/magma.lte.SubscriberData");
            self.put(SubscriberData::decode(&any.value[..]).unwrap());
        }
        for id in changeset.deleted {
            self.subscribers.remove(&id);
        }
        self.keep(answer.digests.unwrap());
        false
    }

    async fn list(&mut self, cloud: &Cloud, page_size: u32, between: &mut impl AsyncFnMut()) {
        self.lists += 1;
        self.subscribers.clear();
        let (mut page_token, mut digests) = (String::new(), None);
        loop {
            let request = ListSubscribersRequest { page_size, page_token };
            let page = cloud.service.list_subscribers(from_gateway(request)).await.unwrap().into_inner();
            digests = digests.or(page.digests);
            page.subscribers.into_iter().for_each(|data| self.put(data));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
            between().await;
        }
        self.keep(digests.unwrap());
    }

    fn put(&mut self, data: SubscriberData) {
        self.subscribers.insert(format!("IMSI{}", data.sid.as_ref().unwrap().id), data);
    }

    fn keep(&mut self, tree: DigestTree) {
        self.root = tree.root_digest.unwrap().md5_base64_digest;
        self.leaves = tree.leaf_digests;
    }

    /// Syncs until nothing is new.
    async fn settle(&mut self, cloud: &Cloud) {
        for _ in 0..100 {
            if self.sync(cloud, 3, async || {}).await {
                return;
            }
        }
        panic!("it never ends");
    }
}

/// A number below `below`, from a seed that goes on (xorshift).
fn random(seed: &mut u64, below: u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed % below
}

/// Some change that an operator may make; those that make no sense now are refused, which is fine.
async fn edit(store: &Store, seed: &mut u64) {
    let id = EntityId::new("subscriber", format!("IMSI00101{:010}", random(seed, 12)));
    let apn = EntityId::new("apn", format!("apn{}", random(seed, 3)));
    let resource = EntityId::new("apn_resource", format!("r{}", random(seed, 2)));
    let cell = EntityId::new("cellular_gateway", "gw1");
    let number = random(seed, 5);
    let write = match random(seed, 12) {
        0..3 => EntityWrite::Create(Entity { config: Some(config("ACTIVE", number)), ..Entity::new(id) }),
        3..5 => EntityWrite::Update(EntityUpdate {
            config: Some(Some(config("INACTIVE", number))),
            ..EntityUpdate::of(id)
        }),
        5 => EntityWrite::Delete(id),
        6 => EntityWrite::Update(EntityUpdate { children: EdgeChange::add(apn), ..EntityUpdate::of(id) }),
        7 => EntityWrite::Update(EntityUpdate {
            children: EdgeChange::Set(BTreeSet::new()),
            ..EntityUpdate::of(id)
        }),
        8 => EntityWrite::Create(Entity {
            config: Some(json!({"ambr": {"max_bandwidth_ul": number}})),
            ..Entity::new(apn)
        }),
        9 => EntityWrite::Update(EntityUpdate {
            config: Some(Some(json!({"ambr": {"max_bandwidth_ul": number}}))),
            ..EntityUpdate::of(apn)
        }),
        10 if number < 2 => EntityWrite::Delete(if number == 0 { apn } else { resource }),
        _ => EntityWrite::Create(Entity {
            config: Some(json!({"id": resource.key, "apn_name": apn.key, "vlan_id": number})),
            parents: BTreeSet::from([cell]),
            ..Entity::new(resource)
        }),
    };
    let _ = store.write_entities(&network(), vec![write]).await;
}

#[tokio::test]
async fn whenever_it_asks_a_gateway_ends_with_what_the_cloud_has() {
    let mut deltas = 0;
    for run in 1..=60_u64 {
        let mut seed = run.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let cloud = Cloud::new(if run % 2 == 0 { 3 } else { 100 }).await;
        let mut gateway = Gateway::default();
        for _ in 0..60 {
            for _ in 0..random(&mut seed, 4) {
                edit(&cloud.store, &mut seed).await;
            }
            if random(&mut seed, 40) == 0 {
                // A gateway that lost its digests, or is new.
                gateway = Gateway::default();
            }
            let store = cloud.store.clone();
            let page_size = 1 + u32::try_from(random(&mut seed, 4)).unwrap();
            gateway.sync(&cloud, page_size, async || edit(&store, &mut seed).await).await;
            deltas += 1;
        }
        gateway.settle(&cloud).await;
        assert_eq!(gateway.subscribers, cloud.truth().await, "run {run}");
        assert!(gateway.lists <= 1, "run {run}: everything is listed once, then only what is new");
    }
    assert_eq!(deltas, 3600);
}

#[tokio::test]
async fn two_writers_at_once_are_followed_too() {
    let cloud = Cloud::new(4).await;
    let mut gateway = Gateway::default();
    let storm = |mut seed: u64| {
        let store = cloud.store.clone();
        async move {
            for _ in 0..400 {
                edit(&store, &mut seed).await;
            }
        }
    };
    let writers = async { tokio::join!(storm(11), storm(77)) };
    let follow = async {
        for _ in 0..200 {
            gateway.sync(&cloud, 2, async || tokio::task::yield_now().await).await;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(writers, follow);
    gateway.settle(&cloud).await;
    assert_eq!(gateway.subscribers, cloud.truth().await);
}

#[tokio::test]
async fn one_edited_subscriber_among_many_costs_little() {
    let cloud = Cloud::new(15_000).await;
    let create = |number: u32| {
        let entity = Entity::new(EntityId::new("subscriber", format!("IMSI00101{number:010}")));
        EntityWrite::Create(Entity { config: Some(config("ACTIVE", 1)), ..entity })
    };
    cloud.write((0..5_000).map(create).collect()).await;
    let mut gateway = Gateway::default();
    assert!(!gateway.sync(&cloud, 5_000, async || {}).await);
    assert_eq!((gateway.subscribers.len(), gateway.lists), (5_000, 1));
    assert!(gateway.sync(&cloud, 5_000, async || {}).await);
    let id = EntityId::new("subscriber", "IMSI001010000000007");
    let change = EntityUpdate { config: Some(Some(config("INACTIVE", 2))), ..EntityUpdate::of(id) };
    cloud.write(vec![EntityWrite::Update(change)]).await;
    assert!(!gateway.sync(&cloud, 5_000, async || {}).await);
    assert_eq!(gateway.subscribers, cloud.truth().await);
    assert!((50..500).contains(&gateway.bytes), "{} bytes", gateway.bytes);
}

#[tokio::test]
async fn a_gateway_of_another_orchestrator_is_led_over_without_a_list() {
    let cloud = Cloud::new(2).await;
    cloud.add(&["IMSI001010000000001", "IMSI001010000000002", "IMSI001010000000003"]).await;
    let of_theirs = |id: &str| {
        let leaf = LeafDigest { id: id.into(), digest: Some(Digest { md5_base64_digest: "bWQ1".into() }) };
        (leaf, (id.to_owned(), SubscriberData { sub_profile: "of theirs".into(), ..Default::default() }))
    };
    let (leaves, subscribers) =
        ["IMSI001010000000002", "IMSI001010000000009"].map(of_theirs).into_iter().unzip();
    let mut gateway = Gateway { leaves, subscribers, root: "theirs".into(), ..Gateway::default() };
    gateway.settle(&cloud).await;
    assert_eq!((gateway.subscribers, gateway.lists), (cloud.truth().await, 0));
}

#[tokio::test]
async fn everything_is_listed_anew_after_a_day_or_so() {
    let cloud = Cloud::new(100).await;
    cloud.add(&["IMSI001010000000001"]).await;
    let mut gateway = Gateway::default();
    gateway.settle(&cloud).await;
    cloud.now.fetch_add(86_000, Ordering::Relaxed);
    assert!(gateway.sync(&cloud, 9, async || {}).await, "not yet");
    cloud.now.fetch_add(44_000, Ordering::Relaxed);
    assert!(!gateway.sync(&cloud, 9, async || {}).await);
    assert_eq!(gateway.lists, 2);
    assert!(gateway.sync(&cloud, 9, async || {}).await, "and then not for another day");
}

#[tokio::test]
async fn each_field_of_a_subscriber_is_told() {
    let cloud = Cloud::new(100).await;
    let (apn, resource) = (EntityId::new("apn", "oai"), EntityId::new("apn_resource", "r"));
    let cell = EntityId::new("cellular_gateway", "gw1");
    let lte = json!({"state": "ACTIVE", "auth_algo": "MILENAGE", "auth_key": "AQI=", "auth_opc": "AwQ=", "sub_profile": "gold"});
    let config = json!({"lte": lte, "static_ips": {"oai": "10.1.2.3", "other": "10.9.9.9"}, "forbidden_network_types": ["5GC", "6GC"]});
    let apn_config = json!({"ambr": {"max_bandwidth_ul": 100, "max_bandwidth_dl": 200}, "pdn_type": 2, "is_default": true,
        "qos_profile": {"class_id": 5, "priority_level": 3, "preemption_capability": false, "preemption_vulnerability": true}});
    let vlan = json!({"id": "r", "apn_name": "oai", "vlan_id": 9, "gateway_ip": "172.16.1.1", "gateway_mac": "00:11:22:33:44:55"});
    cloud
        .write(vec![
            EntityWrite::Create(Entity { config: Some(apn_config), ..Entity::new(apn.clone()) }),
            EntityWrite::Create(Entity {
                config: Some(vlan),
                parents: [cell].into(),
                children: [apn.clone()].into(),
                ..Entity::new(resource)
            }),
            EntityWrite::Create(Entity {
                config: Some(config),
                children: [apn].into(),
                ..Entity::new(EntityId::new("subscriber", "IMSI001010000000001"))
            }),
            EntityWrite::Create(Entity::new(EntityId::new("subscriber", "IMSI001010000000002"))),
        ])
        .await;
    let mut gateway = Gateway::default();
    gateway.settle(&cloud).await;
    let text: Vec<String> = gateway
        .subscribers
        .values()
        .map(|data| data.encode_to_vec().iter().map(|byte| format!("{byte:02x}")).collect())
        .collect();
    assert_eq!(text, [FULL.replace(char::is_whitespace, ""), EMPTY.replace(char::is_whitespace, "")]);
}

/// Field by field: `0a` sid {id}, `1a` lte {state 1, key, OPc}, `22` network, `32` profile, `3a` non_3gpp {`2a` APN {name, qos,
/// ambr, pdn, static address, resource, default}}, `42` forbidden network types {5GC}.
const FULL: &str = "0a11 0a0f303031303130303030303030303031 1a0a 0801 1a020102 22020304 2204 0a026e31 3204676f6c64 \
    3a4c 2a4a 12036f6169 1a06 0805 1003 2001 2205 0864 10c801 2802 320831302e312e322e33 \
    3a26 0a036f6169 120a3137322e31362e312e31 1a1130303a31313a32323a33333a34343a3535 2009 4001 4203 0a0101";
/// An inactive subscriber without keys or APNs, with the default profile.
const EMPTY: &str = "0a11 0a0f303031303130303030303030303032 1a00 2204 0a026e31 320764656661756c74 3a00 4200";

#[tokio::test]
async fn profiles_for_concealed_identities_come_with_their_keys() {
    let cloud = Cloud::new(100).await;
    let list = async || cloud.service.list_suci_profiles(from_gateway(Void {})).await;
    let status = list().await.unwrap_err();
    assert_eq!(
        (status.code(), status.message()),
        (Code::NotFound, "network n1 has no ngc configuration, and so no SUCI profiles")
    );
    let profile = json!({"home_network_public_key_identifier": 3, "home_network_public_key": "AQ==", "home_network_private_key": "Ag==", "protection_scheme": "ProfileB"});
    let update =
        NetworkUpdate::config("cellular_network", Some(json!({"ngc": {"suci_profiles": [profile]}})));
    cloud.store.update_network(&network(), update).await.unwrap();
    let profiles = list().await.unwrap().into_inner().suci_profiles;
    assert_eq!(profiles[0].encode_to_vec(), [0x08, 3, 0x10, 1, 0x1a, 1, 1, 0x22, 1, 2]);
}

#[tokio::test]
async fn gateways_get_no_subscribers_when_the_cloud_authenticates() {
    let cloud = Cloud::new(100).await;
    let epc = json!({"epc": {"cloud_subscriberdb_enabled": true}});
    let update = NetworkUpdate::config("cellular_network", Some(epc));
    cloud.store.update_network(&network(), update).await.unwrap();
    let request = from_gateway(ListSubscribersRequest::default());
    let status = cloud.service.list_subscribers(request).await.unwrap_err();
    assert_eq!(status.code(), Code::FailedPrecondition);
    assert!(status.message().contains("cloud_subscriberdb_enabled"), "{}", status.message());
}
