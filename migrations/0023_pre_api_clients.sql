-- Machines of partners and integrators: each a client with scopes, and up to two live keys, so that one can take over from
-- the other. Keys are shown once and kept as a keyed hash.
CREATE TABLE api_client (
    id           bigint PRIMARY KEY,
    name         text        NOT NULL,
    scopes       text[]      NOT NULL,
    per_minute   integer     NOT NULL CHECK (per_minute > 0),
    created_by   text        NOT NULL,
    created_at   timestamptz NOT NULL,
    last_used_on date,
    revoked_by   text,
    revoked_at   timestamptz,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE UNIQUE INDEX api_client_name ON api_client (lower(name)) WHERE revoked_at IS NULL;

CREATE TABLE api_key (
    id         bigint PRIMARY KEY,
    client_id  bigint      NOT NULL,
    key_hash   bytea       NOT NULL,
    created_by text        NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_by text,
    revoked_at timestamptz,
    CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE INDEX api_key_client ON api_key (client_id, id);
ALTER TABLE api_key ADD CONSTRAINT api_key_client_fk FOREIGN KEY (client_id) REFERENCES api_client (id);

GRANT SELECT, INSERT, UPDATE, DELETE ON api_client, api_key TO konter_app;
REVOKE DELETE, TRUNCATE ON api_client, api_key FROM konter_app;
