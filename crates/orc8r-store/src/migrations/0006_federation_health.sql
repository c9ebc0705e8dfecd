-- What each federation gateway last reported of itself (JSON), and which one of a network is the active one.
CREATE TABLE federation_health (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    gateway_id TEXT NOT NULL,
    report TEXT NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (network_id, gateway_id)
);

CREATE TABLE federation_clusters (
    network_id TEXT PRIMARY KEY REFERENCES networks (id) ON DELETE CASCADE,
    active_gateway TEXT NOT NULL,
    since_ms BIGINT NOT NULL
);
