-- Short messages for subscribers.
CREATE TABLE short_messages (
    number BIGINT PRIMARY KEY,
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    imsi TEXT NOT NULL,
    source TEXT NOT NULL,
    body TEXT NOT NULL,
    -- How many messages of the network it takes.
    parts BIGINT NOT NULL,
    -- Seconds since 1970, as all times here.
    created_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    attempted_at BIGINT,
    -- From when on it may be sent (again).
    due_at BIGINT NOT NULL,
    -- 0 waits, 1 delivered, 2 failed.
    state BIGINT NOT NULL,
    -- What the phone said last when it refused.
    error TEXT
);
CREATE INDEX short_messages_of_subscriber ON short_messages (network_id, imsi, state);
CREATE INDEX short_messages_by_age ON short_messages (created_at);

-- One row: the number of the last one.
CREATE TABLE short_message_numbers (last BIGINT NOT NULL);
INSERT INTO short_message_numbers (last) VALUES (0);

-- By which reference a phone's answer names a part that is on its way.
CREATE TABLE short_message_references (
    network_id TEXT NOT NULL,
    imsi TEXT NOT NULL,
    -- 0 to 255.
    reference BIGINT NOT NULL,
    message BIGINT NOT NULL REFERENCES short_messages (number) ON DELETE CASCADE,
    -- From 0 on.
    part BIGINT NOT NULL,
    -- 1 when the phone has it.
    taken BIGINT NOT NULL,
    PRIMARY KEY (network_id, imsi, reference)
);
CREATE INDEX short_message_references_of_message ON short_message_references (message);
