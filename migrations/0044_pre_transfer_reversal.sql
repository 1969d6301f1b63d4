-- What reversals took back from a main balance: earning asks it of each number, and almost none has any. [P-14, G-P19]
DROP INDEX CONCURRENTLY IF EXISTS transfer_reversal;
CREATE INDEX CONCURRENTLY transfer_reversal ON transfer (debit_account, cell) WHERE kind = 'reversal';
