-- Customers come in by an OTP to their own number. [P-30]

-- What a proof is for: a code for one door opens no other. The release before this one wrote those of applicants alone.
ALTER TABLE number_proof ADD COLUMN purpose text NOT NULL DEFAULT 'apply' CHECK (purpose IN ('apply', 'customer'));

-- A customer who is logged in, in the cell of the number. It lives while the subscription does, on the same SIM.
CREATE TABLE customer_session (
    id              bigint      NOT NULL,
    cell            integer     NOT NULL,
    subscription_id bigint      NOT NULL,
    token_hash      bytea       NOT NULL,
    agent           text        NOT NULL,
    address         text        NOT NULL,
    created_at      timestamptz NOT NULL,
    expires_at      timestamptz NOT NULL,
    revoked_at      timestamptz,
    revoked_by      text,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK (expires_at > created_at),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX customer_session_live ON customer_session (subscription_id, created_at, cell) WHERE revoked_at IS NULL;
CREATE INDEX customer_session_expiry ON customer_session (expires_at);
ALTER TABLE customer_session ADD CONSTRAINT customer_session_subscription_fk
    FOREIGN KEY (subscription_id, cell) REFERENCES subscription (id, cell);

GRANT SELECT, INSERT, UPDATE, DELETE ON customer_session TO konter_app;
