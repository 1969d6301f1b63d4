-- No release that runs writes or reads it.
ALTER TABLE point_run DROP COLUMN since;
