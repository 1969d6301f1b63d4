-- Principals of partners: a partner's administrators and field sales log in as users of outlets do. [D-57, D-60]

-- areas: the clusters that a field-sales person works in; none means wherever the partner does.
-- status: active; blocked may be lifted by staff or the partner's administrator; ended is final.
CREATE TABLE partner_user (
    id                  bigint  NOT NULL,
    cell                integer NOT NULL,
    partner_id          bigint  NOT NULL,
    username            text    NOT NULL,
    name                text    NOT NULL,
    role                text    NOT NULL CHECK (role IN ('SBP_ADMIN', 'SBP_FIELD_SALES')),
    areas               text[]  NOT NULL DEFAULT '{}',
    msisdn              bigint  NOT NULL,
    locale              text    NOT NULL CHECK (locale IN ('id', 'en')),
    status              text    NOT NULL CHECK (status IN ('active', 'blocked', 'ended')),
    password_hash       text    NOT NULL,
    password_initial    boolean NOT NULL,
    password_expires_at timestamptz,
    password_failures   integer NOT NULL DEFAULT 0,
    locked_until        timestamptz,
    opened_at           timestamptz NOT NULL,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK (areas = '{}' OR role = 'SBP_FIELD_SALES')
);
CREATE INDEX partner_user_partner ON partner_user (partner_id, id, cell);

-- One row per number of a partner's user, in the cell of the number, for as long as the user has not ended.
CREATE TABLE partner_number (
    msisdn    bigint  NOT NULL,
    cell      integer NOT NULL,
    user_id   bigint  NOT NULL,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (msisdn, cell)
);

ALTER TABLE username DROP CONSTRAINT username_kind_check;
ALTER TABLE username ADD CONSTRAINT username_kind_check CHECK (kind IN ('outlet', 'partner', 'staff')) NOT VALID;
ALTER TABLE session DROP CONSTRAINT session_kind_check;
ALTER TABLE session ADD CONSTRAINT session_kind_check CHECK (kind IN ('outlet', 'partner', 'staff')) NOT VALID;

-- A login is a user's of an outlet or of a partner; the key to outlet users alone is too narrow for that. The default is
-- for the release before, which runs on meanwhile and names no kind.
ALTER TABLE login
    DROP CONSTRAINT login_user_fk,
    ADD COLUMN kind text NOT NULL DEFAULT 'outlet' CHECK (kind IN ('outlet', 'partner')),
    ALTER COLUMN outlet_id DROP NOT NULL;
ALTER TABLE login ADD CONSTRAINT login_has_outlet CHECK ((kind = 'outlet') = (outlet_id IS NOT NULL)) NOT VALID;

-- The part of the tree that a member of staff acts in; null is the whole operator.
ALTER TABLE staff_user ADD COLUMN area text;

ALTER TABLE partner_user ADD CONSTRAINT partner_user_partner_fk FOREIGN KEY (partner_id) REFERENCES partner (id);
ALTER TABLE staff_user ADD CONSTRAINT staff_user_area_fk FOREIGN KEY (area) REFERENCES area (code);

GRANT SELECT, INSERT, UPDATE, DELETE ON partner_user, partner_number TO konter_app;
