-- When the next visit of a planned outlet is due: what is overdue is found by it instead of by all visits of all outlets.
-- Null: the release before this one wrote the plan, and nothing is missed before it is planned or visited again.
ALTER TABLE visit_plan ADD COLUMN due_on date;
UPDATE visit_plan p SET due_on = (
    SELECT min(begin.day + n) FROM generate_series(0, 6) n
    WHERE p.weekdays & (1 << (extract(isodow FROM begin.day + n)::int - 1)) <> 0)
FROM (
    SELECT v.outlet_id, v.cell, greatest((v.set_at AT TIME ZONE o.zone)::date, (
        SELECT max(day) + 1 FROM visit WHERE visit.outlet_id = v.outlet_id AND visit.cell = v.cell)) AS day
    FROM visit_plan v JOIN outlet o ON o.id = v.outlet_id AND o.cell = v.cell
) begin
WHERE begin.outlet_id = p.outlet_id AND begin.cell = p.cell;
CREATE INDEX visit_plan_due ON visit_plan (due_on, outlet_id, cell);
