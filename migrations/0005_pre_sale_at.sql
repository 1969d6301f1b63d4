-- The sales of the last minutes, for product health: they stand together at the table's end, so that a summary of
-- page ranges finds them. It costs a sale next to nothing, where a tree by moment would cost it a write.
DROP INDEX CONCURRENTLY IF EXISTS sale_at;
CREATE INDEX CONCURRENTLY sale_at ON sale USING brin (at) WITH (pages_per_range = 32, autosummarize = on);
