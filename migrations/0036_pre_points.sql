-- Points, the bills that earn them, and tiers. Points themselves are ledger accounts of the subscription. [P-01..P-43]

-- The brand and kind that a number had until a moment; one that never changed has no row, its own columns tell. [P-38..P-40]
CREATE TABLE past_plan (
    subscription_id bigint      NOT NULL,
    cell            integer     NOT NULL,
    until           timestamptz NOT NULL,
    brand           text        NOT NULL,
    kind            text        NOT NULL CHECK (kind IN ('prepaid', 'postpaid')),
    PRIMARY KEY (subscription_id, until, cell),
    CHECK (cell = (subscription_id & 255))
);
ALTER TABLE past_plan ADD CONSTRAINT past_plan_subscription_fk
    FOREIGN KEY (subscription_id, cell) REFERENCES subscription (id, cell);

-- What the recharges of a number in a calendar month come to, as last reckoned from the ledger. No foreign key: a row is
-- only ever made from the subscription's own, set-based. `counted_rp` counts for the tier, `points` have been granted.
CREATE TABLE point_month (
    subscription_id bigint  NOT NULL,
    cell            integer NOT NULL,
    month           date    NOT NULL CHECK (extract(day FROM month) = 1),
    counted_rp      bigint  NOT NULL CHECK (counted_rp >= 0),
    points          bigint  NOT NULL CHECK (points >= 0),
    PRIMARY KEY (subscription_id, month, cell),
    CHECK (cell = (subscription_id & 255))
) WITH (fillfactor = 80);

-- Bills as billing tells of them. `counted` is false from any change until the next run has granted the difference.
CREATE TABLE issued_bill (
    id              bigint      NOT NULL,
    cell            integer     NOT NULL,
    subscription_id bigint      NOT NULL,
    number          text        NOT NULL CHECK (number <> ''),
    brand           text        NOT NULL,
    segment         text        NOT NULL DEFAULT '',
    period_begin    date        NOT NULL,
    period_end      date        NOT NULL CHECK (period_end >= period_begin),
    total_rp        bigint      NOT NULL CHECK (total_rp >= 0),
    tax_rp          bigint      NOT NULL CHECK (tax_rp BETWEEN 0 AND total_rp),
    issued_at       timestamptz NOT NULL,
    paid_at         timestamptz,
    cancelled_at    timestamptz,
    recorded_at     timestamptz NOT NULL,
    recorded_by     text        NOT NULL,
    counted         boolean     NOT NULL DEFAULT false,
    points          bigint      NOT NULL DEFAULT 0 CHECK (points >= 0),
    PRIMARY KEY (id, cell),
    CONSTRAINT issued_bill_once UNIQUE (subscription_id, number, cell),
    CHECK (cell = (id & 255) AND cell = (subscription_id & 255))
) WITH (fillfactor = 80);
ALTER TABLE issued_bill ADD CONSTRAINT issued_bill_subscription_fk
    FOREIGN KEY (subscription_id, cell) REFERENCES subscription (id, cell);
CREATE INDEX issued_bill_uncounted ON issued_bill (subscription_id, cell) WHERE NOT counted;
CREATE INDEX issued_bill_newest ON issued_bill (subscription_id, issued_at, cell);

