-- What was posted between two moments, in the order in which it was written. [P-15]
DROP INDEX CONCURRENTLY IF EXISTS transfer_resolved;
CREATE INDEX CONCURRENTLY transfer_resolved ON transfer USING brin (resolved_at)
    WITH (pages_per_range = 32, autosummarize = on);
