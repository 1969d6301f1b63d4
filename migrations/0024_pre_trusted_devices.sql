-- Devices on which a user of an outlet is asked for no OTP for some days, where the rules allow it. [G-D03]
CREATE TABLE trusted_device (
    id           bigint  NOT NULL,
    cell         integer NOT NULL,
    user_id      bigint  NOT NULL,
    token_hash   bytea   NOT NULL,
    agent        text    NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    revoked_by   text,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX trusted_device_user ON trusted_device (user_id, created_at, cell);
ALTER TABLE trusted_device ADD CONSTRAINT trusted_device_user_fk
    FOREIGN KEY (user_id, cell) REFERENCES outlet_user (id, cell);

GRANT SELECT, INSERT, UPDATE, DELETE ON trusted_device TO konter_app;
REVOKE DELETE, TRUNCATE ON trusted_device FROM konter_app;
