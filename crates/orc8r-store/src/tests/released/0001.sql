-- What an Orchestrator of schema 1 had: something in each table, with the odd values that are allowed.
UPDATE revision SET value = 41;
INSERT INTO networks (id, type, name, description, version, revision) VALUES
    ('n1', 'lte', 'Nördlich', 'it''s "one"', 3, 40), ('n2', '', '', '', 0, 2);
INSERT INTO network_configs (network_id, type, value) VALUES
    ('n1', 'dnsd_network', '{"enable_caching":false,"local_ttl":0}'), ('n1', 'state_config', '{}');
INSERT INTO entities (network_id, type, entity_key, name, description, physical_id, config, version, revision) VALUES
    ('n1', 'magmad_gateway', 'g1', 'G', 'first', 'h1', '{"checkin_interval":60}', 7, 41),
    ('n1', 'magmad_gateway', 'g2', '', '', NULL, NULL, 0, 5),
    ('n1', 'upgrade_tier', 't1', 'T', '', NULL, '{"version":"1.0"}', 1, 6);
INSERT INTO edges (network_id, from_type, from_key, to_type, to_key) VALUES
    ('n1', 'upgrade_tier', 't1', 'magmad_gateway', 'g1');
INSERT INTO devices (hardware_id, key_type, public_key) VALUES ('h1', 'ECHO', NULL);
INSERT INTO certificates (serial, identity_type, identity_name, not_before, not_after) VALUES
    ('A1', 'gateway', 'h1', -1, 4102444800), ('B2', 'operator', 'admin_operator', 0, 9);
INSERT INTO registration_tokens (network_id, gateway_id, token, expires_at, used_at) VALUES
    ('n1', 'g2', 'reg_abc', 1700000000, NULL), ('n1', 'g1', 'reg_old', 1600000000, 1599999999);
INSERT INTO states (network_id, type, device_id, value, version, reporter, time_ms) VALUES
    ('n1', 'gw_state', 'h1', CAST('{"time":1}' AS BYTEA), 9223372036854775807, 'h1', 1700000000000);
INSERT INTO operators (name, access_list) VALUES ('admin_operator', '{}');
