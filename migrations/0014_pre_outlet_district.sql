-- The outlets of a place: lists, counts by area, the map.
DROP INDEX CONCURRENTLY IF EXISTS outlet_district;
CREATE INDEX CONCURRENTLY outlet_district ON outlet (district, id, cell) INCLUDE (status) WHERE district IS NOT NULL;
