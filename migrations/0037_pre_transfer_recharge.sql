-- The recharges of a number in a month, by its main balance. A late delivery stands in the ledger as an adjustment. [P-07]
DROP INDEX CONCURRENTLY IF EXISTS transfer_recharge;
CREATE INDEX CONCURRENTLY transfer_recharge ON transfer (credit_account, at, cell)
    WHERE asset = 'IDR' AND kind IN ('recharge', 'voucher_recharge', 'adjustment');
