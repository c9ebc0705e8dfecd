-- Citizens broadband radios. A number is never used twice, so that nobody takes a new radio for one that is gone.
CREATE TABLE cbsds (
    id BIGINT PRIMARY KEY,
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    serial_number TEXT NOT NULL UNIQUE,
    config TEXT NOT NULL
);
CREATE INDEX cbsds_of_network ON cbsds (network_id, id);

-- One row.
CREATE TABLE cbsd_ids (last BIGINT NOT NULL);
INSERT INTO cbsd_ids (last) VALUES (0);
