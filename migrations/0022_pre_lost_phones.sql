-- Lost phones with a seller's number, and how fresh the SIM is that an OTP goes to. [D-48, D-52]

-- A report, in the cell of the number. From then on the number neither logs in, nor gets an OTP, nor sells; until
-- lifted_at, by the replacement of the SIM or by staff with a reason. way: who said so: the user's own password or
-- session, the outlet's owner, the partner, staff, or a
-- machine that speaks for one of them.
CREATE TABLE lost_phone (
    id          bigint  NOT NULL,
    cell        integer NOT NULL,
    msisdn      bigint  NOT NULL,
    way         text    NOT NULL CHECK (way IN ('self', 'owner', 'partner', 'staff', 'client')),
    note        text    NOT NULL,
    reported_by text    NOT NULL,
    reported_at timestamptz NOT NULL,
    lifted_by   text,
    lifted_at   timestamptz,
    lifted_why  text,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK (cell = ((msisdn * 40503 >> 8) & 255)),
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL) AND (lifted_at IS NULL) = (lifted_why IS NULL))
);
CREATE UNIQUE INDEX lost_phone_open ON lost_phone (msisdn, cell) WHERE lifted_at IS NULL;
CREATE INDEX lost_phone_waiting ON lost_phone (reported_at, id, cell) WHERE lifted_at IS NULL;
CREATE INDEX lost_phone_msisdn ON lost_phone (msisdn, reported_at, cell);

-- lost_at: since when the phone with the user's number is reported lost; kept beside the status, which others set and
-- lift for reasons of their own. cooling_from: when the SIM was replaced that an OTP was asked for; sales are limited for
-- some hours from then.
ALTER TABLE outlet_user
    ADD COLUMN lost_at      timestamptz,
    ADD COLUMN cooling_from timestamptz;
ALTER TABLE partner_user ADD COLUMN lost_at timestamptz;

-- When the SIM of a number was last replaced; null where it never was.
ALTER TABLE subscription ADD COLUMN sim_changed_at timestamptz;

GRANT SELECT, INSERT, UPDATE, DELETE ON lost_phone TO konter_app;
REVOKE DELETE, TRUNCATE ON lost_phone FROM konter_app;
