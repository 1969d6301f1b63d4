-- Applications to become a seller, the proof that a number is one's own, and the photo of the identity card.
-- [D-01, D-02, D-03, D-05, D-19, D-20, D-56, D-82, G-D08, G-D09]

-- An OTP on its way to a number that somebody says is theirs. state: sent, until the right code makes it used, or too many
-- wrong ones or a newer OTP dead. Swept after two days.
CREATE TABLE number_proof (
    id         bigint      NOT NULL,
    cell       integer     NOT NULL,
    msisdn     bigint      NOT NULL,
    locale     text        NOT NULL CHECK (locale IN ('id', 'en')),
    otp_salt   bytea       NOT NULL,
    otp_hash   bytea       NOT NULL,
    sent_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries      integer     NOT NULL DEFAULT 0,
    state      text        NOT NULL CHECK (state IN ('sent', 'used', 'dead')),
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255))
);
CREATE INDEX number_proof_live ON number_proof (msisdn, cell) WHERE state = 'sent';
CREATE INDEX number_proof_sent ON number_proof (sent_at);

-- In the cell of the number that began it. What names a person is sealed, each field alone; nik_key is a keyed hash.
-- state: draft, until the applicant submits or withdraws it or it lapses; submitted, until the partner of the place
-- recommends; recommended, until the branch approves or rejects, or sends it back to a draft; the others are final.
CREATE TABLE application (
    id               bigint      NOT NULL,
    cell             integer     NOT NULL,
    state            text        NOT NULL CHECK (state IN ('draft', 'submitted', 'recommended', 'approved', 'rejected',
                                                           'withdrawn', 'lapsed')),
    msisdn           bigint,
    numbers          bigint[]    NOT NULL,
    locale           text        NOT NULL CHECK (locale IN ('id', 'en')),
    token_hash       bytea       NOT NULL,
    token_expires_at timestamptz NOT NULL,
    started_at       timestamptz NOT NULL,
    touched_at       timestamptz NOT NULL,
    kind             text        CHECK (kind IN ('outlet', 'individual')),
    outlet_name      text,
    owner_sealed     text,
    nik_sealed       text,
    nik_key          text,
    address_sealed   text,
    district         text,
    latitude_udeg    integer,
    longitude_udeg   integer,
    rs_msisdn        bigint,
    nn_msisdn        bigint,
    ussd_msisdn      bigint,
    photo_at         timestamptz,
    form_version     text,
    signatory_sealed text,
    capacity         text        CHECK (capacity IN ('owner', 'authorised')),
    declared_at      timestamptz,
    submit_ref       uuid,
    submitted_at     timestamptz,
    due_at           timestamptz,
    partner_id       bigint,
    recommended_at   timestamptz,
    recommended_by   text,
    supports         boolean,
    note             text,
    returned_at      timestamptz,
    returned_code    text,
    decided_at       timestamptz,
    decided_by       text,
    reason           text,
    outlet_id        bigint,
    user_id          bigint,
    ended_at         timestamptz,
    erased_at        timestamptz,
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255)),
    CHECK (msisdn IS NOT NULL OR erased_at IS NOT NULL),
    CHECK ((latitude_udeg IS NULL) = (longitude_udeg IS NULL)),
    CONSTRAINT application_queued CHECK (state NOT IN ('submitted', 'recommended')
        OR (submitted_at IS NOT NULL AND due_at IS NOT NULL AND partner_id IS NOT NULL AND district IS NOT NULL)),
    CONSTRAINT application_recommended CHECK (state <> 'recommended' OR recommended_at IS NOT NULL),
    CONSTRAINT application_decided CHECK (state NOT IN ('approved', 'rejected') OR decided_at IS NOT NULL),
    CONSTRAINT application_rejected_why CHECK (state <> 'rejected' OR reason IS NOT NULL),
    CONSTRAINT application_opened CHECK ((state = 'approved') = (outlet_id IS NOT NULL AND user_id IS NOT NULL)),
    CONSTRAINT application_ended CHECK ((state IN ('draft', 'submitted', 'recommended')) = (ended_at IS NULL))
);
CREATE INDEX application_number_began ON application (msisdn, started_at, cell);
CREATE INDEX application_of_partner ON application (partner_id, state, due_at, id)
    WHERE state IN ('submitted', 'recommended');
CREATE INDEX application_of_district ON application (district, state, due_at, id)
    WHERE state IN ('submitted', 'recommended');
CREATE INDEX application_due ON application (state, due_at, id) WHERE state IN ('submitted', 'recommended');
CREATE INDEX application_nik ON application (nik_key) WHERE nik_key IS NOT NULL;
CREATE INDEX application_numbers ON application USING gin (numbers);
CREATE INDEX application_idle ON application (touched_at) WHERE state = 'draft';
CREATE INDEX application_kept ON application (ended_at) WHERE erased_at IS NULL AND state = 'rejected';

-- A number stands in one open application at a time. In the cell of the number.
CREATE TABLE application_number (
    msisdn         bigint      NOT NULL,
    cell           integer     NOT NULL,
    application_id bigint      NOT NULL,
    proved_at      timestamptz NOT NULL,
    PRIMARY KEY (msisdn, cell)
);

-- purpose: open, one application of a person at a time waits for an answer; individual, a person is one individual seller.
CREATE TABLE application_nik_key (
    nik_key        text    NOT NULL,
    cell           integer NOT NULL,
    purpose        text    NOT NULL CHECK (purpose IN ('open', 'individual')),
    application_id bigint  NOT NULL,
    PRIMARY KEY (nik_key, purpose, cell)
);

-- The identity card, re-encoded and sealed.
CREATE TABLE application_photo (
    application_id bigint      NOT NULL,
    cell           integer     NOT NULL,
    sealed         bytea       NOT NULL,
    size_bytes     integer     NOT NULL CHECK (size_bytes > 0),
    at             timestamptz NOT NULL,
    PRIMARY KEY (application_id, cell)
);

ALTER TABLE application ADD CONSTRAINT application_district_fk FOREIGN KEY (district) REFERENCES region (code);
ALTER TABLE application ADD CONSTRAINT application_partner_fk FOREIGN KEY (partner_id) REFERENCES partner (id);
ALTER TABLE application_photo
    ADD CONSTRAINT application_photo_fk FOREIGN KEY (application_id, cell) REFERENCES application (id, cell);

GRANT SELECT, INSERT, UPDATE, DELETE
    ON number_proof, application, application_number, application_nik_key, application_photo TO konter_app;
