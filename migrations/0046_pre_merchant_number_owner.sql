-- Whose number speaks for a merchant: the subscription that had it when it was added. It speaks for as long as that one
-- has it; a recycled number is somebody else's. NULL: its owner then is not known, and it speaks for nobody. [P-23]
ALTER TABLE merchant_number ADD COLUMN subscription_id bigint;
ALTER TABLE merchant_number ADD CONSTRAINT merchant_number_owner_fk
    FOREIGN KEY (subscription_id, cell) REFERENCES subscription (id, cell) NOT VALID;
UPDATE merchant_number n SET subscription_id = s.id FROM subscription s
WHERE s.msisdn = n.msisdn AND s.cell = n.cell AND s.ended_at IS NULL AND s.activated_at <= n.added_at;
