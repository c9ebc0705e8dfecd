-- The history of one resource.
CREATE INDEX audit_log_by_path ON audit_log (path, number);
