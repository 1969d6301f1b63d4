-- Outlets and partners found by the beginning of a name, in lists by name: all, a partner's, and those not active.
CREATE INDEX outlet_partner_name ON outlet (partner_id, lower(name) COLLATE "C", id, cell);
CREATE INDEX outlet_not_active ON outlet (status, lower(name) COLLATE "C", id, cell) WHERE status <> 'active';
CREATE INDEX partner_name ON partner (lower(name) COLLATE "C", id);
