-- Since when a run was the first to look is written no more: how long points waited is counted where they are granted. The
-- release before this one still writes it.
ALTER TABLE point_run ALTER COLUMN since DROP NOT NULL;
