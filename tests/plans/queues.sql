-- What waits at the desks beside the 600,000 outlets: applications, reviews, lost phones, and a small branch.
-- Given: the moment. Rows are few where a queue is short in life, and many where its past stays.

INSERT INTO area (code, name, level, parent) VALUES
    ('PLAN-R', 'Plan', 'region', 'JBJB'), ('PLAN-B', 'Plan', 'branch', 'PLAN-R'), ('PLAN-C', 'Plan', 'cluster', 'PLAN-B');

INSERT INTO territory (district, cluster, set_at) SELECT code, 'PLAN-C', $1 FROM region WHERE level = 'district' AND code LIKE '32.76.%';

INSERT INTO application (id, cell, state, msisdn, numbers, locale, token_hash, token_expires_at, started_at, touched_at, kind,
    outlet_name, nik_key, district, submitted_at, due_at, partner_id, recommended_at, supports, decided_at, reason, ended_at)
SELECT a.id, a.id & 255, state, msisdn, ARRAY[msisdn], 'id', decode(md5(a.id::text), 'hex'), at, at, at, 'outlet', 'Warung ' || n,
    'nik-' || n, d.code, at, at + interval '3 days', p.id, at, true, CASE state WHEN 'rejected' THEN at END,
    CASE state WHEN 'rejected' THEN 'alamat' END, CASE state WHEN 'rejected' THEN at END
FROM (
    SELECT n, (5000000 + n) << 8 | (n % 256) AS id, 6281400000000 + n AS msisdn, $1::timestamptz - n * interval '1 minute' AS at,
        CASE WHEN n % 20 = 0 THEN 'submitted' WHEN n % 20 = 1 THEN 'recommended' ELSE 'rejected' END AS state
    FROM generate_series(1, 60000) n
) a
JOIN (SELECT code, row_number() OVER (ORDER BY code) - 1 AS k, count(*) OVER () AS of_all FROM region WHERE level = 'district') d
    ON d.k = a.n % d.of_all
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS k, count(*) OVER () AS of_all FROM partner) p ON p.k = a.n % p.of_all;

INSERT INTO inactivity (id, cell, outlet_id, policy, state, since, last_kind, last_id, noticed_day, notices, opened_at, due_at,
    decided_at, decided_by, reason)
SELECT (6000000 + n) << 8 | cell, cell, id, 'review', state, $1, 'opened', id, 29, '[]', $1::timestamptz - n * interval '1 minute',
    $1::timestamptz + n * interval '1 second', CASE WHEN state <> 'review' THEN $1 END, CASE WHEN state <> 'review' THEN 'system' END,
    CASE WHEN state <> 'review' THEN 'inactivity' ELSE '' END
FROM (
    SELECT id, cell, n, CASE WHEN n % 10 = 0 THEN 'review' ELSE 'spared' END AS state
    FROM (SELECT id, cell, row_number() OVER (ORDER BY id) AS n FROM outlet) numbered WHERE n <= 60000
) given;

INSERT INTO lost_phone (id, cell, msisdn, way, note, reported_by, reported_at, lifted_by, lifted_at, lifted_why)
SELECT (7000000 + n) << 8 | cell, cell, msisdn, 'self', '', 'staff:7', at, CASE WHEN n % 40 <> 0 THEN 'staff:7' END,
    CASE WHEN n % 40 <> 0 THEN at END, CASE WHEN n % 40 <> 0 THEN 'ketemu' END
FROM (
    SELECT n, 6281300000000 + n AS msisdn, ((6281300000000 + n) * 40503 >> 8 & 255)::int AS cell,
        $1::timestamptz - n * interval '1 minute' AS at
    FROM generate_series(1, 20000) n
) given;

-- One person of each partner visits all of its outlets; one in two hundred is overdue, as where field sales do their work.
INSERT INTO partner_user (id, cell, partner_id, username, name, role, msisdn, locale, status, password_hash, password_initial,
    opened_at)
SELECT (8000000 + (p.id >> 8) - 1000) << 8 | (p.id & 255), p.id & 255, p.id, 'sales.' || p.id, 'Sales ' || p.id, 'SBP_FIELD_SALES',
    6281500000000 + (p.id >> 8), 'id', 'active', '', false, $1::timestamptz
FROM partner p;

INSERT INTO visit_plan (outlet_id, cell, field_sales_id, weekdays, due_on, set_at)
SELECT o.id, o.cell, (8000000 + (o.partner_id >> 8) - 1000) << 8 | (o.partner_id & 255), 1 << (n % 7),
    $1::timestamptz::date + CASE WHEN n % 200 = 0 THEN -1 ELSE n % 7 + 1 END, $1::timestamptz
FROM (SELECT id, cell, partner_id, (row_number() OVER (ORDER BY id))::int AS n FROM outlet) o;

INSERT INTO visit (id, cell, outlet_id, field_sales_id, client_ref, at, day, display, starter_packs, vouchers, note)
SELECT (9000000 + n) << 8 | cell, cell, outlet_id, field_sales_id, gen_random_uuid(), $1::timestamptz, $1::timestamptz::date - n % 7, 'good', 1, 1, ''
FROM (SELECT outlet_id, cell, field_sales_id, (row_number() OVER (ORDER BY outlet_id))::int AS n FROM visit_plan) planned
WHERE n <= 100000;
