-- Call traces that operators ordered, and what gateways captured for them.
CREATE TABLE call_traces (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    trace_id TEXT NOT NULL,
    gateway_id TEXT NOT NULL,
    -- The JSON of the REST model.
    config TEXT NOT NULL,
    -- 1 when it is over.
    ended BIGINT NOT NULL,
    -- Octets of the capture; NULL while there is none.
    bytes BIGINT,
    PRIMARY KEY (network_id, trace_id)
);

CREATE TABLE call_trace_captures (
    network_id TEXT NOT NULL,
    trace_id TEXT NOT NULL,
    capture BYTEA NOT NULL,
    PRIMARY KEY (network_id, trace_id),
    FOREIGN KEY (network_id, trace_id) REFERENCES call_traces (network_id, trace_id) ON DELETE CASCADE
);
