-- People who sign in, by password or with a token. Of a password its Argon2id hash is kept, of a token its SHA-256.
CREATE TABLE users (
    name TEXT PRIMARY KEY,
    password TEXT NOT NULL,
    -- JSON: a list of roles, each in an organisation or in all of them.
    roles TEXT NOT NULL
);

CREATE TABLE user_tokens (
    digest TEXT PRIMARY KEY,
    user_name TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    -- The token's first characters.
    shown TEXT NOT NULL,
    -- JSON: a list of policies. Without it, the user's roles count.
    policies TEXT,
    expires_at BIGINT
);
CREATE INDEX user_tokens_by_user ON user_tokens (user_name);

-- Who changed what by REST. Entries are only added, and the oldest go when there are too many.
CREATE TABLE audit_log (
    number BIGINT PRIMARY KEY,
    time_ms BIGINT NOT NULL,
    actor TEXT NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    network_id TEXT,
    status BIGINT NOT NULL,
    -- JSON, with secrets masked; NULL: there is nothing to show.
    before_change TEXT,
    after_change TEXT
);
CREATE INDEX audit_log_by_network ON audit_log (network_id, number);
CREATE TABLE audit_number (value BIGINT NOT NULL);
INSERT INTO audit_number (value) VALUES (0);
