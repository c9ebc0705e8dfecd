-- Which certificates were revoked here, so that none is imported again by mistake. Never purged: they are few.
CREATE TABLE revoked_certificates (
    serial TEXT PRIMARY KEY NOT NULL
);
