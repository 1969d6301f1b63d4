-- An outlet that staff stopped, until they let it go on; one that only waits for its reseller number is suspended too,
-- and goes on by itself as soon as it has one. What was stopped before is told by the audit.
ALTER TABLE outlet ADD COLUMN stopped_at timestamptz;
UPDATE outlet o SET stopped_at = last.at
FROM (
    SELECT s.id, s.cell, a.at, a.action
    FROM outlet s CROSS JOIN LATERAL (
        SELECT at, action FROM audit
        WHERE subject_id = s.id AND action IN ('outlet.suspended', 'outlet.active')
        ORDER BY at DESC, id DESC LIMIT 1
    ) a
    WHERE s.status = 'suspended'
) last
WHERE o.id = last.id AND o.cell = last.cell AND last.action = 'outlet.suspended';
