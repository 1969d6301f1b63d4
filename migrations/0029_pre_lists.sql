-- Lists of outlets by code and by the day they were opened, and those of a part of the operator.
CREATE INDEX outlet_by_code ON outlet (code COLLATE "C", id, cell);
CREATE INDEX outlet_by_opening ON outlet (opened_at, id, cell);
CREATE INDEX IF NOT EXISTS outlet_area_name ON outlet (area, lower(name) COLLATE "C", id, cell);
