-- A reversal in steps: what is held of the customer's until whoever delivered has taken it back.

-- state: asked, then approved, done or declined; approved = agreed to, and what was delivered is being taken back, which
-- ends in done, in declined (`declined_why`: what the network said), or in asked again, where the customer has spent it.
-- hold_id: the pending transfer in the customer's cell; done_at: when the money was back, if not when it was decided.
ALTER TABLE reversal
    DROP CONSTRAINT reversal_state_check,
    ADD COLUMN hold_id bigint,
    ADD COLUMN deadline timestamptz,
    ADD COLUMN declined_why text,
    ADD COLUMN done_at timestamptz;
ALTER TABLE reversal ADD CONSTRAINT reversal_state_check
    CHECK (state IN ('asked', 'approved', 'done', 'declined')) NOT VALID;
ALTER TABLE reversal ADD CONSTRAINT reversal_approved_is_held
    CHECK (state <> 'approved' OR (hold_id IS NOT NULL AND deadline IS NOT NULL)) NOT VALID;
ALTER TABLE reversal ADD CONSTRAINT reversal_done_at CHECK (done_at IS NULL OR state = 'done') NOT VALID;

-- The work list of reversals that are under way: one row for each from its approval until both sides are booked.
CREATE TABLE reversal_check (
    reversal_id bigint  NOT NULL,
    cell        integer NOT NULL,
    due_at      timestamptz NOT NULL,
    checks      integer NOT NULL DEFAULT 0,
    taken_until timestamptz,
    PRIMARY KEY (reversal_id, cell),
    CHECK (cell = (reversal_id & 255))
) WITH (fillfactor = 70);
CREATE INDEX reversal_check_due ON reversal_check (due_at, cell);

GRANT SELECT, INSERT, UPDATE, DELETE ON reversal_check TO konter_app;
