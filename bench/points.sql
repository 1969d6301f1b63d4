-- Numbers with a main balance and what is asked of them; $-words are filled in by the bench. Ids go by the number's cell.

CREATE TEMP TABLE customer AS
SELECT n, 6281100000000 + n AS msisdn, ((6281100000000 + n) * 40503 >> 8) & 255 AS cell FROM generate_series(1, $customers) n;

INSERT INTO owner (id, cell, kind, opened_at)
SELECT (n::bigint + 2000000) << 8 | cell, cell, 'subscription', $opened FROM customer;
INSERT INTO account (id, cell, owner_id, kind, asset, opened_at)
SELECT (n::bigint + 20000000) << 8 | cell, cell, (n::bigint + 2000000) << 8 | cell, 'main', 'IDR', $opened FROM customer;
INSERT INTO subscription (id, cell, msisdn, brand, kind, locale, main_id, active_until, activated_at)
SELECT (n::bigint + 2000000) << 8 | cell, cell, msisdn, CASE WHEN n % 10 = 0 THEN 'prima' ELSE 'nusa' END,
    CASE WHEN n % 10 = 0 THEN 'postpaid' ELSE 'prepaid' END, 'id', (n::bigint + 20000000) << 8 | cell,
    $now + interval '300 days', $opened
FROM customer;

-- $each recharges a number in October and in November, in the order in which time would bring them; only what earning
-- reads is there: the transfers, not their entries.
INSERT INTO transfer (id, cell, kind, debit_account, credit_account, asset, amount, state, link_id, reference_id, rule, at,
                      resolved_at)
SELECT ((n::bigint * 2 + month) * 8 + k + 100000000) << 8 | cell, cell, 'recharge', 1,
    (n::bigint + 20000000) << 8 | cell, 'IDR', 5000 * (1 + (n + k * 7) % 20), 'posted', n, ((n::bigint * 2 + month) * 8 + k + 900000000) << 8 | cell, 'bench', at, at
FROM (
    SELECT n, cell, k, month, $month + make_interval(months => month, secs => (n * 7919 + k * 104729) % 2500000) AS at
    FROM customer, generate_series(1, $each) k, generate_series(0, 1) month
) made ORDER BY at;

-- Six months of spending, and tiers, for the evaluation: most have what they earn, and 15 of 100 are at its end.
INSERT INTO point_month (subscription_id, cell, month, counted_rp, points)
SELECT (n::bigint + 2000000) << 8 | cell, cell, ($month - make_interval(months => back))::date, CASE n % 3 WHEN 0 THEN 60000 WHEN 1 THEN 310000 ELSE 1010000 END + 1000 * ((n * 31 + back * 17) % 9), 0
FROM customer, generate_series(-1, 4) back WHERE $evaluated AND n % 10 <> 0;
INSERT INTO issued_bill (id, cell, subscription_id, number, brand, period_begin, period_end, total_rp, tax_rp, issued_at, recorded_at,
                         recorded_by, counted)
SELECT (n::bigint * 8 + back + 30000000) << 8 | cell, cell, (n::bigint + 2000000) << 8 | cell, 'B-' || back, 'prima',
    ($month - make_interval(months => back + 1))::date, ($month - make_interval(months => back))::date, CASE n % 3 WHEN 0 THEN 60000 WHEN 1 THEN 310000 ELSE 1010000 END, 0,
    $month - make_interval(months => back) + interval '1 day', $now, 'bench', true
FROM customer, generate_series(0, 5) back WHERE $evaluated AND n % 10 = 0;
INSERT INTO tier_member (subscription_id, cell, tier, since, until, counted_from, cause, changes)
SELECT (n::bigint + 2000000) << 8 | cell, cell, (ARRAY['red', 'gold', 'priority'])[1 + n % 3], ($month - interval '5 months')::date,
    CASE WHEN n % 100 < 15 THEN ($month + interval '2 months')::date ELSE ($month + interval '5 months')::date END,
    '0001-01-01', 'upgrade', 1
FROM customer WHERE $evaluated AND n % 100 < 97;
DROP TABLE customer;
