-- Alert rules, receivers, routes, silences and what fires: JSON by network, kind and name.
CREATE TABLE alert_objects (
    network_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (network_id, kind, name)
);
