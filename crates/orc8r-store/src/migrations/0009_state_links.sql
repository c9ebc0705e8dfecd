-- By what else than its id a state is looked for; made from its value whenever that is written.
CREATE TABLE state_links (
    network_id TEXT NOT NULL,
    type TEXT NOT NULL,
    device_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (network_id, type, device_id, kind, name),
    FOREIGN KEY (network_id, type, device_id) REFERENCES states (network_id, type, device_id) ON DELETE CASCADE
);
CREATE INDEX state_links_by_name ON state_links (network_id, kind, name);

-- What each gateway last said of a base station: two may see the same one, and `states` has the last word alone.
CREATE TABLE enodeb_states (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    enodeb_serial TEXT NOT NULL,
    reporter TEXT NOT NULL,
    value BYTEA NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (network_id, enodeb_serial, reporter)
);
CREATE INDEX enodeb_states_by_reporter ON enodeb_states (network_id, reporter);
