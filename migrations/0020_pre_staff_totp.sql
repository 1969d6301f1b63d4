-- Staff log in with a one-time password from their authenticator app, and change the password that somebody gave them.

-- totp_required = false opens the office by password alone; a live instance does not look at it (access/staff).
-- totp_secret is sealed; it counts from totp_enrolled_at on. totp_step: the last time step that was used, never again.
ALTER TABLE staff_user
    ADD COLUMN password_initial    boolean NOT NULL DEFAULT false,
    ADD COLUMN password_expires_at timestamptz,
    ADD COLUMN totp_required       boolean NOT NULL DEFAULT true,
    ADD COLUMN totp_secret         text,
    ADD COLUMN totp_enrolled_at    timestamptz,
    ADD COLUMN totp_step           bigint;
ALTER TABLE staff_user ADD CONSTRAINT staff_enrolled_has_secret
    CHECK (totp_enrolled_at IS NULL OR (totp_secret IS NOT NULL AND totp_step IS NOT NULL)) NOT VALID;
-- Those that were here before go on as they could, outside of a live instance.
UPDATE staff_user SET totp_required = false;

-- A log-in of staff between password and code. state: waiting; used and dead are final, moved there by the right code,
-- a newer log-in, or a change of the account.
CREATE TABLE staff_login (
    id         bigint  NOT NULL,
    cell       integer NOT NULL,
    staff_id   bigint  NOT NULL,
    state      text    NOT NULL CHECK (state IN ('waiting', 'used', 'dead')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX staff_login_staff ON staff_login (staff_id, cell) WHERE state = 'waiting';
ALTER TABLE staff_login ADD CONSTRAINT staff_login_staff_fk FOREIGN KEY (staff_id) REFERENCES staff_user (id);

GRANT SELECT, INSERT, UPDATE, DELETE ON staff_login TO konter_app;
