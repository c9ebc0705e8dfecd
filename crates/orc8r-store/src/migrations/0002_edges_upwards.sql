-- The index upwards has all columns of an edge. Without the last two, SQLite takes the primary key for a question
-- upwards, because that one has them all, and reads every edge of the network.

DROP INDEX edges_upwards;
CREATE INDEX edges_upwards ON edges (network_id, to_type, to_key, from_type, from_key);
