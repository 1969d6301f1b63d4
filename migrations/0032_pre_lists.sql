-- Lists of outlets by code and by the day they were opened: of all, of a partner, and of a part of the operator.
CREATE INDEX outlet_by_code ON outlet (code COLLATE "C", id, cell);
CREATE INDEX outlet_by_opening ON outlet (opened_at, id, cell);
CREATE INDEX outlet_partner_code ON outlet (partner_id, code COLLATE "C", id, cell);
CREATE INDEX outlet_partner_opening ON outlet (partner_id, opened_at, id, cell);
