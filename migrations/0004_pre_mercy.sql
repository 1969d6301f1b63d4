-- Which products are slow or closed just now; those that are open have no row. Written by whoever looks.
CREATE TABLE product_health (
    product    text PRIMARY KEY REFERENCES product,
    state      text        NOT NULL CHECK (state IN ('slow', 'closed')),
    since      timestamptz NOT NULL,
    sales      integer     NOT NULL,
    slow       integer     NOT NULL,
    refused    integer     NOT NULL,
    unanswered integer     NOT NULL
);

-- When somebody last looked. Its row is the lock of a look: of any number of workers one looks at a time.
CREATE TABLE health_look (
    id        boolean PRIMARY KEY CHECK (id),
    looked_at timestamptz
);
INSERT INTO health_look (id) VALUES (true);

-- Products that staff took off sale, and put on again: who, when, why. At most one closure of a product is open.
CREATE TABLE product_closure (
    product    text        NOT NULL REFERENCES product,
    closed_at  timestamptz NOT NULL,
    closed_by  text        NOT NULL,
    reason     text        NOT NULL,
    opened_at  timestamptz,
    opened_by  text,
    PRIMARY KEY (product, closed_at),
    CHECK ((opened_at IS NULL) = (opened_by IS NULL))
);
CREATE UNIQUE INDEX product_closure_open ON product_closure (product) WHERE opened_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON product_health, health_look, product_closure TO konter_app;
REVOKE DELETE, TRUNCATE ON product_closure FROM konter_app;
