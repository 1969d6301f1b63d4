-- Service offices: where customers and sellers go with what cannot be done from afar. Small, read often, brought in from
-- files; no row is ever deleted, one that closed says so. [D-53]
-- hours: as OpenStreetMap writes them, `Mo-Fr 08:00-16:00; Sa 09:00-13:00`, at the clock of its district's zone.
CREATE TABLE service_office (
    code          text PRIMARY KEY CHECK (code ~ '^[A-Z0-9][A-Z0-9-]{1,19}$'),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    address       text NOT NULL CHECK (length(address) BETWEEN 1 AND 200),
    district      text NOT NULL,
    latitude_udeg  integer CHECK (latitude_udeg BETWEEN -90000000 AND 90000000),
    longitude_udeg integer CHECK (longitude_udeg BETWEEN -180000000 AND 180000000),
    hours         text NOT NULL CHECK (length(hours) BETWEEN 1 AND 200),
    services      text[] NOT NULL CHECK (services <@ ARRAY[
        'sim_replacement', 'sim_migration', 'registration', 'complaint', 'bill_payment', 'postpaid', 'seller_help']),
    status        text NOT NULL CHECK (status IN ('open', 'closed')), -- an import says which, either way
    changed_at    timestamptz NOT NULL,
    CHECK ((latitude_udeg IS NULL) = (longitude_udeg IS NULL))
);
ALTER TABLE service_office ADD CONSTRAINT service_office_district_fk FOREIGN KEY (district) REFERENCES region (code);
CREATE INDEX service_office_district ON service_office (district COLLATE "C", code) WHERE status = 'open';

-- Using a service forms an agreement on the version of its terms that is in force: which one that was when the number was
-- activated, or when somebody began to apply. NULL: from before it was kept, or no such document was in force. [T-01]
ALTER TABLE subscription ADD COLUMN terms_version text CHECK (length(terms_version) BETWEEN 1 AND 20);
ALTER TABLE application ADD COLUMN terms_version text CHECK (length(terms_version) BETWEEN 1 AND 20);

-- A visit that field sales filed, with the survey of display and stock; never changed. client_ref: the phone's, so that a
-- form sent twice is one visit. day: by the outlet's own clock. [D-66]
CREATE TABLE visit (
    id             bigint   NOT NULL,
    cell           integer  NOT NULL CHECK (cell = id & 255),
    outlet_id      bigint   NOT NULL,
    field_sales_id bigint   NOT NULL,
    client_ref     uuid     NOT NULL,
    at             timestamptz NOT NULL,
    day            date     NOT NULL,
    display        text     NOT NULL CHECK (display IN ('good', 'partly', 'none')),
    starter_packs  integer  NOT NULL CHECK (starter_packs BETWEEN 0 AND 100000),
    vouchers       integer  NOT NULL CHECK (vouchers BETWEEN 0 AND 100000),
    note           text     NOT NULL CHECK (length(note) <= 200),
    PRIMARY KEY (id, cell),
    CHECK (cell = outlet_id & 255)
);
CREATE UNIQUE INDEX visit_client_ref ON visit (outlet_id, client_ref, cell);
CREATE INDEX visit_of_outlet ON visit (outlet_id, day DESC, id DESC, cell);
ALTER TABLE visit ADD CONSTRAINT visit_outlet_fk FOREIGN KEY (outlet_id, cell) REFERENCES outlet (id, cell);
