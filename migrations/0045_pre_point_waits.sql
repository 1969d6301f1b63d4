-- How long points waited for their grant, run by run: counted where they are granted, not over all grants for each look.
-- [P-14, P-15]
ALTER TABLE point_run
    ADD COLUMN in_time  integer NOT NULL DEFAULT 0,
    ADD COLUMN late     integer NOT NULL DEFAULT 0,
    ADD COLUMN waited_s bigint  NOT NULL DEFAULT 0;
