-- The outlets of a branch by name: its areas and districts are few, each is read from its place in the alphabet on.
CREATE INDEX outlet_area_name ON outlet (area, lower(name) COLLATE "C", id, cell);
CREATE INDEX outlet_district_name ON outlet (district, lower(name) COLLATE "C", id, cell) WHERE district IS NOT NULL;
