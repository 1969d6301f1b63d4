-- Sales in two steps: what is open, what was received, and how a sale ended.

-- Once per transfer id, in the receiver's cell: what became of value that another cell holds in transit.
-- outcome: received = credited here; refused = never will be, whatever comes later under this id.
CREATE TABLE receipt (
    transfer_id bigint  NOT NULL,
    cell        integer NOT NULL,
    owner_id    bigint  NOT NULL,
    outcome     text    NOT NULL CHECK (outcome IN ('received', 'refused')),
    data        jsonb   NOT NULL,
    at          timestamptz NOT NULL,
    PRIMARY KEY (transfer_id, cell),
    CHECK (cell = (owner_id & 255))
);

-- route: direct = in one step; cell = the receiver's cell answers; network = an external charging system answers first.
-- reason: the code of why a sale was refunded. hold_until: the seller may cancel until then, and nothing is sent before.
ALTER TABLE sale
    ALTER COLUMN delivery DROP NOT NULL,
    ADD COLUMN route text NOT NULL DEFAULT 'direct',
    ADD COLUMN transfer_id bigint,
    ADD COLUMN hold_until timestamptz,
    ADD COLUMN reason text,
    ADD COLUMN refund_before_rp bigint,
    ADD COLUMN refund_after_rp bigint;
ALTER TABLE sale ADD CONSTRAINT sale_route_check CHECK (route IN ('direct', 'cell', 'network')) NOT VALID;
ALTER TABLE sale ADD CONSTRAINT sale_done_is_delivered CHECK (status <> 'done' OR delivery IS NOT NULL) NOT VALID;
ALTER TABLE sale ADD CONSTRAINT sale_refunded_has_reason
    CHECK (status <> 'refunded' OR (reason IS NOT NULL AND refund_after_rp IS NOT NULL)) NOT VALID;
ALTER TABLE sale ADD CONSTRAINT sale_checking_can_end
    CHECK (status <> 'checking' OR (deadline IS NOT NULL AND transfer_id IS NOT NULL)) NOT VALID;

-- The work list of sales whose outcome is not known: one row for each that is checking, gone when it ends. It is small,
-- so that neither the sale nor its indexes carry what only the open ones need.
CREATE TABLE sale_check (
    sale_id     bigint  NOT NULL,
    cell        integer NOT NULL,
    due_at      timestamptz NOT NULL,
    checks      integer NOT NULL DEFAULT 0,
    taken_until timestamptz,
    PRIMARY KEY (sale_id, cell),
    CHECK (cell = (sale_id & 255))
) WITH (fillfactor = 70);
CREATE INDEX sale_check_due ON sale_check (due_at, cell);

-- How long an outlet may take a sale back before it is sent; 0: it is sent at once.
ALTER TABLE outlet ADD COLUMN hold_s integer NOT NULL DEFAULT 0 CHECK (hold_s BETWEEN 0 AND 600);

GRANT SELECT, INSERT, UPDATE, DELETE ON receipt, sale_check TO konter_app;
REVOKE UPDATE, DELETE, TRUNCATE ON receipt FROM konter_app;
