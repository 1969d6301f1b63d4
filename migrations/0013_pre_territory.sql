-- The tree of areas grows a fifth level, its shape is held by the schema, and places get their districts. [D-57, D-59, G-D08]

-- area > region > branch > cluster > depot, each one below the other: a parent must be of the level above, so there is no
-- way round in a circle. A depot is where one partner serves a cluster from. A level never changes.
ALTER TABLE area DROP CONSTRAINT area_level_check;
ALTER TABLE area
    ADD CONSTRAINT area_level_check CHECK (level IN ('area', 'region', 'branch', 'cluster', 'depot')),
    ADD COLUMN partner_id bigint,
    ADD COLUMN parent_level text GENERATED ALWAYS AS (
        CASE level WHEN 'region' THEN 'area' WHEN 'branch' THEN 'region'
                   WHEN 'cluster' THEN 'branch' WHEN 'depot' THEN 'cluster' END) STORED,
    ADD CONSTRAINT area_top_has_no_parent CHECK ((level = 'area') = (parent IS NULL)),
    ADD CONSTRAINT area_depot_has_partner CHECK ((level = 'depot') = (partner_id IS NOT NULL)),
    ADD CONSTRAINT area_of_level UNIQUE (code, level),
    ADD CONSTRAINT area_of_parent UNIQUE (code, parent);
ALTER TABLE area ADD CONSTRAINT area_parent_level_fk FOREIGN KEY (parent, parent_level) REFERENCES area (code, level);
ALTER TABLE area ADD CONSTRAINT area_partner_fk FOREIGN KEY (partner_id) REFERENCES partner (id);
CREATE INDEX area_children ON area (parent, code);
CREATE INDEX area_partner ON area (partner_id, code) WHERE partner_id IS NOT NULL;

-- To which cluster a district belongs, and from which of that cluster's depots it is served: one each.
CREATE TABLE territory (
    district text PRIMARY KEY,
    cluster  text NOT NULL,
    depot    text,
    set_at   timestamptz NOT NULL
);
ALTER TABLE territory ADD CONSTRAINT territory_district_fk FOREIGN KEY (district) REFERENCES region (code);
ALTER TABLE territory ADD CONSTRAINT territory_cluster_fk FOREIGN KEY (cluster) REFERENCES area (code);
ALTER TABLE territory ADD CONSTRAINT territory_depot_fk FOREIGN KEY (depot, cluster) REFERENCES area (code, parent);
CREATE INDEX territory_cluster ON territory (cluster, district);
CREATE INDEX territory_depot ON territory (depot, district) WHERE depot IS NOT NULL;

-- Null for outlets that stood before places were known. Microdegrees: a millionth of a degree is eleven centimetres. [D-29]
ALTER TABLE outlet
    ADD COLUMN district text,
    ADD COLUMN latitude_udeg integer,
    ADD COLUMN longitude_udeg integer,
    ADD CONSTRAINT outlet_position CHECK (
        (latitude_udeg IS NULL) = (longitude_udeg IS NULL)
        AND latitude_udeg BETWEEN -90000000 AND 90000000 AND longitude_udeg BETWEEN -180000000 AND 180000000) NOT VALID;
ALTER TABLE outlet ADD CONSTRAINT outlet_district_fk FOREIGN KEY (district) REFERENCES region (code) NOT VALID;