-- Every change of what a month or a bill has earned: how many points more or fewer, and all that made them. Kept for ever.
-- cause: recharge, bill = the facts themselves; taken_back = a reversal or a cancelled bill.
CREATE TABLE point_grant (
    id              bigint      NOT NULL,
    cell            integer     NOT NULL,
    subscription_id bigint      NOT NULL,
    month           date,
    bill_id         bigint,
    cause           text        NOT NULL CHECK (cause IN ('recharge', 'bill', 'taken_back')),
    points          bigint      NOT NULL CHECK (points <> 0),
    worth           bigint      NOT NULL CHECK (worth >= 0),
    basis_rp        bigint      NOT NULL,
    steps           bigint      NOT NULL,
    step_rp         bigint      NOT NULL,
    per_step        integer     NOT NULL,
    multiplier      integer     NOT NULL,
    tier            text        NOT NULL,
    brand           text        NOT NULL,
    vintage         integer     NOT NULL,
    rule            text        NOT NULL,
    caused_at       timestamptz NOT NULL,
    due_at          timestamptz,
    at              timestamptz NOT NULL,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255) AND cell = (subscription_id & 255)),
    CHECK ((month IS NULL) <> (bill_id IS NULL)),
    CHECK ((cause = 'taken_back') = (points < 0))
);
CREATE INDEX point_grant_of ON point_grant (subscription_id, at, cell);
CREATE INDEX point_grant_at ON point_grant USING brin (at);

-- The tier of a customer who has, or had, any above the lowest; `until` is the first day on which it is over. [P-31..P-40]
CREATE TABLE tier_member (
    subscription_id bigint  NOT NULL,
    cell            integer NOT NULL,
    tier            text    NOT NULL,
    since           date    NOT NULL,
    until           date,
    counted_from    date    NOT NULL,
    cause           text    NOT NULL CHECK (cause IN ('entry', 'upgrade', 'renewal', 'downgrade', 'migration', 'programme')),
    changes         integer NOT NULL CHECK (changes > 0),
    PRIMARY KEY (subscription_id, cell),
    CHECK (cell = (subscription_id & 255)),
    CHECK (until IS NULL OR until > since)
) WITH (fillfactor = 80);

-- Every change of a tier, and why: kept for ever. `spent_rp` is the average, or for an entry the sum, that made it.
CREATE TABLE tier_change (
    subscription_id bigint      NOT NULL,
    cell            integer     NOT NULL,
    seq             integer     NOT NULL,
    tier_before     text        NOT NULL,
    tier            text        NOT NULL,
    since           date        NOT NULL,
    until           date,
    counted_from    date        NOT NULL,
    cause           text        NOT NULL CHECK (cause IN ('entry', 'upgrade', 'renewal', 'downgrade', 'migration', 'programme')),
    spent_rp        bigint      NOT NULL,
    rule            text        NOT NULL,
    at              timestamptz NOT NULL,
    PRIMARY KEY (subscription_id, seq, cell),
    CHECK (cell = (subscription_id & 255))
);
CREATE INDEX tier_change_since ON tier_change (since, cell);

-- Runs that granted points: each was the first to see what happened from `since` up to, and not at, `up_to`, so that nothing
-- of it waited longer than ran_at - since. [P-14, P-15]
CREATE TABLE point_run (
    name   text        NOT NULL CHECK (name IN ('recharges', 'bills')),
    ran_at timestamptz NOT NULL,
    since  timestamptz NOT NULL,
    up_to  timestamptz NOT NULL,
    grants integer     NOT NULL,
    PRIMARY KEY (name, ran_at)
);
CREATE INDEX point_run_up_to ON point_run (name, up_to);

-- Points of a vintage that was granted, taken back, redeemed and expired on a WIB day, and what was left at its end: for
-- charts and the books, added up after the day.
CREATE TABLE point_day (
    day        date    NOT NULL,
    vintage    integer NOT NULL,
    granted    bigint  NOT NULL,
    taken_back bigint  NOT NULL,
    redeemed   bigint  NOT NULL,
    expired    bigint  NOT NULL,
    PRIMARY KEY (day, vintage)
);

-- Numbers that ended, for what they leave behind. [G-P18]
CREATE INDEX subscription_ended ON subscription (ended_at, cell) WHERE ended_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE
    ON past_plan, point_month, issued_bill, point_grant, tier_member, tier_change, point_run, point_day TO konter_app;
REVOKE UPDATE, DELETE, TRUNCATE ON point_grant, tier_change FROM konter_app;
