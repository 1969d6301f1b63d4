-- An outlet's reseller numbers, for a complaint that fills itself: the table is keyed by number.
CREATE INDEX reseller_number_outlet ON reseller_number (outlet_id, linked_at);
