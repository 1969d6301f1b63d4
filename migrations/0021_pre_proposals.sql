-- What takes two pairs of eyes: one proposes, another decides, and the decision does it in the same transaction.

-- state: waiting, until somebody else of the staff approves or rejects it, or until expires_at; then approved, rejected,
-- or lapsed (set by whoever proposes the same again). In the cell of its subject.
CREATE TABLE proposal (
    id          bigint  NOT NULL,
    cell        integer NOT NULL,
    kind        text    NOT NULL,
    subject_id  bigint  NOT NULL,
    data        jsonb   NOT NULL,
    reason      text    NOT NULL,
    state       text    NOT NULL CHECK (state IN ('waiting', 'approved', 'rejected', 'lapsed')),
    proposed_by bigint  NOT NULL,
    proposed_at timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    decided_by  bigint,
    decided_at  timestamptz,
    decided_why text,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK (cell = (subject_id & 255)),
    CHECK (decided_by IS DISTINCT FROM proposed_by),
    CHECK ((decided_by IS NULL) = (decided_at IS NULL)),
    CHECK ((state IN ('approved', 'rejected')) = (decided_by IS NOT NULL))
);
CREATE UNIQUE INDEX proposal_once ON proposal (kind, subject_id, cell) WHERE state = 'waiting';
CREATE INDEX proposal_waiting ON proposal (proposed_at, id, cell) WHERE state = 'waiting';
CREATE INDEX proposal_subject ON proposal (subject_id, proposed_at, cell);

ALTER TABLE proposal ADD CONSTRAINT proposal_proposed_by_fk FOREIGN KEY (proposed_by) REFERENCES staff_user (id);
ALTER TABLE proposal ADD CONSTRAINT proposal_decided_by_fk FOREIGN KEY (decided_by) REFERENCES staff_user (id);

GRANT SELECT, INSERT, UPDATE, DELETE ON proposal TO konter_app;
REVOKE DELETE, TRUNCATE ON proposal FROM konter_app;
