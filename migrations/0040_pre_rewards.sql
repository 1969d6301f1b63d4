-- What points buy: rewards and their offers, codes, redemptions; merchants and the codes that they burn. [P-20..P-30]

-- A partner that gives goods and discounts against codes. `client_id` is the machine by which it burns them, if any.
CREATE TABLE merchant (
    code      text        PRIMARY KEY CHECK (code ~ '^[A-Z0-9][A-Z0-9_-]{0,29}$'),
    name      text        NOT NULL CHECK (name <> ''),
    client_id bigint,
    opened_at timestamptz NOT NULL,
    opened_by text        NOT NULL,
    closed_at timestamptz,
    closed_by text,
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);
ALTER TABLE merchant ADD CONSTRAINT merchant_client_fk FOREIGN KEY (client_id) REFERENCES api_client (id);
CREATE UNIQUE INDEX merchant_client ON merchant (client_id) WHERE client_id IS NOT NULL AND closed_at IS NULL;

-- The numbers from which a merchant burns codes by SMS; a number speaks for one merchant.
CREATE TABLE merchant_number (
    msisdn   bigint      NOT NULL,
    cell     integer     NOT NULL CHECK (cell BETWEEN 0 AND 255),
    merchant text        NOT NULL,
    added_at timestamptz NOT NULL,
    added_by text        NOT NULL,
    PRIMARY KEY (msisdn, cell)
);
ALTER TABLE merchant_number ADD CONSTRAINT merchant_number_merchant_fk FOREIGN KEY (merchant) REFERENCES merchant (code);
CREATE INDEX merchant_number_of ON merchant_number (merchant, msisdn);

-- telco: quotas in our own books. digital: a provider or a code. merchant: a code that a merchant burns. Never changes.
CREATE TABLE reward (
    code text PRIMARY KEY CHECK (code ~ '^[A-Z0-9][A-Z0-9_-]{0,29}$'),
    kind text NOT NULL CHECK (kind IN ('telco', 'digital', 'merchant'))
);

-- What a reward costs, gives and to whom, from a moment on: the newest not after a moment is in force. [G-P23]
CREATE TABLE reward_offer (
    reward      text        NOT NULL,
    valid_from  timestamptz NOT NULL,
    valid_until timestamptz,
    name_id     text        NOT NULL CHECK (name_id <> ''),
    name_en     text        NOT NULL CHECK (name_en <> ''),
    sort        integer     NOT NULL,
    points      bigint      NOT NULL CHECK (points > 0),
    gives       jsonb       NOT NULL,
    terms_id    text        NOT NULL,
    terms_en    text        NOT NULL,
    stock       bigint      CHECK (stock >= 0),
    quota       integer     CHECK (quota > 0),
    quota_per   text        CHECK (quota_per IN ('day', 'month', 'year', 'ever')),
    brands      text[]      NOT NULL,
    kinds       text[]      NOT NULL CHECK (kinds <@ ARRAY['prepaid', 'postpaid']),
    tier        text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    recorded_by text        NOT NULL,
    PRIMARY KEY (reward, valid_from),
    CHECK (valid_until IS NULL OR valid_until > valid_from),
    CHECK ((quota IS NULL) = (quota_per IS NULL))
);
ALTER TABLE reward_offer ADD CONSTRAINT reward_offer_reward_fk FOREIGN KEY (reward) REFERENCES reward (code);

-- Staff took a reward out, and perhaps put it in again.
CREATE TABLE reward_closure (
    reward    text        NOT NULL,
    closed_at timestamptz NOT NULL,
    closed_by text        NOT NULL,
    reason    text        NOT NULL,
    opened_at timestamptz,
    opened_by text,
    PRIMARY KEY (reward, closed_at),
    CHECK ((opened_at IS NULL) = (opened_by IS NULL))
);
ALTER TABLE reward_closure ADD CONSTRAINT reward_closure_reward_fk FOREIGN KEY (reward) REFERENCES reward (code);
CREATE UNIQUE INDEX reward_closure_open ON reward_closure (reward) WHERE opened_at IS NULL;

-- How many of a limited reward are gone. Whoever redeems one locks the row, so that the last goes once; a reward without
-- limit and without codes has no row, and nobody waits for anybody.
CREATE TABLE reward_stock (
    reward text    NOT NULL,
    cell   integer NOT NULL CHECK (cell BETWEEN 0 AND 255),
    taken  bigint  NOT NULL CHECK (taken >= 0),
    PRIMARY KEY (reward, cell)
) WITH (fillfactor = 50);

