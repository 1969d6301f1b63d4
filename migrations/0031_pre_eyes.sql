-- The blacklist keeps no number in clear, and says where the evidence is. Until now nothing could add an entry. [D-96]

ALTER TABLE blacklist ADD COLUMN evidence text NOT NULL DEFAULT '';
ALTER TABLE blacklist ADD CONSTRAINT blacklist_key_is_a_hash CHECK (key ~ '^[0-9a-f]{64}$');
CREATE INDEX blacklist_key ON blacklist (key, cell, id);
