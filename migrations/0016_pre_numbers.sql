-- Numbers of outlets: at one outlet at a time whatever for, each registration kept for ever, duplicates as items of work.
-- [D-19, D-20, D-22, D-26, D-31..D-34, G-D05..G-D07]

-- Every number that an outlet has, as reseller number, as a user's notification number or as seller number of the older
-- channel, for as long as it has one of these roles. The roles below refer to number and outlet together, so that no
-- number can have a role at two outlets.
CREATE TABLE outlet_number (
    msisdn    bigint  NOT NULL,
    cell      integer NOT NULL,
    outlet_id bigint  NOT NULL,
    PRIMARY KEY (msisdn, cell),
    CONSTRAINT outlet_number_at UNIQUE (msisdn, outlet_id, cell),
    CHECK (cell = ((msisdn * 40503) >> 8 & 255))
);

-- Who had which number, from when to when and why: one row per registration, never deleted.
-- kind: RS at an outlet; NN of a user there. why: how it began and how it ended; disabled is the end by a conflict.
CREATE TABLE number_registration (
    id        bigint  NOT NULL,
    cell      integer NOT NULL,
    msisdn    bigint  NOT NULL,
    kind      text    NOT NULL CHECK (kind IN ('RS', 'NN')),
    outlet_id bigint  NOT NULL,
    user_id   bigint,
    type      text    CHECK (type IN ('OWNER', 'RESELLER', 'FRONTLINER', 'FAMILY', 'OWNER_OTHER')),
    begun_at  timestamptz NOT NULL,
    begun_by  text    NOT NULL,
    begun_why text    NOT NULL CHECK (begun_why IN ('opened', 'registered', 'replaced', 'added', 'moved', 'imported',
                                                    'settled', 'before')),
    ended_at  timestamptz,
    ended_by  text,
    ended_why text    CHECK (ended_why IN ('released', 'replaced', 'moved', 'left', 'disabled')),
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK (cell = ((msisdn * 40503) >> 8 & 255)),
    CHECK ((kind = 'NN') = (user_id IS NOT NULL) AND (kind = 'NN') = (type IS NOT NULL)),
    CHECK ((ended_at IS NULL) = (ended_why IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX number_registration_live ON number_registration (msisdn, kind, cell) WHERE ended_at IS NULL;
CREATE INDEX number_registration_of ON number_registration (msisdn, begun_at, id, cell);

-- The reseller number of an outlet stands at the outlet too: an active one has one. [D-19, D-33]
-- proprietor_id: the first outlet of an owner who has several; null for whoever has one. [D-30]
ALTER TABLE outlet ADD COLUMN rs_msisdn bigint, ADD COLUMN proprietor_id bigint;
CREATE INDEX outlet_proprietor ON outlet (proprietor_id, id, cell) WHERE proprietor_id IS NOT NULL;

-- unlinked: the notification number was released, at `nn_released_at`; linking another makes the user active again.
ALTER TABLE outlet_user
    DROP CONSTRAINT outlet_user_status_check,
    ADD CONSTRAINT outlet_user_status_check CHECK (status IN ('active', 'blocked', 'unlinked', 'ended')) NOT VALID,
    ADD COLUMN nn_released_at timestamptz,
    ADD CONSTRAINT outlet_user_active_has_nn CHECK (status <> 'active' OR nn_released_at IS NULL) NOT VALID;

-- Seller numbers of the older channel, from a file. One is linked with at most one outlet, and never made here. [D-20]
CREATE TABLE seller_number (
    msisdn    bigint  NOT NULL,
    cell      integer NOT NULL,
    name      text    NOT NULL,
    loaded_at timestamptz NOT NULL,
    outlet_id bigint,
    linked_at timestamptz,
    PRIMARY KEY (msisdn, cell),
    CHECK (cell = ((msisdn * 40503) >> 8 & 255)),
    CHECK ((outlet_id IS NULL) = (linked_at IS NULL))
);

-- A reseller number found at two outlets. The older keeps it until somebody, or the rule when it is due, settles who
-- shall have it: open -> settled, by staff or by a job, once. `kept_outlet_id` is one of the two. [D-32, G-D07]
CREATE TABLE number_conflict (
    id              bigint  NOT NULL,
    cell            integer NOT NULL,
    msisdn          bigint  NOT NULL,
    older_outlet_id bigint  NOT NULL,
    older_at        timestamptz NOT NULL,
    newer_outlet_id bigint  NOT NULL,
    newer_at        timestamptz NOT NULL,
    source          text    NOT NULL,
    found_at        timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    state           text    NOT NULL CHECK (state IN ('open', 'settled')),
    kept_outlet_id  bigint,
    settled_at      timestamptz,
    settled_by      text,
    settled_why     text,
    PRIMARY KEY (id, cell),
    CONSTRAINT number_conflict_once UNIQUE (msisdn, newer_outlet_id, cell),
    CHECK (cell = (id & 255)),
    CHECK (older_outlet_id <> newer_outlet_id AND kept_outlet_id IN (older_outlet_id, newer_outlet_id)),
    CHECK ((state = 'open') = (settled_at IS NULL) AND (state = 'open') = (kept_outlet_id IS NULL)
           AND (state = 'open') = (settled_by IS NULL) AND (state = 'open') = (settled_why IS NULL))
);
CREATE INDEX number_conflict_open ON number_conflict (due_at, id, cell) WHERE state = 'open';
CREATE INDEX number_conflict_settled ON number_conflict (settled_at, id, cell) WHERE state = 'settled';

GRANT SELECT, INSERT, UPDATE, DELETE ON outlet_number, seller_number, number_conflict TO konter_app;
GRANT SELECT, INSERT, UPDATE ON number_registration TO konter_app;
REVOKE DELETE, TRUNCATE ON number_registration FROM konter_app;
