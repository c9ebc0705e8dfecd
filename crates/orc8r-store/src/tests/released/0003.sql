-- What schema 3 added.
INSERT INTO revoked_certificates (serial) VALUES ('DEAD');
