-- Customers speak first: texts to short numbers, and sessions of USSD.

-- A text from a phone to a short number, kept once: `ref` is the sending side's own name of it, so that the same one
-- delivered again is seen. state: waiting = a worker will answer it; answered = its answer stands in the outbox;
-- silent = beyond the bound per hour of its number, never answered.
CREATE TABLE inbound_text (
    id           bigint      NOT NULL,
    cell         integer     NOT NULL,
    msisdn       bigint      NOT NULL,
    short_number text        NOT NULL CHECK (short_number ~ '^[0-9]{2,6}$'),
    ref          text        NOT NULL CHECK (length(ref) BETWEEN 1 AND 80),
    text         text        NOT NULL,
    at           timestamptz NOT NULL,
    state        text        NOT NULL CHECK (state IN ('waiting', 'answered', 'silent')),
    answered_at  timestamptz,
    PRIMARY KEY (id, cell),
    CONSTRAINT inbound_text_once UNIQUE (msisdn, ref, cell),
    CHECK (cell = (id & 255)),
    CHECK ((state = 'answered') = (answered_at IS NOT NULL))
);
CREATE INDEX inbound_text_recent ON inbound_text (msisdn, at, cell);
CREATE INDEX inbound_text_at ON inbound_text USING brin (at);

-- A dialogue by USSD. `ref` is the network's own name of the session. `step` counts what the phone has sent, the dialled
-- string being step 0; `answer` is what it was told last, and is said again when the network repeats itself. `state` is where the dialogue stands: what was chosen so far and the screen in sight; it is emptied
-- when the session ends, as what people type may be a secret.
CREATE TABLE ussd_session (
    id           bigint      NOT NULL,
    cell         integer     NOT NULL,
    msisdn       bigint      NOT NULL,
    ref          text        NOT NULL CHECK (length(ref) BETWEEN 1 AND 80),
    service_code text        NOT NULL,
    step         integer     NOT NULL CHECK (step >= 0),
    answer       text        NOT NULL,
    state        jsonb       NOT NULL,
    opened_at    timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    ended_at     timestamptz,
    PRIMARY KEY (id, cell),
    CONSTRAINT ussd_session_ref UNIQUE (msisdn, ref, cell),
    CHECK (cell = (id & 255)),
    CHECK (ended_at IS NULL OR state = '{}')
);
CREATE INDEX ussd_session_recent ON ussd_session (msisdn, opened_at, cell);
CREATE INDEX ussd_session_opened ON ussd_session USING brin (opened_at);
