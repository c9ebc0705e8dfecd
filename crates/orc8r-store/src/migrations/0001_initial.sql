-- The first schema. Only what SQLite and PostgreSQL both understand; text keys are compared byte by byte.
-- Configurations are the JSON of the REST models. Times are seconds since 1970, unless named _ms.

-- One row: the number of the last change to the configuration graph. It never goes back.
CREATE TABLE revision (value BIGINT NOT NULL);
INSERT INTO revision (value) VALUES (0);

CREATE TABLE networks (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    version BIGINT NOT NULL,
    revision BIGINT NOT NULL
);

CREATE TABLE network_configs (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (network_id, type)
);

CREATE TABLE entities (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    entity_key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    physical_id TEXT UNIQUE,
    config TEXT,
    version BIGINT NOT NULL,
    -- The change that last touched what others can see of it: its fields, or its edges (but not a tier's gateways).
    revision BIGINT NOT NULL,
    PRIMARY KEY (network_id, type, entity_key)
);

CREATE TABLE edges (
    network_id TEXT NOT NULL,
    from_type TEXT NOT NULL,
    from_key TEXT NOT NULL,
    to_type TEXT NOT NULL,
    to_key TEXT NOT NULL,
    PRIMARY KEY (network_id, from_type, from_key, to_type, to_key),
    FOREIGN KEY (network_id, from_type, from_key) REFERENCES entities (network_id, type, entity_key) ON DELETE CASCADE,
    FOREIGN KEY (network_id, to_type, to_key) REFERENCES entities (network_id, type, entity_key) ON DELETE CASCADE
);
CREATE INDEX edges_upwards ON edges (network_id, to_type, to_key);

CREATE TABLE devices (
    hardware_id TEXT PRIMARY KEY,
    key_type TEXT NOT NULL,
    public_key BYTEA
);

CREATE TABLE certificates (
    serial TEXT PRIMARY KEY,
    identity_type TEXT NOT NULL,
    identity_name TEXT NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL
);
CREATE INDEX certificates_by_identity ON certificates (identity_type, identity_name);

-- One token per gateway. It stands here readable, since it must be shown again while it is valid; the file is 0600.
CREATE TABLE registration_tokens (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    gateway_id TEXT NOT NULL,
    token TEXT NOT NULL UNIQUE,
    expires_at BIGINT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (network_id, gateway_id)
);

CREATE TABLE states (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    type TEXT NOT NULL,
    device_id TEXT NOT NULL,
    value BYTEA NOT NULL,
    version BIGINT NOT NULL,
    reporter TEXT NOT NULL,
    time_ms BIGINT NOT NULL,
    PRIMARY KEY (network_id, type, device_id)
);
CREATE INDEX states_by_reporter ON states (network_id, reporter);

CREATE TABLE operators (
    name TEXT PRIMARY KEY,
    access_list TEXT NOT NULL
);
