-- The newest sale to a number by an outlet. Without the cell: as a last column it makes every search with an array of cells look dear.
CREATE INDEX CONCURRENTLY sale_of_number ON sale (outlet_id, msisdn, at);
