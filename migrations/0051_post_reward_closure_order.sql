-- Both moments are read behind the catalogue's lock, so that an opening never precedes its closing.
ALTER TABLE reward_closure ADD CONSTRAINT reward_closure_order CHECK (opened_at >= closed_at) NOT VALID;
