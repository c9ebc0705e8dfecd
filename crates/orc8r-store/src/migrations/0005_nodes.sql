-- The nodes that serve together. Times are milliseconds since 1970.
CREATE TABLE nodes (
    id TEXT PRIMARY KEY NOT NULL,
    -- Where other nodes reach it, host:port.
    address TEXT NOT NULL,
    lease_until_ms BIGINT NOT NULL
);

-- Which node holds a gateway's SyncRPC stream; node_id is empty when none does. A row stays, so that its epoch never
-- comes back.
CREATE TABLE stream_owners (
    hardware_id TEXT PRIMARY KEY NOT NULL,
    node_id TEXT NOT NULL,
    epoch BIGINT NOT NULL
);
CREATE INDEX stream_owners_by_node ON stream_owners (node_id);

-- Who does what only one may do.
CREATE TABLE leases (
    name TEXT PRIMARY KEY NOT NULL,
    holder TEXT NOT NULL,
    until_ms BIGINT NOT NULL
);
