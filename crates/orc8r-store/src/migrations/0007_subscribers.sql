-- What gateways see of a network's subscribers, by the number of the change. `root` is a hash over all changes so far.
CREATE TABLE subscriber_sync (
    network_id TEXT PRIMARY KEY REFERENCES networks (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    root TEXT NOT NULL,
    points BIGINT NOT NULL,
    subscribers BIGINT NOT NULL
);

-- Which roots there were, so that a gateway that says one can be told what changed since. The oldest are forgotten.
CREATE TABLE subscriber_sync_points (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    revision BIGINT NOT NULL,
    root TEXT NOT NULL,
    PRIMARY KEY (network_id, revision)
);

-- The newest change of each subscriber. The digest is of what gateways see of it; none: it was deleted.
CREATE TABLE subscriber_changes (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    subscriber_id TEXT NOT NULL,
    revision BIGINT NOT NULL,
    digest TEXT,
    PRIMARY KEY (network_id, subscriber_id)
);
CREATE INDEX subscriber_changes_by_revision ON subscriber_changes (network_id, revision, subscriber_id, digest);

-- The same of each APN, which concerns all subscribers that have it.
CREATE TABLE apn_changes (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    apn TEXT NOT NULL,
    revision BIGINT NOT NULL,
    digest TEXT,
    PRIMARY KEY (network_id, apn)
);

-- When a gateway was last given all subscribers, in seconds since 1970.
CREATE TABLE subscriber_resyncs (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    gateway_id TEXT NOT NULL,
    resynced_at BIGINT NOT NULL,
    PRIMARY KEY (network_id, gateway_id)
);

CREATE TABLE msisdns (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    msisdn TEXT NOT NULL,
    subscriber_id TEXT NOT NULL,
    PRIMARY KEY (network_id, msisdn)
);
CREATE INDEX msisdns_by_subscriber ON msisdns (network_id, subscriber_id, msisdn);

-- Which keys have sealed secrets in here. `proof` is a known text that was sealed with the key.
CREATE TABLE sealing_keys (
    key_id TEXT PRIMARY KEY,
    proof TEXT NOT NULL
);

-- The number of the last change to any entity of a type, also when it is gone: for what is made of all entities of a type.
CREATE TABLE type_revisions (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    revision BIGINT NOT NULL,
    PRIMARY KEY (network_id, type)
);
