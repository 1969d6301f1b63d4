-- The ground: owners and the ledger, rules, channel, access, catalogue, subscribers, sales, messages, audit and outbox.
-- Tables that grow with customers carry `cell` (0-255), the unit that can live on another machine; it is in every
-- unique key, last, and any id tells its cell: cell = id & 255. Foreign keys come after the tables, on the cell too.

-- Blocks of 1,024 sequence numbers; an id is (block * 1024 + k) << 8 | cell. The first blocks are kept for house accounts.
CREATE SEQUENCE id_block AS bigint MINVALUE 1024 START 1024;

------------------------------------------------------------------------------------------------------------- ledger

-- The row that a command locks before it reads anything that belongs to the owner.
CREATE TABLE owner (
    id        bigint      NOT NULL,
    cell      integer     NOT NULL,
    kind      text        NOT NULL CHECK (kind IN ('outlet', 'subscription', 'partner', 'staff')),
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);

-- A wallet, a main balance, a quota bucket, a points vintage: all the same thing. House accounts have no row here:
-- their entries stand in the cell of the owner they were booked with, and a job adds them up.
CREATE TABLE account (
    id         bigint  NOT NULL,
    cell       integer NOT NULL,
    owner_id   bigint  NOT NULL,
    kind       text    NOT NULL,
    source     text    NOT NULL DEFAULT '',
    asset      text    NOT NULL,
    expires_at timestamptz,
    balance    bigint  NOT NULL DEFAULT 0,
    floor      bigint  NOT NULL DEFAULT 0,
    entry_seq  bigint  NOT NULL DEFAULT 0,
    opened_at  timestamptz NOT NULL,
    closed_at  timestamptz,
    PRIMARY KEY (id, cell),
    CONSTRAINT account_identity UNIQUE NULLS NOT DISTINCT (owner_id, kind, source, asset, expires_at, cell),
    CONSTRAINT account_above_floor CHECK (balance >= floor),
    CHECK (cell = (id & 255))
) WITH (fillfactor = 80);
CREATE INDEX account_expiring ON account (expires_at, cell) WHERE expires_at IS NOT NULL AND closed_at IS NULL;

-- state: posted = final when written; pending = in transit until `deadline`, then resolved by whoever started it or by
-- the reconciler; voided = a pending one given back. `link_id` is the first transfer of an all-or-none group.
CREATE TABLE transfer (
    id             bigint      NOT NULL,
    cell           integer     NOT NULL,
    kind           text        NOT NULL,
    debit_account  bigint      NOT NULL,
    credit_account bigint      NOT NULL,
    asset          text        NOT NULL,
    amount         bigint      NOT NULL CHECK (amount > 0),
    state          text        NOT NULL CHECK (state IN ('posted', 'pending', 'voided')),
    link_id        bigint      NOT NULL,
    reference_id   bigint      NOT NULL,
    rule           text        NOT NULL,
    deadline       timestamptz,
    at             timestamptz NOT NULL,
    resolved_at    timestamptz,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK (state <> 'pending' OR deadline IS NOT NULL)
);
CREATE INDEX transfer_reference ON transfer (reference_id, cell);
CREATE INDEX transfer_pending ON transfer (deadline, cell) WHERE state = 'pending';

-- One side of a transfer. `seq` counts an account's entries from 1 and `balance_after` is its balance then; both are
-- null for house accounts. leg: 0 debit, 1 credit; a pending transfer's resolution adds 2 (out of transit) and 3.
CREATE TABLE entry (
    transfer_id   bigint      NOT NULL,
    leg           smallint    NOT NULL,
    cell          integer     NOT NULL,
    account_id    bigint      NOT NULL,
    kind          text        NOT NULL,
    asset         text        NOT NULL,
    amount        bigint      NOT NULL CHECK (amount <> 0),
    seq           bigint,
    balance_after bigint,
    at            timestamptz NOT NULL,
    PRIMARY KEY (transfer_id, leg, cell)
);
CREATE UNIQUE INDEX entry_of_account ON entry (account_id, seq, cell) WHERE seq IS NOT NULL;
CREATE INDEX entry_at ON entry USING brin (at);

