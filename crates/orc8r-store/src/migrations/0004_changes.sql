-- Finds what changed after a revision without reading what did not.
CREATE INDEX entities_by_revision ON entities (revision);
