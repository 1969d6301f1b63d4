-- Customers are told that points end soon, once per vintage and number of days before. [P-17, P-18]

-- Who was told, so that a run that is repeated tells nobody twice; `points` is what the text said.
CREATE TABLE point_notice (
    subscription_id bigint      NOT NULL,
    cell            integer     NOT NULL,
    vintage         integer     NOT NULL,
    days_before     integer     NOT NULL CHECK (days_before > 0),
    points          bigint      NOT NULL CHECK (points > 0),
    at              timestamptz NOT NULL,
    PRIMARY KEY (subscription_id, vintage, days_before, cell),
    CHECK (cell = (subscription_id & 255))
);
ALTER TABLE point_notice ADD CONSTRAINT point_notice_subscription_fk
    FOREIGN KEY (subscription_id, cell) REFERENCES subscription (id, cell);

-- Runs that came to their end: everybody with points of the vintage was told, and nobody looks again.
CREATE TABLE point_notice_run (
    vintage     integer     NOT NULL,
    days_before integer     NOT NULL CHECK (days_before > 0),
    told        bigint      NOT NULL CHECK (told >= 0),
    at          timestamptz NOT NULL,
    PRIMARY KEY (vintage, days_before)
);

-- The vintages that end at a moment, page by page. Neither kind nor closing changes with a balance, so that spending
-- and granting stay as cheap as they are.
CREATE INDEX account_vintage ON account (expires_at, id, cell) WHERE kind = 'points' AND closed_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON point_notice, point_notice_run TO konter_app;
