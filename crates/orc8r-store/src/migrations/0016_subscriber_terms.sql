-- By what else than his id a subscriber is looked for, as text that a search begins with; made from him whenever he is
-- written. Of a state and of a data plan only what is not the usual one, which most have.
CREATE TABLE subscriber_terms (
    network_id TEXT NOT NULL REFERENCES networks (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    term TEXT NOT NULL,
    subscriber_id TEXT NOT NULL,
    PRIMARY KEY (network_id, kind, term, subscriber_id)
);
CREATE INDEX subscriber_terms_of_subscriber ON subscriber_terms (network_id, subscriber_id, kind, term);

-- Who has something is counted and listed from the index alone.
DROP INDEX edges_upwards;
CREATE INDEX edges_upwards ON edges (network_id, to_type, to_key, from_type, from_key);
