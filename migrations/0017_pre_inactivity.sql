-- When an outlet last sold or bought: a lower bound, written when somebody looks, never by a sale. Who has not been looked
-- at yet has no row. Read together with the outlet's own opening. No foreign key: a row is only
-- ever made from the outlet's own, and proving that again would lock and write each outlet once more. [D-71, D-72]
CREATE TABLE outlet_activity (
    outlet_id bigint      NOT NULL,
    cell      integer     NOT NULL,
    last_at   timestamptz NOT NULL,
    kind      text        NOT NULL CHECK (kind IN ('sale', 'purchase')),
    source_id bigint      NOT NULL,
    PRIMARY KEY (outlet_id, cell),
    CHECK (cell = (outlet_id & 255))
) WITH (fillfactor = 80);

-- A count of days without activity that came so far that the seller was warned: why, since when, what was the last event,
-- which notices went to whom, and what became of it. Kept for ever: it is the evidence. [D-71, D-73, D-74]
-- state: warned = notices went out; review = staff decide by due_at; both go on to terminated (by the sweep, or by staff),
-- spared (by staff: the count begins anew at that moment) or resumed (by the sweep: the seller sold or bought).
CREATE TABLE inactivity (
    id          bigint      NOT NULL,
    cell        integer     NOT NULL,
    outlet_id   bigint      NOT NULL,
    policy      text        NOT NULL CHECK (policy IN ('auto', 'review')),
    state       text        NOT NULL CHECK (state IN ('warned', 'review', 'terminated', 'spared', 'resumed')),
    since       timestamptz NOT NULL,
    last_kind   text        NOT NULL CHECK (last_kind IN ('sale', 'purchase', 'opened', 'spared')),
    last_id     bigint      NOT NULL,
    noticed_day integer     NOT NULL,
    noticed_at  timestamptz,
    notices     jsonb       NOT NULL,
    opened_at   timestamptz NOT NULL,
    due_at      timestamptz,
    decided_at  timestamptz,
    decided_by  text,
    reason      text        NOT NULL DEFAULT '',
    PRIMARY KEY (id, cell),
    CHECK (cell = (id & 255) AND cell = (outlet_id & 255)),
    CHECK (state <> 'review' OR due_at IS NOT NULL),
    CHECK ((state IN ('warned', 'review')) = (decided_at IS NULL)),
    CHECK ((decided_at IS NULL) = (decided_by IS NULL)),
    CHECK (state NOT IN ('terminated', 'spared') OR reason <> '')
);
ALTER TABLE inactivity ADD CONSTRAINT inactivity_outlet_fk FOREIGN KEY (outlet_id, cell) REFERENCES outlet (id, cell);
CREATE UNIQUE INDEX inactivity_live ON inactivity (outlet_id, cell) WHERE state IN ('warned', 'review');
CREATE INDEX inactivity_of_outlet ON inactivity (outlet_id, opened_at, cell);
CREATE INDEX inactivity_queue ON inactivity (due_at, id, cell) WHERE state = 'review';
CREATE INDEX inactivity_open ON inactivity (id, cell) WHERE state IN ('warned', 'review');

-- What the sellers of a district did on a WIB day: for charts, added up after the day. [D-57]
CREATE TABLE district_day (
    district  text    NOT NULL,
    day       date    NOT NULL,
    sales     integer NOT NULL,
    sold_rp   bigint  NOT NULL,
    outlets   integer NOT NULL,
    PRIMARY KEY (district, day)
);
ALTER TABLE district_day ADD CONSTRAINT district_day_district_fk FOREIGN KEY (district) REFERENCES region (code);