-- House accounts rolled up per closed business day by a job.
CREATE TABLE house_day (
    cell   integer NOT NULL,
    day    date    NOT NULL,
    kind   text    NOT NULL,
    asset  text    NOT NULL,
    amount bigint  NOT NULL,
    PRIMARY KEY (day, kind, asset, cell)
);

-------------------------------------------------------------------------------------------------- platform services

-- Side effects, written with the fact and done after commit by a worker. A worker takes rows for a while
-- (`taken_until`); what it does not finish comes back. `done_at` ends it; after the last attempt `failed_at` does.
CREATE TABLE outbox (
    id          bigint      NOT NULL,
    cell        integer     NOT NULL,
    topic       text        NOT NULL,
    body        jsonb       NOT NULL,
    at          timestamptz NOT NULL,
    due_at      timestamptz NOT NULL,
    attempts    integer     NOT NULL DEFAULT 0,
    taken_until timestamptz,
    done_at     timestamptz,
    failed_at   timestamptz,
    error       text,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX outbox_due ON outbox (due_at, cell) WHERE done_at IS NULL AND failed_at IS NULL;

CREATE TABLE audit (
    id         bigint      NOT NULL,
    cell       integer     NOT NULL,
    at         timestamptz NOT NULL,
    actor      text        NOT NULL,
    action     text        NOT NULL,
    subject_id bigint      NOT NULL,
    data       jsonb       NOT NULL,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX audit_subject ON audit (subject_id, at, cell);

-- How far each job of the schedule has run.
CREATE TABLE job (
    name     text PRIMARY KEY,
    last_due timestamptz NOT NULL
);

-- The demo's movable clock: what is added to real time. One row, changed by `konter clock` and by tests.
CREATE TABLE clock_offset (
    is_only  boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    offset_s bigint  NOT NULL DEFAULT 0
);
INSERT INTO clock_offset DEFAULT VALUES;

-- Which version of each kept-in-memory reference a process must have: read in every batch, raised by whoever changes one.
CREATE TABLE reference_version (
    name    text PRIMARY KEY,
    version bigint NOT NULL
);
INSERT INTO reference_version VALUES ('rules', 1), ('catalogue', 1);

-- What this database is for, and for a demo what was built.
CREATE TABLE instance (
    is_only    boolean PRIMARY KEY DEFAULT true CHECK (is_only),
    mode       text NOT NULL CHECK (mode IN ('live', 'demo', 'test')),
    seed       bigint,
    created_at timestamptz NOT NULL,
    ready_at   timestamptz,
    facts      jsonb NOT NULL DEFAULT '{}'
);

-- Marks of limits (OTPs an hour, wrong verify codes): how often at a moment; who asks looks back from now.
CREATE TABLE rate_window (
    key       text        NOT NULL,
    cell      integer     NOT NULL,
    window_at timestamptz NOT NULL,
    count     integer     NOT NULL,
    PRIMARY KEY (key, window_at, cell)
);

--------------------------------------------------------------------------------------------------------------- rules

-- The rule in force is the newest valid_from not after the moment. A future row may be cancelled; the past never changes.
CREATE TABLE rule (
    key          text        NOT NULL,
    valid_from   timestamptz NOT NULL,
    value        jsonb       NOT NULL,
    ruleset      text        NOT NULL,
    recorded_at  timestamptz NOT NULL,
    actor        text        NOT NULL,
    cancelled_at timestamptz,
    PRIMARY KEY (key, valid_from)
);

------------------------------------------------------------------------------------------------------------- channel

CREATE TABLE area (
    code   text PRIMARY KEY,
    parent text REFERENCES area (code),
    level  text NOT NULL CHECK (level IN ('area', 'region', 'branch', 'cluster')),
    name   text NOT NULL
);

-- Strategic business partners: who supplies and answers for outlets. [D-57]
CREATE TABLE partner (
    id        bigint PRIMARY KEY,
    code      text NOT NULL UNIQUE,
    name      text NOT NULL,
    area      text NOT NULL REFERENCES area (code),
    status    text NOT NULL CHECK (status IN ('active', 'ended')),
    opened_at timestamptz NOT NULL
);

-- status: active sells; suspended may be lifted by staff; terminated is final.
CREATE TABLE outlet (
    id          bigint  NOT NULL,
    cell        integer NOT NULL,
    code        text    NOT NULL,
    name        text    NOT NULL,
    kind        text    NOT NULL CHECK (kind IN ('outlet', 'individual')),
    partner_id  bigint  NOT NULL,
    area        text    NOT NULL,
    segment     text    NOT NULL,
    zone        text    NOT NULL CHECK (zone IN ('Asia/Jakarta', 'Asia/Makassar', 'Asia/Jayapura')),
    address     text    NOT NULL,
    wallet_id   bigint  NOT NULL,
    status      text    NOT NULL CHECK (status IN ('active', 'suspended', 'terminated')),
    opened_at   timestamptz NOT NULL,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX outlet_partner ON outlet (partner_id, id, cell);

-- One row per outlet code, in the cell of the code.
CREATE TABLE outlet_code (
    code      text    NOT NULL,
    cell      integer NOT NULL,
    outlet_id bigint  NOT NULL,
    PRIMARY KEY (code, cell)
);

-- A reseller number belongs to one outlet. [D-31, D-34]
CREATE TABLE reseller_number (
    msisdn    bigint  NOT NULL,
    cell      integer NOT NULL,
    outlet_id bigint  NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (msisdn, cell)
);

-- A notification number is one user's at one outlet; a released one is kept until its cool-down ends. [D-22, D-26, D-28]
CREATE TABLE notification_number (
    msisdn    bigint  NOT NULL,
    cell      integer NOT NULL,
    outlet_id bigint  NOT NULL,
    user_id   bigint  NOT NULL,
    type      text    NOT NULL CHECK (type IN ('OWNER', 'RESELLER', 'FRONTLINER', 'FAMILY', 'OWNER_OTHER')),
    linked_at timestamptz NOT NULL,
    free_from timestamptz,
    PRIMARY KEY (msisdn, cell)
);

-- A user of an outlet, in the outlet's cell. Exactly one notification number. [D-22, D-60]
CREATE TABLE outlet_user (
    id                  bigint  NOT NULL,
    cell                integer NOT NULL,
    outlet_id           bigint  NOT NULL,
    username            text    NOT NULL,
    name                text    NOT NULL,
    role                text    NOT NULL CHECK (role IN ('OUTLET_OWNER', 'FRONTLINER')),
    nn_msisdn           bigint  NOT NULL,
    locale              text    NOT NULL CHECK (locale IN ('id', 'en')),
    status              text    NOT NULL CHECK (status IN ('active', 'blocked', 'ended')),
    password_hash       text    NOT NULL,
    password_initial    boolean NOT NULL,
    password_expires_at timestamptz,
    password_failures   integer NOT NULL DEFAULT 0,
    locked_until        timestamptz,
    pin_salt            bytea   NOT NULL,
    pin_hash            bytea,
    pin_failures        integer NOT NULL DEFAULT 0,
    pin_locked_at       timestamptz,
    opened_at           timestamptz NOT NULL,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX outlet_user_outlet ON outlet_user (outlet_id, id, cell);

CREATE TABLE staff_user (
    id                bigint PRIMARY KEY,
    username          text NOT NULL UNIQUE,
    name              text NOT NULL,
    roles             text[] NOT NULL,
    locale            text NOT NULL CHECK (locale IN ('id', 'en')),
    status            text NOT NULL CHECK (status IN ('active', 'ended')),
    password_hash     text NOT NULL,
    password_failures integer NOT NULL DEFAULT 0,
    locked_until      timestamptz,
    opened_at         timestamptz NOT NULL
);

-------------------------------------------------------------------------------------------------------------- access

-- One row per user name, in the cell of the name; kind tells which table holds the user.
CREATE TABLE username (
    name      text    NOT NULL,
    cell      integer NOT NULL,
    kind      text    NOT NULL CHECK (kind IN ('outlet', 'staff')),
    user_id   bigint  NOT NULL,
    outlet_id bigint,
    PRIMARY KEY (name, cell)
);

-- A login or a reset between its steps, in the cell of the user. purpose: login = session follows; password_reset and
-- pin_reset = a new secret may be set once the OTP is right. The OTP itself is never stored, only its keyed hash.
CREATE TABLE login (
    id           bigint  NOT NULL,
    cell         integer NOT NULL,
    user_id      bigint  NOT NULL,
    outlet_id    bigint  NOT NULL,
    purpose      text    NOT NULL CHECK (purpose IN ('login', 'password_reset', 'pin_reset')),
    msisdn       bigint  NOT NULL,
    otp_salt     bytea   NOT NULL,
    otp_hash     bytea   NOT NULL,
    otp_sent_at  timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    tries        integer NOT NULL DEFAULT 0,
    state        text    NOT NULL CHECK (state IN ('sent', 'passed', 'used', 'dead')),
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX login_user ON login (user_id, created_at, cell);

-- Server-side, revocable at once; the token's secret is kept as a hash. outlet_id is null for staff.
CREATE TABLE session (
    id           bigint  NOT NULL,
    cell         integer NOT NULL,
    kind         text    NOT NULL CHECK (kind IN ('outlet', 'staff')),
    user_id      bigint  NOT NULL,
    outlet_id    bigint,
    token_hash   bytea   NOT NULL,
    agent        text    NOT NULL,
    address      text    NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    revoked_at   timestamptz,
    revoked_by   text,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX session_of_user ON session (user_id, created_at, cell);

--------------------------------------------------------------------------------------------------------------- terms

CREATE TABLE document (
    code       text NOT NULL,
    version    text NOT NULL,
    valid_from timestamptz NOT NULL,
    title_id   text NOT NULL,
    title_en   text NOT NULL,
    text_id    text NOT NULL,
    text_en    text NOT NULL,
    PRIMARY KEY (code, version)
);

-- Who accepted which text, when and how. [D-63, D-75, D-103]
CREATE TABLE acceptance (
    cell    integer NOT NULL,
    user_id bigint  NOT NULL,
    code    text    NOT NULL,
    version text    NOT NULL,
    way     text    NOT NULL CHECK (way IN ('agreed', 'deemed')),
    at      timestamptz NOT NULL,
    session_id bigint,
    PRIMARY KEY (user_id, code, version, cell)
);

----------------------------------------------------------------------------------------------------------- catalogue

CREATE TABLE category (
    code    text PRIMARY KEY,
    name_id text NOT NULL,
    name_en text NOT NULL,
    sort    integer NOT NULL
);

-- kind: recharge credits `nominal` (fixed) or a chosen amount (free: min, max, step) to the main balance; package
-- gives buckets. closed = may not be sold now.
CREATE TABLE product (
    code          text PRIMARY KEY,
    category      text NOT NULL REFERENCES category (code),
    kind          text NOT NULL CHECK (kind IN ('recharge', 'package')),
    name_id       text NOT NULL,
    name_en       text NOT NULL,
    nominal_rp    bigint CHECK (nominal_rp > 0),
    amount_min_rp bigint,
    amount_max_rp bigint,
    amount_step_rp bigint,
    validity_days integer CHECK (validity_days > 0),
    open          boolean NOT NULL,
    sort          integer NOT NULL,
    CHECK (kind <> 'recharge' OR (nominal_rp IS NULL) <> (amount_min_rp IS NULL)),
    CHECK (kind <> 'package' OR validity_days IS NOT NULL)
);

-- What a package puts at the customer: `amount` of `asset` from `source`, for `validity_days` days.
CREATE TABLE product_bucket (
    product       text NOT NULL REFERENCES product (code),
    no            integer NOT NULL CHECK (no BETWEEN 1 AND 8),
    source        text NOT NULL,
    asset         text NOT NULL CHECK (asset IN ('BYTES', 'SECONDS', 'MESSAGES', 'DAYS')),
    amount        bigint NOT NULL CHECK (amount > 0),
    validity_days integer NOT NULL CHECK (validity_days > 0),
    PRIMARY KEY (product, no)
);

-- The price of a product for an area and an outlet segment ('' = any); the most exact row wins, then the newest.
-- For a free denomination cost and suggested price are `*_bp` ten-thousandths of the amount plus the fixed `*_rp`.
CREATE TABLE price (
    product      text NOT NULL REFERENCES product (code),
    area         text NOT NULL DEFAULT '',
    segment      text NOT NULL DEFAULT '',
    valid_from   timestamptz NOT NULL,
    cost_rp      bigint NOT NULL,
    cost_bp      integer NOT NULL DEFAULT 0,
    suggested_rp bigint NOT NULL,
    suggested_bp integer NOT NULL DEFAULT 0,
    recorded_at  timestamptz NOT NULL,
    actor        text NOT NULL,
    PRIMARY KEY (product, area, segment, valid_from),
    CHECK (cost_rp >= 0 AND cost_bp >= 0 AND cost_rp + cost_bp > 0),
    CHECK (suggested_rp >= 0 AND suggested_bp >= 0)
);

---------------------------------------------------------------------------------------------------------- subscriber

-- A customer's use of one number, in the number's cell. Whether it is active, in grace or expired follows from
-- `active_until`, the first moment at which it is no longer active.
CREATE TABLE subscription (
    id           bigint  NOT NULL,
    cell         integer NOT NULL,
    msisdn       bigint  NOT NULL,
    brand        text    NOT NULL,
    kind         text    NOT NULL CHECK (kind IN ('prepaid', 'postpaid')),
    locale       text    NOT NULL CHECK (locale IN ('id', 'en')),
    main_id      bigint  NOT NULL,
    active_until timestamptz NOT NULL,
    activated_at timestamptz NOT NULL,
    ended_at     timestamptz,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK (cell = ((msisdn * 40503) >> 8 & 255))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX subscription_live_msisdn ON subscription (msisdn, cell) WHERE ended_at IS NULL;

--------------------------------------------------------------------------------------------------------------- sales

-- status: checking = taken, outcome not yet known, moved on by the fulfilment or the reconciler; done = delivered;
-- refunded = not delivered, money back. A reversal by staff is a row of its own, the sale stays done.
CREATE TABLE sale (
    id             bigint  NOT NULL,
    cell           integer NOT NULL,
    outlet_id      bigint  NOT NULL,
    user_id        bigint  NOT NULL,
    client_ref     uuid    NOT NULL,
    request_hash   bytea   NOT NULL,
    product        text    NOT NULL,
    msisdn         bigint  NOT NULL,
    subscription_id bigint NOT NULL,
    nominal_rp     bigint  NOT NULL,
    price_rp       bigint  NOT NULL,
    cost_rp        bigint  NOT NULL,
    tax_rp         bigint  NOT NULL,
    balance_before_rp bigint NOT NULL,
    balance_after_rp  bigint NOT NULL,
    status         text    NOT NULL CHECK (status IN ('checking', 'done', 'refunded')),
    delivery       jsonb   NOT NULL,
    why            jsonb   NOT NULL,
    rule           text    NOT NULL,
    at             timestamptz NOT NULL,
    resolved_at    timestamptz,
    deadline       timestamptz,
    PRIMARY KEY (id, cell),
    CONSTRAINT sale_client_ref UNIQUE (outlet_id, client_ref, cell),
    CHECK (cell = (id & 255)),
    CHECK (status = 'checking' OR resolved_at IS NOT NULL)
);
CREATE INDEX sale_of_outlet ON sale (outlet_id, at, id, cell);
CREATE INDEX sale_duplicate ON sale (outlet_id, msisdn, product, at, cell);
CREATE INDEX sale_of_subscription ON sale (subscription_id, at);

-- Four eyes: asked by one member of staff, decided by another. state: asked, then done or declined.
CREATE TABLE reversal (
    id          bigint  NOT NULL,
    cell        integer NOT NULL,
    sale_id     bigint  NOT NULL,
    reason      text    NOT NULL,
    state       text    NOT NULL CHECK (state IN ('asked', 'done', 'declined')),
    asked_by    bigint  NOT NULL,
    asked_at    timestamptz NOT NULL,
    decided_by  bigint,
    decided_at  timestamptz,
    refund_rp   bigint,
    balance_before_rp bigint,
    balance_after_rp  bigint,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK ((state = 'asked') = (decided_by IS NULL)),
    CHECK (decided_by IS NULL OR decided_by <> asked_by)
);
CREATE UNIQUE INDEX reversal_live ON reversal (sale_id, cell) WHERE state <> 'declined';

-- A purchase of selling balance by the outlet from its partner, as far as the wallet needs it: the money side. [D-67]
CREATE TABLE wallet_purchase (
    id         bigint  NOT NULL,
    cell       integer NOT NULL,
    outlet_id  bigint  NOT NULL,
    client_ref uuid    NOT NULL,
    amount_rp  bigint  NOT NULL CHECK (amount_rp > 0),
    actor      text    NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (id, cell),
    CONSTRAINT wallet_purchase_ref UNIQUE (outlet_id, client_ref, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX wallet_purchase_of_outlet ON wallet_purchase (outlet_id, at, cell);

----------------------------------------------------------------------------------------------------------- messaging

-- What a handset of the demo and of tests has received or sent; rows, because worker and server are different processes.
CREATE TABLE handset_message (
    id        bigint  NOT NULL,
    cell      integer NOT NULL,
    msisdn    bigint  NOT NULL,
    direction text    NOT NULL CHECK (direction IN ('in', 'out')),
    peer      text    NOT NULL,
    text      text    NOT NULL,
    at        timestamptz NOT NULL,
    outbox_id bigint,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX handset_message_msisdn ON handset_message (msisdn, at, id, cell);
CREATE UNIQUE INDEX handset_message_once ON handset_message (outbox_id, cell) WHERE outbox_id IS NOT NULL;

-------------------------------------------------------------------------------------- foreign keys, after the tables

ALTER TABLE account ADD CONSTRAINT account_owner_fk FOREIGN KEY (owner_id, cell) REFERENCES owner (id, cell);
ALTER TABLE outlet ADD CONSTRAINT outlet_owner_fk FOREIGN KEY (id, cell) REFERENCES owner (id, cell);
ALTER TABLE outlet ADD CONSTRAINT outlet_partner_fk FOREIGN KEY (partner_id) REFERENCES partner (id);
ALTER TABLE outlet ADD CONSTRAINT outlet_area_fk FOREIGN KEY (area) REFERENCES area (code);
ALTER TABLE outlet_user ADD CONSTRAINT outlet_user_outlet_fk FOREIGN KEY (outlet_id, cell) REFERENCES outlet (id, cell);
ALTER TABLE subscription ADD CONSTRAINT subscription_owner_fk FOREIGN KEY (id, cell) REFERENCES owner (id, cell);
ALTER TABLE login ADD CONSTRAINT login_user_fk FOREIGN KEY (user_id, cell) REFERENCES outlet_user (id, cell);
ALTER TABLE reversal ADD CONSTRAINT reversal_sale_fk FOREIGN KEY (sale_id, cell) REFERENCES sale (id, cell);
ALTER TABLE acceptance ADD CONSTRAINT acceptance_document_fk FOREIGN KEY (code, version) REFERENCES document (code, version);
-- Entries, transfers and sales carry no foreign keys on purpose: see docs/adr/0005-one-statement-per-batch.md.

-- The application works as konter_app, which may add to the ledger and the audit but never change them.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'konter_app') THEN
        CREATE ROLE konter_app NOLOGIN;
    END IF;
    EXECUTE format('GRANT konter_app TO %I', current_user);
END
$$;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO konter_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO konter_app;
GRANT USAGE ON SCHEMA public TO konter_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO konter_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO konter_app;
REVOKE UPDATE, DELETE, TRUNCATE ON entry, audit FROM konter_app;
REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON migration FROM konter_app;
