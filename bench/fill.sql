-- Sales of the past, written set by set for the figures of growth: the rows of `sell` for a recharge, with balances that
-- follow from one another, so that the books still balance afterwards. Texts count as sent. Lives for one session.

CREATE TEMP TABLE payer AS
    SELECT row_number() OVER (ORDER BY o.id) - 1 AS no, o.id AS outlet_id, o.cell, o.wallet_id, u.id AS user_id, u.nn_msisdn
    FROM outlet o JOIN outlet_user u ON u.outlet_id = o.id AND u.role = 'OUTLET_OWNER';
CREATE UNIQUE INDEX ON payer (no);
CREATE TEMP TABLE receiver AS
    SELECT row_number() OVER (ORDER BY msisdn) - 1 AS no, id AS subscription_id, cell, main_id, msisdn, active_until
    FROM subscription;
CREATE UNIQUE INDEX ON receiver (no);
CREATE TEMP TABLE past (
    seq bigint, at timestamptz, outlet_id bigint, cell int, user_id bigint, nn_msisdn bigint, wallet_id bigint,
    wallet_after bigint, wallet_seq bigint, subscription_id bigint, to_cell int, msisdn bigint, main_id bigint,
    main_after bigint, main_seq bigint, active_until timestamptz
);

CREATE FUNCTION pg_temp.drawn(p_no bigint, p_salt bigint, p_of bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(p_no, p_salt) & 4611686018427387903) % p_of
$$;

CREATE OR REPLACE FUNCTION bench_fill(p_count bigint, p_seq bigint, p_begin timestamptz, p_end timestamptz, p_product text,
    p_price_rp bigint, p_cost_rp bigint, p_nominal_rp bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_rule CONSTANT text := 'id-2014 1';
    v_payers    CONSTANT bigint := (SELECT count(*) FROM payer);
    v_receivers CONSTANT bigint := (SELECT count(*) FROM receiver);
BEGIN
    TRUNCATE past;
    INSERT INTO past
    SELECT p_seq + d.no * 8, p_begin + d.no::float8 / p_count * (p_end - p_begin), p.outlet_id, p.cell, p.user_id,
        p.nn_msisdn, p.wallet_id,
        w.balance - p_cost_rp * row_number() OVER of_wallet, w.entry_seq + row_number() OVER of_wallet,
        r.subscription_id, r.cell, r.msisdn, r.main_id,
        m.balance + p_nominal_rp * row_number() OVER of_main, m.entry_seq + row_number() OVER of_main, r.active_until
    FROM (SELECT no, pg_temp.drawn(no, p_seq, v_payers) AS payer, pg_temp.drawn(no, p_seq + 1, v_receivers) AS receiver
        FROM generate_series(0, p_count - 1) no) d
    JOIN payer p ON p.no = d.payer
    JOIN receiver r ON r.no = d.receiver
    JOIN account w ON w.id = p.wallet_id AND w.cell = p.cell
    JOIN account m ON m.id = r.main_id AND m.cell = r.cell
    WINDOW of_wallet AS (PARTITION BY p.wallet_id ORDER BY d.no), of_main AS (PARTITION BY r.main_id ORDER BY d.no);

    UPDATE account a SET balance = l.after, entry_seq = l.seq
    FROM (SELECT wallet_id AS id, min(wallet_after) AS after, max(wallet_seq) AS seq FROM past GROUP BY 1
        UNION ALL SELECT main_id, max(main_after), max(main_seq) FROM past GROUP BY 1) l
    WHERE a.id = l.id;

    INSERT INTO sale (id, cell, outlet_id, user_id, client_ref, request_hash, product, msisdn, subscription_id, nominal_rp,
        price_rp, cost_rp, tax_rp, balance_before_rp, balance_after_rp, status, delivery, why, rule, at, resolved_at)
    SELECT seq << 8 | cell, cell, outlet_id, user_id, gen_random_uuid(), decode(md5(seq::text), 'hex'), p_product, msisdn,
        subscription_id, p_nominal_rp, p_price_rp, p_cost_rp, p_price_rp * 132 / 1332, wallet_after + p_cost_rp,
        wallet_after, 'done',
        jsonb_build_object('days', 7, 'active_before', active_until, 'active_after', active_until, 'credit_rp',
            p_nominal_rp, 'main_before_rp', main_after - p_nominal_rp, 'main_after_rp', main_after, 'buckets', '[]'::jsonb),
        '{"ppn": [132, 1200], "price_area": "", "price_segment": "", "price_valid_from": "2024-01-01T00:00:00Z"}',
        v_rule, at, at
    FROM past;

    INSERT INTO transfer (id, cell, kind, debit_account, credit_account, asset, amount, state, link_id, reference_id, rule,
        at, resolved_at)
    SELECT t.id, c, kind, debit, credit, 'IDR', amount, 'posted', t.id, seq << 8 | cell, v_rule, at, at
    FROM past, LATERAL (VALUES
        ((seq + 1) << 8 | cell, cell, 'sale', wallet_id, 1::bigint << 8 | cell, p_cost_rp),
        ((seq + 2) << 8 | to_cell, to_cell, 'recharge', 1001::bigint << 8 | to_cell, main_id, p_nominal_rp))
        t (id, c, kind, debit, credit, amount);

    INSERT INTO entry (transfer_id, leg, cell, account_id, kind, asset, amount, seq, balance_after, at)
    SELECT e.id, leg, c, account, kind, 'IDR', amount, n, after, at
    FROM past, LATERAL (VALUES
        ((seq + 1) << 8 | cell, 0, cell, wallet_id, 'wallet', -p_cost_rp, wallet_seq, wallet_after),
        ((seq + 1) << 8 | cell, 1, cell, 1::bigint << 8 | cell, 'revenue', p_cost_rp, NULL, NULL),
        ((seq + 2) << 8 | to_cell, 0, to_cell, 1001::bigint << 8 | to_cell, 'issued', -p_nominal_rp, NULL, NULL),
        ((seq + 2) << 8 | to_cell, 1, to_cell, main_id, 'main', p_nominal_rp, main_seq, main_after))
        e (id, leg, c, account, kind, amount, n, after);

    INSERT INTO audit (id, cell, at, actor, action, subject_id, data)
    SELECT (seq + 3) << 8 | cell, cell, at, 'outlet_user:' || user_id, 'sell', seq << 8 | cell,
        '{"by": {"session": 268435456123, "address": "127.0.0.1", "agent": "bench"}}'
    FROM past;

    INSERT INTO outbox (id, cell, topic, body, at, due_at, attempts, done_at)
    SELECT o.id << 8 | ((number * 40503 >> 8) & 255), (number * 40503 >> 8) & 255, 'sms', body, at, at, 1,
        at + interval '1 second'
    FROM past, LATERAL (VALUES
        (seq + 4, nn_msisdn, jsonb_build_object('template', 'sale_seller', 'to', nn_msisdn, 'locale', 'id', 'data',
            jsonb_build_object('code', seq, 'product', p_product, 'msisdn', msisdn, 'balance_rp', wallet_after, 'at', at,
                'zone', 'Asia/Jakarta'))),
        (seq + 5, msisdn, jsonb_build_object('template', 'sale_customer_recharge', 'to', msisdn, 'locale', 'id', 'data',
            jsonb_build_object('code', seq, 'nominal_rp', p_nominal_rp, 'balance_rp', main_after,
                'until', active_until))))
        o (id, number, body);
END
$$;
