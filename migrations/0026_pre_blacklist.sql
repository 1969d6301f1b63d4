-- Who may not register as a seller again. [D-96]

-- key: a keyed hash of a NIK, or a number's digits; cell: that key's. An entry lives until two people have lifted it.
CREATE TABLE blacklist (
    id               bigint      NOT NULL,
    cell             integer     NOT NULL,
    kind             text        NOT NULL CHECK (kind IN ('nik', 'rs', 'nn')),
    key              text        NOT NULL,
    reason           text        NOT NULL,
    since            timestamptz NOT NULL,
    added_by         text        NOT NULL,
    lifted_at        timestamptz,
    lifting_asked_by text,
    lifted_by        text,
    lift_reason      text,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK ((lifted_at IS NULL) = (lifted_by IS NULL)),
    CONSTRAINT blacklist_lifted_by_two CHECK (lifted_by <> lifting_asked_by)
);
CREATE UNIQUE INDEX blacklist_live ON blacklist (key, kind, cell) WHERE lifted_at IS NULL;

GRANT SELECT, INSERT, UPDATE ON blacklist TO konter_app;