-- A file of codes that was taken; the same file again changes nothing.
CREATE TABLE reward_code_file (
    sha256   text        PRIMARY KEY CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    reward   text        NOT NULL,
    name     text        NOT NULL,
    codes    integer     NOT NULL CHECK (codes > 0),
    taken_at timestamptz NOT NULL,
    taken_by text        NOT NULL
);
ALTER TABLE reward_code_file ADD CONSTRAINT reward_code_file_reward_fk FOREIGN KEY (reward) REFERENCES reward (code);

-- A code is free until a redemption takes it, then issued, then perhaps burnt; never back. It is sealed, and found by a
-- keyed hash whose first byte is its cell. `expires_at` is narrowed when it is issued.
CREATE TABLE reward_code (
    id            bigint      NOT NULL,
    cell          integer     NOT NULL,
    code_hash     bytea       NOT NULL CHECK (octet_length(code_hash) = 32),
    sealed        text        NOT NULL,
    reward        text        NOT NULL,
    merchant      text,
    file          text        NOT NULL,
    expires_at    timestamptz,
    redemption_id bigint,
    issued_at     timestamptz,
    burnt_at      timestamptz,
    burnt_channel text,
    PRIMARY KEY (id, cell),
    CONSTRAINT reward_code_once UNIQUE (code_hash, cell),
    CHECK (cell = (id & 255) AND cell = get_byte(code_hash, 0)),
    CHECK ((redemption_id IS NULL) = (issued_at IS NULL)),
    CHECK ((burnt_at IS NULL) = (burnt_channel IS NULL)),
    CHECK (burnt_at IS NULL OR (issued_at IS NOT NULL AND merchant IS NOT NULL))
) WITH (fillfactor = 80);
CREATE INDEX reward_code_free ON reward_code (reward, expires_at, id, cell) WHERE redemption_id IS NULL;

-- Points for a reward. checking: a provider has been asked; its answer or the deadline moves it on. done: given.
-- refunded: not given, points back in their vintages.
CREATE TABLE redemption (
    id              bigint      NOT NULL,
    cell            integer     NOT NULL,
    subscription_id bigint      NOT NULL,
    client_ref      uuid        NOT NULL,
    request_hash    bytea       NOT NULL,
    reward          text        NOT NULL,
    points          bigint      NOT NULL CHECK (points > 0),
    points_after    bigint      NOT NULL CHECK (points_after >= 0),
    status          text        NOT NULL CHECK (status IN ('checking', 'done', 'refunded')),
    channel         text        NOT NULL CHECK (channel IN ('web', 'app', 'ussd', 'sms', 'care', 'api')),
    delivery        jsonb,
    why             jsonb       NOT NULL,
    rule            text        NOT NULL,
    at              timestamptz NOT NULL,
    resolved_at     timestamptz,
    deadline        timestamptz,
    reason          text,
    PRIMARY KEY (id, cell),
    CONSTRAINT redemption_once UNIQUE (subscription_id, client_ref, cell),
    CHECK (cell = (id & 255) AND cell = (subscription_id & 255)),
    CHECK ((status = 'checking') = (resolved_at IS NULL)),
    CHECK (status <> 'checking' OR deadline IS NOT NULL),
    CHECK ((status = 'done') = (delivery IS NOT NULL)),
    CHECK ((status = 'refunded') = (reason IS NOT NULL))
) WITH (fillfactor = 80);
ALTER TABLE redemption ADD CONSTRAINT redemption_subscription_fk
    FOREIGN KEY (subscription_id, cell) REFERENCES subscription (id, cell);
CREATE INDEX redemption_of ON redemption (subscription_id, at, id, cell);
CREATE INDEX redemption_quota ON redemption (subscription_id, reward, cell);
CREATE INDEX redemption_due ON redemption (deadline, cell) WHERE status = 'checking';
CREATE INDEX redemption_at ON redemption USING brin (at);

-- A merchant burnt a code under its own reference, whose first byte is the cell. Written once.
CREATE TABLE code_burn (
    merchant   text        NOT NULL,
    client_ref uuid        NOT NULL,
    cell       integer     NOT NULL CHECK (cell BETWEEN 0 AND 255),
    code_id    bigint      NOT NULL,
    channel    text        NOT NULL CHECK (channel IN ('web', 'sms', 'api')),
    at         timestamptz NOT NULL,
    by         text        NOT NULL,
    PRIMARY KEY (merchant, client_ref, cell)
);

INSERT INTO reference_version VALUES ('rewards', 1);

GRANT SELECT, INSERT, UPDATE, DELETE ON merchant, merchant_number, reward, reward_offer, reward_closure, reward_stock,
    reward_code_file, reward_code, redemption, code_burn TO konter_app;
REVOKE DELETE, TRUNCATE ON reward_code, redemption FROM konter_app;
REVOKE UPDATE, DELETE, TRUNCATE ON code_burn, reward_code_file FROM konter_app;
