-- Outlets with a user, numbers, a last sale and what is known of it, written set by set; $-words are filled in by the
-- bench. Idle ones lie evenly on the days 23 to 30, as far along as the sweeps of those days brought them.

CREATE TEMP TABLE seller AS
SELECT n, (n::bigint + 1000000) << 8 | (n & 255) AS id, (n::bigint + 10000000) << 8 | (n & 255) AS user_id,
    (n::bigint + 20000000) << 8 | (n & 255) AS sale_id, (n::bigint + 30000000) << 8 | (n & 255) AS countdown_id, n & 255 AS cell,
    628121000000 + n AS rs, 628131000000 + n AS nn,
    CASE WHEN n % 100 < $idle_pct THEN 23 + (n / 100 % 8) + 0.5 ELSE 0.5 END AS idle_days,
    CASE WHEN n % 100 < $idle_pct THEN NULL ELSE n % 23 + 0.5 END AS known_days
FROM generate_series(1, $outlets) n;

INSERT INTO owner (id, cell, kind, opened_at) SELECT id, cell, 'outlet', $opened FROM seller;
INSERT INTO outlet (id, cell, code, name, kind, partner_id, area, segment, zone, address, wallet_id, status, opened_at, rs_msisdn)
SELECT id, cell, 'B' || n, 'Sukses Cell ' || n, CASE WHEN n % 2 = 0 THEN 'individual' ELSE 'outlet' END, 256, 'BENCH', 'retail',
    'Asia/Jakarta', 'Jl. Merdeka ' || n, n, 'active', $opened, rs FROM seller;
INSERT INTO outlet_number (msisdn, cell, outlet_id)
SELECT number, (number * 40503 >> 8) & 255, id FROM seller CROSS JOIN LATERAL (VALUES (rs), (nn)) AS numbers (number);
INSERT INTO reseller_number (msisdn, cell, outlet_id, linked_at)
SELECT rs, (rs * 40503 >> 8) & 255, id, $opened FROM seller;
INSERT INTO notification_number (msisdn, cell, outlet_id, user_id, type, linked_at)
SELECT nn, (nn * 40503 >> 8) & 255, id, user_id, 'OWNER', $opened FROM seller;
INSERT INTO outlet_user (id, cell, outlet_id, username, name, role, nn_msisdn, locale, status, password_hash,
                         password_initial, pin_salt, opened_at)
SELECT user_id, cell, id, 'b' || n, 'Siti', 'OUTLET_OWNER', nn, 'id', 'active', '-', false, '', $opened FROM seller;

-- Two sales each: the last one, and one on the day before the outlet was last looked at.
INSERT INTO sale (id, cell, outlet_id, user_id, client_ref, request_hash, product, msisdn, subscription_id, nominal_rp, price_rp,
                  cost_rp, tax_rp, balance_before_rp, balance_after_rp, status, delivery, why, rule, at, resolved_at)
SELECT sale_id + times * (1::bigint << 38), cell, id, user_id, gen_random_uuid(), '', 'PULSA5', 6281100000000 + n, 256, 5000, 7000, 5150,
    0, 10000, 4850, 'done', '{}', '{}', 'bench', $now - make_interval(secs => 86400 * CASE times WHEN 0 THEN idle_days
    ELSE coalesce(23 + known_days, 40) END), $now
FROM seller CROSS JOIN generate_series(0, 1) times;
INSERT INTO wallet_purchase (id, cell, outlet_id, client_ref, amount_rp, actor, at)
SELECT sale_id, cell, id, gen_random_uuid(), 4000000, 'bench', $now - interval '60 days' FROM seller;

-- What earlier sweeps left behind, on a usual day; the first sweep of all finds none of it.
INSERT INTO outlet_activity (outlet_id, cell, last_at, kind, source_id)
SELECT id, cell, $now - make_interval(secs => 86400 * coalesce(known_days + 1, idle_days)), 'sale', sale_id FROM seller
WHERE $usual;
INSERT INTO inactivity (id, cell, outlet_id, policy, state, since, last_kind, last_id, noticed_day, noticed_at, notices, opened_at)
SELECT countdown_id, cell, id, CASE WHEN n % 2 = 0 THEN 'auto' ELSE 'review' END, 'warned',
    $now - make_interval(secs => 86400 * idle_days), 'sale', sale_id, CASE WHEN idle_days >= 30 THEN 29 ELSE 23 END,
    $now - make_interval(secs => 86400 * (idle_days - CASE WHEN idle_days >= 30 THEN 29 ELSE 23 END)), '[]', $now - interval '3 days'
FROM seller WHERE $usual AND idle_days >= 24;
DROP TABLE seller;
