-- Which field-sales person of the partner visits an outlet, on which days of the week; one row per outlet, in its cell.
-- weekdays: one bit each, 1 Monday, 2 Tuesday, up to 64 Sunday, in the outlet's zone. The person is a partner's user in
-- another cell, so no foreign key; people are never deleted. [D-57, D-60, D-66]
CREATE TABLE visit_plan (
    outlet_id      bigint   NOT NULL,
    cell           integer  NOT NULL,
    field_sales_id bigint   NOT NULL,
    weekdays       smallint NOT NULL CHECK (weekdays BETWEEN 1 AND 127),
    set_at         timestamptz NOT NULL,
    PRIMARY KEY (outlet_id, cell)
);
ALTER TABLE visit_plan ADD CONSTRAINT visit_plan_outlet_fk FOREIGN KEY (outlet_id, cell) REFERENCES outlet (id, cell);
CREATE INDEX visit_plan_person ON visit_plan (field_sales_id, outlet_id, cell);
