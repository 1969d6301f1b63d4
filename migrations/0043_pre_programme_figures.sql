-- The programme as pictures: what happened to tiers and rewards, added up after the day, so that no page scans the base.
CREATE TABLE tier_day (
    day         date   NOT NULL,
    tier_before text   NOT NULL,
    tier        text   NOT NULL,
    cause       text   NOT NULL,
    changes     bigint NOT NULL CHECK (changes > 0),
    PRIMARY KEY (day, tier_before, tier, cause)
);

-- How many customers were in each tier when the day was added up.
CREATE TABLE tier_standing (
    day       date   NOT NULL,
    tier      text   NOT NULL,
    customers bigint NOT NULL CHECK (customers >= 0),
    PRIMARY KEY (day, tier)
);

-- Of a reward on a day: redemptions, those of them whose points came back, the points of the others, and codes that its
-- merchant burnt.
CREATE TABLE reward_day (
    day         date   NOT NULL,
    reward      text   NOT NULL,
    redemptions bigint NOT NULL,
    refunded    bigint NOT NULL CHECK (refunded <= redemptions),
    points      bigint NOT NULL,
    burnt       bigint NOT NULL,
    PRIMARY KEY (day, reward)
);

-- What changed on a day is found by its place in the table.
CREATE INDEX tier_change_at ON tier_change USING brin (at);
-- What a merchant burnt, on a day or last.
CREATE INDEX reward_code_burnt ON reward_code (merchant, burnt_at, cell) WHERE burnt_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON tier_day, tier_standing, reward_day TO konter_app;
