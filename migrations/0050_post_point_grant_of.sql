-- A number's history is read from the ledger, and its grants by their ids: nothing looks for them by time any more.
DROP INDEX CONCURRENTLY IF EXISTS point_grant_of;
