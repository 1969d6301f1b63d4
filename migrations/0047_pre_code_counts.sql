-- How many codes of a reward were burnt is read from an index, as how many are free is (reward_code_free).
DROP INDEX CONCURRENTLY IF EXISTS reward_code_used;
CREATE INDEX CONCURRENTLY reward_code_used ON reward_code (reward, cell) WHERE burnt_at IS NOT NULL;
