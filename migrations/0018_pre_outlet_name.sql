-- By the beginning of a name, in the order in which a list shows them.
DROP INDEX CONCURRENTLY IF EXISTS outlet_name;
CREATE INDEX CONCURRENTLY outlet_name ON outlet ((lower(name) COLLATE "C"), id, cell);
