-- A channel, set by set. Ids come from one stretch of sequence numbers, so that keys are inserted in their order.
CREATE OR REPLACE FUNCTION pg_temp.seed_channel(outlets bigint, first_seq bigint, moment timestamptz, area_code text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    firsts text[] := ARRAY['Sukses', 'Berkah', 'Maju', 'Jaya', 'Sinar', 'Mitra', 'Abadi', 'Rejeki', 'Bintang', 'Cahaya'];
    seconds text[] := ARRAY['Cell', 'Pulsa', 'Phone', 'Seluler', 'Data', 'Gadget', 'Konter'];
    districts text[] := ARRAY(SELECT code FROM region WHERE level = 'district' ORDER BY code);
BEGIN
    CREATE TEMPORARY TABLE place ON COMMIT DROP AS
    SELECT n, first_seq + n AS seq, (((first_seq + n) * 40503) >> 8 & 255)::int AS cell,
        (first_seq + n) << 8 | (((first_seq + n) * 40503) >> 8 & 255) AS outlet_id,
        (first_seq + outlets + n) << 8 | (((first_seq + n) * 40503) >> 8 & 255) AS user_id,
        6281200000000 + n AS rs, ((6281200000000 + n) * 40503 >> 8 & 255)::int AS rs_cell,
        6281300000000 + n AS nn, ((6281300000000 + n) * 40503 >> 8 & 255)::int AS nn_cell,
        n % 1000 < 2 AS in_conflict
    FROM generate_series(0, outlets - 1) AS n;
    INSERT INTO outlet (id, cell, code, name, kind, partner_id, area, segment, zone, address, wallet_id, status, opened_at,
                        rs_msisdn, district)
    SELECT outlet_id, cell, '22' || to_char(n, 'FM00000000'),
        firsts[1 + n % 10] || ' ' || seconds[1 + n / 10 % 7] || ' ' || n,
        CASE WHEN n % 10 = 0 THEN 'individual' ELSE 'outlet' END, (1000 + n % 400) << 8 | (n % 400 & 255),
        area_code, CASE WHEN n % 20 = 0 THEN 'wholesale' ELSE 'retail' END, 'Asia/Jakarta', 'Jl. Merdeka ' || n % 200,
        (seq + 2 * outlets) << 8 | cell, CASE WHEN in_conflict THEN 'suspended' ELSE 'active' END,
        moment - interval '1 year' + n * interval '1 second', CASE WHEN NOT in_conflict THEN rs END,
        districts[1 + n % greatest(1, cardinality(districts))]
    FROM place ORDER BY n;
    INSERT INTO outlet_code (code, cell, outlet_id)
    SELECT '22' || to_char(n, 'FM00000000'), n & 255, outlet_id FROM place ORDER BY n;
    INSERT INTO outlet_number (msisdn, cell, outlet_id)
    SELECT rs, rs_cell, outlet_id FROM place WHERE NOT in_conflict ORDER BY n;
    INSERT INTO outlet_number (msisdn, cell, outlet_id) SELECT nn, nn_cell, outlet_id FROM place ORDER BY n;
    INSERT INTO reseller_number (msisdn, cell, outlet_id, linked_at)
    SELECT rs, rs_cell, outlet_id, moment FROM place WHERE NOT in_conflict ORDER BY n;
    INSERT INTO outlet_user (id, cell, outlet_id, username, name, role, nn_msisdn, locale, status, password_hash,
                             password_initial, pin_salt, opened_at)
    SELECT user_id, cell, outlet_id, 'user' || n, 'Siti ' || n, 'OUTLET_OWNER', nn, 'id', 'active', '!', true, '', moment
    FROM place ORDER BY n;
    INSERT INTO notification_number (msisdn, cell, outlet_id, user_id, type, linked_at)
    SELECT nn, nn_cell, outlet_id, user_id, 'OWNER', moment FROM place ORDER BY n;
    INSERT INTO number_registration (id, cell, msisdn, kind, outlet_id, begun_at, begun_by, begun_why)
    SELECT (seq + 3 * outlets) << 8 | rs_cell, rs_cell, rs, 'RS', outlet_id, moment, 'system:0', 'imported'
    FROM place WHERE NOT in_conflict ORDER BY n;
    INSERT INTO number_registration (id, cell, msisdn, kind, outlet_id, user_id, type, begun_at, begun_by, begun_why)
    SELECT (seq + 4 * outlets) << 8 | nn_cell, nn_cell, nn, 'NN', outlet_id, user_id, 'OWNER', moment, 'system:0', 'added'
    FROM place ORDER BY n;
    INSERT INTO audit (id, cell, at, actor, action, subject_id, data)
    SELECT (seq + 5 * outlets) << 8 | cell, cell, moment, 'system:0', 'outlet.opened', outlet_id, '{}' FROM place ORDER BY n;
    INSERT INTO number_conflict (id, cell, msisdn, older_outlet_id, older_at, newer_outlet_id, newer_at, source, found_at,
                                 due_at, state, kept_outlet_id, settled_at, settled_by, settled_why)
    SELECT (p.seq + 6 * outlets) << 8 | o.rs_cell, o.rs_cell, o.rs, o.outlet_id, moment, p.outlet_id, moment, 'seed',
        moment, moment + p.n * interval '1 minute', CASE WHEN p.n % 2 = 0 THEN 'open' ELSE 'settled' END,
        CASE WHEN p.n % 2 = 1 THEN o.outlet_id END, CASE WHEN p.n % 2 = 1 THEN moment END,
        CASE WHEN p.n % 2 = 1 THEN 'system:0' END, CASE WHEN p.n % 2 = 1 THEN 'seed' END
    FROM place p JOIN place o ON o.n = p.n + 10 WHERE p.in_conflict ORDER BY o.rs;
    INSERT INTO seller_number (msisdn, cell, name, loaded_at, outlet_id, linked_at)
    SELECT rs, rs_cell, 'Seller ' || n, moment, CASE WHEN n % 2 = 0 THEN outlet_id END, CASE WHEN n % 2 = 0 THEN moment END
    FROM place WHERE NOT in_conflict AND n % 10 < 4 ORDER BY n;
END
$$;
