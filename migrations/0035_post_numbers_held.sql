-- What the release before this one wrote of numbers is taken over, and then the schema holds it. It runs when the old
-- release has stopped: that one knows nothing of outlet_number and would be refused.
INSERT INTO outlet_number (msisdn, cell, outlet_id) SELECT msisdn, cell, outlet_id FROM reseller_number ON CONFLICT DO NOTHING;
INSERT INTO outlet_number (msisdn, cell, outlet_id)
SELECT msisdn, cell, outlet_id FROM notification_number WHERE free_from IS NULL ON CONFLICT DO NOTHING;
INSERT INTO outlet_number (msisdn, cell, outlet_id) SELECT msisdn, cell, outlet_id FROM notification_number ON CONFLICT DO NOTHING;
-- A number that cooled down at one outlet could be registered at another as reseller number; the release is forgotten.
DELETE FROM notification_number n USING outlet_number o
WHERE o.msisdn = n.msisdn AND o.cell = n.cell AND o.outlet_id <> n.outlet_id AND n.free_from IS NOT NULL;

UPDATE outlet o SET rs_msisdn = r.msisdn FROM reseller_number r WHERE r.outlet_id = o.id AND o.rs_msisdn IS NULL;
UPDATE outlet_user u SET nn_released_at = n.free_from FROM notification_number n
WHERE n.msisdn = u.nn_msisdn AND n.user_id = u.id AND n.free_from IS NOT NULL AND u.nn_released_at IS NULL;

-- The past of numbers that stand begins with their link; ids from the sequence, as everywhere.
INSERT INTO number_registration (id, cell, msisdn, kind, outlet_id, begun_at, begun_by, begun_why)
SELECT nextval('id_block') * 1024 << 8 | r.cell, r.cell, r.msisdn, 'RS', r.outlet_id, r.linked_at, 'system:0', 'before'
FROM reseller_number r
WHERE NOT EXISTS (SELECT FROM number_registration n WHERE n.msisdn = r.msisdn AND n.cell = r.cell AND n.kind = 'RS'
                  AND n.ended_at IS NULL);
INSERT INTO number_registration (id, cell, msisdn, kind, outlet_id, user_id, type, begun_at, begun_by, begun_why)
SELECT nextval('id_block') * 1024 << 8 | r.cell, r.cell, r.msisdn, 'NN', r.outlet_id, r.user_id, r.type, r.linked_at,
    'system:0', 'before'
FROM notification_number r
WHERE r.free_from IS NULL
  AND NOT EXISTS (SELECT FROM number_registration n WHERE n.msisdn = r.msisdn AND n.cell = r.cell AND n.kind = 'NN'
                  AND n.ended_at IS NULL);

-- The outlet itself tells its number.
DROP INDEX reseller_number_outlet;

ALTER TABLE reseller_number ADD CONSTRAINT reseller_number_held_fk
    FOREIGN KEY (msisdn, outlet_id, cell) REFERENCES outlet_number (msisdn, outlet_id, cell);
ALTER TABLE notification_number ADD CONSTRAINT notification_number_held_fk
    FOREIGN KEY (msisdn, outlet_id, cell) REFERENCES outlet_number (msisdn, outlet_id, cell);
ALTER TABLE seller_number ADD CONSTRAINT seller_number_held_fk
    FOREIGN KEY (msisdn, outlet_id, cell) REFERENCES outlet_number (msisdn, outlet_id, cell);
ALTER TABLE outlet ADD CONSTRAINT outlet_active_has_rs CHECK (status <> 'active' OR rs_msisdn IS NOT NULL) NOT VALID;
ALTER TABLE outlet VALIDATE CONSTRAINT outlet_active_has_rs;
ALTER TABLE outlet_user VALIDATE CONSTRAINT outlet_user_status_check;
ALTER TABLE outlet_user VALIDATE CONSTRAINT outlet_user_active_has_nn;
