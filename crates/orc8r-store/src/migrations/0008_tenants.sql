-- Organisations and the networks that they own. A network may be named before it exists.
CREATE TABLE tenants (
    id BIGINT PRIMARY KEY,
    name TEXT NOT NULL,
    control_proxy TEXT
);

CREATE TABLE tenant_networks (
    tenant_id BIGINT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    network_id TEXT NOT NULL,
    PRIMARY KEY (tenant_id, network_id)
);
CREATE INDEX tenants_by_network ON tenant_networks (network_id, tenant_id);
