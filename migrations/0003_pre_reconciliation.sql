-- The daily comparison of sales, ledger and network: the network's files, what does not fit, and what is done about it.

-- A network's file of a WIB day that was taken, by what is in it: the same one again changes nothing. The lines kept are
-- those of the newest file of a day.
CREATE TABLE statement_file (
    day       date   NOT NULL,
    digest    bytea  NOT NULL,
    lines     bigint NOT NULL,
    done_rp   bigint NOT NULL,
    loaded_at timestamptz NOT NULL,
    actor     text   NOT NULL,
    PRIMARY KEY (day, digest)
);

-- What the network says of a transfer, in the transfer's cell.
CREATE TABLE statement_line (
    transfer_id bigint  NOT NULL,
    cell        integer NOT NULL,
    day         date    NOT NULL,
    msisdn      bigint  NOT NULL,
    product     text    NOT NULL,
    nominal_rp  bigint  NOT NULL CHECK (nominal_rp >= 0),
    state       text    NOT NULL CHECK (state IN ('done', 'refused', 'voided')),
    at          timestamptz NOT NULL,
    PRIMARY KEY (transfer_id, day, cell),
    CHECK (cell = (transfer_id & 255))
);
CREATE INDEX statement_line_day ON statement_line (day, cell);

-- An item of work: one thing that does not fit, in the cell of its transfer (transfer 0: the whole day's file). Opened once
-- for ever, by whoever sees it first. state: open, then solved, by a rule when the matter is gone, or by a person who
-- says why.
CREATE TABLE work_item (
    id          bigint  NOT NULL,
    cell        integer NOT NULL,
    kind        text    NOT NULL,
    transfer_id bigint  NOT NULL,
    day         date    NOT NULL,
    sale_id     bigint,
    story       jsonb   NOT NULL,
    state       text    NOT NULL CHECK (state IN ('open', 'solved')),
    opened_at   timestamptz NOT NULL,
    taken_by    bigint,
    taken_at    timestamptz,
    solved_at   timestamptz,
    solved_rule text,
    solved_by   bigint,
    solved_why  text,
    PRIMARY KEY (id, cell),
    CONSTRAINT work_item_once UNIQUE (kind, transfer_id, day, cell),
    CHECK (cell = (id & 255) AND cell = (transfer_id & 255)),
    CHECK ((taken_by IS NULL) = (taken_at IS NULL)),
    CHECK ((state = 'solved') = (solved_at IS NOT NULL)),
    CHECK ((state = 'solved') = ((solved_rule IS NOT NULL) <> (solved_by IS NOT NULL))),
    CHECK ((solved_by IS NULL) = (solved_why IS NULL))
);
CREATE INDEX work_item_open ON work_item (id, cell) WHERE state = 'open';
CREATE INDEX work_item_of_sale ON work_item (sale_id, cell) WHERE sale_id IS NOT NULL;

-- A refunded sale that the customer got all the same, put right with four eyes: asked by one, decided by another. state:
-- asked, then done or declined. payer: who bears the cost; `if_held` = the outlet if its wallet holds it, else the house.
-- delivery: what was booked for the customer.
CREATE TABLE adjustment (
    id          bigint  NOT NULL,
    cell        integer NOT NULL,
    sale_id     bigint  NOT NULL,
    payer       text    NOT NULL CHECK (payer IN ('outlet', 'house', 'if_held')),
    reason      text    NOT NULL,
    state       text    NOT NULL CHECK (state IN ('asked', 'done', 'declined')),
    asked_by    bigint  NOT NULL,
    asked_at    timestamptz NOT NULL,
    decided_by  bigint,
    decided_at  timestamptz,
    delivery    jsonb,
    charged_rp  bigint CHECK (charged_rp >= 0),
    written_off_rp bigint CHECK (written_off_rp >= 0),
    balance_before_rp bigint,
    balance_after_rp  bigint,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255) AND cell = (sale_id & 255)),
    CHECK ((state = 'asked') = (decided_by IS NULL)),
    CHECK (decided_by IS NULL OR decided_by <> asked_by),
    CHECK ((state = 'done') = (delivery IS NOT NULL AND charged_rp IS NOT NULL AND written_off_rp IS NOT NULL))
);
CREATE UNIQUE INDEX adjustment_live ON adjustment (sale_id, cell) WHERE state <> 'declined';
CREATE INDEX adjustment_asked ON adjustment (asked_at, id, cell) WHERE state = 'asked';

-- A day's receipts are found by their moments; they arrive in order of time, so a block index is enough.
CREATE INDEX receipt_at ON receipt USING brin (at);

ALTER TABLE adjustment ADD CONSTRAINT adjustment_sale_fk FOREIGN KEY (sale_id, cell) REFERENCES sale (id, cell);

GRANT SELECT, INSERT, UPDATE, DELETE ON statement_file, statement_line, work_item, adjustment TO konter_app;
REVOKE DELETE, TRUNCATE ON work_item, adjustment FROM konter_app;
