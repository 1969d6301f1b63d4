-- The baseline: one sale as one stored procedure, the way a careful team would write it. It leaves out what Konter's own
-- command does beyond (session, PIN, user and outlet in good standing, terms accepted, duplicate guard, rules with a
-- date), and writes the rows that `sell` writes for a recharge: sale, 2 transfers, 4 entries, 2 accounts, the active
-- period, audit, 2 texts. Nothing in it waits or counts for show; whoever knows a faster way may put it here.

-- One number per sale gives all its ids. Far above what Konter's own blocks will reach.
CREATE SEQUENCE bench_seq AS bigint START 1099511627776 INCREMENT 8 CACHE 64;
GRANT USAGE ON SEQUENCE bench_seq TO konter_app;

CREATE FUNCTION bench_sell(p_outlet bigint, p_ref uuid, p_msisdn bigint, p_product text, p_price_rp bigint)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_cell     CONSTANT integer := p_outlet & 255;
    v_to_cell  CONSTANT integer := (p_msisdn * 40503 >> 8) & 255;
    v_to       bigint;
    v_sale     bigint;
    v_seq      bigint;
    v_now      timestamptz;
    v_seller   record;
    v_price    record;
    v_receiver record;
    v_paid     record;
    v_got      record;
    v_today    date;
    v_until    timestamptz;
