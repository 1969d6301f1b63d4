-- Indonesia's administrative regions by the state's own codes: 32, 32.73, 32.73.01. Small, read often, loaded whole from
-- the library's data; no row is ever deleted, as outlets and territories name them. [D-57, D-59, D-64]
-- zone: the time zone of the province, on every row so that whoever knows a district knows its clock.
CREATE TABLE region (
    code   text PRIMARY KEY,
    parent text,
    level  text NOT NULL CHECK (level IN ('province', 'regency', 'district')),
    name   text NOT NULL,
    zone   text NOT NULL CHECK (zone IN ('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura')),
    CHECK ((level = 'province') = (parent IS NULL)),
    CHECK (code ~ CASE level WHEN 'province' THEN '^[0-9]{2}$'
                             WHEN 'regency' THEN '^[0-9]{2}\.[0-9]{2}$'
                             ELSE '^[0-9]{2}\.[0-9]{2}\.[0-9]{2}$' END)
);
ALTER TABLE region ADD CONSTRAINT region_parent_fk FOREIGN KEY (parent) REFERENCES region (code);
CREATE INDEX region_children ON region (parent, code);
-- By the beginning of a name, in the order in which a list shows them.
CREATE INDEX region_name ON region (level, (lower(name) COLLATE "C"), code);