BEGIN
    SELECT id INTO v_to FROM subscription WHERE msisdn = p_msisdn AND cell = v_to_cell AND ended_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'UNKNOWN_SUBSCRIBER';
    END IF;
    PERFORM id FROM owner WHERE id IN (p_outlet, v_to) ORDER BY id FOR UPDATE;

    SELECT id INTO v_sale FROM sale WHERE outlet_id = p_outlet AND client_ref = p_ref AND cell = v_cell;
    IF FOUND THEN
        RETURN v_sale;
    END IF;

    SELECT o.wallet_id, o.area, o.segment, o.zone, u.id AS user_id, u.nn_msisdn, u.locale INTO v_seller
    FROM outlet o JOIN outlet_user u ON u.outlet_id = o.id AND u.cell = o.cell
    WHERE o.id = p_outlet AND o.cell = v_cell ORDER BY u.id LIMIT 1;
    SELECT p.nominal_rp, p.name_id, r.cost_rp, r.suggested_rp, r.valid_from, r.area, r.segment INTO v_price
    FROM product p JOIN price r ON r.product = p.code
    WHERE p.code = p_product AND p.open AND r.area IN ('', v_seller.area) AND r.segment IN ('', v_seller.segment)
    ORDER BY r.area DESC, r.segment DESC, r.valid_from DESC LIMIT 1;
    IF v_price.suggested_rp IS DISTINCT FROM p_price_rp THEN
        RAISE EXCEPTION 'PRICE_CHANGED';
    END IF;
    SELECT main_id, active_until, locale INTO v_receiver FROM subscription WHERE id = v_to AND cell = v_to_cell;

    v_seq := nextval('bench_seq');
    v_sale := v_seq << 8 | v_cell;
    v_now := clock_timestamp();
    v_today := (v_now AT TIME ZONE 'Asia/Jakarta')::date;
    -- 7 days are added to what is left, at most 365 from today.
    v_until := greatest(v_receiver.active_until, (least(
        greatest((v_receiver.active_until - interval '1 microsecond') AT TIME ZONE 'Asia/Jakarta', v_today)::date + 7,
        v_today + 365) + 1)::timestamp AT TIME ZONE 'Asia/Jakarta');

    UPDATE account SET balance = balance - v_price.cost_rp, entry_seq = entry_seq + 1
    WHERE id = v_seller.wallet_id AND cell = v_cell AND balance - v_price.cost_rp >= floor
    RETURNING balance, entry_seq INTO v_paid;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'INSUFFICIENT_BALANCE';
    END IF;
    UPDATE account SET balance = balance + v_price.nominal_rp, entry_seq = entry_seq + 1
    WHERE id = v_receiver.main_id AND cell = v_to_cell
    RETURNING balance, entry_seq INTO v_got;
    IF v_until > v_receiver.active_until THEN
        UPDATE subscription SET active_until = v_until WHERE id = v_to AND cell = v_to_cell;
    END IF;

    INSERT INTO transfer (id, cell, kind, debit_account, credit_account, asset, amount, state, link_id, reference_id,
        rule, deadline, at, resolved_at)
    VALUES
        ((v_seq + 1) << 8 | v_cell, v_cell, 'sale', v_seller.wallet_id, 1 << 8 | v_cell, 'IDR', v_price.cost_rp,
         'posted', (v_seq + 1) << 8 | v_cell, v_sale, 'id-2014 1', NULL, v_now, v_now),
        ((v_seq + 2) << 8 | v_to_cell, v_to_cell, 'recharge', 1001 << 8 | v_to_cell, v_receiver.main_id, 'IDR',
         v_price.nominal_rp, 'posted', (v_seq + 2) << 8 | v_to_cell, v_sale, 'id-2014 1', NULL, v_now, v_now);
    INSERT INTO entry (transfer_id, leg, cell, account_id, kind, asset, amount, seq, balance_after, at)
    VALUES
        ((v_seq + 1) << 8 | v_cell, 0, v_cell, v_seller.wallet_id, 'wallet', 'IDR', -v_price.cost_rp,
         v_paid.entry_seq, v_paid.balance, v_now),
        ((v_seq + 1) << 8 | v_cell, 1, v_cell, 1 << 8 | v_cell, 'revenue', 'IDR', v_price.cost_rp, NULL, NULL, v_now),
        ((v_seq + 2) << 8 | v_to_cell, 0, v_to_cell, 1001 << 8 | v_to_cell, 'issued', 'IDR', -v_price.nominal_rp,
         NULL, NULL, v_now),
        ((v_seq + 2) << 8 | v_to_cell, 1, v_to_cell, v_receiver.main_id, 'main', 'IDR', v_price.nominal_rp,
         v_got.entry_seq, v_got.balance, v_now);

    INSERT INTO sale (id, cell, outlet_id, user_id, client_ref, request_hash, product, msisdn, subscription_id,
        nominal_rp, price_rp, cost_rp, tax_rp, balance_before_rp, balance_after_rp, status, delivery, why, rule, at,
        resolved_at, deadline)
    VALUES (v_sale, v_cell, p_outlet, v_seller.user_id, p_ref, decode(md5(p_product || p_msisdn || p_price_rp), 'hex'),
        p_product, p_msisdn, v_to, v_price.nominal_rp, p_price_rp, v_price.cost_rp, p_price_rp * 132 / 1332,
        v_paid.balance + v_price.cost_rp, v_paid.balance, 'done',
        jsonb_build_object('days', 7, 'active_before', v_receiver.active_until, 'active_after', v_until,
            'credit_rp', v_price.nominal_rp, 'main_before_rp', v_got.balance - v_price.nominal_rp,
            'main_after_rp', v_got.balance, 'buckets', '[]'::jsonb),
        jsonb_build_object('price_valid_from', v_price.valid_from, 'price_area', v_price.area,
            'price_segment', v_price.segment, 'ppn', '[132, 1200]'::jsonb),
        'id-2014 1', v_now, v_now, NULL);

    INSERT INTO audit (id, cell, at, actor, action, subject_id, data)
    VALUES ((v_seq + 3) << 8 | v_cell, v_cell, v_now, 'outlet_user:' || v_seller.user_id, 'sell', v_sale,
        '{"by": {"session": 268435456123, "address": "127.0.0.1", "agent": "bench"}}');
    INSERT INTO outbox (id, cell, topic, body, at, due_at)
    VALUES
        ((v_seq + 4) << 8 | ((v_seller.nn_msisdn * 40503 >> 8) & 255), (v_seller.nn_msisdn * 40503 >> 8) & 255, 'sms',
         jsonb_build_object('template', 'sale_seller', 'to', v_seller.nn_msisdn, 'locale', v_seller.locale,
            'data', jsonb_build_object('code', v_sale, 'product', v_price.name_id, 'msisdn', p_msisdn,
                'balance_rp', v_paid.balance, 'at', v_now, 'zone', v_seller.zone)), v_now, v_now),
        ((v_seq + 5) << 8 | v_to_cell, v_to_cell, 'sms',
         jsonb_build_object('template', 'sale_customer_recharge', 'to', p_msisdn, 'locale', v_receiver.locale,
            'data', jsonb_build_object('code', v_sale, 'nominal_rp', v_price.nominal_rp, 'balance_rp', v_got.balance,
                'until', v_until)), v_now, v_now);
    RETURN v_sale;
END
$$;
